package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Reduction;
import io.cellbelt.kernels.elementwise.Unary;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;

/** Operators that make one number of all along some dimensions. */
final class Reductions {
  /** How a number and the next become one, in each storage. */
  private record Rule(
      Reduction floats, double start, DoubleBinaryOperator doubles, LongBinaryOperator longs) {}

  private static final Rule SUM =
      new Rule(Reduction.SUM, 0, (sum, x) -> sum + x, (sum, x) -> sum + x);
  private static final Rule PRODUCT =
      new Rule(Reduction.PRODUCT, 1, (all, x) -> all * x, (all, x) -> all * x);
  private static final Rule MAXIMUM =
      new Rule(Reduction.MAXIMUM, Double.NEGATIVE_INFINITY, Math::max, Math::max);
  private static final Rule MINIMUM =
      new Rule(Reduction.MINIMUM, Double.POSITIVE_INFINITY, Math::min, Math::min);
  private static final Rule SQUARES =
      new Rule(Reduction.SUM_OF_SQUARES, 0, (sum, x) -> sum + x * x, (sum, x) -> sum + x * x);
  private static final Rule MAGNITUDES =
      new Rule(
          Reduction.SUM_OF_MAGNITUDES,
          0,
          (sum, x) -> sum + Math.abs(x),
          (sum, x) -> sum + Math.abs(x));

  static final List<Operator> ALL =
      List.of(
          of("ReduceSum", site -> reduce(site, SUM)),
          of("ReduceProd", site -> reduce(site, PRODUCT)),
          of("ReduceMax", site -> reduce(site, MAXIMUM)),
          of("ReduceMin", site -> reduce(site, MINIMUM)),
          of("ReduceL1", site -> reduce(site, MAGNITUDES)),
          of("ReduceSumSquare", site -> reduce(site, SQUARES)),
          of("ReduceL2", site -> root(site, reduce(site, SQUARES))),
          of("ReduceLogSum", site -> log(site, reduce(site, SUM))),
          of("ReduceLogSumExp", Reductions::logSumExp),
          of("ReduceMean", Reductions::mean));

  private interface Result {
    Operand of(Site site);
  }

  private Reductions() {}

  private static Operator of(String name, Result result) {
    return Operator.of(
        name,
        site -> {
          Operand x = site.in(0);
          boolean nothing = axes(site, x).isEmpty();
          if (nothing) {
            site.out(0, x);
          } else {
            site.outRounded(0, result.of(site));
          }
        },
        "axes",
        "keepdims",
        "noop_with_empty_axes");
  }

  private static Set<Integer> axes(Site site, Operand x) {
    int[] given = site.wholes("axes", 1);
    Set<Integer> axes = new TreeSet<>();
    if (given != null && given.length > 0) {
      Arrays.stream(given).forEach(axis -> axes.add(site.axis(axis, x.rank())));
    } else if (site.whole("noop_with_empty_axes", 0) == 0) {
      IntStream.range(0, x.rank()).forEach(axes::add);
    }
    return axes;
  }

  private static Operand reduce(Site site, Rule rule) {
    return reduce(site, rule, site.in(0));
  }

  private static Operand reduce(Site site, Rule rule, Operand x) {
    return along(site, rule, x, axes(site, x), site.whole("keepdims", 1) != 0);
  }

  /** Of x along axes, by a rule; dimensions of 1 are left of them, or nothing. */
  private static Operand along(Site site, Rule rule, Operand x, Set<Integer> axes, boolean keep) {
    // What stays comes first, what is reduced last.
    int[] order =
        IntStream.concat(
                IntStream.range(0, x.rank()).filter(d -> !axes.contains(d)),
                axes.stream().mapToInt(d -> d))
            .toArray();
    Layout ordered = x.layout().permuted(order);
    int kept = x.rank() - axes.size();
    int rows = product(ordered.shape(), 0, kept);
    int count = product(ordered.shape(), kept, x.rank());
    Operand y;
    if (x.storage() == Storage.FLOAT && count > 0 && rows > 0) {
      y = floats(site, rule, x.view(ordered), rows, count);
    } else {
      y = exact(site, rule, site.reshaped(x.view(ordered), rows, count));
    }
    int[] shape =
        IntStream.range(0, x.rank())
            .filter(d -> keep || !axes.contains(d))
            .map(d -> axes.contains(d) ? 1 : x.size(d))
            .toArray();
    return y.view(Layout.dense(shape));
  }

  private static int product(int[] sizes, int from, int to) {
    return Arrays.stream(sizes, from, to).reduce(1, (a, b) -> a * b);
  }

  /** {@code [rows, count]} to {@code [rows]}. */
  private static Operand floats(Site site, Rule rule, Operand x, int rows, int count) {
    Operand y = site.scratch(x.type(), rows);
    Layout layout = x.layout().reshaped(rows, count);
    if (layout != null && rows > 1 && layout.strides()[0] == 1 && layout.strides()[1] > 0) {
      Operand columns = x.view(layout);
      long step = (long) Float.BYTES * layout.strides()[1];
      site.run(
          memory -> rule.floats().columns(columns.at(memory), step, count, y.at(memory), rows),
          List.of(columns),
          List.of(y));
      return y;
    }
    boolean lies = layout != null && (count == 1 || layout.strides()[1] == 1);
    Operand source = lies ? x.view(layout) : site.reshaped(site.dense(x), rows, count);
    long step = (long) Float.BYTES * source.layout().strides()[0];
    site.run(
        memory -> rule.floats().rows(source.at(memory), step, count, rows, y.at(memory)),
        List.of(source),
        List.of(y));
    return y;
  }

  private static Operand exact(Site site, Rule rule, Operand x) {
    Operand dense = site.dense(x);
    int rows = x.size(0);
    int count = x.size(1);
    Operand y = site.scratch(x.type(), rows);
    long step = x.storage().bytes();
    boolean whole = x.storage() == Storage.LONG;
    site.run(
        memory -> {
          long from = dense.at(memory);
          for (int row = 0; row < rows; row++) {
            double real = rule.start();
            long integer =
                whole && count > 0 && isOrder(rule) ? Elements.getLong(from) : (long) real;
            for (int i = 0; i < count; i++, from += step) {
              if (whole) {
                integer = rule.longs().applyAsLong(integer, Elements.getLong(from));
              } else {
                real = rule.doubles().applyAsDouble(real, Elements.get(x.storage(), from));
              }
            }
            long to = y.at(memory) + step * row;
            if (whole) {
              Elements.setLong(to, y.type().wrapped(integer));
            } else {
              Elements.set(y.storage(), to, real);
            }
          }
        },
        List.of(dense),
        List.of(y));
    return y;
  }

  private static boolean isOrder(Rule rule) {
    return rule.floats() == Reduction.MAXIMUM || rule.floats() == Reduction.MINIMUM;
  }

  private static Operand root(Site site, Operand x) {
    return x.storage() == Storage.FLOAT
        ? Flat.floats(site, x, Unary.SQUARE_ROOT::apply)
        : Flat.doubles(site, x, Math::sqrt);
  }

  private static Operand log(Site site, Operand x) {
    return x.storage() == Storage.FLOAT
        ? Flat.floats(site, x, Unary.LOG::apply)
        : Flat.doubles(site, x, Math::log);
  }

  private static Operand mean(Site site) {
    Operand x = site.in(0);
    Operand sum = reduce(site, SUM);
    int count = sum.size() == 0 ? 1 : x.size() / sum.size();
    if (x.storage() == Storage.LONG) {
      return Flat.longs(site, sum, value -> count == 0 ? 0 : value / count);
    }
    Tensor divisor = Casts.converted(Tensor.of(new double[] {count}), x.type());
    return Arithmetic.divide(site, sum, site.constant(divisor.reshaped()));
  }

  private static Operand logSumExp(Site site) {
    Operand x = site.in(0);
    Set<Integer> axes = axes(site, x);
    Operand most = along(site, MAXIMUM, x, axes, true);
    // An infinite maximum would make NaN of the difference.
    Operand finite = Flat.doubles(site, most, value -> Double.isInfinite(value) ? 0 : value);
    Operand less = Arithmetic.subtract(site, x, finite);
    Operand powers =
        x.storage() == Storage.FLOAT
            ? Flat.floats(site, less, Unary.EXP::apply)
            : Flat.doubles(site, less, Math::exp);
    Operand sum = along(site, SUM, powers, axes, true);
    Operand result = Arithmetic.add(site, log(site, sum), finite);
    return site.whole("keepdims", 1) != 0
        ? result
        : site.reshaped(result, along(site, MAXIMUM, x, axes, false).shape());
  }
}
