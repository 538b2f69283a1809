package io.cellbelt.bptt;

import io.cellbelt.bptt.Differences.Found;
import io.cellbelt.bptt.NetworkLoss.Data;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.checks.Sizes;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Are the gradients right? Two links of one chain: finite differences, in double, check the
 * gradients of the reference, and those check the gradients of the SIMD kernels.
 *
 * <p>The loss is a random linear function of all outputs and final states of random sequences, of
 * different lengths and from random initial states, with the masks of training where the network
 * has any, so every path through it counts. Errors are relative: the difference over the larger of
 * the two gradients, but no less than a hundredth of the largest gradient of the tensor and a
 * ten-thousandth of the largest of all, because below that a difference says nothing; for the
 * kernels, in floats, ten times as much.
 *
 * <p>Besides, both ends are held against each other, all entries at once, by the adjoint identity
 * {@code <J v, u> = <v, Jᵀ u>}: J is the Jacobian of all outputs and final states with respect to
 * all parameters, inputs and initial states, v a random direction, J v a central difference in
 * double, u the loss, and Jᵀ u the gradient of the kernels.
 *
 * <p>{@link #of} checks a function of one's own in the same way, against finite differences alone.
 * Of every tensor that fails, the report guesses what is wrong.
 */
public final class GradientCheck {
  /** The most a kernel's gradient may differ from the reference's. */
  public static final double KERNEL_LIMIT = 1e-4;

  /** The most the reference's gradient may differ from finite differences. */
  public static final double REFERENCE_LIMIT = 1e-7;

  /** The most that the two sides of the adjoint identity may differ, relative to the larger. */
  public static final double ADJOINT_LIMIT = 1e-5;

  /** Entries of a tensor that finite differences are taken of, evenly spread. */
  static final int ENTRIES = 200;

  /** Random directions v of the adjoint identity: one alone may happen to be at right angles. */
  static final int DIRECTIONS = 4;

  /** h of the differences along them, small ones where there are kinks. */
  private static final double[] ADJOINT_STEPS = {1e-4, 1e-5, 1e-6, 1e-7};

  /**
   * For the kernels, entries count as this much larger at the least than for differences in double:
   * rounding of floats does not shrink with an entry, least where a cell mixes all units with each
   * other, as layer normalisation does.
   */
  private static final double KERNEL_FLOOR = 10;

  /** So many limits apart, entries are different when it is guessed what is wrong. */
  static final double CLEARLY = 10;

  private GradientCheck() {}

  /**
   * What was found for one tensor. For a function of one's own, its gradient is {@code analytic},
   * and {@code kernel} is the same.
   *
   * @param parameter its name; {@code x} and {@code initial state} are tensors too
   * @param index the entry where one of the errors is the largest; -1 where the numbers are those
   *     along a random direction
   * @param kernel gradient of that entry by the SIMD kernels
   * @param analytic gradient by the reference
   * @param numeric gradient by finite differences
   * @param kernelError largest relative error of the kernels against the reference
   * @param referenceError largest relative error of the reference against finite differences
   * @param limit the most that error may be
   * @param entries how many, or how many directions, finite differences were compared with
   * @param kinks entries at a kink of an activation, where there is no gradient to compare with
   * @param guess at what is wrong, a sentence without a full stop; empty where nothing is
   */
  public record Row(
      String parameter,
      int index,
      double kernel,
      double analytic,
      double numeric,
      double kernelError,
      double referenceError,
      double limit,
      int entries,
      int kinks,
      String guess) {
    /** Checks that nothing is missing. */
    public Row {
      Objects.requireNonNull(parameter, "A row is about a tensor with a name, but got null.");
      Objects.requireNonNull(guess, "A row has a guess, which may be empty, but got null.");
    }

    /** Whether both errors are within their limits, of something that was compared; NaN is not. */
    public boolean passed() {
      return kernelError < KERNEL_LIMIT && referenceError < limit && (entries > 0 || kinks == 0);
    }

    /** The larger difference of two gradients of the entry. */
    public double absoluteError() {
      return Math.max(Math.abs(kernel - analytic), Math.abs(analytic - numeric));
    }

    Row with(String newGuess) {
      return new Row(
          parameter,
          index,
          kernel,
          analytic,
          numeric,
          kernelError,
          referenceError,
          limit,
          entries,
          kinks,
          newGuess);
    }
  }

  /**
   * What was found for all tensors.
   *
   * @param rows one for each tensor
   * @param adjointError largest difference of the two sides of the adjoint identity over a few
   *     random directions, relative to the largest of their values
   * @param adjointLimit the most that may be
   * @param network whether there are kernels and a reference, not one gradient alone
   * @param guess at what is wrong with all of it, a sentence without a full stop; empty where
   *     nothing is, or the rows tell more
   */
  public record Report(
      List<Row> rows, double adjointError, double adjointLimit, boolean network, String guess) {
    /** Copies the list. */
    public Report {
      Objects.requireNonNull(rows, "A report has rows, but got null.");
      Objects.requireNonNull(guess, "A report has a guess, which may be empty, but got null.");
      if (rows.stream().anyMatch(Objects::isNull)) {
        throw new IllegalArgumentException("A report has rows, but one of them is null.");
      }
      rows = List.copyOf(rows);
    }

    /** Whether every tensor passed, and the adjoint identity holds. */
    public boolean passed() {
      return rows.stream().allMatch(Row::passed) && adjointError < adjointLimit;
    }

    /**
     * Fails a test, with {@link #toString} as the message.
     *
     * @throws AssertionError unless all passed
     */
    public void assertPassed() {
      if (!passed()) {
        throw new AssertionError("The gradients are wrong." + System.lineSeparator() + this);
      }
    }

    /** Entries at a kink of an activation, where there is no gradient to compare with. */
    public int kinks() {
      return rows.stream().mapToInt(Row::kinks).sum();
    }

    /** The largest relative error of the kernels against the reference. */
    public double worstKernelError() {
      return rows.stream().mapToDouble(Row::kernelError).max().orElse(0);
    }

    /** The largest relative error of the reference against finite differences. */
    public double worstReferenceError() {
      return rows.stream().mapToDouble(Row::referenceError).max().orElse(0);
    }

    /** A table of all tensors, and the guesses. */
    @Override
    public String toString() {
      return String.join(System.lineSeparator(), lines());
    }

    /** The lines of {@link #toString}. */
    public List<String> lines() {
      List<String> lines = new ArrayList<>();
      int width = rows.stream().mapToInt(row -> row.parameter().length()).reduce(18, Math::max);
      String format = "%-" + width + "s %8s  %13s  %13s  %13s  %10s  %10s  %10s %7s %5s";
      lines.add(
          line(
              format,
              "parameter",
              "index",
              network ? "kernels" : "",
              network ? "reference" : "claimed",
              "differences",
              network ? "SIMD error" : "",
              network ? "ref. error" : "rel. error",
              "abs. error",
              "entries",
              "kinks"));
      for (Row row : rows) {
        lines.add(
            line(
                    format,
                    row.parameter(),
                    row.index() < 0 ? "-" : row.index(),
                    network ? line("%.6e", row.kernel()) : "",
                    line("%.6e", row.analytic()),
                    line("%.6e", row.numeric()),
                    network ? line("%.1e", row.kernelError()) : "",
                    line("%.1e", row.referenceError()),
                    line("%.1e", row.absoluteError()),
                    row.entries(),
                    row.kinks())
                + (row.passed() ? "" : "  FAILED"));
      }
      lines.add(
          line(
              "along random directions: %.1e (limit %.0e)%s",
              adjointError, adjointLimit, adjointError < adjointLimit ? "" : "  FAILED"));
      for (Row row : rows) {
        if (!row.guess().isEmpty()) {
          lines.add(row.parameter() + ": " + row.guess());
        }
      }
      if (!guess.isEmpty()) {
        lines.add("all: " + guess);
      }
      return lines;
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
    private static String line(String format, Object... values) {
      return String.format(Locale.ROOT, format, values);
    }
  }

  /**
   * Checks a function of one's own, of any named tensors.
   *
   * @return what can be told about it before {@link FunctionCheck#run}
   */
  public static FunctionCheck of(Differentiable function) {
    return new FunctionCheck(function);
  }

  /**
   * Checks the gradients of a network.
   *
   * @param steps T, 1 or more
   * @param batch B, 1 or more
   * @param seed of the random sequences, states and loss
   */
  public static Report run(Weights weights, int steps, int batch, long seed) {
    return run(weights, steps, batch, null, seed);
  }

  /**
   * Checks the gradients of a network for sequences of one's own, from a state of zero.
   *
   * @param x {@code [T, B, I]}
   * @param steps T, 1 or more
   * @param batch B, 1 or more
   * @param seed of the random loss
   * @throws IllegalArgumentException if the array has another size, or the input is tokens
   */
  public static Report run(Weights weights, float[] x, int steps, int batch, long seed) {
    checkSizes(weights, steps, batch);
    Ranges.checkInput(false, weights.architecture());
    int size = weights.architecture().input().size();
    Objects.requireNonNull(x, "'x' are the inputs, but got null.");
    Ranges.checkSize("x", x.length, (long) Sizes.product("rows", steps, batch) * size);
    return run(weights, steps, batch, new Data(null, x), seed);
  }

  /**
   * Checks the gradients of a network for sequences of one's own, from a state of zero.
   *
   * @param tokens {@code [T, B]}
   * @param steps T, 1 or more
   * @param batch B, 1 or more
   * @param seed of the random loss
   * @throws IllegalArgumentException if the array has another size, a token is not in the
   *     vocabulary, or the input is a vector
   */
  public static Report run(Weights weights, int[] tokens, int steps, int batch, long seed) {
    checkSizes(weights, steps, batch);
    Ranges.checkInput(true, weights.architecture());
    Objects.requireNonNull(tokens, "'tokens' are the inputs, but got null.");
    int rows = Sizes.product("rows", steps, batch);
    Ranges.checkRange("tokens", tokens, rows, 0, weights.architecture().input().tokens());
    return run(weights, steps, batch, new Data(tokens, null), seed);
  }

  private static void checkSizes(Weights weights, int steps, int batch) {
    Objects.requireNonNull(weights, "A check is one of weights, but got null.");
    if (steps < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "A check needs 1 step and 1 sequence or more, but got " + steps + " and " + batch + ".");
    }
  }

  private static Report run(Weights weights, int steps, int batch, Data data, long seed) {
    checkSizes(weights, steps, batch);
    NetworkLoss network = new NetworkLoss(weights, steps, batch, data, data != null, seed);
    Map<String, double[]> kernel = network.kernelGradients(weights, seed);
    Map<String, double[]> analytic = network.referenceGradients();
    Differences differences =
        new Differences(
            network::loss,
            network.variables(),
            network::isFixed,
            Differences.STEP,
            Differences.DOUBLE_ROUNDING,
            REFERENCE_LIMIT);
    double largest = Differences.largest(analytic);
    Map<String, Layout> layouts = network.layouts();
    List<Row> rows = new ArrayList<>();
    Map<String, Found> found = new LinkedHashMap<>();
    for (String name : network.variables().keySet()) {
      double[] reference = analytic.get(name);
      double floor = Differences.floor(reference, largest);
      int stride = stride(reference.length, layouts.get(name).columns());
      Found one = differences.entries(name, reference, floor, stride);
      found.put(name, one);
      rows.add(row(differences, name, kernel.get(name), reference, one, floor, REFERENCE_LIMIT));
    }
    double adjoint =
        differences.projectionError(
            kernel,
            Map.of(),
            DIRECTIONS,
            ADJOINT_STEPS,
            ADJOINT_LIMIT / 10,
            new SplittableRandom(~seed));
    if (rows.stream().allMatch(Row::passed)) {
      return report(rows, adjoint, ADJOINT_LIMIT, true, layouts);
    }
    Shorter one = steps > 1 ? new Shorter(weights, 1, steps, batch, data, seed) : null;
    Shorter two = steps > 2 ? new Shorter(weights, 2, steps, batch, data, seed) : null;
    double noise = differences.noise();
    for (int k = 0; k < rows.size(); k++) {
      Row row = rows.get(k);
      String name = row.parameter();
      Layout layout = layouts.get(name);
      double[] reference = analytic.get(name);
      String guess = "";
      if (!(row.referenceError() < row.limit()) || row.entries() == 0 && row.kinks() > 0) {
        guess = "the reference: " + guess(reference, found.get(name), layout, row.limit(), noise);
      } else if (!(row.kernelError() < KERNEL_LIMIT)) {
        double[] claimed = kernel.get(name);
        double tolerance = CLEARLY * KERNEL_LIMIT;
        guess = Diagnosis.of(claimed, reference, layout, tolerance);
        boolean finite = Arrays.stream(claimed).allMatch(Double::isFinite);
        double floor = Differences.floor(reference, largest);
        boolean clearly = !agree(claimed, reference, floor, tolerance);
        // Not x, which has another length at T = 1 and steps to tell apart.
        if (finite && clearly && steps > 1 && !name.equals(NetworkLoss.X)) {
          guess =
              !one.isRight(name)
                  ? Diagnosis.of(one.kernel.get(name), one.reference.get(name), layout, tolerance)
                  : two != null && two.isRight(name)
                      ? "it is right at T = 1 and at T = 2: is the network chaotic, so that rounding"
                          + " grows from step to step, or the gradient cut off in time?"
                      : throughTime(steps);
        }
        guess = "the kernels: " + guess;
      }
      rows.set(k, row.with(guess));
    }
    return report(rows, adjoint, ADJOINT_LIMIT, true, layouts);
  }

  /** Gradients of the kernels and of the reference over fewer steps, from random states. */
  private static final class Shorter {
    private final Map<String, double[]> kernel;
    private final Map<String, double[]> reference;

    Shorter(Weights weights, int steps, int of, int batch, Data data, long seed) {
      Data first = data == null ? null : data.first(steps, of);
      NetworkLoss network = new NetworkLoss(weights, steps, batch, first, false, seed);
      kernel = network.kernelGradients(weights, seed);
      reference = network.referenceGradients();
    }

    boolean isRight(String name) {
      double[] right = reference.get(name);
      double floor = Differences.floor(right, Differences.largest(reference));
      return agree(kernel.get(name), right, floor, KERNEL_LIMIT);
    }
  }

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
      double share = ofKernel / KERNEL_LIMIT;
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
      List<Row> rows, double error, double limit, boolean network, Map<String, Layout> layouts) {
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
        && wrong.stream().allMatch(row -> isRecurrent(layouts, row))
        && rows.stream().anyMatch(row -> !isRecurrent(layouts, row))) {
      guess =
          "only recurrent weights are wrong: their gradient is a product with the state of the step"
              + " before; is it that of another step?";
    } else if (network && wrong.size() > 1) {
      guess =
          "errors go from upper layers to lower ones and back in time, so begin with the highest"
              + " layer that fails";
    }
    return new Report(rows, error, limit, network, guess);
  }

  private static boolean isRecurrent(Map<String, Layout> layouts, Row row) {
    Layout layout = layouts.get(row.parameter());
    return layout != null && layout.recurrent();
  }
}
