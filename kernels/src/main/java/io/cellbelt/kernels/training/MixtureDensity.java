package io.cellbelt.kernels.training;

import io.cellbelt.kernels.simd.Lanes;

/**
 * The loss of a mixture of bivariate Gaussians and a Bernoulli variable (Graves 2013, arXiv
 * 1308.0850, equations 15 to 26), for one row of outputs, calculated in double. With M components
 * the row holds
 *
 * <pre>
 *   ê   π̂[M]   μ̂1[M]   μ̂2[M]   σ̂1[M]   σ̂2[M]   ρ̂[M]
 *
 *   e = 1 / (1 + exp(ê))    π = softmax(π̂)    μ = μ̂    σ = exp(σ̂)    ρ = tanh(ρ̂)
 *   loss = -log Σ π N(x1, x2 | μ, σ, ρ) - (x3 log e + (1 - x3) log(1 - e))
 * </pre>
 *
 * <p>Has its own scratch; not thread-safe.
 */
public final class MixtureDensity {
  private static final double LOG_2_PI = Math.log(2 * Math.PI);
  private static final double LOG_2 = Math.log(2);

  private final int components;
  private final double[] logs;

  /** Scratch for M components. */
  public MixtureDensity(int components) {
    this.components = components;
    logs = new double[components];
  }

  /**
   * The loss and its gradient.
   *
   * @param y raw address of the row; out: {@code scale} times the loss's gradient
   * @param targets holds x1, x2 and x3 from offset on
   * @return the loss in nats, not scaled
   */
  public double apply(long y, float[] targets, int offset, double scale) {
    long row = Lanes.base(y);
    double x1 = targets[offset];
    double x2 = targets[offset + 1];
    double x3 = targets[offset + 2];
    double prior = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < components; j++) {
      prior = sum(prior, get(row, 0, j));
    }
    double density = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < components; j++) {
      logs[j] = get(row, 0, j) - prior + logDensity(row, j, x1, x2);
      density = sum(density, logs[j]);
    }
    for (int j = 0; j < components; j++) {
      double share = Math.exp(logs[j] - density);
      set(row, 0, j, scale * (Math.exp(get(row, 0, j) - prior) - share));
      gradient(row, j, x1, x2, scale * share);
    }
    double end = Lanes.get(row);
    double e = 1 / (1 + Math.exp(end));
    Lanes.set(row, (float) (scale * (x3 - e)));
    return softplus(end) - (1 - x3) * end - density;
  }

  private double logDensity(long row, int j, double x1, double x2) {
    double z1 = (x1 - get(row, 1, j)) * Math.exp(-get(row, 3, j));
    double z2 = (x2 - get(row, 2, j)) * Math.exp(-get(row, 4, j));
    double r = get(row, 5, j);
    double rest = z1 - Math.tanh(r) * z2;
    double cosh = Math.cosh(r);
    double logCosh = Math.abs(r) + Math.log1p(Math.exp(-2 * Math.abs(r))) - LOG_2;
    double distance = z2 * z2 + rest * rest * cosh * cosh;
    return logCosh - LOG_2_PI - get(row, 3, j) - get(row, 4, j) - distance / 2;
  }

  /** Of one Gaussian, times its share. */
  private void gradient(long row, int j, double x1, double x2, double share) {
    double inverse1 = Math.exp(-get(row, 3, j));
    double inverse2 = Math.exp(-get(row, 4, j));
    double z1 = (x1 - get(row, 1, j)) * inverse1;
    double z2 = (x2 - get(row, 2, j)) * inverse2;
    double rho = Math.tanh(get(row, 5, j));
    double cosh = Math.cosh(get(row, 5, j));
    double rest1 = (z1 - rho * z2) * cosh * cosh;
    double rest2 = (z2 - rho * z1) * cosh * cosh;
    set(row, 1, j, -share * inverse1 * rest1);
    set(row, 2, j, -share * inverse2 * rest2);
    set(row, 3, j, share * (1 - z1 * rest1));
    set(row, 4, j, share * (1 - z2 * rest2));
    double distance = z2 * z2 + (z1 - rho * z2) * rest1;
    set(row, 5, j, -share * (z1 * z2 + rho * (1 - distance)));
  }

  private double get(long row, int part, int j) {
    return Lanes.get(row + (long) Float.BYTES * (1 + part * components + j));
  }

  private void set(long row, int part, int j, double value) {
    Lanes.set(row + (long) Float.BYTES * (1 + part * components + j), (float) value);
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /** {@code log(e^a + e^b)}. */
  private static double sum(double a, double b) {
    double max = Math.max(a, b);
    return max == Double.NEGATIVE_INFINITY
        ? max
        : max + Math.log(Math.exp(a - max) + Math.exp(b - max));
  }
}
