package io.cellbelt.propertytests.support;

import java.util.SplittableRandom;

/** Arrays of random floats. */
public final class Floats {
  private Floats() {}

  /** Uniform in ±1. */
  public static float[] random(int count, long seed) {
    return random(count, 1, new SplittableRandom(seed));
  }

  /** Uniform in ±bound. */
  public static float[] random(int count, double bound, SplittableRandom random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }

  /** What kernels must not stumble over: a third are NaN, infinite, zero, subnormal or any bits. */
  public static float[] wild(int count, SplittableRandom random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (random.nextInt(18)) {
            case 0 -> Float.NaN;
            case 1 -> random.nextBoolean() ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
            case 2 -> random.nextBoolean() ? 0f : -0f;
            case 3 -> Float.intBitsToFloat(random.nextInt(1 << 23)); // subnormal
            case 4 -> Float.intBitsToFloat(random.nextInt());
            case 5 -> random.nextInt(-9, 10) / 2f;
            default -> (float) random.nextGaussian(0, 3);
          };
    }
    return values;
  }

  /**
   * The bits of floats, one NaN like another: which of its bits an operation keeps is up to the
   * processor.
   */
  public static int[] bits(float... values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }

  /** The same numbers in double. */
  public static double[] toDouble(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
