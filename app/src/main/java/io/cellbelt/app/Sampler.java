package io.cellbelt.app;

import java.util.random.RandomGenerator;

/** Draws tokens from the softmax of a network's outputs. One user at a time. */
final class Sampler {
  private final double temperature;
  private final RandomGenerator random;
  private final double[] weights;

  /**
   * A sampler.
   *
   * @param temperature 0 always takes the likeliest token, 1 draws as the network says, more is
   *     bolder; finite and not negative
   * @param outputs number of tokens
   */
  Sampler(double temperature, int outputs, RandomGenerator random) {
    if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "The temperature must be a number of 0 or more, such as 0.8, but is "
              + temperature
              + ".");
    }
    this.temperature = temperature;
    this.random = random;
    weights = new double[outputs];
  }

  /** Draws a token. */
  int next(float[] logits) {
    int likeliest = 0;
    for (int token = 1; token < weights.length; token++) {
      likeliest = logits[token] > logits[likeliest] ? token : likeliest;
    }
    if (temperature == 0) {
      return likeliest;
    }
    double sum = 0;
    for (int token = 0; token < weights.length; token++) {
      weights[token] = Math.exp((logits[token] - (double) logits[likeliest]) / temperature);
      sum += weights[token];
    }
    double left = random.nextDouble() * sum;
    for (int token = 0; token < weights.length; token++) {
      left -= weights[token];
      if (left < 0) {
        return token;
      }
    }
    return likeliest;
  }
}
