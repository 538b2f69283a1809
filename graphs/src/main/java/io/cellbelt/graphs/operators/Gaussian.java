package io.cellbelt.graphs.operators;

/** The error function in double. */
final class Gaussian {
  private static final int TERMS = 60;

  /** From here on the continued fraction converges fast. */
  private static final double FAR = 2.5;

  private Gaussian() {}

  /** {@code 2/√π ∫ e^(-t²) dt} from 0 to x, to some 1e-15. */
  static double erf(double x) {
    double a = Math.abs(x);
    if (a < FAR) {
      // erf x = 2/√π e^(-x²) Σ 2^n x^(2n+1) / (1 3 5 .. (2n+1))
      double term = x;
      double sum = x;
      for (int n = 1; n < TERMS; n++) {
        term *= 2 * x * x / (2 * n + 1);
        sum += term;
      }
      return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
    double fraction = a;
    for (int n = TERMS; n > 0; n--) {
      fraction = a + n / 2.0 / fraction;
    }
    double rest = Math.exp(-a * a) / fraction / Math.sqrt(Math.PI);
    return Double.isNaN(x) ? x : Math.copySign(a > 6 ? 1 : 1 - rest, x);
  }
}
