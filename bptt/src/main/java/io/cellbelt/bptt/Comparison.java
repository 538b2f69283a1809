package io.cellbelt.bptt;

import io.cellbelt.bptt.Differences.Found;
import io.cellbelt.bptt.GradientCheck.Report;
import io.cellbelt.bptt.GradientCheck.Row;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Gradients of a tensor against each other and against finite differences, and what they say. */
final class Comparison {
  /** Entries of a tensor that finite differences are taken of, evenly spread. */
  private static final int ENTRIES = 200;

  /**
   * For the kernels, entries count as this much larger at the least than for differences in double:
   * rounding of floats does not shrink with an entry, least where a cell mixes all units with each
   * other, as layer normalisation does.
   */
  private static final double KERNEL_FLOOR = 10;

  /** So many limits apart, entries are different when it is guessed what is wrong. */
  static final double CLEARLY = 10;

  private Comparison() {}

  /** From one of some 200 entries to the next, so that they are not all in the same columns. */
  static int stride(int size, int columns) {
    int stride = Math.max(1, size / ENTRIES);
    while (stride > 1
        && BigInteger.valueOf(stride).gcd(BigInteger.valueOf(columns)).intValue() > 1) {
      stride++;
    }
    return stride;
  }

  /** What a gradient that is right at one step and wrong at more has. */
  static String throughTime(int steps) {
    return "it is right at T = 1 and wrong at "
        + (steps > 1 ? "T = " + steps : "more steps")
        + ": the gradient through time is missing or cut off, or one that comes back from the next"
        + " step is wrong";
  }

  /** Whether all entries are within the limit. */
  static boolean agree(double[] a, double[] b, double floor, double limit) {
    for (int i = 0; i < a.length; i++) {
      if (!(Differences.relative(a[i], b[i], floor) < limit)) {
        return false;
      }
    }
    return true;
  }

  /** A guess from the entries that were compared with differences. */
  static String guess(double[] claimed, Found found, Layout layout, double limit, double noise) {
    double largest = 0;
    double clear = 0;
    for (int k = 0; k < found.at().length; k++) {
      double difference = Math.abs(claimed[found.at()[k]] - found.numeric()[k]);
      largest = Math.max(largest, difference);
      clear = Math.max(clear, difference - CLEARLY * found.spreads()[k]);
    }
    if (found.at().length > 0 && largest < noise) {
      return String.format(
          Locale.ROOT,
          "it cannot be told: rounding of the loss alone may make differences of %.1e; take from the"
              + " loss what is constant, or a larger step",
          noise);
    }
    if (found.at().length > 0 && largest > 0 && clear <= 0) {
      return "it cannot be told: the differences do not settle, however small the step; is the loss"
          + " chaotic, or not smooth, or is it computed in float?";
    }
    return Diagnosis.of(
        claimed, found.at(), found.numeric(), layout, Math.max(1e-5, CLEARLY * limit));
  }

  /** The row of a tensor that was looked at entry by entry. */
  static Row row(
      Differences differences,
      String name,
      Layout layout,
      double[] kernel,
      double[] analytic,
      Found found,
      double floor,
      double limit) {
    double kernelError = 0;
    double referenceError = 0;
    int worst = 0;
    double worstNumeric = Double.NaN;
    double worstShare = -1;
    for (int i = 0, k = 0; i < analytic.length; i++) {
      double ofKernel = Differences.relative(kernel[i], analytic[i], KERNEL_FLOOR * floor);
      kernelError = Math.max(kernelError, ofKernel);
      double share = ofKernel / GradientCheck.KERNEL_LIMIT;
      double numeric = Double.NaN;
      if (k < found.at().length && found.at()[k] == i) {
        numeric = found.numeric()[k++];
        double ofReference = Differences.relative(analytic[i], numeric, floor);
        referenceError = Math.max(referenceError, ofReference);
        share = Math.max(share, ofReference / limit);
      }
      if (share > worstShare || (Double.isNaN(share) && !Double.isNaN(worstShare))) {
        worst = i;
        worstShare = share;
        worstNumeric = numeric;
      }
    }
    if (Double.isNaN(worstNumeric)) {
      worstNumeric = differences.at(name, worst);
    }
    return new Row(
        name,
        layout,
        worst,
        kernel[worst],
        analytic[worst],
        worstNumeric,
        kernelError,
        referenceError,
        limit,
        found.at().length,
        found.kinks(),
        "");
  }

  /** All rows, and what they say together. */
  static Report report(
      Optional<ForwardComparison> forward, List<Row> rows, double error, double limit) {
    List<Row> wrong = rows.stream().filter(row -> !row.passed()).toList();
    String guess = "";
    if (wrong.isEmpty() && !(error < limit)) {
      guess =
          "every tensor is right where it was looked at, and along random directions it is not:"
              + " other entries are wrong, or there is a kink or chaos nearby";
    } else if (wrong.size() > 1
        && wrong.size() == rows.size()
        && wrong.stream().map(Row::guess).distinct().count() == 1) {
      guess = "the same is wrong with every tensor: look at the loss, not at the layers";
    } else if (!wrong.isEmpty()
        && wrong.stream().allMatch(row -> row.layout().recurrent())
        && rows.stream().anyMatch(row -> !row.layout().recurrent())) {
      guess =
          "only recurrent weights are wrong: their gradient is a product with the state of the step"
              + " before; is it that of another step?";
    } else if (forward.isPresent() && wrong.size() > 1) {
      guess =
          "errors go from upper layers to lower ones and back in time, so begin with the highest"
              + " layer that fails";
    }
    return new Report(forward, rows, error, limit, guess);
  }
}
