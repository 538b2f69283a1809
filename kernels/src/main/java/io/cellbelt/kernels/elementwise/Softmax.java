package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Log;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * Softmax over rows of floats.
 *
 * <pre>
 *   m = max(x)    s = Σ exp(x - m)    softmax(x) = exp(x - m) / s    its log = (x - m) - log(s)
 * </pre>
 */
public final class Softmax {
  private static final Outlined EXP = Outlined.numbers(MethodHandles.lookup(), "expLoop", 3, 1);
  private static final Outlined EXP_TAIL =
      Outlined.numbers(MethodHandles.lookup(), "expTail", 3, 1);
  private static final Outlined EXP_SUM = Outlined.value(MethodHandles.lookup(), "expSum", 1);
  private static final Outlined DIVIDE =
      Outlined.numbers(MethodHandles.lookup(), "divideLoop", 2, 1);
  private static final Outlined SHIFT = Outlined.numbers(MethodHandles.lookup(), "shiftLoop", 3, 2);

  private static final boolean ONE = Lines.VECTORS == 1;
  private static final boolean TWO = Lines.VECTORS == 2;

  private Softmax() {}

  /**
   * The softmax of each row, or its logarithm. An element -∞ becomes 0, or -∞; a row with NaN or ∞
   * or nothing but -∞ becomes NaN. Nothing behind a row of y is written; up to 15 floats behind one
   * of x or y are read.
   *
   * @param x the first row; {@code xRow} bytes to the next
   * @param y may be x, with the same stride
   * @param floats in a row, 1 or more
   */
  public static void rows(long x, long xRow, long y, long yRow, int floats, int rows, boolean log) {
    for (int r = 0; r < rows; r++) {
      long from = x + r * xRow;
      long to = y + r * yRow;
      float max = Reduction.MAXIMUM.row(from, floats);
      if (log) {
        float sum = EXP_SUM.value(from, Float.BYTES * floats, max);
        shift(from, to, floats, max, Log.scalar(sum));
      } else {
        exp(from, to, floats, max);
        divide(to, floats, Reduction.SUM.row(to, floats));
      }
    }
  }

  /** {@code y = exp(x - max)}. */
  private static void exp(long x, long y, int floats, float max) {
    int whole = Lines.whole(floats);
    if (whole > 0) {
      EXP.call(x, y, Float.BYTES * whole, max);
    }
    int rest = floats - whole;
    if (rest > 0) {
      EXP_TAIL.call(x + (long) Float.BYTES * whole, y + (long) Float.BYTES * whole, rest, max);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void expTail(long x, long y, long rest, float max) {
    FloatVector v = Exp.apply(Lanes.load(Lanes.base(x)).sub(max));
    Lanes.storeFirst(v, y, (int) rest);
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void expLoop(long x, long y, long bytes, float max) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Exp.apply(Lanes.load(from + at).sub(max)), to + at);
    }
  }

  /** The sum of {@code exp(x - max)}. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static float expSum(long x, long bytes, float max) {
    FloatVector s0 = FloatVector.zero(Lanes.SPECIES), s1 = s0, s2 = s0, s3 = s0;
    long from = Lanes.base(x);
    int end = (int) bytes;
    for (int at = 0; at < end; at += Lanes.BYTES) {
      int rest = (end - at) / Float.BYTES;
      FloatVector v = Lanes.loadFirst(from + at, rest, Float.NEGATIVE_INFINITY);
      FloatVector t = s0.add(Exp.apply(v.sub(max)));
      s0 = ONE ? t : s1;
      s1 = TWO ? t : s2;
      s2 = s3;
      s3 = t;
    }
    return Lines.sum(s0, s1, s2, s3);
  }

  /** {@code y /= sum}. */
  private static void divide(long y, int floats, float sum) {
    int whole = Lines.whole(floats);
    if (whole > 0) {
      DIVIDE.call(y, Float.BYTES * whole, sum);
    }
    for (int i = whole; i < floats; i++) {
      long at = Lanes.base(y + (long) Float.BYTES * i);
      Lanes.set(at, Lanes.get(at) / sum);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void divideLoop(long y, long bytes, float sum) {
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(to + at).div(sum), to + at);
    }
  }

  /** {@code y = x - max - log}. */
  private static void shift(long x, long y, int floats, float max, float log) {
    int whole = Lines.whole(floats);
    if (whole > 0) {
      SHIFT.call(x, y, Float.BYTES * whole, max, log);
    }
    for (int i = whole; i < floats; i++) {
      long at = (long) Float.BYTES * i;
      Lanes.set(Lanes.base(y + at), Lanes.get(Lanes.base(x + at)) - max - log);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void shiftLoop(long x, long y, long bytes, float max, float log) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(from + at).sub(max).sub(log), to + at);
    }
  }
}
