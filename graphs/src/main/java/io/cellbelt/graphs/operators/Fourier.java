package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Elements;

/**
 * Discrete Fourier transforms of one length in double, by a factor of the length at a time. Any
 * length will do, but time grows with its largest prime factor.
 *
 * <p>Complex numbers lie with the real part first. Immutable, thread-safe.
 */
final class Fourier {
  private static final int COMPLEX = 2 * Double.BYTES;

  private final int length;

  /** The real and imaginary parts of the powers of {@code e^(-2 π i / length)}. */
  private final double[] cosines;

  private final double[] sines;

  Fourier(int length) {
    this.length = length;
    cosines = new double[length];
    sines = new double[length];
    for (int k = 0; k < length; k++) {
      double turn = (double) k / length;
      cosines[k] = Math.cos(2 * Math.PI * turn);
      sines[k] = -Math.sin(2 * Math.PI * turn);
    }
  }

  /**
   * Transforms what lies at {@code x}, with {@code y} of the same size to work in.
   *
   * @return where the result is: either of the two
   */
  long transform(long x, long y) {
    long from = x;
    long to = y;
    int stride = 1;
    for (int left = length; left > 1; ) {
      int factor = factor(left);
      if (factor == 4) {
        fours(left, stride, from, to);
      } else {
        any(factor, left, stride, from, to);
      }
      long result = to;
      to = from;
      from = result;
      left /= factor;
      stride *= factor;
    }
    return from;
  }

  private static int factor(int length) {
    if (length % 4 == 0) {
      return 4;
    }
    for (int factor = 2; factor * factor <= length; factor++) {
      if (length % factor == 0) {
        return factor;
      }
    }
    return length;
  }

  /** {@code y[q + s (p k + t)] = w^(k t) Σ x[q + s (k + m r)] e^(-2 π i r t / p)}. */
  private void any(int p, int left, int stride, long from, long to) {
    int m = left / p;
    int turn = length / p;
    for (int k = 0; k < m; k++) {
      for (int t = 0; t < p; t++) {
        int twist = k * t * stride;
        for (int q = 0; q < stride; q++) {
          double re = 0;
          double im = 0;
          long at = from + (long) COMPLEX * (q + stride * k);
          for (int r = 0, w = 0; r < p; r++, w = w + t >= p ? w + t - p : w + t) {
            double a = Elements.getDouble(at);
            double b = Elements.getDouble(at + Double.BYTES);
            re += a * cosines[w * turn] - b * sines[w * turn];
            im += a * sines[w * turn] + b * cosines[w * turn];
            at += (long) COMPLEX * stride * m;
          }
          put(to + (long) COMPLEX * (q + stride * (p * k + t)), re, im, twist);
        }
      }
    }
  }

  private void put(long at, double re, double im, int twist) {
    double c = cosines[twist];
    double s = sines[twist];
    Elements.setDouble(at, re * c - im * s);
    Elements.setDouble(at + Double.BYTES, re * s + im * c);
  }

  private void fours(int left, int stride, long from, long to) {
    int m = left / 4;
    long quarter = (long) COMPLEX * stride * m;
    long step = (long) COMPLEX * stride;
    for (int k = 0; k < m; k++) {
      for (int q = 0; q < stride; q++) {
        long at = from + (long) COMPLEX * (q + stride * k);
        double a = Elements.getDouble(at);
        double ai = Elements.getDouble(at + Double.BYTES);
        double b = Elements.getDouble(at + quarter);
        double bi = Elements.getDouble(at + quarter + Double.BYTES);
        double c = Elements.getDouble(at + 2 * quarter);
        double ci = Elements.getDouble(at + 2 * quarter + Double.BYTES);
        double d = Elements.getDouble(at + 3 * quarter);
        double di = Elements.getDouble(at + 3 * quarter + Double.BYTES);
        double even = a + c;
        double evenI = ai + ci;
        double odd = a - c;
        double oddI = ai - ci;
        double sum = b + d;
        double sumI = bi + di;
        double difference = b - d;
        double differenceI = bi - di;
        long target = to + (long) COMPLEX * (q + stride * 4 * k);
        put(target, even + sum, evenI + sumI, 0);
        put(target + step, odd + differenceI, oddI - difference, k * stride);
        put(target + 2 * step, even - sum, evenI - sumI, 2 * k * stride);
        put(target + 3 * step, odd - differenceI, oddI + difference, 3 * k * stride);
      }
    }
  }
}
