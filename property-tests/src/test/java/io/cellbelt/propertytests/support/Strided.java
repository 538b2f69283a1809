package io.cellbelt.propertytests.support;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.simd.Cold;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Rows of floats in a slab of their own, any number of floats apart, with {@linkplain Floats#wild
 * wild} ones between and behind them: for kernels that read and write whole vectors, so that what
 * lies behind a row is read but must not count.
 */
public final class Strided implements AutoCloseable {
  static {
    Cold.end(); // tests are of the vectors
  }

  /** Floats behind a row that a whole vector may reach. */
  public static final int REACH = Slab.LINE - 1;

  private final int rows;
  private final int floats;
  private final int stride;
  private final int[] before;
  private final Slab slab;

  /** Rows of wild floats; the stride is in floats too. */
  public Strided(int rows, int floats, int stride, SplittableRandom random) {
    this(rows, floats, stride, Floats.wild(rows * stride + 2 * Slab.LINE, random));
  }

  private Strided(int rows, int floats, int stride, float[] values) {
    this.rows = rows;
    this.floats = floats;
    this.stride = stride;
    slab = Slab.allocate(values.length);
    slab.put(0, values, 0, values.length);
    before = bits();
  }

  /** The same, but the floats of the rows are ordinary ones, in ±2. */
  public static Strided tame(int rows, int floats, int stride, SplittableRandom random) {
    float[] values = Floats.wild(rows * stride + 2 * Slab.LINE, random);
    for (int r = 0; r < rows; r++) {
      System.arraycopy(Floats.random(floats, 2, random), 0, values, r * stride, floats);
    }
    return new Strided(rows, floats, stride, values);
  }

  /** One row. */
  public static Strided row(float... values) {
    float[] padded = Arrays.copyOf(values, 2 * values.length + 2 * Slab.LINE);
    Arrays.fill(padded, values.length, padded.length, Float.NaN);
    return new Strided(1, values.length, values.length, padded);
  }

  /** Raw address of the first row. */
  public long address() {
    return slab.address();
  }

  /** Bytes from one row to the next. */
  public long rowBytes() {
    return (long) Float.BYTES * stride;
  }

  /** A row. */
  public float[] get(int row) {
    float[] values = new float[floats];
    slab.get((long) row * stride, values, 0, floats);
    return values;
  }

  /** The bits of a row. */
  public int[] bits(int row) {
    return Arrays.copyOfRange(bits(), row * stride, row * stride + floats);
  }

  /** Whether nothing was written but the rows and, at most so far behind each, what follows. */
  public boolean restUntouched(int reach) {
    int[] after = bits();
    for (int row = 0; row < rows; row++) {
      int from = row * stride;
      int to = Math.min(from + floats + reach, after.length);
      System.arraycopy(before, from, after, from, to - from);
    }
    return Arrays.equals(after, before);
  }

  private int[] bits() {
    int[] bits = new int[Math.toIntExact(slab.byteSize() / Float.BYTES)];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(slab.get(i));
    }
    return bits;
  }

  @Override
  public void close() {
    slab.close();
  }
}
