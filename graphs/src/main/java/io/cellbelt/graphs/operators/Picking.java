package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Moves;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Operators that take elements by their indices. Indices that are known when a graph is made ready
 * become a view where they are regular, or else a table to copy by; others are read in a run.
 */
final class Picking {
  private Picking() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Gather" -> Operator.of(name, Picking::gather, "axis");
      case "GatherElements" -> Operator.of(name, Picking::gatherElements, "axis");
      case "GatherND" -> Operator.of(name, Picking::gatherTuples, "batch_dims");
      default -> throw Operators.unknown(name);
    };
  }

  private static void gather(Site site) {
    Operand x = site.in(0);
    Operand indices = indices(site);
    int axis = axis(site, x, 0);
    if (indices.isConstant()) {
      int[] positions =
          Arrays.stream(indices.value().longs())
              .mapToInt(index -> Spots.inside(site.node(), index, x.size(axis)))
              .toArray();
      site.out(0, along(site, x, axis, positions, indices.shape()));
      return;
    }
    Operand data = site.dense(x);
    Spots spots = Spots.along(site.node(), data.layout(), axis, indices.size());
    int[] rest = data.layout().without(axis).shape();
    pick(site, data, spots, indices, axis + 1, inserted(rest, axis, indices.shape()));
  }

  private static void gatherElements(Site site) {
    Operand indices = indices(site);
    Operand data = data(site, indices);
    int axis = axis(site, data, 0);
    Spots spots = Spots.elements(site, data.layout(), axis, indices);
    pick(site, data, spots, indices, data.rank(), indices.shape());
  }

  private static void gatherTuples(Site site) {
    Operand indices = indices(site);
    Operand data = data(site, indices);
    int batch = site.whole("batch_dims", 0);
    Spots spots = Spots.tuples(site, data.layout(), batch, indices);
    int last = indices.rank() - 1;
    int from = batch + indices.size(last);
    int[] shape = joined(Arrays.copyOf(indices.shape(), last), tail(data.shape(), from));
    pick(site, data, spots, indices, from, shape);
  }

  /** What is picked from: a table of known indices goes by any layout, a run by the usual one. */
  private static Operand data(Site site, Operand indices) {
    return indices.isConstant() ? site.in(0) : site.dense(site.in(0));
  }

  /** The attribute of that name, of a tensor that must have dimensions. */
  static int axis(Site site, Operand x, int otherwise) {
    if (x.rank() == 0) {
      throw site.refuse("it works along a dimension, but its input is a scalar.");
    }
    return site.axis(site.whole("axis", otherwise), x.rank());
  }

  /** The second input. */
  static Operand indices(Site site) {
    Operand indices = site.in(1);
    if (indices.storage() != Storage.LONG) {
      throw site.refuse("its indices are integers, but got " + indices + ".");
    }
    return indices;
  }

  private static int[] joined(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static int[] tail(int[] values, int from) {
    return Arrays.copyOfRange(values, from, values.length);
  }

  /**
   * Blocks of x, next to each other.
   *
   * @param from the first dimension that is within a block
   * @param shape of the result
   */
  private static void pick(
      Site site, Operand x, Spots spots, Operand indices, int from, int[] shape) {
    Layout layout = x.layout();
    Layout block = new Layout(tail(layout.shape(), from), tail(layout.strides(), from), 0);
    Operand y = site.scratch(x.type(), shape);
    if (indices.isConstant()) {
      site.gather(x, sums(spots.starts(indices.value().longs()), block.indices()), y);
    } else {
      run(site, x, spots, site.dense(indices), block.size(), y);
    }
    site.out(0, y);
  }

  private static void run(
      Site site, Operand x, Spots spots, Operand indices, int inner, Operand y) {
    long step = x.storage().bytes();
    long bytes = step * inner;
    site.run(
        memory -> {
          long from = x.at(memory);
          long by = indices.at(memory);
          long to = y.at(memory);
          for (int block = 0; block < spots.blocks(); block++, to += bytes) {
            move(from + step * spots.start(by, block), to, bytes);
          }
        },
        List.of(x, indices),
        List.of(y));
  }

  /** Copies some elements that lie together; a call for one element would cost more than it. */
  static void move(long from, long to, long bytes) {
    if (bytes == Float.BYTES) {
      Elements.setFloat(to, Elements.getFloat(from));
    } else if (bytes == Long.BYTES) {
      Elements.setLong(to, Elements.getLong(from));
    } else {
      Moves.copy(from, to, bytes / Float.BYTES);
    }
  }

  /**
   * Some indices of a dimension, which are in it, in the order of a shape of their own. Where each
   * is a start and a sum of steps, such as of windows that overlap, nothing is moved.
   */
  static Operand along(Site site, Operand x, int axis, int[] positions, int... shape) {
    Layout layout = x.layout();
    int[] steps = steps(positions, shape);
    if (steps != null && positions.length > 0) {
      Layout one = layout.picked(axis, positions[0]);
      int[] strides = Arrays.stream(steps).map(step -> step * layout.strides()[axis]).toArray();
      return x.view(
          new Layout(
              inserted(one.shape(), axis, shape),
              inserted(one.strides(), axis, strides),
              one.offset()));
    }
    int[][] all = new int[x.rank()][];
    all[axis] = positions;
    Operand y = grid(site, x, all);
    return site.reshaped(y, inserted(layout.without(axis).shape(), axis, shape));
  }

  private static int[] inserted(int[] values, int index, int[] more) {
    return joined(joined(Arrays.copyOf(values, index), more), tail(values, index));
  }

  /** By dimension, from one position to the next; null where that is not always the same. */
  private static int[] steps(int[] positions, int... shape) {
    int[] strides = Layout.dense(shape).strides();
    int[] steps = new int[shape.length];
    for (int d = 0; d < shape.length && positions.length > 0; d++) {
      steps[d] = shape[d] > 1 ? positions[strides[d]] - positions[0] : 0;
    }
    int first = positions.length == 0 ? 0 : positions[0];
    return Arrays.equals(new Layout(shape, steps, first).indices(), positions) ? steps : null;
  }

  /**
   * The elements at the crossings of some indices of each dimension: a view, or one copy.
   *
   * @param positions by dimension; null for all of it
   */
  static Operand grid(Site site, Operand x, int[][] positions) {
    Layout layout = x.layout();
    int[][] rest = new int[x.rank()][];
    boolean regular = true;
    for (int d = 0; d < rest.length; d++) {
      int[] some = positions[d];
      int[] step = some == null ? null : steps(some, some.length);
      if (step != null) {
        layout = layout.sliced(d, some.length == 0 ? 0 : some[0], some.length, step[0]);
      } else if (some != null) {
        regular = false;
        rest[d] = some;
      }
    }
    Operand part = x.view(layout);
    if (regular) {
      return part;
    }
    int[] shape = layout.shape().clone();
    for (int d = 0; d < rest.length; d++) {
      shape[d] = rest[d] == null ? shape[d] : rest[d].length;
    }
    Operand y = site.scratch(x.type(), shape);
    int[] sources = y.size() == 0 ? new int[0] : new int[1];
    for (int d = 0; d < rest.length; d++) {
      int stride = layout.strides()[d];
      int[] own = rest[d] == null ? IntStream.range(0, shape[d]).toArray() : rest[d];
      sources = sums(sources, Arrays.stream(own).map(position -> position * stride).toArray());
    }
    site.gather(part, sources, y);
    return y;
  }

  /** Each of a plus each of b, the latter faster. */
  static int[] sums(int[] a, int[] b) {
    int[] sums = new int[a.length * b.length];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = a[i / b.length] + b[i % b.length];
    }
    return sums;
  }
}
