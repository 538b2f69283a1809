package io.cellbelt.propertytests.bptt;

import io.cellbelt.bptt.Differentiable;
import java.util.Map;

/** Mean squared error of {@code tanh(W x + b)} over a few samples. */
record OwnFunction(double[][] x, double[][] target) implements Differentiable {
  private double[] output(Map<String, double[]> at, double[] in) {
    double[] y = at.get("b").clone();
    for (int j = 0; j < y.length; j++) {
      for (int k = 0; k < in.length; k++) {
        y[j] += at.get("W")[j * in.length + k] * in[k];
      }
      y[j] = Math.tanh(y[j]);
    }
    return y;
  }

  @Override
  public double loss(Map<String, double[]> at) {
    double sum = 0;
    for (int n = 0; n < x.length; n++) {
      double[] y = output(at, x[n]);
      for (int j = 0; j < y.length; j++) {
        sum += (y[j] - target[n][j]) * (y[j] - target[n][j]);
      }
    }
    return sum / x.length;
  }

  @Override
  public Map<String, double[]> gradient(Map<String, double[]> at) {
    double[] dW = new double[at.get("W").length];
    double[] db = new double[at.get("b").length];
    for (int n = 0; n < x.length; n++) {
      double[] y = output(at, x[n]);
      for (int j = 0; j < y.length; j++) {
        double da = 2 * (y[j] - target[n][j]) * (1 - y[j] * y[j]) / x.length;
        db[j] += da;
        for (int k = 0; k < x[n].length; k++) {
          dW[j * x[n].length + k] += da * x[n][k];
        }
      }
    }
    return Map.of("W", dW, "b", db);
  }
}
