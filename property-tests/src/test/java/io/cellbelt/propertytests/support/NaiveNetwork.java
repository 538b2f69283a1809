package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Weights;
import java.util.Arrays;
import java.util.Map;

/**
 * The textbook's equations of a whole network in double, written down a second time: nothing here
 * is shared with the library but the weights as files have them.
 */
public final class NaiveNetwork {
  private final Architecture architecture;
  private final Map<String, float[]> values;
  private final double[][] h;
  private final double[][] c;

  /** A sequence with zero state. */
  public NaiveNetwork(Weights weights) {
    architecture = weights.architecture();
    values = weights.values();
    int layers = architecture.layers().size();
    h = new double[layers][];
    c = new double[layers][];
    for (int l = 0; l < layers; l++) {
      h[l] = new double[architecture.layers().get(l).cell().hiddenSize()];
      c[l] = new double[h[l].length];
    }
  }

  /** The outputs of all steps of a single sequence, {@code [T, O]}. */
  public double[] run(Feed feed) {
    int o = architecture.outputSize();
    double[] y = new double[feed.steps() * o];
    for (int t = 0; t < feed.steps(); t++) {
      System.arraycopy(step(x(feed, t)), 0, y, t * o, o);
    }
    return y;
  }

  private double[] x(Feed feed, int t) {
    int size = architecture.input().size();
    return switch (architecture.input()) {
      case Input.Dense dense -> Floats.toDouble(row(feed.x(), t, size));
      case Input.Embedding embedding ->
          Floats.toDouble(row(values.get("embedding.weight"), feed.tokens()[t], size));
      case Input.OneHot oneHot -> {
        double[] x = new double[size];
        x[feed.tokens()[t]] = 1;
        yield x;
      }
    };
  }

  private static float[] row(float[] table, int row, int size) {
    return Arrays.copyOfRange(table, row * size, (row + 1) * size);
  }

  private double[] step(double[] x) {
    for (int l = 0; l < h.length; l++) {
      Cell cell = architecture.layers().get(l).cell();
      double[] a = affine(cell.kind() + ".weight_ih_l" + l, x, cell.kind() + ".bias_l" + l);
      double[] recurrent = affine(cell.kind() + ".weight_hh_l" + l, h[l], null);
      Arrays.setAll(a, j -> a[j] + recurrent[j]);
      switch (cell) {
        case Lstm lstm -> lstm(a, h[l], c[l]);
        case Rnn rnn -> Arrays.setAll(h[l], j -> Math.tanh(a[j]));
        default -> throw new IllegalArgumentException("Written down twice are only LSTM and RNN.");
      }
      x = h[l];
    }
    return architecture.outputs() > 0 ? affine("head.weight", x, "head.bias") : x;
  }

  private static void lstm(double[] a, double[] h, double[] c) {
    int n = h.length;
    for (int j = 0; j < n; j++) {
      double i = sigmoid(a[j]);
      double f = sigmoid(a[n + j]);
      double g = Math.tanh(a[2 * n + j]);
      double o = sigmoid(a[3 * n + j]);
      c[j] = f * c[j] + i * g;
      h[j] = o * Math.tanh(c[j]);
    }
  }

  private static double sigmoid(double a) {
    return 1 / (1 + Math.exp(-a));
  }

  private double[] affine(String weight, double[] x, String bias) {
    float[] w = values.get(weight);
    double[] y = new double[w.length / x.length];
    for (int j = 0; j < y.length; j++) {
      y[j] = bias == null ? 0 : values.get(bias)[j];
      for (int k = 0; k < x.length; k++) {
        y[j] += (double) w[j * x.length + k] * x[k];
      }
    }
    return y;
  }

  /** The state as streams save it, {@code [L][states][H]}. */
  public double[] state() {
    double[] state = new double[0];
    for (int l = 0; l < h.length; l++) {
      state = concat(state, h[l]);
      state = architecture.layers().get(l).cell() instanceof Lstm ? concat(state, c[l]) : state;
    }
    return state;
  }

  private static double[] concat(double[] a, double[] b) {
    double[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
