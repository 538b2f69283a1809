package io.cellbelt.bptt;

/**
 * Doubles among floats that survive files which hold nothing but finite floats: four digits each.
 */
final class Digits {
  /** Floats of a double. */
  static final int COUNT = 4;

  private static final int BITS = Long.SIZE / COUNT;
  private static final long MASK = (1L << BITS) - 1;

  private Digits() {}

  /** The digits of some doubles. */
  static float[] of(double... values) {
    float[] digits = new float[COUNT * values.length];
    for (int i = 0; i < digits.length; i++) {
      long bits = Double.doubleToLongBits(values[i / COUNT]);
      digits[i] = bits >>> (BITS * (i % COUNT)) & MASK;
    }
    return digits;
  }

  /** One of the doubles. */
  static double get(float[] digits, int index) {
    long bits = 0;
    for (int i = 0; i < COUNT; i++) {
      bits |= ((long) digits[COUNT * index + i] & MASK) << (BITS * i);
    }
    return Double.longBitsToDouble(bits);
  }
}
