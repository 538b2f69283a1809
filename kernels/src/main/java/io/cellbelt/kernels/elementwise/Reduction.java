package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.util.Arrays;

/**
 * What many floats become one by. NaN gives NaN.
 *
 * <p>Over a row, element i goes to lane i modulo 16, each lane goes on in the order of the
 * elements, and in the end the lanes meet in a tree, {@code l[i] + l[i + 8]}, then 4, 2 and 1
 * apart. So the error grows with a sixteenth of the length, and the bits are the same whatever the
 * vector width.
 */
@SuppressWarnings("ImmutableEnumChecker") // the handles never change
public enum Reduction {
  /** {@code Σ x}. */
  SUM("sum", 0),
  /** The largest; -0 is less than 0. */
  MAXIMUM("maximum", Float.NEGATIVE_INFINITY),
  /** The smallest; -0 is less than 0. */
  MINIMUM("minimum", Float.POSITIVE_INFINITY),
  /** {@code Π x}. */
  PRODUCT("product", 1),
  /** {@code Σ x x}, each a fused multiply-add. */
  SUM_OF_SQUARES("squares", 0),
  /** {@code Σ |x|}. */
  SUM_OF_MAGNITUDES("magnitudes", 0);

  /** Columns that are reduced at once: their results stay in the L1 cache. */
  private static final int BLOCK = 2048;

  private final Outlined row;
  private final float start;

  Reduction(String name, float start) {
    row = ReductionLoops.row(name);
    this.start = start;
  }

  /**
   * Each row becomes a float. Up to 15 floats behind a row are read; they do not count.
   *
   * @param x the first row; {@code xRow} bytes to the next
   * @param floats in a row, 1 or more
   * @param y one float a row, without a gap; nothing behind them is written
   */
  public void rows(long x, long xRow, int floats, int rows, long y) {
    for (int r = 0; r < rows; r++) {
      Lanes.set(Lanes.base(y + (long) Float.BYTES * r), row(x + r * xRow, floats));
    }
  }

  /** Returns what a row becomes. */
  float row(long x, int floats) {
    return row.value(x, floats);
  }

  /**
   * {@code y[j]} is what {@code x[0][j], x[1][j], ...} become, in this order. Whole vectors are
   * computed, so up to 15 floats behind the end of y are written, and those of x read.
   *
   * @param x the first row; {@code xStep} bytes to the next
   * @param count rows, 1 or more
   * @param y apart from x
   * @param floats in a row, 1 or more
   */
  public void columns(long x, long xStep, int count, long y, int floats) {
    for (int from = 0; from < floats; from += BLOCK) {
      long at = (long) Float.BYTES * from;
      block(x + at, xStep, count, y + at, Math.min(BLOCK, floats - from));
    }
  }

  private void block(long x, long xStep, int count, long y, int floats) {
    long bytes = (long) Float.BYTES * floats;
    Blocks.fill(y, floats, start);
    switch (this) {
      case SUM -> Binary.ADD.apply(y, 0, false, x, xStep, false, y, 0, floats, count);
      case MAXIMUM -> Binary.MAXIMUM.apply(y, 0, false, x, xStep, false, y, 0, floats, count);
      case MINIMUM -> Binary.MINIMUM.apply(y, 0, false, x, xStep, false, y, 0, floats, count);
      case PRODUCT -> Binary.MULTIPLY.apply(y, 0, false, x, xStep, false, y, 0, floats, count);
      case SUM_OF_SQUARES -> ReductionLoops.ADD_SQUARES.call(x, xStep, count, y, bytes);
      case SUM_OF_MAGNITUDES -> ReductionLoops.ADD_MAGNITUDES.call(x, xStep, count, y, bytes);
    }
  }

  /** Returns what the elements of an array, as one row, become, with the bits of {@link #rows}. */
  public float scalar(float[] values) {
    float[] lanes = new float[Slab.LINE];
    Arrays.fill(lanes, start);
    for (int i = 0; i < values.length; i++) {
      lanes[i % Slab.LINE] = next(lanes[i % Slab.LINE], values[i]);
    }
    for (int distance = Slab.LINE / 2; distance > 0; distance /= 2) {
      for (int i = 0; i < distance; i++) {
        lanes[i] = joined(lanes[i], lanes[i + distance]);
      }
    }
    return lanes[0];
  }

  private float next(float lane, float value) {
    return switch (this) {
      case SUM_OF_SQUARES -> Math.fma(value, value, lane);
      case SUM_OF_MAGNITUDES -> lane + Math.abs(value);
      default -> joined(lane, value);
    };
  }

  private float joined(float a, float b) {
    return switch (this) {
      case SUM, SUM_OF_SQUARES, SUM_OF_MAGNITUDES -> a + b;
      case MAXIMUM -> Math.max(a, b);
      case MINIMUM -> Math.min(a, b);
      case PRODUCT -> a * b;
    };
  }
}
