package io.cellbelt.peers;

import java.util.SplittableRandom;

/**
 * The numbers that every engine is given: one LSTM and what is fed to it. Gates are in the order i
 * f g o, as Cellbelt, PyTorch and oneDNN have them. The arrays must be left alone.
 *
 * @param input I
 * @param hidden H
 * @param w input weights W, {@code [4 H, I]}
 * @param u recurrent weights U, {@code [4 H, H]}
 * @param b bias, {@code [4 H]}
 * @param x input, {@code [T, B, I]}
 * @param dy gradients of the outputs, {@code [T, B, H]}
 */
record Problem(
    Mode mode, int input, int hidden, float[] w, float[] u, float[] b, float[] x, float[] dy) {
  static final int GATES = 4;

  /** Random numbers, the weights as PyTorch draws them. */
  static Problem random(Mode mode, int input, int hidden) {
    SplittableRandom random = new SplittableRandom(1);
    double bound = 1 / Math.sqrt(hidden);
    int rows = mode.steps * mode.batch;
    return new Problem(
        mode,
        input,
        hidden,
        random(random, GATES * hidden * input, bound),
        random(random, GATES * hidden * hidden, bound),
        random(random, GATES * hidden, bound),
        random(random, rows * input, 1),
        random(random, rows * hidden, 1));
  }

  private static float[] random(SplittableRandom random, int count, double bound) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }

  /** T. */
  int steps() {
    return mode.steps;
  }

  /** B. */
  int batch() {
    return mode.batch;
  }
}
