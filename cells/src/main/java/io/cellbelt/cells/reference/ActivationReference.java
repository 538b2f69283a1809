package io.cellbelt.cells.reference;

import io.cellbelt.cells.Activation;

/**
 * {@link Activation} in double: what the kernels' functions are compared with. Stateless,
 * thread-safe.
 */
public final class ActivationReference {
  private ActivationReference() {}

  /** The value of a function at x. */
  public static double value(Activation activation, double x) {
    double alpha = activation.alpha();
    double beta = activation.beta();
    return switch (activation.function()) {
      case AFFINE -> alpha * x + beta;
      case RELU -> Math.max(0, x);
      case LEAKY_RELU -> x >= 0 ? x : alpha * x;
      case THRESHOLDED_RELU -> x >= alpha ? x : 0;
      case TANH -> Math.tanh(x);
      case SIGMOID -> sigmoid(x);
      case HARD_SIGMOID -> Math.min(1, Math.max(0, alpha * x + beta));
      case SCALED_TANH -> alpha * Math.tanh(beta * x);
      case ELU -> x >= 0 ? x : alpha * Math.expm1(x);
      case SOFTSIGN -> x / (1 + Math.abs(x));
      case SOFTPLUS -> Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));
    };
  }

  /**
   * The derivative. At a kink it is that of the kernels, which see outputs only: of the left side,
   * but 0 where a hard sigmoid reaches 1, and 1 where a thresholded ReLU jumps.
   */
  public static double derivative(Activation activation, double x) {
    double alpha = activation.alpha();
    double beta = activation.beta();
    return switch (activation.function()) {
      case AFFINE -> alpha;
      case RELU -> x > 0 ? 1 : 0;
      case LEAKY_RELU -> x > 0 ? 1 : alpha;
      case THRESHOLDED_RELU -> x >= alpha && x > 0 ? 1 : 0;
      case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
      case SIGMOID -> sigmoid(x) * sigmoid(-x);
      case HARD_SIGMOID -> {
        double y = alpha * x + beta;
        yield y > 0 && y < 1 ? alpha : 0;
      }
      case SCALED_TANH -> {
        double tanh = Math.tanh(beta * x);
        yield alpha * beta * (1 - tanh * tanh);
      }
      case ELU -> x > 0 ? 1 : alpha * Math.exp(x);
      case SOFTSIGN -> 1 / ((1 + Math.abs(x)) * (1 + Math.abs(x)));
      case SOFTPLUS -> sigmoid(x);
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
