package io.cellbelt.bptt;

/**
 * Settings of the Adam optimiser (Kingma and Ba 2015).
 *
 * @param learningRate α, over 0
 * @param beta1 how much of the mean gradient lasts a step, 0 to 1, 1 excluded
 * @param beta2 how much of the mean squared gradient lasts a step, 0 to 1, 1 excluded
 * @param epsilon ε, over 0
 */
public record Adam(double learningRate, double beta1, double beta2, double epsilon) {
  /** Checks the ranges. */
  public Adam {
    if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "A learning rate is a number over 0, such as 0.002, but got " + learningRate + ".");
    }
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
}
