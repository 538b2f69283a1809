package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.activation.Exp;
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
   * of x are read.
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
        SHIFT.call(from, to, floats, max, Log.scalar(EXP_SUM.value(from, floats, max)));
      } else {
        EXP.call(from, to, floats, max);
        DIVIDE.call(to, floats, Reduction.SUM.row(to, floats));
      }
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void expLoop(long x, long y, long floats, float max) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    long bytes = Float.BYTES * floats;
    long at = 0;
    for (; at <= bytes - Lanes.BYTES; at += Lanes.BYTES) {
      Lanes.store(Exp.apply(Lanes.load(from + at).sub(max)), to + at);
    }
    for (; at < bytes; at += Float.BYTES) {
      Lanes.set(to + at, Exp.scalar(Lanes.get(from + at) - max));
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static float expSum(long x, long floats, float max) {
    FloatVector s0 = FloatVector.zero(Lanes.SPECIES), s1 = s0, s2 = s0, s3 = s0;
    long from = Lanes.base(x);
    long last = Float.BYTES * floats;
    for (long at = 0; at < last; at += Lanes.BYTES) {
      FloatVector v = Lines.load(from + at, floats - at / Float.BYTES, Float.NEGATIVE_INFINITY);
      FloatVector t = s0.add(Exp.apply(v.sub(max)));
      s0 = ONE ? t : s1;
      s1 = TWO ? t : s2;
      s2 = s3;
      s3 = t;
    }
    return Lines.sum(s0, s1, s2, s3);
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void divideLoop(long y, long floats, float sum) {
    long to = Lanes.base(y);
    long bytes = Float.BYTES * floats;
    long at = 0;
    for (; at <= bytes - Lanes.BYTES; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(to + at).div(sum), to + at);
    }
    for (; at < bytes; at += Float.BYTES) {
      Lanes.set(to + at, Lanes.get(to + at) / sum);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void shiftLoop(long x, long y, long floats, float max, float log) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    long bytes = Float.BYTES * floats;
    long at = 0;
    for (; at <= bytes - Lanes.BYTES; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(from + at).sub(max).sub(log), to + at);
    }
    for (; at < bytes; at += Float.BYTES) {
      Lanes.set(to + at, Lanes.get(from + at) - max - log);
    }
  }
}
