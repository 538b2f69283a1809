package io.cellbelt.bptt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * Finite differences of a loss, of one entry or along a direction, and how far gradients are from
 * them. The one place where differences are taken, kinks are found, and errors are measured.
 *
 * <p>Not thread-safe: it moves the variables, and puts them back.
 */
final class Differences {
  /** h of the differences: the error of the formula, O(h⁴), meets that of rounding, O(1/h). */
  static final double STEP = 1e-3;

  /** Roundings of a loss in double, of some thousand operations. */
  static final double DOUBLE_ROUNDING = 0x1p-50;

  /**
   * Where the gradient is small and bends strongly, in the lowest of several layers, the error of
   * the formula is more than 1e-7 of it, and where an activation has a kink nearby the differences
   * reach over it: then smaller steps decide. A wrong gradient disagrees with all.
   */
  private static final double[] SHARES = {1, 1. / 4, 1. / 16, 1. / 64, 1. / 256, 1. / 1024};

  /** One-sided differences that differ by this share have a kink between them. */
  private static final double KINK = 1e-3;

  /** A jump over h is more than this share of that over 4 h, where it is not a bend. */
  private static final double BEND = 0.4;

  /** A jump of the slope is more than so many roundings of the loss. */
  private static final double ROUNDINGS = 8;

  /** Share of the largest gradient of all under which rounding of floats decides. */
  private static final double NOTHING = 1e-4;

  private final DoubleSupplier loss;
  private final Map<String, double[]> variables;
  private final Fixed fixed;
  private final double step;
  private final double rounding;
  private final double limit;
  private final double noise;

  /** How far the last difference was from that of the next step; 0 where it agreed. */
  private double spread;

  /** Entries that nothing may be added to. */
  interface Fixed {
    boolean isFixed(String name, int index);
  }

  /** A way through the place where gradients are checked. */
  private interface Line {
    /** Goes to the given distance from the place; 0 is the place itself, to the bit. */
    void move(double distance);
  }

  /**
   * Differences of a loss.
   *
   * @param loss of the variables as they are
   * @param variables by name; moved and put back
   * @param step the largest h
   * @param rounding how exact the loss is, relative to it
   * @param limit up to which a gradient and a difference agree
   */
  Differences(
      DoubleSupplier loss,
      Map<String, double[]> variables,
      Fixed fixed,
      double step,
      double rounding,
      double limit) {
    this.loss = loss;
    this.variables = variables;
    this.fixed = fixed;
    this.step = step;
    this.rounding = rounding;
    this.limit = limit;
    noise = ROUNDINGS * rounding * Math.abs(loss.getAsDouble()) / step;
  }

  /**
   * What was found for one tensor.
   *
   * @param at entries, or numbers of directions, that were compared
   * @param analytic their gradients
   * @param numeric their differences
   * @param spreads how far the differences of two steps were apart, 0 where one agreed
   * @param kinks entries or directions at a kink, which are not among those
   * @param kinked which entries those are, where they are entries
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Found(
      int[] at,
      double[] analytic,
      double[] numeric,
      double[] spreads,
      int kinks,
      List<Integer> kinked) {}

  /** The largest gradient of all tensors, without those that are not finite. */
  static double largest(Map<String, double[]> gradients) {
    return gradients.values().stream().mapToDouble(Differences::largest).max().orElse(0);
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Double.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
    }
    return largest;
  }

  /** Gradients of a tensor under this say nothing: errors are relative to it. */
  static double floor(double[] gradient, double largestOfAll) {
    return Math.max(Math.max(largest(gradient) / 100, NOTHING * largestOfAll), Double.MIN_NORMAL);
  }

  /** The same for slopes along random directions. */
  static double directionFloor(double[] slopes, double largestOfAll) {
    return Math.max(Math.max(largest(slopes), NOTHING * largestOfAll), Double.MIN_NORMAL);
  }

  /** The difference over the larger of the two, but no less than the floor. */
  static double relative(double a, double b, double floor) {
    return Math.abs(a - b) / Math.max(floor, Math.max(Math.abs(a), Math.abs(b)));
  }

  /** How far a difference over the largest step may be off for the rounding of the loss alone. */
  double noise() {
    return noise;
  }

  /** The difference of one entry, of the largest step that says the same as a smaller one. */
  double at(String name, int index) {
    return numeric(entry(variables.get(name), index), Double.NaN, 0);
  }

  /** Compares entries of a tensor, one of so many. */
  Found entries(String name, double[] analytic, double floor, int stride) {
    double[] variable = variables.get(name);
    List<Line> lines = new ArrayList<>();
    List<Integer> at = new ArrayList<>();
    List<Double> slopes = new ArrayList<>();
    for (int i = 0; i < variable.length; i += stride) {
      if (!fixed.isFixed(name, i)) {
        lines.add(entry(variable, i));
        at.add(i);
        slopes.add(analytic[i]);
      }
    }
    return compare(lines, at, slopes, floor);
  }

  /**
   * Compares a tensor along random directions, each of them one number, however many entries there
   * are. Errors are relative to the largest of those numbers.
   */
  Found directions(
      String name, double[] analytic, double largestOfAll, int count, SplittableRandom random) {
    List<Line> lines = new ArrayList<>();
    List<Integer> at = new ArrayList<>();
    List<Double> slopes = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      Map<String, double[]> direction = direction(List.of(name), Map.of(), random);
      lines.add(new Direction(direction));
      at.add(k);
      slopes.add(dot(direction.get(name), analytic));
    }
    double[] all = slopes.stream().mapToDouble(s -> s).toArray();
    return compare(lines, at, slopes, directionFloor(all, largestOfAll));
  }

  private Found compare(List<Line> lines, List<Integer> at, List<Double> analytic, double floor) {
    int count = 0;
    int[] compared = new int[lines.size()];
    double[] slopes = new double[lines.size()];
    double[] numeric = new double[lines.size()];
    double[] spreads = new double[lines.size()];
    List<Integer> kinked = new ArrayList<>();
    for (int k = 0; k < lines.size(); k++) {
      double slope = analytic.get(k);
      double difference = numeric(lines.get(k), slope, floor);
      boolean agrees = relative(slope, difference, floor) < limit;
      if (!agrees && isKink(lines.get(k), slope, floor)) {
        kinked.add(at.get(k));
      } else {
        compared[count] = at.get(k);
        slopes[count] = slope;
        spreads[count] = spread;
        numeric[count++] = difference;
      }
    }
    return new Found(
        Arrays.copyOf(compared, count),
        Arrays.copyOf(slopes, count),
        Arrays.copyOf(numeric, count),
        Arrays.copyOf(spreads, count),
        kinked.size(),
        kinked);
  }

  /**
   * All tensors at once, along random directions: how far {@code <gradient, v>} and the difference
   * along v are apart at most, relative to the largest of those numbers. Directions stay clear of
   * the given entries, which have no gradient, and those that meet a kink are left out.
   */
  double projectionError(
      Map<String, double[]> gradient,
      Map<String, List<Integer>> kinked,
      int count,
      double[] steps,
      double within,
      SplittableRandom random) {
    List<Direction> directions = new ArrayList<>();
    double[] slopes = new double[count];
    double floor = Double.MIN_NORMAL;
    for (int k = 0; k < count; k++) {
      Map<String, double[]> direction = direction(variables.keySet(), kinked, random);
      directions.add(new Direction(direction));
      for (var part : direction.entrySet()) {
        slopes[k] += dot(part.getValue(), gradient.get(part.getKey()));
      }
      floor = Math.max(floor, Math.abs(slopes[k]));
    }
    double error = 0;
    for (int k = 0; k < count; k++) {
      double closest = Double.NaN;
      for (double h : steps) {
        double distance = Math.abs(difference(directions.get(k), h) - slopes[k]) / floor;
        closest = distance >= closest ? closest : distance;
        if (closest < within) {
          break;
        }
      }
      if (closest < within || !isKink(directions.get(k), slopes[k], floor)) {
        error = Math.max(error, closest);
      }
    }
    return error;
  }

  /** The h of {@link #numeric}, the largest first. */
  double[] steps() {
    return Arrays.stream(SHARES).map(share -> share * step).toArray();
  }

  /**
   * The difference of the largest step that agrees. If none does, the one that is closest to that
   * of the next smaller step, where rounding of the loss counts as distance, too.
   */
  private double numeric(Line line, double analytic, double floor) {
    double[] all = new double[SHARES.length];
    double closest = Double.POSITIVE_INFINITY;
    int best = 0;
    for (int k = 0; k < SHARES.length; k++) {
      all[k] = difference(line, SHARES[k] * step);
      if (relative(analytic, all[k], floor) < limit) {
        spread = 0;
        return all[k];
      }
      double distance = k == 0 ? Double.NaN : Math.abs(all[k] - all[k - 1]) + noise / SHARES[k - 1];
      if (distance < closest) {
        closest = distance;
        best = k - 1;
      }
    }
    spread = closest;
    return all[best];
  }

  /** Central difference of fourth order: {@code (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h}. */
  private double difference(Line line, double h) {
    double near = lossAt(line, h) - lossAt(line, -h);
    double far = lossAt(line, 2 * h) - lossAt(line, -2 * h);
    line.move(0);
    return (8 * near - far) / (12 * h);
  }

  /**
   * Whether the one-sided differences differ, and the gradient is one of them or between. That of a
   * bend is in proportion to h, that of a kink is not.
   */
  private boolean isKink(Line line, double analytic, double floor) {
    double h = SHARES[SHARES.length - 1] * step;
    double here = lossAt(line, 0);
    double right = (lossAt(line, h) - here) / h;
    double left = (here - lossAt(line, -h)) / h;
    double farRight = (lossAt(line, 4 * h) - here) / (4 * h);
    double farLeft = (here - lossAt(line, -4 * h)) / (4 * h);
    line.move(0);
    double slack = KINK * Math.max(floor, Math.max(Math.abs(left), Math.abs(right)));
    return relative(left, right, floor) > KINK
        && (right - left) / (farRight - farLeft) > BEND
        && Math.abs(left - right) * h > ROUNDINGS * rounding * Math.abs(here)
        && analytic > Math.min(left, right) - slack
        && analytic < Math.max(left, right) + slack;
  }

  private double lossAt(Line line, double distance) {
    line.move(distance);
    return loss.getAsDouble();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static Line entry(double[] variable, int index) {
    double value = variable[index];
    return distance -> variable[index] = distance == 0 ? value : value + distance;
  }

  /** A random vector of length 1 over entries that are not fixed. */
  private Map<String, double[]> direction(
      Iterable<String> names, Map<String, List<Integer>> without, SplittableRandom random) {
    Map<String, double[]> direction = new LinkedHashMap<>();
    double squares = 0;
    for (String name : names) {
      double[] part = new double[variables.get(name).length];
      for (int i = 0; i < part.length; i++) {
        part[i] = fixed.isFixed(name, i) ? 0 : random.nextDouble(-1, 1);
      }
      without.getOrDefault(name, List.of()).forEach(i -> part[i] = 0);
      squares += dot(part, part);
      direction.put(name, part);
    }
    double scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    direction.values().forEach(part -> Arrays.setAll(part, i -> scale * part[i]));
    return direction;
  }

  /** Along a vector, from where the variables are when it is made. */
  private final class Direction implements Line {
    private final Map<String, double[]> direction;
    private final Map<String, double[]> place = new LinkedHashMap<>();

    Direction(Map<String, double[]> direction) {
      this.direction = direction;
      direction.keySet().forEach(name -> place.put(name, variables.get(name).clone()));
    }

    @Override
    public void move(double distance) {
      direction.forEach(
          (name, part) -> {
            double[] from = place.get(name);
            double[] to = variables.get(name);
            for (int i = 0; i < to.length; i++) {
              to[i] = distance == 0 ? from[i] : from[i] + distance * part[i];
            }
          });
    }
  }
}
