package io.cellbelt.graphs.operators;

/** Functions in double that Java has not. NaN gives NaN. */
final class RealFunctions {
  private static final double TWO_BY_ROOT_PI = 2 / Math.sqrt(Math.PI);

  private RealFunctions() {}

  /** {@code 1 / (1 + e^-x)}. */
  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** {@code ln(1 + e^x)}. */
  static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /** The inverse of the hyperbolic sine. */
  static double asinh(double x) {
    double size = Math.abs(x);
    double value =
        size > 1e8
            ? Math.log(size) + Math.log(2)
            : Math.log1p(size + size * size / (1 + Math.sqrt(1 + size * size)));
    return Math.copySign(value, x);
  }

  /** The inverse of the hyperbolic cosine; NaN under 1. */
  static double acosh(double x) {
    double above = x - 1;
    return x > 1e8
        ? Math.log(x) + Math.log(2)
        : Math.log1p(above + Math.sqrt(2 * above + above * above));
  }

  /** The inverse of the hyperbolic tangent; NaN beyond -1 and 1. */
  static double atanh(double x) {
    double size = Math.abs(x);
    return Math.copySign(Math.log1p(2 * size / (1 - size)) / 2, x);
  }

  /** The error function: its series near 0, the continued fraction of its complement elsewhere. */
  static double erf(double x) {
    double size = Math.abs(x);
    if (Double.isNaN(x)) {
      return x;
    }
    if (size > 6) {
      return Math.signum(x);
    }
    double value = size < 2 ? series(size) : 1 - fraction(size);
    return Math.copySign(value, x);
  }

  /** {@code 2 / √π e^-x² Σ 2^n x^(2n + 1) / (1 3 .. (2n + 1))}: no term takes from another. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; term > sum * 1e-17; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return TWO_BY_ROOT_PI * Math.exp(-x * x) * sum;
  }

  /** {@code e^-x² / √π 1 / (x + 1/2 / (x + 2/2 / (x + 3/2 / ..)))}, from its end. */
  private static double fraction(double x) {
    double below = x;
    for (int n = 60; n > 0; n--) {
      below = x + n / 2.0 / below;
    }
    return Math.exp(-x * x) * TWO_BY_ROOT_PI / 2 / below;
  }
}
