package io.cellbelt.propertytests.activation;

import io.cellbelt.kernels.activation.Tanh;
import java.util.Arrays;

/**
 * Re-derives the coefficients and slopes of {@link Tanh} from its intervals and centres alone.
 *
 * <p>They are to make the largest relative error over all intervals as small as possible. That
 * error is linear in all of them, since with T = tanh(c) and v exact in the divisor alone
 *
 * <pre>{@code
 * T + S d / (1 + v) - tanh(x) = ((T - tanh(x)) (1 + v) + S d) / (1 + v)
 * v = T d + w (C1 + C2 w + C3 w^2),   w = d^2
 * }</pre>
 *
 * <p>Two intervals decide it: the one at 0, whose slope is 1, and the one about 3.2, where |d| is
 * large. Their four unknowns are fitted by exchange: of all sets of five points, the one whose best
 * fit has the largest error has the best fit of all points. In the other intervals that error is
 * kept by a range of slopes.
 *
 * <p>All arithmetic is double and {@link StrictMath}, so every machine derives the same bits.
 */
final class TanhFit {
  /** Where the intervals begin and end, as values of x STRETCH + FIRST. */
  private static final double[] ENDS = {Tanh.FIRST, 0.75, 1, 1.5, 2, 3, 4, 6};

  /** Steps from end to end of an interval. */
  private static final int GRID = 20_000;

  /** C1, C2, C3 and one slope. */
  private static final int UNKNOWNS = 4;

  private static final int SLOPE = UNKNOWNS - 1;

  /** The interval whose slope is fitted together with the coefficients. */
  static final int DECISIVE = intervalAfter(4);

  private final double[] solution;
  private final double error;

  TanhFit() {
    double[][] rows = rows();
    int[] points = {GRID / 3, 2 * GRID / 3, GRID - 1, GRID, 2 * GRID};
    double[] fit = fit(rows, points);
    int worst = worst(rows, fit);
    while (Math.abs(residual(rows[worst], fit)) > fit[UNKNOWNS] * (1 + 1e-9)) {
      int[] best = points;
      for (int k = 0; k < points.length; k++) {
        int[] exchanged = points.clone();
        exchanged[k] = worst;
        double[] candidate = fit(rows, exchanged);
        if (candidate[UNKNOWNS] > fit[UNKNOWNS]) {
          fit = candidate;
          best = exchanged;
        }
      }
      if (Arrays.equals(best, points)) {
        throw new IllegalStateException("no exchange makes the error larger");
      }
      points = best;
      worst = worst(rows, fit);
    }
    solution = Arrays.copyOf(fit, UNKNOWNS);
    error = fit[UNKNOWNS];
  }

  /** Returns C1, C2 or C3 from its number. */
  float coefficient(int number) {
    return (float) solution[number - 1];
  }

  /** Returns the slope of {@link #DECISIVE}. */
  float slope() {
    return (float) solution[SLOPE];
  }

  /** Returns the largest relative error. */
  double error() {
    return error;
  }

  /** Returns the smallest and the largest slope of an interval that keep the error. */
  float[] slopes(int interval) {
    double smallest = 0;
    double largest = 1;
    for (int k = 0; k <= GRID; k++) {
      double x = point(interval, k);
      double d = x - Tanh.centre(interval);
      double w = d * d;
      double v = centreTanh(interval) * d + w * (solution[0] + w * (solution[1] + w * solution[2]));
      double needed = (StrictMath.tanh(x) - centreTanh(interval)) * (1 + v) / d;
      double spare = Math.abs(error * StrictMath.tanh(x) * (1 + v) / d);
      smallest = Math.max(smallest, needed - spare);
      largest = Math.min(largest, needed + spare);
    }
    return new float[] {(float) smallest, (float) largest};
  }

  /** Returns how far into its interval a centre is, from 0 to 1. */
  static double centreWithin(int interval) {
    double from = start(interval);
    return (Tanh.centre(interval) - from) / (end(interval) - from);
  }

  /**
   * The error at every point but 0: what the unknowns are multiplied by, then what is left of it.
   */
  private static double[][] rows() {
    double[][] rows = new double[2 * GRID + 1][];
    for (int k = 0; k < GRID; k++) {
      rows[k] = row(intervalAfter(0), k + 1);
    }
    for (int k = 0; k <= GRID; k++) {
      rows[GRID + k] = row(DECISIVE, k);
    }
    return rows;
  }

  private static double[] row(int interval, int k) {
    double x = point(interval, k);
    double d = x - Tanh.centre(interval);
    double w = d * d;
    double t = centreTanh(interval);
    double exact = StrictMath.tanh(x);
    double weight = 1 / (exact * d * (t + 1 / StrictMath.tanh(d)));
    double below = (t - exact) * weight;
    double rest = below * (1 + t * d);
    boolean fitted = interval == DECISIVE;
    return new double[] {
      below * w,
      below * w * w,
      below * w * w * w,
      fitted ? d * weight : 0,
      fitted ? rest : rest + d * weight
    };
  }

  /** Returns the unknowns that fit five points best, and their error there. */
  private static double[] fit(double[][] rows, int[] points) {
    int n = points.length;
    double[][] balance = new double[n][n + 1];
    for (int k = 0; k < n; k++) {
      for (int i = 0; i < n; i++) {
        balance[i][k] = rows[points[k]][i];
      }
    }
    balance[UNKNOWNS][n] = 1;
    double[] multipliers = MinimaxFit.solve(balance);
    double[][] system = new double[n][n + 1];
    for (int k = 0; k < n; k++) {
      System.arraycopy(rows[points[k]], 0, system[k], 0, UNKNOWNS);
      system[k][UNKNOWNS] = -Math.signum(multipliers[k]);
      system[k][n] = -rows[points[k]][UNKNOWNS];
    }
    return MinimaxFit.solve(system);
  }

  private static int worst(double[][] rows, double[] fit) {
    int worst = 0;
    for (int k = 1; k < rows.length; k++) {
      if (Math.abs(residual(rows[k], fit)) > Math.abs(residual(rows[worst], fit))) {
        worst = k;
      }
    }
    return worst;
  }

  private static double residual(double[] row, double[] fit) {
    double sum = row[UNKNOWNS];
    for (int i = 0; i < UNKNOWNS; i++) {
      sum += row[i] * fit[i];
    }
    return sum;
  }

  private static double centreTanh(int interval) {
    return StrictMath.tanh(Tanh.centre(interval));
  }

  private static double point(int interval, int k) {
    double from = start(interval);
    return from + (end(interval) - from) * k / GRID;
  }

  private static double start(int interval) {
    return (ENDS[place(interval)] - Tanh.FIRST) / Tanh.STRETCH;
  }

  private static double end(int interval) {
    return (ENDS[place(interval) + 1] - Tanh.FIRST) / Tanh.STRETCH;
  }

  /** Returns where an interval stands among all from 0 up. */
  private static int place(int interval) {
    return (interval - intervalAfter(0)) & 7;
  }

  private static int intervalAfter(int place) {
    return (Tanh.interval(0) + place) & 7;
  }
}
