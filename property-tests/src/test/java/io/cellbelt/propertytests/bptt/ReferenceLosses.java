package io.cellbelt.propertytests.bptt;

import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Loss;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Losses as their definitions have them, in double, slow and without a gradient of their own. */
final class ReferenceLosses {
  private ReferenceLosses() {}

  /** Central differences of a function of some numbers. */
  static double[] gradient(double[] y, ToDoubleFunction<double[]> loss) {
    double[] gradient = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      double step = 1e-5 * Math.max(1, Math.abs(y[i]));
      double[] moved = y.clone();
      moved[i] = y[i] + step;
      double above = loss.applyAsDouble(moved);
      moved[i] = y[i] - step;
      gradient[i] = (above - loss.applyAsDouble(moved)) / (2 * step);
    }
    return gradient;
  }

  /** The weighted mean loss of outputs {@code [T, B, O]}. */
  static double mean(Batch data, Loss loss, int batch, double[] y) {
    int outputs = y.length / (data.steps() * batch);
    double sum = 0;
    double terms = 0;
    for (int b = 0; b < batch; b++) {
      int length = data.lengths() == null ? data.steps() : data.lengths()[b];
      if (loss instanceof Loss.Ctc(int blank)) {
        if (data.sequences()[b] != null) {
          double[][] rows = new double[length][];
          for (int t = 0; t < length; t++) {
            rows[t] = row(y, t * batch + b, outputs);
          }
          sum += weight(data, b) * ctc(rows, data.sequences()[b], blank);
          terms += weight(data, b);
        }
        continue;
      }
      for (int t = 0; t < length; t++) {
        int at = t * batch + b;
        if (data.labels() != null && data.labels()[at] < 0) {
          continue;
        }
        double weight = weight(data, at);
        boolean perRow = data.labels() != null || loss instanceof Loss.MixtureDensity;
        terms += perRow ? weight : weight * outputs;
        if (weight > 0) {
          sum += weight * row(data, loss, at, row(y, at, outputs));
        }
      }
    }
    return terms == 0 ? 0 : sum / terms;
  }

  private static double weight(Batch data, int at) {
    return data.weights() == null ? 1 : data.weights()[at];
  }

  private static double[] row(double[] y, int at, int outputs) {
    double[] row = new double[outputs];
    System.arraycopy(y, at * outputs, row, 0, outputs);
    return row;
  }

  private static double row(Batch data, Loss loss, int at, double[] y) {
    if (data.labels() != null) {
      return -Math.log(softmax(y)[data.labels()[at]]);
    }
    int width = loss instanceof Loss.MixtureDensity ? 3 : y.length;
    double[] targets = new double[width];
    for (int j = 0; j < width; j++) {
      targets[j] = data.targets()[at * width + j];
    }
    return row(loss, y, targets);
  }

  /** The loss of a row that has targets. */
  static double row(Loss loss, double[] y, double[] targets) {
    if (loss instanceof Loss.MixtureDensity(int components)) {
      return mixture(y, targets, components);
    }
    double sum = 0;
    for (int j = 0; j < y.length; j++) {
      double error = Math.abs(y[j] - targets[j]);
      double sigmoid = 1 / (1 + Math.exp(-y[j]));
      if (loss.equals(Loss.MEAN_SQUARED_ERROR)) {
        sum += error * error;
      } else if (loss.equals(Loss.MEAN_ABSOLUTE_ERROR)) {
        sum += error;
      } else if (loss.equals(Loss.SIGMOID_CROSS_ENTROPY)) {
        sum -= targets[j] * Math.log(sigmoid) + (1 - targets[j]) * Math.log(1 - sigmoid);
      } else if (loss instanceof Loss.Huber(double delta)) {
        sum += error < delta ? error * error / 2 : delta * (error - delta / 2);
      } else {
        throw new AssertionError(loss);
      }
    }
    return sum;
  }

  private static double mixture(double[] y, double[] x, int m) {
    double[] hats = new double[m];
    System.arraycopy(y, 1, hats, 0, m);
    double[] pi = softmax(hats);
    double density = 0;
    for (int j = 0; j < m; j++) {
      double s1 = Math.exp(y[1 + 3 * m + j]);
      double s2 = Math.exp(y[1 + 4 * m + j]);
      double rho = Math.tanh(y[1 + 5 * m + j]);
      double d1 = (x[0] - y[1 + m + j]) / s1;
      double d2 = (x[1] - y[1 + 2 * m + j]) / s2;
      double z = d1 * d1 + d2 * d2 - 2 * rho * d1 * d2;
      double root = Math.sqrt(1 - rho * rho);
      density += pi[j] * Math.exp(-z / (2 * (1 - rho * rho))) / (2 * Math.PI * s1 * s2 * root);
    }
    double e = 1 / (1 + Math.exp(y[0]));
    return -Math.log(density) - (x[2] * Math.log(e) + (1 - x[2]) * Math.log(1 - e));
  }

  /** By going through every path. */
  static double ctc(double[][] y, int[] labels, int blank) {
    double[][] softmax = new double[y.length][];
    for (int t = 0; t < y.length; t++) {
      softmax[t] = softmax(y[t]);
    }
    return -Math.log(paths(softmax, 0, new ArrayList<>(), labels, blank));
  }

  private static double paths(
      double[][] softmax, int t, List<Integer> path, int[] labels, int blank) {
    if (t == softmax.length) {
      return collapsed(path, blank).equals(java.util.Arrays.stream(labels).boxed().toList())
          ? 1
          : 0;
    }
    double sum = 0;
    for (int k = 0; k < softmax[t].length; k++) {
      path.add(k);
      sum += softmax[t][k] * paths(softmax, t + 1, path, labels, blank);
      path.removeLast();
    }
    return sum;
  }

  private static List<Integer> collapsed(List<Integer> path, int blank) {
    List<Integer> labels = new ArrayList<>();
    int before = -1;
    for (int label : path) {
      if (label != before && label != blank) {
        labels.add(label);
      }
      before = label;
    }
    return labels;
  }

  private static double[] softmax(double[] y) {
    double max = Double.NEGATIVE_INFINITY;
    for (double v : y) {
      max = Math.max(max, v);
    }
    double sum = 0;
    double[] softmax = new double[y.length];
    for (int j = 0; j < y.length; j++) {
      softmax[j] = Math.exp(y[j] - max);
      sum += softmax[j];
    }
    for (int j = 0; j < y.length; j++) {
      softmax[j] /= sum;
    }
    return softmax;
  }
}
