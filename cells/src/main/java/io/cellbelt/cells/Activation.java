package io.cellbelt.cells;

import io.cellbelt.cells.engine.ActivationKernels;
import java.util.Locale;
import java.util.Objects;

/**
 * An activation function with its two numbers, as the ONNX operators RNN, GRU and LSTM name them.
 *
 * <p>Immutable, thread-safe.
 *
 * @param function which one
 * @param alpha α, 0 where the function has none
 * @param beta β, 0 where the function has none
 */
public record Activation(Function function, float alpha, float beta) {
  /** {@code 1 / (1 + exp(-x))}. */
  public static final Activation SIGMOID = of(Function.SIGMOID);

  /** The hyperbolic tangent. */
  public static final Activation TANH = of(Function.TANH);

  /** {@code max(0, x)}. */
  public static final Activation RELU = of(Function.RELU);

  /** {@code x}. */
  public static final Activation IDENTITY = of(Function.AFFINE);

  /** The functions, with ONNX's defaults. */
  public enum Function {
    /** {@code α x + β}. */
    AFFINE(1, 0),
    /** {@code max(0, x)}. */
    RELU(0, 0),
    /** {@code x} from 0 on, otherwise {@code α x}; α is 0 or more. */
    LEAKY_RELU(0.01f, 0),
    /** {@code x} from α on, otherwise 0; α is 0 or more. */
    THRESHOLDED_RELU(1, 0),
    /** {@code tanh(x)}. */
    TANH(0, 0),
    /** {@code 1 / (1 + exp(-x))}. */
    SIGMOID(0, 0),
    /** {@code min(1, max(0, α x + β))}. */
    HARD_SIGMOID(0.2f, 0.5f),
    /** {@code α tanh(β x)}; α is not 0. */
    SCALED_TANH(1, 1),
    /** {@code x} from 0 on, otherwise {@code α (exp(x) - 1)}; α is 0 or more. */
    ELU(1, 0),
    /** {@code x / (1 + |x|)}. */
    SOFTSIGN(0, 0),
    /** {@code log(1 + exp(x))}. */
    SOFTPLUS(0, 0);

    private final float alpha;
    private final float beta;

    Function(float alpha, float beta) {
      this.alpha = alpha;
      this.beta = beta;
    }

    /** Whether the function reads α; where it does not, α is 0. */
    public boolean hasAlpha() {
      return alpha != 0;
    }

    /** Whether the function reads β; where it does not, β is 0. */
    public boolean hasBeta() {
      return this == AFFINE || this == HARD_SIGMOID || this == SCALED_TANH;
    }
  }

  /**
   * Checks α and β.
   *
   * @throws IllegalArgumentException if the function is null, or one of them is not finite, out of
   *     the function's range, or not 0 where the function does not read it
   */
  public Activation {
    if (function == null) {
      throw new IllegalArgumentException("An activation needs a function, but got null.");
    }
    if (!Float.isFinite(alpha) || !Float.isFinite(beta)) {
      throw new IllegalArgumentException(
          "Alpha and beta of "
              + function
              + " are finite numbers, but got "
              + alpha
              + " and "
              + beta
              + ".");
    }
    if ((!function.hasAlpha() && alpha != 0) || (!function.hasBeta() && beta != 0)) {
      throw new IllegalArgumentException(
          function + " takes no such number, but got alpha " + alpha + " and beta " + beta + ".");
    }
    ActivationKernels.of(function, alpha, beta);
  }

  /** The function with the α and β that ONNX gives it where a model names none. */
  public static Activation of(Function function) {
    Objects.requireNonNull(function, "An activation needs a function, but got null.");
    return new Activation(function, function.alpha, function.beta);
  }

  /**
   * By ONNX's name, such as {@code HardSigmoid}, whatever its case, with default numbers.
   *
   * @throws IllegalArgumentException if there is no such function
   */
  public static Activation named(String onnx) {
    Objects.requireNonNull(onnx, "An activation has a name, but got null.");
    for (Function function : Function.values()) {
      if (function.name().replace("_", "").equals(onnx.toUpperCase(Locale.ROOT))) {
        return of(function);
      }
    }
    throw new IllegalArgumentException(
        "There is no activation '"
            + onnx
            + "'; ONNX has Affine, Relu, LeakyRelu, ThresholdedRelu, Tanh, Sigmoid, HardSigmoid,"
            + " ScaledTanh, Elu, Softsign and Softplus.");
  }
}
