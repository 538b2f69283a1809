package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
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
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;

/** Operators that make one number of all along some dimensions. */
final class Reductions {
  /** Reduces, so that dimensions of size 1 are left. */
  @FunctionalInterface
  private interface Rule {
    Operand reduced(Site site, Operand x, boolean[] along);
  }

  private Reductions() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "ReduceSum" -> of(name, (site, x, along) -> reduce(site, x, along, Reduction.SUM));
      case "ReduceProd" -> of(name, (site, x, along) -> reduce(site, x, along, Reduction.PRODUCT));
      case "ReduceMax" -> of(name, (site, x, along) -> reduce(site, x, along, Reduction.MAXIMUM));
      case "ReduceMin" -> of(name, (site, x, along) -> reduce(site, x, along, Reduction.MINIMUM));
      case "ReduceL1" ->
          of(name, (site, x, along) -> reduce(site, x, along, Reduction.SUM_OF_MAGNITUDES));
      case "ReduceSumSquare" -> of(name, (site, x, along) -> squares(site, x, along));
      case "ReduceL2" -> of(name, Reductions::norm);
      case "ReduceMean" -> of(name, Reductions::mean);
      case "ReduceLogSum" -> of(name, Reductions::logSum);
      case "ReduceLogSumExp" -> of(name, Reductions::logSumExp);
      default -> throw Operators.unknown(name);
    };
  }

  private static Operator of(String name, Rule rule) {
    return Operator.of(name, site -> apply(site, rule), "axes", "keepdims", "noop_with_empty_axes");
  }

  private static void apply(Site site, Rule rule) {
    Operand x = site.in(0);
    boolean truths = x.type() == ElementType.BOOL;
    if (truths && !List.of("ReduceMax", "ReduceMin").contains(site.node().operator())) {
      throw site.refuse("it works on numbers, but got " + x + ".");
    }
    boolean[] along = along(site, x);
    Operand y = rule.reduced(site, x, along);
    if (site.whole("keepdims", 1) == 0) {
      Layout layout = y.layout();
      for (int d = along.length - 1; d >= 0; d--) {
        layout = along[d] ? layout.without(d) : layout;
      }
      y = y.view(layout);
    }
    if (y.isConstant() || IntStream.range(0, along.length).noneMatch(d -> along[d])) {
      site.out(0, y);
    } else {
      site.outRounded(0, y);
    }
  }

  private static boolean[] along(Site site, Operand x) {
    int[] axes = site.wholes("axes", 1);
    boolean[] along = new boolean[x.rank()];
    if (axes == null || axes.length == 0) {
      Arrays.fill(along, site.whole("noop_with_empty_axes", 0) == 0);
    } else {
      mark(site, along, axes);
    }
    return along;
  }

  /** Marks axes; a scalar has none, but may be said to have one. */
  static void mark(Site site, boolean[] along, int... axes) {
    for (int axis : axes) {
      int dimension = site.axis(axis, along.length);
      if (along.length > 0) {
        along[dimension] = true;
      }
    }
  }

  /** Reduces numbers of any type. */
  static Operand reduce(Site site, Operand x, boolean[] along, Reduction how) {
    return x.storage() == Storage.FLOAT && x.size() > 0
        ? FloatReductions.of(site, x, along, how)
        : scalar(site, x, along, how);
  }

  private static Operand squares(Site site, Operand x, boolean[] along) {
    return reduce(site, x, along, Reduction.SUM_OF_SQUARES);
  }

  private static Operand norm(Site site, Operand x, boolean[] along) {
    if (x.storage() == Storage.LONG) {
      return inDouble(site, x, along, Reductions::norm);
    }
    Operand sum = squares(site, x, along);
    return x.storage() == Storage.FLOAT
        ? Flat.floats(site, sum, Unary.SQUARE_ROOT::apply)
        : Flat.doubles(site, sum, Math::sqrt);
  }

  /** Integers as doubles; the fraction of the result is cut off. */
  private static Operand inDouble(Site site, Operand x, boolean[] along, Rule rule) {
    Operand y = rule.reduced(site, Casts.cast(site, x, ElementType.F64), along);
    return Casts.cast(site, y, x.type());
  }

  /** The mean; of integers, without its fraction. */
  static Operand mean(Site site, Operand x, boolean[] along) {
    int count =
        IntStream.range(0, x.rank()).map(d -> along[d] ? x.size(d) : 1).reduce(1, (a, b) -> a * b);
    if (x.storage() == Storage.LONG) {
      boolean unsigned = x.type() == ElementType.U64;
      // Sums may be out of the range of the type.
      Operand wide = unsigned ? x : Casts.cast(site, x, ElementType.I64);
      Operand sum = reduce(site, wide, along, Reduction.SUM);
      LongUnaryOperator share =
          unsigned ? value -> Long.divideUnsigned(value, count) : value -> value / count;
      Operand mean = Flat.longs(site, sum, count == 0 ? value -> 0 : share);
      return Casts.cast(site, mean, x.type());
    }
    Operand sum = reduce(site, x, along, Reduction.SUM);
    if (count == 1) {
      return sum;
    }
    Tensor divisor = Casts.converted(Tensor.of(new double[] {count}), x.type());
    return Arithmetic.divide(site, sum, site.constant(divisor));
  }

  private static Operand logSum(Site site, Operand x, boolean[] along) {
    return x.storage() == Storage.LONG
        ? inDouble(site, x, along, Reductions::logSum)
        : log(site, reduce(site, x, along, Reduction.SUM));
  }

  private static Operand log(Site site, Operand x) {
    return x.storage() == Storage.FLOAT
        ? Flat.floats(site, x, Unary.LOG::apply)
        : Flat.doubles(site, x, Math::log);
  }

  /** {@code m + log Σ e^(x - m)} with the largest m, so that nothing overflows. */
  private static Operand logSumExp(Site site, Operand x, boolean[] along) {
    if (x.storage() == Storage.LONG) {
      return inDouble(site, x, along, Reductions::logSumExp);
    }
    Operand largest = reduce(site, x, along, Reduction.MAXIMUM);
    // An infinite one would make NaN of the differences.
    Operand most = Flat.doubles(site, largest, value -> Double.isInfinite(value) ? 0 : value);
    Operand differences = Arithmetic.subtract(site, x, most);
    Operand powers =
        x.storage() == Storage.FLOAT
            ? Flat.floats(site, differences, Unary.EXP::apply)
            : Flat.doubles(site, differences, Math::exp);
    return Arithmetic.add(site, log(site, reduce(site, powers, along, Reduction.SUM)), most);
  }

  /** Element by element, in order; of nothing, what the reduction starts from. */
  private static Operand scalar(Site site, Operand x, boolean[] along, Reduction how) {
    int rank = x.rank();
    int[] order =
        IntStream.concat(
                IntStream.range(0, rank).filter(d -> !along[d]),
                IntStream.range(0, rank).filter(d -> along[d]))
            .toArray();
    int[] shape = IntStream.range(0, rank).map(d -> along[d] ? 1 : x.size(d)).toArray();
    Operand from = site.dense(x.view(x.layout().permuted(order)));
    Operand y = site.scratch(x.type(), shape);
    int count =
        IntStream.range(0, rank).filter(d -> along[d]).map(x::size).reduce(1, (a, b) -> a * b);
    long step = x.storage().bytes();
    int rows = y.size();
    site.run(
        memory -> {
          for (int row = 0; row < rows; row++) {
            long at = from.at(memory) + step * count * row;
            long to = y.at(memory) + step * row;
            if (x.storage() == Storage.LONG) {
              Elements.setLong(to, x.type().wrapped(whole(x.type(), how, at, count)));
            } else {
              Elements.set(x.storage(), to, real(x.storage(), how, at, count));
            }
          }
        },
        List.of(from),
        List.of(y));
    return y;
  }

  private static double real(Storage storage, Reduction how, long at, int count) {
    double result =
        switch (how) {
          case MAXIMUM -> Double.NEGATIVE_INFINITY;
          case MINIMUM -> Double.POSITIVE_INFINITY;
          case PRODUCT -> 1;
          default -> 0;
        };
    for (int i = 0; i < count; i++) {
      double x = Elements.get(storage, at + (long) storage.bytes() * i);
      result =
          switch (how) {
            case SUM -> result + x;
            case MAXIMUM -> Math.max(result, x);
            case MINIMUM -> Math.min(result, x);
            case PRODUCT -> result * x;
            case SUM_OF_SQUARES -> result + x * x;
            case SUM_OF_MAGNITUDES -> result + Math.abs(x);
          };
    }
    return result;
  }

  private static long whole(ElementType type, Reduction how, long at, int count) {
    // Unsigned numbers compare as signed ones where their highest bit is the other way round.
    long flip = type.isUnsigned() ? Long.MIN_VALUE : 0;
    long result =
        switch (how) {
          case MAXIMUM -> limit(type, false);
          case MINIMUM -> limit(type, true);
          case PRODUCT -> 1;
          default -> 0;
        };
    for (int i = 0; i < count; i++) {
      long x = Elements.getLong(at + (long) Long.BYTES * i);
      result =
          switch (how) {
            case SUM -> result + x;
            case MAXIMUM -> Math.max(result ^ flip, x ^ flip) ^ flip;
            case MINIMUM -> Math.min(result ^ flip, x ^ flip) ^ flip;
            case PRODUCT -> result * x;
            case SUM_OF_SQUARES -> result + x * x;
            case SUM_OF_MAGNITUDES -> result + (flip == 0 ? Math.abs(x) : x);
          };
    }
    return result;
  }

  /** The largest or smallest number of a type. */
  private static long limit(ElementType type, boolean largest) {
    if (type.isUnsigned() || type == ElementType.BOOL) {
      return largest ? type.wrapped(-1) : 0;
    }
    return largest
        ? Long.MAX_VALUE >> Long.SIZE - type.bits()
        : Long.MIN_VALUE >> Long.SIZE - type.bits();
  }
}
