package io.cellbelt.propertytests.activation;

import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.activation.Erf;
import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Log;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import java.util.function.DoubleUnaryOperator;

/** What each activation promises in its documentation. */
@SuppressWarnings("ImmutableEnumChecker") // method references without state
enum Promise {
  EXP(Exp::apply, Exp::scalar, Math::exp, 0.90, Float.POSITIVE_INFINITY, 0, 0x1.6bp-126, false),
  SIGMOID(Sigmoid::apply, Sigmoid::scalar, Promise::sigmoid, 1.5, 1, 0, 0x1p-126, true),
  TANH(Tanh::apply, Tanh::scalar, Math::tanh, 1.09, 1, -1, 0, true),
  LOG(
      Log::apply,
      Log::scalar,
      Math::log,
      0.94,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      0,
      true),
  ERF(Erf::apply, Erf::scalar, Promise::erf, 1.03, 1, -1, 0, false),
  SOFTSIGN(
      new Activation.Softsign(), x -> Math.signum(x) / (1 + 1 / Math.abs(x)), 1.5, 1, -1, false),
  SOFTPLUS(
      new Activation.Softplus(),
      x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
      1.8,
      Float.POSITIVE_INFINITY,
      0,
      0x1.6bp-126,
      false),
  ELU(new Activation.Elu(), x -> x < 0 ? Math.expm1(x) : x, 1.3, false),
  STEEP_ELU(new Activation.Elu(1.7f), x -> x < 0 ? 1.7f * Math.expm1(x) : x, 2.4, false),
  SCALED_TANH(
      new Activation.ScaledTanh(1.7159f, 0.5f), x -> 1.7159f * Math.tanh(0.5 * x), 1.8, true),
  IDENTITY(new Activation.Affine(), x -> x, 0, true),
  AFFINE(new Activation.Affine(-0.3f, 0.7f), x -> -0.3f * x + 0.7f, 0.51, false),
  RELU(new Activation.Relu(), x -> Math.max(x, 0), 0, true),
  LEAKY_RELU(new Activation.LeakyRelu(), x -> x < 0 ? 0.01f * x : x, 0.51, true),
  THRESHOLDED_RELU(new Activation.ThresholdedRelu(), x -> x < 1 ? 0 : x, 0, true),
  HARD_SIGMOID(
      new Activation.HardSigmoid(), x -> Math.clamp(0.2f * x + 0.5f, 0, 1), 0.51, 1, 0, true);

  /** Replaces the floats of a block. */
  interface Block {
    void apply(long address, int count);
  }

  /** The same for one float. */
  interface Scalar {
    float apply(float x);
  }

  final Block block;
  final Scalar scalar;
  final DoubleUnaryOperator reference;
  final double largestUlp;
  final float highest;
  final float lowest;
  final double zeroBelow;
  final boolean monotone;

  Promise(
      Block block,
      Scalar scalar,
      DoubleUnaryOperator reference,
      double largestUlp,
      float highest,
      float lowest,
      double zeroBelow,
      boolean monotone) {
    this.block = block;
    this.scalar = scalar;
    this.reference = reference;
    this.largestUlp = largestUlp;
    this.highest = highest;
    this.lowest = lowest;
    this.zeroBelow = zeroBelow;
    this.monotone = monotone;
  }

  Promise(
      Activation activation, DoubleUnaryOperator reference, double largestUlp, boolean monotone) {
    this(
        activation,
        reference,
        largestUlp,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        monotone);
  }

  Promise(
      Activation activation,
      DoubleUnaryOperator reference,
      double largestUlp,
      float highest,
      float lowest,
      boolean monotone) {
    this(activation, reference, largestUlp, highest, lowest, 0, monotone);
  }

  Promise(
      Activation activation,
      DoubleUnaryOperator reference,
      double largestUlp,
      float highest,
      float lowest,
      double zeroBelow,
      boolean monotone) {
    this(
        activation::apply,
        activation::scalar,
        reference,
        largestUlp,
        highest,
        lowest,
        zeroBelow,
        monotone);
  }

  /** The distance from the exact value, in units of the last place that a float has there. */
  double ulps(float x, float y) {
    double exact = reference.applyAsDouble(x);
    if (Double.isNaN(exact)) {
      return Float.isNaN(y) ? 0 : Double.POSITIVE_INFINITY;
    }
    if (y == (float) exact || y == 0 && Math.abs(exact) < zeroBelow) {
      return 0;
    }
    int exponent = Math.max(Math.getExponent(exact), Float.MIN_EXPONENT);
    return Math.abs(y - exact) / Math.scalb(1.0, exponent - Float.PRECISION + 1);
  }

  /** By its series of positive terms, so that nothing cancels. */
  static double erf(double x) {
    double a = Math.min(Math.abs(x), 6); // where it is 1 to the last bit
    double term = a;
    double sum = a;
    for (int n = 1; term > 1e-18 * sum; n++) {
      term *= 2 * a * a / (2 * n + 1);
      sum += term;
    }
    return Math.copySign(2 / StrictMath.sqrt(Math.PI) * StrictMath.exp(-a * a) * sum, x);
  }

  private static double sigmoid(double x) {
    double e = Math.exp(-Math.abs(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
  }
}
