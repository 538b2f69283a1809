package io.cellbelt.cells.engine;

import io.cellbelt.kernels.simd.Lanes;

/**
 * The random masks of training: dropout, recurrent dropout and zoneout. Every number is a hash of
 * where it is used, so that it depends neither on the order nor on the number of threads in which
 * it is drawn. Immutable, thread-safe.
 *
 * @param seed of all masks of one forward pass
 */
public record Noise(long seed) {
  /** What a mask is for. */
  public enum Use {
    /** The outputs of a layer. */
    DROPOUT(0),
    /** h on its way to the products of the next step. */
    RECURRENT(1),
    /** States that stay as they were. */
    ZONEOUT(2);

    private final int code;

    Use(int code) {
      this.code = code;
    }
  }

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** The noise of another forward pass. */
  public Noise next() {
    return new Noise(mixed(seed + GOLDEN));
  }

  /**
   * Whether a unit is hit.
   *
   * @param layer the layer
   * @param direction 0 or 1, 0 for outputs
   * @param use what for
   * @param step the step, 0 where all steps share a mask
   * @param sequence the sequence
   * @param unit the place in the row
   * @param share the probability
   */
  public boolean hits(
      int layer, int direction, Use use, int step, int sequence, int unit, float share) {
    return uniform(row(layer, direction, use, step, sequence), unit) < share;
  }

  private long row(int layer, int direction, Use use, int step, int sequence) {
    long place = ((long) layer << 4) + ((long) direction << 2) + use.code;
    return mixed(mixed(seed ^ place * GOLDEN) ^ (((long) step << 32) + sequence) * GOLDEN);
  }

  private static float uniform(long row, int unit) {
    return (mixed(row + unit * GOLDEN) >>> 40) * 0x1p-24f;
  }

  /** Writes a row of a mask: one number where a unit is hit, another where it is not. */
  void fill(
      long address,
      int floats,
      float hit,
      float miss,
      int layer,
      int direction,
      Use use,
      int step,
      int sequence,
      float share) {
    long row = row(layer, direction, use, step, sequence);
    for (int unit = 0; unit < floats; unit++) {
      boolean isHit = uniform(row, unit) < share;
      Lanes.set(Lanes.base(address + (long) Float.BYTES * unit), isHit ? hit : miss);
    }
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
  private static long mixed(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
