package io.cellbelt.bptt;

import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101), as {@code
 * torch.optim.AdamW}: {@link Adam} without λ in its gradient, after
 *
 * <pre>
 *   w = w - γ λ w
 * </pre>
 *
 * @param learningRate γ, over 0
 * @param beta1 β1, how much of the mean gradient lasts a step, 0 to 1, 1 excluded
 * @param beta2 β2, how much of the mean squared gradient lasts a step, 0 to 1, 1 excluded
 * @param epsilon ε, over 0
 * @param weightDecay λ, 0 or more
 */
public record AdamW(
    double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimiser {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public AdamW {
    Ranges.check(learningRate, weightDecay);
    Adam.check(beta1, beta2, epsilon);
  }

  /** PyTorch's settings with the given learning rate. */
  public static AdamW of(double learningRate) {
    return new AdamW(learningRate, 0.9, 0.999, 1e-8, 0.01);
  }

  @Override
  public List<String> moments() {
    return List.of("adamw.m", "adamw.v");
  }
}
