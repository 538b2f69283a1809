package io.cellbelt.bptt;

import java.util.List;

/**
 * Stochastic gradient descent, with momentum or without, as {@code torch.optim.SGD} with a
 * dampening of 0:
 *
 * <pre>
 *   g = g + λ w
 *   b = μ b + g
 *   w = w - γ b            with Nesterov's momentum: w = w - γ (g + μ b)
 * </pre>
 *
 * @param learningRate γ, over 0
 * @param momentum μ, 0 to 1, 1 excluded; 0 for none
 * @param nesterov whether the momentum is Nesterov's (Sutskever et al. 2013)
 * @param weightDecay λ, 0 or more
 */
public record Sgd(double learningRate, double momentum, boolean nesterov, double weightDecay)
    implements Optimiser {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public Sgd {
    Ranges.check(learningRate, weightDecay);
    Ranges.checkShare("A momentum", momentum);
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException(
          "Nesterov's momentum needs a momentum over 0, such as 0.9, but got 0.0.");
    }
  }

  /** Without weight decay. */
  public Sgd(double learningRate, double momentum, boolean nesterov) {
    this(learningRate, momentum, nesterov, 0);
  }

  @Override
  public List<String> moments() {
    return momentum == 0 ? List.of() : List.of("sgd.m");
  }
}
