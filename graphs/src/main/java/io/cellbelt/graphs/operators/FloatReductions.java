package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Kernel;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Reduction;
import io.cellbelt.kernels.elementwise.Unary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Reductions of floats along some dimensions, in passes over memory as it lies: each makes one
 * number of rows, or one row of several, and nothing is moved for it.
 */
final class FloatReductions {
  private FloatReductions() {}

  /**
   * What x becomes; dimensions along which it is reduced are 1.
   *
   * @param x one element or more
   * @param along for each dimension, whether x is reduced along it
   */
  static Operand of(Site site, Operand x, boolean[] along, Reduction how) {
    Operand y = x;
    Reduction next = how;
    while (IntStream.range(0, along.length).anyMatch(isLeft(y, along))) {
      y = pass(site, apart(site, y), along, next);
      next = isSum(how) ? Reduction.SUM : how;
    }
    return y == x ? ofNone(site, x, how) : y;
  }

  private static IntPredicate isLeft(Operand y, boolean[] along) {
    return d -> along[d] && y.size(d) > 1;
  }

  private static boolean isSum(Reduction how) {
    return how == Reduction.SUM_OF_SQUARES || how == Reduction.SUM_OF_MAGNITUDES;
  }

  private static Operand ofNone(Site site, Operand x, Reduction how) {
    return switch (how) {
      case SUM_OF_SQUARES -> Flat.floats(site, x, Unary.SQUARE::apply);
      case SUM_OF_MAGNITUDES -> Flat.floats(site, x, Unary.ABSOLUTE::apply);
      default -> x;
    };
  }

  /** Where one dimension has all elements side by side, and none repeats or runs back. */
  private static Operand apart(Site site, Operand x) {
    List<Integer> order = order(x.layout());
    boolean forward = order.stream().allMatch(d -> x.layout().strides()[d] > 0);
    return forward && x.layout().strides()[order.getLast()] == 1 ? x : site.dense(x);
  }

  /** Dimensions with more than one index, the furthest apart first. */
  private static List<Integer> order(Layout layout) {
    return IntStream.range(0, layout.rank())
        .filter(d -> layout.shape()[d] > 1)
        .boxed()
        .sorted(Comparator.comparingInt(d -> -layout.strides()[d]))
        .toList();
  }

  private static Operand pass(Site site, Operand x, boolean[] along, Reduction how) {
    List<Integer> order = new ArrayList<>(order(x.layout()));
    List<Integer> inner = adjacent(x.layout(), order, order.size() - 1, along);
    order.removeAll(inner);
    if (along[inner.getFirst()]) {
      return rows(site, x, order, inner, how);
    }
    int last = order.size() - 1;
    while (!along[order.get(last)]) {
      last--;
    }
    List<Integer> reduced = adjacent(x.layout(), order, last, along);
    order.removeAll(reduced);
    return columns(site, x, order, reduced, inner, how);
  }

  /** Dimensions that can be walked in one stride, up to the one at an index of the order. */
  private static List<Integer> adjacent(
      Layout layout, List<Integer> order, int index, boolean[] along) {
    int first = index;
    int dimension = order.get(index);
    while (first > 0) {
      int inside = order.get(first);
      int outside = order.get(first - 1);
      boolean follows =
          layout.strides()[outside] == layout.strides()[inside] * layout.shape()[inside];
      if (!follows || along[outside] != along[dimension]) {
        break;
      }
      first--;
    }
    return List.copyOf(order.subList(first, index + 1));
  }

  /** Each row becomes a number. */
  private static Operand rows(
      Site site, Operand x, List<Integer> outer, List<Integer> inner, Reduction how) {
    Operand y = fresh(site, x, outer, List.of());
    int floats = size(x, inner);
    Walk walk = walk(x, y, outer);
    int[][] starts = walk.starts();
    long rowStep = (long) Float.BYTES * walk.innerStep(0);
    Kernel kernel =
        memory -> {
          long from = x.at(memory);
          long to = y.at(memory);
          for (int i = 0; i < starts[0].length; i++) {
            for (int r = 0; r < walk.rows(); r++) {
              how.rows(
                  from + (long) Float.BYTES * (starts[0][i] + (long) r * walk.rowStep(0)),
                  rowStep,
                  floats,
                  walk.inner(),
                  to + (long) Float.BYTES * (starts[1][i] + (long) r * walk.rowStep(1)));
            }
          }
        };
    site.run(kernel, List.of(x), List.of(y));
    return y;
  }

  /** Several rows become one. */
  private static Operand columns(
      Site site,
      Operand x,
      List<Integer> outer,
      List<Integer> reduced,
      List<Integer> inner,
      Reduction how) {
    Operand y = fresh(site, x, outer, inner);
    int floats = size(x, inner);
    int count = size(x, reduced);
    long step = (long) Float.BYTES * x.layout().strides()[reduced.getLast()];
    // Up to 15 floats behind a row are written, so rows are written in their order.
    int[] starts = part(x, outer).indices();
    Kernel kernel =
        memory -> {
          long from = x.at(memory);
          long to = y.at(memory);
          for (int i = 0; i < starts.length; i++) {
            how.columns(
                from + (long) Float.BYTES * starts[i],
                step,
                count,
                to + (long) Float.BYTES * i * floats,
                floats);
          }
        };
    site.run(kernel, List.of(x), List.of(y));
    return y;
  }

  private static int size(Operand x, List<Integer> dimensions) {
    return dimensions.stream().mapToInt(x::size).reduce(1, (a, b) -> a * b);
  }

  /** Memory for what has only some dimensions of x left, in the order in which they lie. */
  private static Operand fresh(Site site, Operand x, List<Integer> outer, List<Integer> inner) {
    List<Integer> kept = new ArrayList<>(outer);
    kept.addAll(inner);
    int[] shape = new int[x.rank()];
    Arrays.fill(shape, 1);
    int[] strides = new int[x.rank()];
    int step = 1;
    for (int d : kept.reversed()) {
      shape[d] = x.size(d);
      strides[d] = step;
      step *= x.size(d);
    }
    return site.scratch(x.type(), step).view(new Layout(shape, strides, 0));
  }

  private static Walk walk(Operand x, Operand y, List<Integer> dimensions) {
    return Walk.of(part(x, dimensions), part(y, dimensions));
  }

  private static Layout part(Operand operand, List<Integer> dimensions) {
    return new Layout(
        dimensions.stream().mapToInt(operand::size).toArray(),
        dimensions.stream().mapToInt(d -> operand.layout().strides()[d]).toArray(),
        0);
  }
}
