package io.cellbelt.bptt;

import io.cellbelt.bptt.Differences.Found;
import io.cellbelt.bptt.GradientCheck.Report;
import io.cellbelt.bptt.GradientCheck.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A check of your own function: finite differences of the loss against the gradient that is
 * claimed. Every entry is looked at, or, with {@link #fast}, a few random directions.
 *
 * <p>Not thread-safe. The methods change the check and return it.
 */
public final class FunctionCheck {
  private static final double FLOAT_STEP = 2e-2;
  private static final double FLOAT_LIMIT = 2e-3;
  private static final double FLOAT_ROUNDING = 0x1p-21;

  private final Differentiable function;
  private final Map<String, Layout> layouts = new LinkedHashMap<>();
  private Differentiable oneStep;
  private int directions;
  private long seed = 1;
  private double limit = GradientCheck.REFERENCE_LIMIT;
  private double step = Differences.STEP;
  private double rounding = Differences.DOUBLE_ROUNDING;

  FunctionCheck(Differentiable function) {
    this.function = function;
  }

  /**
   * Tells the shape and the gates of a tensor. Without it a tensor is a vector, entries are told as
   * {@code [index]} instead of {@code [row, column]}, and guesses about rows, columns and gates are
   * not made.
   *
   * @param name one of the tensors of {@link #run}
   * @param layout of as many entries; {@link Layout#of} is a matrix, row-major
   */
  public FunctionCheck layout(String name, Layout layout) {
    Objects.requireNonNull(name, "A layout is that of a tensor with a name, but got null.");
    Objects.requireNonNull(layout, "A tensor has a layout, but got null.");
    layouts.put(name, layout);
    return this;
  }

  /** Looks along 4 random directions, whatever the number of entries. */
  public FunctionCheck fast() {
    return fast(GradientCheck.DIRECTIONS);
  }

  /**
   * Looks along random directions, for each tensor and for all together.
   *
   * @param count how many, 1 or more
   */
  public FunctionCheck fast(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "A fast check needs 1 direction or more, but got " + count + ".");
    }
    directions = count;
    return this;
  }

  /** Draws the random directions from another seed than 1; the same seed gives the same report. */
  public FunctionCheck seed(long other) {
    seed = other;
    return this;
  }

  /** The most that a relative error may be, 1e-7 where nothing is said. */
  public FunctionCheck limit(double most) {
    limit = positive("limit", most);
    return this;
  }

  /** The largest h of the differences, 1e-3 where nothing is said; 1000 times smaller at least. */
  public FunctionCheck step(double largest) {
    step = positive("step", largest);
    return this;
  }

  private static double positive(String name, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "A check needs a " + name + " over 0, but got " + value + ".");
    }
    return value;
  }

  /** For a loss computed in float: larger steps, and a limit of 0.002. */
  public FunctionCheck inFloat() {
    step = FLOAT_STEP;
    limit = FLOAT_LIMIT;
    rounding = FLOAT_ROUNDING;
    return this;
  }

  /** The same function over one time step only, by which a gradient cut off in time is known. */
  public FunctionCheck oneStep(Differentiable shortest) {
    Objects.requireNonNull(shortest, "The function over one step is a function, but got null.");
    oneStep = shortest;
    return this;
  }

  /**
   * Checks the gradient at a place.
   *
   * @param at the tensors by name; copied
   * @throws IllegalArgumentException if there are none, the gradient has other names or lengths, a
   *     layout does not fit, or the loss is not the same twice
   */
  public Report run(Map<String, double[]> at) {
    Objects.requireNonNull(at, "A check is made at a place, tensors by name, but got null.");
    Map<String, double[]> variables = new LinkedHashMap<>();
    at.forEach(
        (name, values) -> {
          Objects.requireNonNull(name, "A tensor has a name, but got null.");
          Objects.requireNonNull(values, () -> "The tensor '" + name + "' has entries, not null.");
          variables.put(name, values.clone());
        });
    checkLayouts(variables);
    Map<String, double[]> shown = Collections.unmodifiableMap(variables);
    Map<String, double[]> gradient = gradient(function, variables);
    Differences differences =
        new Differences(
            () -> function.loss(shown), variables, (name, i) -> false, step, rounding, limit);
    double first = function.loss(shown);
    double second = function.loss(shown);
    if (Double.compare(first, second) != 0) {
      throw new IllegalArgumentException(
          "A loss that is checked must be the same twice at the same place, with the same random"
              + " numbers, but it was "
              + first
              + " and then "
              + second
              + ".");
    }
    double largest = Differences.largest(gradient);
    SplittableRandom random = new SplittableRandom(seed);
    List<Row> rows = new ArrayList<>();
    Map<String, List<Integer>> kinked = new LinkedHashMap<>();
    for (String name : variables.keySet()) {
      double[] claimed = gradient.get(name);
      Row row =
          directions > 0
              ? byDirections(differences, name, claimed, largest, random)
              : byEntries(differences, name, claimed, largest, 1, kinked);
      boolean later = !row.passed() && oneStep != null && row.index() >= 0;
      rows.add(later ? row.with(atOneStep(variables, name, row.guess())) : row);
    }
    double error =
        differences.projectionError(
            gradient,
            kinked,
            Math.max(directions, GradientCheck.DIRECTIONS),
            differences.steps(),
            limit,
            new SplittableRandom(~seed));
    return Comparison.report(Optional.empty(), rows, error, limit);
  }

  private Row byEntries(
      Differences differences,
      String name,
      double[] claimed,
      double largest,
      int stride,
      Map<String, List<Integer>> kinked) {
    double floor = Differences.floor(claimed, largest);
    Found found = differences.entries(name, claimed, floor, stride);
    kinked.put(name, found.kinked());
    Layout layout = layout(name, claimed.length);
    Row row = Comparison.row(differences, name, layout, claimed, claimed, found, floor, limit);
    if (row.passed()) {
      return row;
    }
    return row.with(Comparison.guess(claimed, found, layout, limit, differences.noise()));
  }

  private Row byDirections(
      Differences differences,
      String name,
      double[] claimed,
      double largest,
      SplittableRandom random) {
    Found found = differences.directions(name, claimed, largest, directions, random);
    double floor = Differences.directionFloor(found.analytic(), largest);
    double error = 0;
    int worst = 0;
    for (int k = 0; k < found.at().length; k++) {
      double relative = Differences.relative(found.analytic()[k], found.numeric()[k], floor);
      worst = relative <= error ? worst : k;
      error = Math.max(error, relative);
    }
    boolean none = found.at().length == 0;
    double analytic = none ? Double.NaN : found.analytic()[worst];
    Row row =
        new Row(
            name,
            layout(name, claimed.length),
            -1,
            analytic,
            analytic,
            none ? Double.NaN : found.numeric()[worst],
            0,
            error,
            limit,
            found.at().length,
            found.kinks(),
            "");
    if (row.passed()) {
      return row;
    }
    if (none) {
      return row.with(
          "nothing could be compared: every direction meets a kink; look at every entry, or move"
              + " away from it, for example by adding small random numbers to the tensor");
    }
    int stride = Comparison.stride(claimed.length, layout(name, claimed.length).columns());
    Row entries = byEntries(differences, name, claimed, largest, stride, new LinkedHashMap<>());
    return entries.passed()
        ? row.with(
            String.format(
                Locale.ROOT,
                "the %d entries that were looked at are right, others are wrong: look at all of them",
                entries.entries()))
        : entries;
  }

  /** What the same function over one step says of a tensor that is wrong over more. */
  private String atOneStep(Map<String, double[]> variables, String name, String guess) {
    Map<String, double[]> shown = Collections.unmodifiableMap(variables);
    Differences differences =
        new Differences(
            () -> oneStep.loss(shown), variables, (tensor, i) -> false, step, rounding, limit);
    Map<String, double[]> gradient = gradient(oneStep, variables);
    double[] claimed = gradient.get(name);
    int stride =
        directions > 0
            ? Comparison.stride(claimed.length, layout(name, claimed.length).columns())
            : 1;
    double largest = Differences.largest(gradient);
    Row row = byEntries(differences, name, claimed, largest, stride, new LinkedHashMap<>());
    if (row.passed()) {
      return Comparison.throughTime(0);
    }
    return row.guess().equals(guess) ? guess : guess + "; at T = 1 " + row.guess();
  }

  private Layout layout(String name, int length) {
    return layouts.getOrDefault(name, Layout.of(length, 1));
  }

  private void checkLayouts(Map<String, double[]> variables) {
    if (variables.isEmpty()) {
      throw new IllegalArgumentException("A check needs 1 tensor or more, but got none.");
    }
    variables.forEach(
        (name, values) -> {
          if (values.length == 0) {
            throw new IllegalArgumentException("The tensor '" + name + "' has no entries.");
          }
        });
    layouts.forEach(
        (name, layout) -> {
          double[] values = variables.get(name);
          if (values == null || values.length != layout.size()) {
            throw new IllegalArgumentException(
                String.format(
                    Locale.ROOT,
                    "The layout of '%s' is %d by %d, but %s.",
                    name,
                    layout.rows(),
                    layout.columns(),
                    values == null
                        ? "there is no such tensor"
                        : "the tensor has " + values.length + " entries"));
          }
        });
  }

  /** Its own copy of what the function claims. */
  private static Map<String, double[]> gradient(
      Differentiable function, Map<String, double[]> variables) {
    Map<String, double[]> claimed = function.gradient(Collections.unmodifiableMap(variables));
    Objects.requireNonNull(claimed, "A gradient has the tensors by name, but got null.");
    Map<String, double[]> copy = new LinkedHashMap<>();
    variables.forEach(
        (name, values) -> {
          double[] gradient = claimed.get(name);
          if (gradient == null || gradient.length != values.length) {
            throw new IllegalArgumentException(
                String.format(
                    Locale.ROOT,
                    "The gradient of '%s' has the %d entries of the tensor, but got %s.",
                    name,
                    values.length,
                    gradient == null ? "none" : gradient.length));
          }
          copy.put(name, gradient.clone());
        });
    if (claimed.size() > copy.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A gradient has the tensors %s, but got %s.",
              copy.keySet(),
              claimed.keySet()));
    }
    return copy;
  }
}
