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

  /** The same numbers in double. */
  public static double[] toDouble(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
