package io.cellbelt.bptt;

import java.util.List;

/**
 * How an update follows from the gradient. The formulas are those of {@code torch.optim} in PyTorch
 * 2 (docs.pytorch.org/docs/stable/optim.html), with the same settings and defaults.
 *
 * <p>g is the gradient after clipping, {@code γ} the learning rate, {@code λ} the weight decay.
 * Moments start at zero. Weight decay applies to all parameters, biases and tables too, as it does
 * there where all parameters are in one group; but not to weights that a cell does not have.
 */
public sealed interface Optimiser permits Sgd, RmsProp, Adam, AdamW, AdaGrad {
  /** γ, over 0. */
  double learningRate();

  /** λ, 0 or more. */
  double weightDecay();

  /**
   * Names of the numbers that it keeps for each parameter, 0 to 2 of them, as they are called in
   * checkpoints.
   */
  List<String> moments();
}
