package io.cellbelt.propertytests.activation;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Re-derives the frozen coefficients of the activations: {@code f(x) ~ sum c[i] * x^(first + i *
 * step)} with the smallest possible largest weighted error on an interval, by Remez's exchange.
 *
 * <p>Coefficients are rounded to float one at a time, from the lowest power up, and the remaining
 * ones are fitted again to what the rounding left: the higher terms absorb the rounding errors of
 * the lower ones. All arithmetic is double and {@link StrictMath}, so every machine derives the
 * same bits.
 */
record MinimaxFit(
    DoubleUnaryOperator function,
    DoubleUnaryOperator weight,
    double from,
    double to,
    int first,
    int step,
    int terms) {

  private static final int GRID = 20_001;
  private static final int EXCHANGES = 40;

  /** Returns the coefficients as floats, lowest power first. */
  float[] coefficients() {
    float[] rounded = new float[terms];
    for (int done = 0; done < terms; done++) {
      rounded[done] = (float) fitAfter(rounded, done)[0];
    }
    return rounded;
  }

  /** Returns the largest weighted error that the given coefficients leave on the interval. */
  double largestError(float[] coefficients) {
    double largest = 0;
    for (int k = 0; k < GRID; k++) {
      double x = gridPoint(k);
      largest = Math.max(largest, Math.abs(residual(coefficients, terms, x) * weight(x)));
    }
    return largest;
  }

  private double[] fitAfter(float[] fixed, int done) {
    int free = terms - done;
    double[] nodes = new double[free + 1];
    for (int k = 0; k <= free; k++) {
      nodes[k] =
          (from + to) / 2 - (to - from) / 2 * StrictMath.cos(Math.PI * (k + 0.5) / (free + 1));
    }
    double[] solution = new double[free];
    for (int exchange = 0; exchange < EXCHANGES; exchange++) {
      double[][] system = new double[free + 1][free + 2];
      for (int k = 0; k <= free; k++) {
        double x = nodes[k];
        for (int i = 0; i < free; i++) {
          system[k][i] = StrictMath.pow(x, power(done + i));
        }
        system[k][free] = (k % 2 == 0 ? 1 : -1) / weight(x);
        system[k][free + 1] = residual(fixed, done, x);
      }
      solution = Arrays.copyOf(solve(system), free);
      double[] extrema = extrema(fixed, done, solution);
      if (extrema.length != nodes.length || Arrays.equals(extrema, nodes)) {
        break;
      }
      nodes = extrema;
    }
    return solution;
  }

  /**
   * The point of largest error in each run of equal sign, the smallest runs at the ends dropped.
   */
  private double[] extrema(float[] fixed, int done, double[] solution) {
    double[] points = new double[GRID];
    double[] errors = new double[GRID];
    int count = 0;
    for (int k = 0; k < GRID; k++) {
      double x = gridPoint(k);
      double error = residual(fixed, done, x);
      for (int i = 0; i < solution.length; i++) {
        error -= solution[i] * StrictMath.pow(x, power(done + i));
      }
      error *= weight(x);
      if (count > 0 && error * errors[count - 1] >= 0) {
        if (Math.abs(error) > Math.abs(errors[count - 1])) {
          points[count - 1] = x;
          errors[count - 1] = error;
        }
      } else {
        points[count] = x;
        errors[count++] = error;
      }
    }
    int start = 0;
    while (count - start > solution.length + 1) {
      if (Math.abs(errors[start]) < Math.abs(errors[count - 1])) {
        start++;
      } else {
        count--;
      }
    }
    return Arrays.copyOfRange(points, start, count);
  }

  private double residual(float[] coefficients, int count, double x) {
    double rest = function.applyAsDouble(x);
    for (int i = 0; i < count; i++) {
      rest -= coefficients[i] * StrictMath.pow(x, power(i));
    }
    return rest;
  }

  private double weight(double x) {
    return weight.applyAsDouble(x);
  }

  private int power(int term) {
    return first + term * step;
  }

  private double gridPoint(int k) {
    return from + (to - from) * k / (GRID - 1);
  }

  /** Gaussian elimination with row pivoting; each row ends with its right-hand side. */
  static double[] solve(double[][] rows) {
    int n = rows.length;
    for (int column = 0; column < n; column++) {
      int pivot = column;
      for (int r = column + 1; r < n; r++) {
        if (Math.abs(rows[r][column]) > Math.abs(rows[pivot][column])) {
          pivot = r;
        }
      }
      double[] swap = rows[column];
      rows[column] = rows[pivot];
      rows[pivot] = swap;
      for (int r = 0; r < n; r++) {
        if (r != column) {
          double factor = rows[r][column] / rows[column][column];
          for (int c = column; c <= n; c++) {
            rows[r][c] -= factor * rows[column][c];
          }
        }
      }
    }
    double[] solution = new double[n];
    for (int r = 0; r < n; r++) {
      solution[r] = rows[r][n] / rows[r][r];
    }
    return solution;
  }
}
