package io.cellbelt.cells.reference;

import java.util.Arrays;
import java.util.Map;

/**
 * Parameters by name, row-major, and where their gradients add up.
 *
 * @param values the parameters
 * @param gradients of the same shapes; null where nothing is recorded
 * @param recorder null where nothing is recorded
 */
record Tensors(Map<String, double[]> values, Map<String, double[]> gradients, Recorder recorder) {
  /** Some rows of a matrix times x. */
  Vec product(String name, int firstRow, int rows, Vec x) {
    double[] matrix = of(name);
    int columns = x.length();
    int first = firstRow * columns;
    double[] y = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < columns; k++) {
        y[i] += matrix[first + i * columns + k] * x.get(k);
      }
    }
    return new Vec(
        y,
        recorder,
        d -> {
          double[] dMatrix = gradients.get(name);
          double[] dx = new double[columns];
          for (int i = 0; i < rows; i++) {
            for (int k = 0; k < columns; k++) {
              dMatrix[first + i * columns + k] += d[i] * x.get(k);
              dx[k] += d[i] * matrix[first + i * columns + k];
            }
          }
          x.receive(k -> dx[k]);
        });
  }

  /** Some entries of a vector, or of a row. */
  Vec vector(String name, int from, int length) {
    return new Vec(
        Arrays.copyOfRange(of(name), from, from + length),
        recorder,
        d -> {
          double[] sum = gradients.get(name);
          for (int k = 0; k < length; k++) {
            sum[from + k] += d[k];
          }
        });
  }

  private double[] of(String name) {
    double[] tensor = values.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "The parameter '" + name + "' is missing; there are " + values.keySet() + ".");
    }
    return tensor;
  }
}
