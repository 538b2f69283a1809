package io.cellbelt.propertytests.activation;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import java.util.function.DoubleUnaryOperator;

/** What each activation promises in its documentation. */
@SuppressWarnings("ImmutableEnumChecker") // method references without state
enum Activation {
  EXP(Exp::apply, Exp::scalar, Math::exp, 0.90, Float.POSITIVE_INFINITY, 0, 0x1.6bp-126, false),
  SIGMOID(Sigmoid::apply, Sigmoid::scalar, Activation::sigmoid, 1.5, 1, 0, 0x1p-126, true),
  TANH(Tanh::apply, Tanh::scalar, Math::tanh, 1.09, 1, -1, 0, true);

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

  Activation(
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

  /** The distance from the exact value, in units of the last place that a float has there. */
  double ulps(float x, float y) {
    double exact = reference.applyAsDouble(x);
    if (y == (float) exact || y == 0 && Math.abs(exact) < zeroBelow) {
      return 0;
    }
    int exponent = Math.max(Math.getExponent(exact), Float.MIN_EXPONENT);
    return Math.abs(y - exact) / Math.scalb(1.0, exponent - Float.PRECISION + 1);
  }

  private static double sigmoid(double x) {
    double e = Math.exp(-Math.abs(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
  }
}
