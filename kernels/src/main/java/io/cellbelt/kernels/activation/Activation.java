package io.cellbelt.kernels.activation;

/**
 * An activation function: those of the ONNX operators RNN, GRU and LSTM, with ONNX's defaults for
 * alpha and beta.
 *
 * <p>Works on whole blocks in place, at raw addresses, in multiples of 16 floats, and decides once
 * a block what to compute. Derivatives come from outputs, so that a tape holds nothing else; that
 * is why some alphas must not be negative. At a kink they are those of the left side. NaN stays
 * NaN.
 *
 * <p>Stateless and safe for any number of threads.
 */
public sealed interface Activation {
  /** Replaces every float of a block by its activation. */
  void apply(long address, int count);

  /** Replaces every output in a block by the derivative there. */
  void derivative(long address, int count);

  /** Returns what {@link #apply} makes of a float, to the bit. */
  float scalar(float x);

  /** Returns what {@link #derivative} makes of an output, to the bit. */
  float scalarDerivative(float y);

  /** {@code alpha x + beta}, rounded once. */
  record Affine(float alpha, float beta) implements Activation {
    /** The function with the numbers that ONNX gives it where a model names none. */
    public Affine() {
      this(1, 0);
    }

    @Override
    public void apply(long address, int count) {
      Piecewise.apply(
          address,
          count,
          Float.NEGATIVE_INFINITY,
          0,
          alpha,
          beta,
          Float.NEGATIVE_INFINITY,
          Float.POSITIVE_INFINITY);
    }

    @Override
    public void derivative(long address, int count) {
      Piecewise.derivative(
          address, count, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, alpha, 0, 0, alpha);
    }

    @Override
    public float scalar(float x) {
      return Piecewise.scalar(
          x,
          Float.NEGATIVE_INFINITY,
          0,
          alpha,
          beta,
          Float.NEGATIVE_INFINITY,
          Float.POSITIVE_INFINITY);
    }

    @Override
    public float scalarDerivative(float y) {
      return Piecewise.scalarDerivative(
          y, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, alpha, 0, 0, alpha);
    }
  }

  /** {@code max(0, x)}, exact. */
  record Relu() implements Activation {
    @Override
    public void apply(long address, int count) {
      Piecewise.apply(address, count, Float.NEGATIVE_INFINITY, 0, 1, 0, 0, Float.POSITIVE_INFINITY);
    }

    @Override
    public void derivative(long address, int count) {
      Piecewise.derivative(address, count, 0, Float.POSITIVE_INFINITY, 1, 0, 0, 0);
    }

    @Override
    public float scalar(float x) {
      return Piecewise.scalar(x, Float.NEGATIVE_INFINITY, 0, 1, 0, 0, Float.POSITIVE_INFINITY);
    }

    @Override
    public float scalarDerivative(float y) {
      return Piecewise.scalarDerivative(y, 0, Float.POSITIVE_INFINITY, 1, 0, 0, 0);
    }
  }

  /** {@code x} from 0 on, {@code alpha x} otherwise, rounded once; alpha is not negative. */
  record LeakyRelu(float alpha) implements Activation {
    /** The function with the numbers that ONNX gives it where a model names none. */
    public LeakyRelu() {
      this(0.01f);
    }

    /**
     * Checks alpha.
     *
     * @throws IllegalArgumentException if alpha is out of the range given above
     */
    public LeakyRelu {
      Piecewise.requireNotNegative(alpha);
    }

    @Override
    public void apply(long address, int count) {
      Piecewise.apply(
          address, count, 0, alpha, 1, 0, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    @Override
    public void derivative(long address, int count) {
      Piecewise.derivative(address, count, 0, Float.POSITIVE_INFINITY, 1, 0, 0, alpha);
    }

    @Override
    public float scalar(float x) {
      return Piecewise.scalar(x, 0, alpha, 1, 0, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    @Override
    public float scalarDerivative(float y) {
      return Piecewise.scalarDerivative(y, 0, Float.POSITIVE_INFINITY, 1, 0, 0, alpha);
    }
  }

  /** {@code x} from alpha on, 0 otherwise, exact; alpha is not negative. */
  record ThresholdedRelu(float alpha) implements Activation {
    /** The function with the numbers that ONNX gives it where a model names none. */
    public ThresholdedRelu() {
      this(1);
    }

    /**
     * Checks alpha.
     *
     * @throws IllegalArgumentException if alpha is out of the range given above
     */
    public ThresholdedRelu {
      Piecewise.requireNotNegative(alpha);
    }

    @Override
    public void apply(long address, int count) {
      Piecewise.apply(
          address, count, alpha, 0, 1, 0, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    @Override
    public void derivative(long address, int count) {
      Piecewise.derivative(address, count, 0, Float.POSITIVE_INFINITY, 1, 0, 0, 0);
    }

    @Override
    public float scalar(float x) {
      return Piecewise.scalar(x, alpha, 0, 1, 0, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    @Override
    public float scalarDerivative(float y) {
      return Piecewise.scalarDerivative(y, 0, Float.POSITIVE_INFINITY, 1, 0, 0, 0);
    }
  }

  /** {@code min(1, max(0, alpha x + beta))}, rounded once. */
  record HardSigmoid(float alpha, float beta) implements Activation {
    /** The function with the numbers that ONNX gives it where a model names none. */
    public HardSigmoid() {
      this(0.2f, 0.5f);
    }

    @Override
    public void apply(long address, int count) {
      Piecewise.apply(address, count, Float.NEGATIVE_INFINITY, 0, alpha, beta, 0, 1);
    }

    @Override
    public void derivative(long address, int count) {
      Piecewise.derivative(address, count, 0, 1, alpha, 0, 0, 0);
    }

    @Override
    public float scalar(float x) {
      return Piecewise.scalar(x, Float.NEGATIVE_INFINITY, 0, alpha, beta, 0, 1);
    }

    @Override
    public float scalarDerivative(float y) {
      return Piecewise.scalarDerivative(y, 0, 1, alpha, 0, 0, 0);
    }
  }

  /** {@link io.cellbelt.kernels.activation.Tanh}. */
  record Tanh() implements Activation {
    @Override
    public void apply(long address, int count) {
      io.cellbelt.kernels.activation.Tanh.apply(address, count);
    }

    @Override
    public void derivative(long address, int count) {
      Piecewise.derivative(
          address, count, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 1, 0, -1, 0);
    }

    @Override
    public float scalar(float x) {
      return io.cellbelt.kernels.activation.Tanh.scalar(x);
    }

    @Override
    public float scalarDerivative(float y) {
      return io.cellbelt.kernels.activation.Tanh.scalarDerivative(y);
    }
  }

  /** {@link io.cellbelt.kernels.activation.Sigmoid}. */
  record Sigmoid() implements Activation {
    @Override
    public void apply(long address, int count) {
      io.cellbelt.kernels.activation.Sigmoid.apply(address, count);
    }

    @Override
    public void derivative(long address, int count) {
      Piecewise.derivative(
          address, count, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 0, 1, -1, 0);
    }

    @Override
    public float scalar(float x) {
      return io.cellbelt.kernels.activation.Sigmoid.scalar(x);
    }

    @Override
    public float scalarDerivative(float y) {
      return io.cellbelt.kernels.activation.Sigmoid.scalarDerivative(y);
    }
  }

  /**
   * {@code alpha tanh(beta x)}, by {@link io.cellbelt.kernels.activation.Tanh} of the rounded
   * product; alpha is not 0.
   */
  record ScaledTanh(float alpha, float beta) implements Activation {
    /** The function with the numbers that ONNX gives it where a model names none. */
    public ScaledTanh() {
      this(1, 1);
    }

    /**
     * Checks alpha.
     *
     * @throws IllegalArgumentException if alpha is out of the range given above
     */
    public ScaledTanh {
      if (alpha == 0) {
        throw new IllegalArgumentException("Alpha of a scaled tanh is not 0, but got 0.");
      }
    }

    @Override
    public void apply(long address, int count) {
      Piecewise.apply(
          address,
          count,
          Float.NEGATIVE_INFINITY,
          0,
          beta,
          0,
          Float.NEGATIVE_INFINITY,
          Float.POSITIVE_INFINITY);
      io.cellbelt.kernels.activation.Tanh.apply(address, count);
      Piecewise.apply(
          address,
          count,
          Float.NEGATIVE_INFINITY,
          0,
          alpha,
          0,
          Float.NEGATIVE_INFINITY,
          Float.POSITIVE_INFINITY);
    }

    @Override
    public void derivative(long address, int count) {
      Piecewise.derivative(
          address,
          count,
          Float.NEGATIVE_INFINITY,
          Float.POSITIVE_INFINITY,
          alpha * beta,
          0,
          -beta / alpha,
          0);
    }

    @Override
    public float scalar(float x) {
      return io.cellbelt.kernels.activation.Tanh.scalar(x * beta + 0) * alpha + 0;
    }

    @Override
    public float scalarDerivative(float y) {
      return Piecewise.scalarDerivative(
          y, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, alpha * beta, 0, -beta / alpha, 0);
    }
  }

  /** {@link io.cellbelt.kernels.activation.Elu}; alpha is not negative. */
  record Elu(float alpha) implements Activation {
    /** The function with the numbers that ONNX gives it where a model names none. */
    public Elu() {
      this(1);
    }

    /**
     * Checks alpha.
     *
     * @throws IllegalArgumentException if alpha is out of the range given above
     */
    public Elu {
      Piecewise.requireNotNegative(alpha);
    }

    @Override
    public void apply(long address, int count) {
      io.cellbelt.kernels.activation.Elu.apply(address, count, alpha);
    }

    @Override
    public void derivative(long address, int count) {
      Piecewise.derivative(address, count, Float.NEGATIVE_INFINITY, 0, alpha, 1, 0, 1);
    }

    @Override
    public float scalar(float x) {
      return io.cellbelt.kernels.activation.Elu.scalar(x, alpha);
    }

    @Override
    public float scalarDerivative(float y) {
      return Piecewise.scalarDerivative(y, Float.NEGATIVE_INFINITY, 0, alpha, 1, 0, 1);
    }
  }

  /** {@link io.cellbelt.kernels.activation.Softsign}. */
  record Softsign() implements Activation {
    @Override
    public void apply(long address, int count) {
      io.cellbelt.kernels.activation.Softsign.apply(address, count);
    }

    @Override
    public void derivative(long address, int count) {
      io.cellbelt.kernels.activation.Softsign.derivative(address, count);
    }

    @Override
    public float scalar(float x) {
      return io.cellbelt.kernels.activation.Softsign.scalar(x);
    }

    @Override
    public float scalarDerivative(float y) {
      return io.cellbelt.kernels.activation.Softsign.scalarDerivative(y);
    }
  }

  /** {@link io.cellbelt.kernels.activation.Softplus}. */
  record Softplus() implements Activation {
    @Override
    public void apply(long address, int count) {
      io.cellbelt.kernels.activation.Softplus.apply(address, count);
    }

    @Override
    public void derivative(long address, int count) {
      io.cellbelt.kernels.activation.Softplus.derivative(address, count);
    }

    @Override
    public float scalar(float x) {
      return io.cellbelt.kernels.activation.Softplus.scalar(x);
    }

    @Override
    public float scalarDerivative(float y) {
      return io.cellbelt.kernels.activation.Softplus.scalarDerivative(y);
    }
  }
}
