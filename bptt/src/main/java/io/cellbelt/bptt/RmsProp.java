package io.cellbelt.bptt;

import java.util.List;

/**
 * RMSProp (Hinton 2012, lecture 6e), not centred, as {@code torch.optim.RMSprop}:
 *
 * <pre>
 *   g = g + λ w
 *   v = α v + (1 - α) g²
 *   b = μ b + g / (√v + ε)
 *   w = w - γ b
 * </pre>
 *
 * @param learningRate γ, over 0
 * @param decay α, how much of the mean squared gradient lasts a step, 0 to 1, 1 excluded
 * @param epsilon ε, over 0
 * @param momentum μ, 0 to 1, 1 excluded; 0 for none
 * @param weightDecay λ, 0 or more
 */
public record RmsProp(
    double learningRate, double decay, double epsilon, double momentum, double weightDecay)
    implements Optimiser {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public RmsProp {
    Ranges.check(learningRate, weightDecay);
    Ranges.checkShare("RMSProp's decay", decay);
    Ranges.checkEpsilon(epsilon);
    Ranges.checkShare("A momentum", momentum);
  }

  /** Without weight decay. */
  public RmsProp(double learningRate, double decay, double epsilon, double momentum) {
    this(learningRate, decay, epsilon, momentum, 0);
  }

  /** PyTorch's settings with the given learning rate. */
  public static RmsProp of(double learningRate) {
    return new RmsProp(learningRate, 0.99, 1e-8, 0);
  }

  @Override
  public List<String> moments() {
    return momentum == 0 ? List.of("rmsprop.v") : List.of("rmsprop.v", "rmsprop.m");
  }
}
