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

  /** Outputs of a component: π̂, μ̂1, μ̂2, σ̂1, σ̂2, ρ̂. */
  private static final int PARTS = 6;

  private final int components;
  private final double[] weights;
  private final double[] shares;
  private final double[] slopes;

  /** Scratch for M components. */
  public MixtureDensity(int components) {
    this.components = components;
    weights = new double[components];
    shares = new double[components];
    slopes = new double[PARTS * components];
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
    for (int j = 0; j < components; j++) {
      weights[j] = get(row, 0, j);
    }
    double prior = softmax(weights);
    for (int j = 0; j < components; j++) {
      shares[j] = get(row, 0, j) - prior + component(row, j, x1, x2);
    }
    double density = softmax(shares);
    for (int j = 0; j < components; j++) {
      set(row, 0, j, scale * (weights[j] - shares[j]));
      for (int part = 1; part < PARTS; part++) {
        set(row, part, j, scale * shares[j] * slopes[PARTS * j + part]);
      }
    }
    double end = Lanes.get(row);
    double e = 1 / (1 + Math.exp(end));
    Lanes.set(row, (float) (scale * (x3 - e)));
    return softplus(end) - (1 - x3) * end - density;
  }

  /** The log of a Gaussian's density, and in slopes the gradient of what it takes from the loss. */
  private double component(long row, int j, double x1, double x2) {
    double inverse1 = Math.exp(-get(row, 3, j));
    double inverse2 = Math.exp(-get(row, 4, j));
    double z1 = (x1 - get(row, 1, j)) * inverse1;
    double z2 = (x2 - get(row, 2, j)) * inverse2;
    double r = get(row, 5, j);
    double t = Math.exp(-2 * Math.abs(r)); // in which tanh and cosh are rational
    double rho = Math.copySign((1 - t) / (1 + t), r);
    double cosh2 = (1 + t) * (1 + t) / (4 * t);
    double logCosh = Math.abs(r) + Math.log(1 + t) - LOG_2;
    double rest1 = (z1 - rho * z2) * cosh2;
    double rest2 = (z2 - rho * z1) * cosh2;
    double distance = z2 * z2 + (z1 - rho * z2) * rest1;
    int at = PARTS * j;
    slopes[at + 1] = -inverse1 * rest1;
    slopes[at + 2] = -inverse2 * rest2;
    slopes[at + 3] = 1 - z1 * rest1;
    slopes[at + 4] = 1 - z2 * rest2;
    slopes[at + 5] = -(z1 * z2 + rho * (1 - distance));
    return logCosh - LOG_2_PI - get(row, 3, j) - get(row, 4, j) - distance / 2;
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

  /** Replaces logs by the shares of what they are the logs of; returns the log of its sum. */
  private static double softmax(double[] logs) {
    double max = Double.NEGATIVE_INFINITY;
    for (double log : logs) {
      max = Math.max(max, log);
    }
    double sum = 0;
    for (int j = 0; j < logs.length; j++) {
      logs[j] = Math.exp(logs[j] - max);
      sum += logs[j];
    }
    for (int j = 0; j < logs.length; j++) {
      logs[j] /= sum;
    }
    return max + Math.log(sum);
  }
}
