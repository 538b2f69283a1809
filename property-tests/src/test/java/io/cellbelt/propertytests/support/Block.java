package io.cellbelt.propertytests.support;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.simd.Cold;
import java.util.Arrays;

/**
 * Rows of floats in a slab of their own, as kernels want them, with NaN in the gaps between rows: a
 * kernel that read a gap would give NaN, and one that wrote it is found by {@link #gapsUntouched}.
 */
public final class Block implements AutoCloseable {
  static {
    Cold.end(); // tests are of the vectors
  }

  private final int rows;
  private final int columns;
  private final int stride;
  private final Slab slab;

  /** Zeroed rows. */
  public Block(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    stride = Slab.rowStride(columns + 1);
    slab = Slab.allocate((long) rows * stride);
    float[] nan = new float[stride - columns];
    Arrays.fill(nan, Float.NaN);
    for (int r = 0; r < rows; r++) {
      slab.put((long) r * stride + columns, nan, 0, nan.length);
    }
  }

  /** Rows filled from a dense array. */
  public static Block of(int rows, int columns, float[] values) {
    Block block = new Block(rows, columns);
    for (int r = 0; r < rows; r++) {
      block.set(r, 0, Arrays.copyOfRange(values, r * columns, (r + 1) * columns));
    }
    return block;
  }

  /** Raw address of the first row. */
  public long address() {
    return slab.address();
  }

  /** Bytes from one row to the next. */
  public long rowBytes() {
    return (long) Float.BYTES * stride;
  }

  /** One float. */
  public float get(int row, int column) {
    return slab.get((long) row * stride + column);
  }

  /** Floats of a row. */
  public float[] get(int row, int column, int count) {
    float[] values = new float[count];
    slab.get((long) row * stride + column, values, 0, count);
    return values;
  }

  /** Writes floats of a row. */
  public void set(int row, int column, float[] values) {
    slab.put((long) row * stride + column, values, 0, values.length);
  }

  /** All rows, dense. */
  public float[] dense() {
    float[] values = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      slab.get((long) r * stride, values, r * columns, columns);
    }
    return values;
  }

  /** Whether nothing was written between the rows. */
  public boolean gapsUntouched() {
    for (int r = 0; r < rows; r++) {
      for (float gap : get(r, columns, stride - columns)) {
        if (!Float.isNaN(gap)) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public void close() {
    slab.close();
  }
}
