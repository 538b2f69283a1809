package io.cellbelt.bptt;

import java.util.List;

/**
 * The Adam optimiser (Kingma and Ba 2015), as {@code torch.optim.Adam}; t counts updates from 1:
 *
 * <pre>
 *   g = g + λ w
 *   m = β1 m + (1 - β1) g     v = β2 v + (1 - β2) g²
 *   w = w - γ (m / (1 - β1^t)) / (√(v / (1 - β2^t)) + ε)
 * </pre>
 *
 * @param learningRate γ, over 0
 * @param beta1 β1, how much of the mean gradient lasts a step, 0 to 1, 1 excluded
 * @param beta2 β2, how much of the mean squared gradient lasts a step, 0 to 1, 1 excluded
 * @param epsilon ε, over 0
 * @param weightDecay λ, 0 or more; {@link AdamW} decays apart from the gradient
 */
public record Adam(
    double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimiser {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public Adam {
    Ranges.check(learningRate, weightDecay);
    check(beta1, beta2, epsilon);
  }

  /** Without weight decay. */
  public Adam(double learningRate, double beta1, double beta2, double epsilon) {
    this(learningRate, beta1, beta2, epsilon, 0);
  }

  static void check(double beta1, double beta2, double epsilon) {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0)) {
      throw new IllegalArgumentException(
          "Adam needs betas of 0 or more and under 1 and an epsilon over 0, but got "
              + beta1
              + ", "
              + beta2
              + " and "
              + epsilon
              + ".");
    }
  }

  /** The paper's settings with the given learning rate. */
  public static Adam of(double learningRate) {
    return new Adam(learningRate, 0.9, 0.999, 1e-8);
  }

  @Override
  public List<String> moments() {
    return List.of("adam.m", "adam.v");
  }
}
