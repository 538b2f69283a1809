package io.cellbelt.cells.engine;

import io.cellbelt.cells.Activation.Function;
import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.activation.Activation.Affine;
import io.cellbelt.kernels.activation.Activation.Elu;
import io.cellbelt.kernels.activation.Activation.HardSigmoid;
import io.cellbelt.kernels.activation.Activation.LeakyRelu;
import io.cellbelt.kernels.activation.Activation.Relu;
import io.cellbelt.kernels.activation.Activation.ScaledTanh;
import io.cellbelt.kernels.activation.Activation.Sigmoid;
import io.cellbelt.kernels.activation.Activation.Softplus;
import io.cellbelt.kernels.activation.Activation.Softsign;
import io.cellbelt.kernels.activation.Activation.Tanh;
import io.cellbelt.kernels.activation.Activation.ThresholdedRelu;

/** The kernels of activation functions, which work on raw addresses. */
public final class ActivationKernels {
  private ActivationKernels() {}

  /** The kernel of an activation. */
  public static Activation of(io.cellbelt.cells.Activation activation) {
    return of(activation.function(), activation.alpha(), activation.beta());
  }

  /**
   * The kernel of a function with its numbers.
   *
   * @throws IllegalArgumentException if it does not take such numbers
   */
  public static Activation of(Function function, float alpha, float beta) {
    return switch (function) {
      case AFFINE -> new Affine(alpha, beta);
      case RELU -> new Relu();
      case LEAKY_RELU -> new LeakyRelu(alpha);
      case THRESHOLDED_RELU -> new ThresholdedRelu(alpha);
      case TANH -> new Tanh();
      case SIGMOID -> new Sigmoid();
      case HARD_SIGMOID -> new HardSigmoid(alpha, beta);
      case SCALED_TANH -> new ScaledTanh(alpha, beta);
      case ELU -> new Elu(alpha);
      case SOFTSIGN -> new Softsign();
      case SOFTPLUS -> new Softplus();
    };
  }
}
