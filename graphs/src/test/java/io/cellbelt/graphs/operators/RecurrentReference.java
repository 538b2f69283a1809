package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Tensor;
import java.util.List;

/**
 * ONNX's equations of LSTM, GRU and RNN as they stand, in doubles, one sequence after the other.
 *
 * @param op LSTM, GRU or RNN
 * @param functions of all directions
 * @param reverse of each direction, whether it runs back
 * @param clip infinite for none
 * @param coupled input_forget
 * @param after linear_before_reset
 */
record RecurrentReference(
    String op,
    List<Function> functions,
    List<Boolean> reverse,
    double clip,
    boolean coupled,
    boolean after) {

  /** An activation. */
  record Function(String name, double alpha, double beta) {
    double of(double x) {
      return switch (name) {
        case "Affine" -> alpha * x + beta;
        case "Relu" -> Math.max(0, x);
        case "LeakyRelu" -> x >= 0 ? x : alpha * x;
        case "ThresholdedRelu" -> x >= alpha ? x : 0;
        case "Tanh" -> Math.tanh(x);
        case "Sigmoid" -> 1 / (1 + Math.exp(-x));
        case "HardSigmoid" -> Math.min(1, Math.max(0, alpha * x + beta));
        case "ScaledTanh" -> alpha * Math.tanh(beta * x);
        case "Elu" -> x >= 0 ? x : alpha * Math.expm1(x);
        case "Softsign" -> x / (1 + Math.abs(x));
        case "Softplus" -> Math.log1p(Math.exp(x));
        default -> throw new IllegalArgumentException(name);
      };
    }
  }

  /**
   * What the node is given.
   *
   * @param x {@code [T, B, I]}
   * @param lengths of each sequence
   * @param mask {@code [B, T]}, null where all steps count
   * @param carry what a masked step gives: what the one before gave, or zeros
   * @param h {@code [D, B, H]}, null for zeros
   */
  record Given(
      Tensor x,
      int[] lengths,
      boolean[][] mask,
      boolean carry,
      Tensor w,
      Tensor r,
      Tensor b,
      Tensor p,
      Tensor h,
      Tensor c) {}

  /** What comes out: {@code [T, D, B, H]}, and the last states {@code [D, B, H]}. */
  record Result(double[] y, double[] h, double[] c) {}

  Result run(Given given) {
    int steps = given.x().shape()[0];
    int batch = given.x().shape()[1];
    int hidden = given.r().shape()[2];
    int directions = reverse.size();
    double[] y = new double[steps * directions * batch * hidden];
    double[] lastH = new double[directions * batch * hidden];
    double[] lastC = new double[directions * batch * hidden];
    for (int d = 0; d < directions; d++) {
      for (int b = 0; b < batch; b++) {
        int state = (d * batch + b) * hidden;
        double[] h = row(given.h(), state, hidden);
        double[] c = row(given.c(), state, hidden);
        double[] before = new double[hidden];
        for (int s = 0; s < steps; s++) {
          int t = reverse.get(d) ? steps - 1 - s : s;
          if (t >= given.lengths()[b]) {
            continue;
          }
          if (given.mask() == null || given.mask()[b][t]) {
            step(given, d, t * batch + b, h, c);
            before = h.clone();
          } else if (!given.carry()) {
            before = new double[hidden];
          }
          System.arraycopy(before, 0, y, ((t * directions + d) * batch + b) * hidden, hidden);
        }
        // ONNX Runtime's states of nothing are zeros.
        if (steps == 0 || given.lengths()[b] > 0 || given.mask() != null) {
          System.arraycopy(h, 0, lastH, state, hidden);
          System.arraycopy(c, 0, lastC, state, hidden);
        }
      }
    }
    return new Result(y, lastH, lastC);
  }

  private static double[] row(Tensor tensor, int from, int count) {
    double[] row = new double[count];
    for (int i = 0; tensor != null && i < count; i++) {
      row[i] = tensor.doubleAt(from + i);
    }
    return row;
  }

  private double apply(int d, int index, double x) {
    int each = functions.size() / reverse.size();
    return functions.get(d * each + index).of(Math.clamp(x, -clip, clip));
  }

  /** A row of W x, with or without a bias. */
  private static double input(Given given, int d, int row, int gate, int unit) {
    int hidden = given.r().shape()[2];
    int gates = given.r().shape()[1] / hidden;
    int inputs = given.x().shape()[2];
    double sum = given.b() == null ? 0 : given.b().doubleAt((2 * d * gates + gate) * hidden + unit);
    for (int i = 0; i < inputs; i++) {
      sum +=
          given.w().doubleAt(((d * gates + gate) * hidden + unit) * inputs + i)
              * given.x().doubleAt(row * inputs + i);
    }
    return sum;
  }

  private static double recurrent(Given given, int d, double[] h, int gate, int unit) {
    int hidden = h.length;
    int gates = given.r().shape()[1] / hidden;
    double sum =
        given.b() == null ? 0 : given.b().doubleAt(((2 * d + 1) * gates + gate) * hidden + unit);
    for (int i = 0; i < hidden; i++) {
      sum += given.r().doubleAt(((d * gates + gate) * hidden + unit) * hidden + i) * h[i];
    }
    return sum;
  }

  private static double peephole(Given given, int d, int gate, int unit, double c) {
    int hidden = given.r().shape()[2];
    return given.p() == null ? 0 : given.p().doubleAt((3 * d + gate) * hidden + unit) * c;
  }

  private void step(Given given, int d, int row, double[] h, double[] c) {
    double[] old = h.clone();
    double[] reset = new double[h.length];
    for (int u = 0; op.equals("GRU") && u < h.length; u++) {
      reset[u] = apply(d, 0, input(given, d, row, 1, u) + recurrent(given, d, old, 1, u)) * old[u];
    }
    for (int u = 0; u < h.length; u++) {
      double first = input(given, d, row, 0, u) + recurrent(given, d, old, 0, u);
      switch (op) {
        case "RNN" -> h[u] = apply(d, 0, first);
        case "GRU" -> {
          double z = apply(d, 0, first);
          double r = apply(d, 0, input(given, d, row, 1, u) + recurrent(given, d, old, 1, u));
          double back =
              after ? r * recurrent(given, d, old, 2, u) : recurrent(given, d, reset, 2, u);
          h[u] = (1 - z) * apply(d, 1, input(given, d, row, 2, u) + back) + z * old[u];
        }
        default -> {
          double i = apply(d, 0, first + peephole(given, d, 0, u, c[u]));
          double forget = input(given, d, row, 2, u) + recurrent(given, d, old, 2, u);
          double f = coupled ? 1 - i : apply(d, 0, forget + peephole(given, d, 2, u, c[u]));
          double g = apply(d, 1, input(given, d, row, 3, u) + recurrent(given, d, old, 3, u));
          c[u] = f * c[u] + i * g;
          double out = input(given, d, row, 1, u) + recurrent(given, d, old, 1, u);
          h[u] = apply(d, 0, out + peephole(given, d, 1, u, c[u])) * apply(d, 2, c[u]);
        }
      }
    }
  }
}
