package io.cellbelt.bptt;

import java.util.List;

/**
 * AdaGrad (Duchi, Hazan and Singer 2011), as {@code torch.optim.Adagrad} without decay of the
 * learning rate:
 *
 * <pre>
 *   g = g + λ w
 *   v = v + g²
 *   w = w - γ g / (√v + ε)
 * </pre>
 *
 * @param learningRate γ, over 0
 * @param epsilon ε, over 0
 * @param weightDecay λ, 0 or more
 */
public record AdaGrad(double learningRate, double epsilon, double weightDecay)
    implements Optimiser {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public AdaGrad {
    Ranges.check(learningRate, weightDecay);
    Ranges.checkEpsilon(epsilon);
  }

  /** Without weight decay. */
  public AdaGrad(double learningRate, double epsilon) {
    this(learningRate, epsilon, 0);
  }

  /** PyTorch's settings with the given learning rate. */
  public static AdaGrad of(double learningRate) {
    return new AdaGrad(learningRate, 1e-10);
  }

  @Override
  public List<String> moments() {
    return List.of("adagrad.v");
  }
}
