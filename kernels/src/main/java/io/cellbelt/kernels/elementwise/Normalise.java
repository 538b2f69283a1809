package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * Rows of floats with a mean of 0 and a variance of 1: {@code y = (x - mean) / sqrt(variance +
 * epsilon)}, with the variance of the population, in two passes.
 */
public final class Normalise {
  private static final Outlined SQUARES = Outlined.value(MethodHandles.lookup(), "squares", 1);
  private static final Outlined SCALE = Outlined.numbers(MethodHandles.lookup(), "scaleLoop", 3, 2);

  private static final boolean ONE = Lines.VECTORS == 1;
  private static final boolean TWO = Lines.VECTORS == 2;

  private Normalise() {}

  /** {@link #rows(long, long, long, long, int, int, float, long, long)} without these outputs. */
  public static void rows(
      long x, long xRow, long y, long yRow, int floats, int rows, float epsilon) {
    rows(x, xRow, y, yRow, floats, rows, epsilon, 0, 0);
  }

  /**
   * Normalises each row. Nothing behind a row of y is written; up to 15 floats behind one of x are
   * read.
   *
   * @param x the first row; {@code xRow} bytes to the next
   * @param y may be x, with the same stride
   * @param floats in a row, 1 or more
   * @param means where the means go, one float a row without a gap, or 0
   * @param inverses where {@code 1 / sqrt(variance + epsilon)} goes, likewise
   */
  public static void rows(
      long x,
      long xRow,
      long y,
      long yRow,
      int floats,
      int rows,
      float epsilon,
      long means,
      long inverses) {
    for (int r = 0; r < rows; r++) {
      long from = x + r * xRow;
      float mean = (float) ((double) Reduction.SUM.row(from, floats) / floats);
      double variance = (double) SQUARES.value(from, floats, mean) / floats;
      float inverse = (float) (1 / Math.sqrt(variance + epsilon));
      scale(from, y + r * yRow, floats, mean, inverse);
      put(means, r, mean);
      put(inverses, r, inverse);
    }
  }

  private static void put(long output, int row, float value) {
    if (output != 0) {
      Lanes.set(Lanes.base(output + (long) Float.BYTES * row), value);
    }
  }

  /** The sum of the squares of the distances from the mean. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static float squares(long x, long floats, float mean) {
    FloatVector s0 = FloatVector.zero(Lanes.SPECIES), s1 = s0, s2 = s0, s3 = s0;
    long from = Lanes.base(x);
    int rest = (int) floats % Lanes.COUNT;
    int last = Float.BYTES * ((int) floats - rest);
    for (int at = 0; at < last; at += Lanes.BYTES) {
      FloatVector v = Lanes.load(from + at).sub(mean);
      FloatVector t = v.fma(v, s0);
      s0 = ONE ? t : s1;
      s1 = TWO ? t : s2;
      s2 = s3;
      s3 = t;
    }
    FloatVector v = Lanes.loadFirst(from + last, rest, mean).sub(mean);
    return Lines.sum(v.fma(v, s0), s1, s2, s3);
  }

  /** {@code y = (x - mean) inverse}. */
  private static void scale(long x, long y, int floats, float mean, float inverse) {
    int whole = Lines.whole(floats);
    if (whole > 0) {
      SCALE.call(x, y, Float.BYTES * whole, mean, inverse);
    }
    for (int i = whole; i < floats; i++) {
      long at = (long) Float.BYTES * i;
      Lanes.set(Lanes.base(y + at), (Lanes.get(Lanes.base(x + at)) - mean) * inverse);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void scaleLoop(long x, long y, long bytes, float mean, float inverse) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(from + at).sub(mean).mul(inverse), to + at);
    }
  }
}
