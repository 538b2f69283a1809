package io.cellbelt.app.examples;

import java.util.Arrays;

/**
 * Short-time Fourier transform of real frames: spectra of overlapping windows, and the sound that
 * they make again. Not thread-safe.
 */
final class Fourier {
  private final int size;
  private final int hop;
  private final double[] window;

  /** Windows are the square root of Hann's, so that forward and back together are Hann's. */
  Fourier(int size, int hop) {
    this.size = size;
    this.hop = hop;
    window = new double[size];
    for (int i = 0; i < size; i++) {
      window[i] = Math.sin(Math.PI * i / size);
    }
  }

  /** Without a window: frames as they are. */
  static Fourier plain(int size, int hop) {
    Fourier fourier = new Fourier(size, hop);
    Arrays.fill(fourier.window, 1);
    return fourier;
  }

  int hop() {
    return hop;
  }

  /** The spectrum of a window, {@code size / 2 + 1} pairs of real and imaginary part. */
  double[] forward(float[] sound, int from) {
    double[] pairs = new double[2 * size];
    for (int i = 0; i < size; i++) {
      int at = from + i;
      pairs[2 * i] = at >= 0 && at < sound.length ? sound[at] * window[i] : 0;
    }
    transform(pairs, -1);
    return Arrays.copyOf(pairs, size + 2);
  }

  /** The window of a spectrum. */
  float[] back(double[] spectrum) {
    double[] pairs = new double[2 * size];
    System.arraycopy(spectrum, 0, pairs, 0, size + 2);
    for (int f = 1; f < size / 2; f++) {
      pairs[2 * (size - f)] = spectrum[2 * f];
      pairs[2 * (size - f) + 1] = -spectrum[2 * f + 1];
    }
    transform(pairs, 1);
    float[] frame = new float[size];
    for (int i = 0; i < size; i++) {
      frame[i] = (float) (pairs[2 * i] / size * window[i]);
    }
    return frame;
  }

  /** Adds a window to a sound, those of its samples that lie in it. */
  static void add(float[] frame, float[] sound, int from) {
    for (int i = 0; i < frame.length; i++) {
      if (from + i >= 0 && from + i < sound.length) {
        sound[from + i] += frame[i];
      }
    }
  }

  /** Cooley and Tukey's, in place, for powers of two. */
  private static void transform(double[] pairs, int sign) {
    int n = pairs.length / 2;
    for (int i = 0; i < n; i++) {
      int j = Integer.reverse(i) >>> (Integer.numberOfLeadingZeros(n) + 1);
      if (j > i) {
        for (int part = 0; part < 2; part++) {
          double kept = pairs[2 * i + part];
          pairs[2 * i + part] = pairs[2 * j + part];
          pairs[2 * j + part] = kept;
        }
      }
    }
    for (int half = 1; half < n; half *= 2) {
      for (int k = 0; k < half; k++) {
        double angle = sign * Math.PI * k / half;
        double re = Math.cos(angle);
        double im = Math.sin(angle);
        for (int i = k; i < n; i += 2 * half) {
          int j = i + half;
          double oddRe = pairs[2 * j] * re - pairs[2 * j + 1] * im;
          double oddIm = pairs[2 * j] * im + pairs[2 * j + 1] * re;
          pairs[2 * j] = pairs[2 * i] - oddRe;
          pairs[2 * j + 1] = pairs[2 * i + 1] - oddIm;
          pairs[2 * i] += oddRe;
          pairs[2 * i + 1] += oddIm;
        }
      }
    }
  }
}
