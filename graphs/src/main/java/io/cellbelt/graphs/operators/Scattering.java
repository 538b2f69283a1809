package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Moves;
import java.util.Arrays;
import java.util.List;

/** Operators that write where indices say. */
final class Scattering {
  /** What becomes of an element and an update of it. */
  private enum Reduction {
    NONE,
    ADD,
    MUL,
    MAX,
    MIN;

    private void apply(ElementType type, long element, long update) {
      if (type.storage() == Storage.LONG) {
        long value = longs(type, Elements.getLong(element), Elements.getLong(update));
        Elements.setLong(element, type.wrapped(value));
      } else {
        double old = Elements.get(type.storage(), element);
        double other = Elements.get(type.storage(), update);
        Elements.set(type.storage(), element, doubles(old, other));
      }
    }

    private long longs(ElementType type, long a, long b) {
      return switch (this) {
        case NONE -> b;
        case ADD -> a + b;
        case MUL -> a * b;
        case MAX -> Order.compare(type, a, b) < 0 ? b : a;
        case MIN -> Order.compare(type, a, b) > 0 ? b : a;
      };
    }

    private double doubles(double a, double b) {
      return switch (this) {
        case NONE -> b;
        case ADD -> a + b;
        case MUL -> a * b;
        case MAX -> Math.max(a, b);
        case MIN -> Math.min(a, b);
      };
    }
  }

  private Scattering() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Scatter" -> Operator.of(name, Scattering::scatterElements, "axis");
      case "ScatterElements" -> Operator.of(name, Scattering::scatterElements, "axis", "reduction");
      case "ScatterND" -> Operator.of(name, Scattering::scatterTuples, "reduction");
      case "OneHot" -> Operator.of(name, Scattering::oneHot, "axis");
      default -> throw Operators.unknown(name);
    };
  }

  private static void scatterElements(Site site) {
    Operand x = site.in(0);
    Operand indices = Picking.indices(site);
    int axis = Picking.axis(site, x, 0);
    Spots spots = Spots.elements(site, Layout.dense(x.shape()), axis, indices);
    scatter(site, spots, indices, 1, indices.shape());
  }

  private static void scatterTuples(Site site) {
    int[] data = site.in(0).shape();
    Operand indices = Picking.indices(site);
    Spots spots = Spots.tuples(site, Layout.dense(data), 0, indices);
    int last = indices.rank() - 1;
    int[] block = Arrays.copyOfRange(data, indices.size(last), data.length);
    int[] shape = Arrays.copyOf(indices.shape(), last + block.length);
    System.arraycopy(block, 0, shape, last, block.length);
    scatter(site, spots, indices, Layout.dense(block).size(), shape);
  }

  /**
   * Writes updates over a copy of the first input.
   *
   * @param inner elements of a block
   * @param shape that updates must have
   */
  private static void scatter(Site site, Spots spots, Operand indices, int inner, int[] shape) {
    Operand x = site.in(0);
    Operand updates = site.in(2);
    if (updates.type() != x.type() || !Arrays.equals(updates.shape(), shape)) {
      throw site.refuse(
          "its updates are "
              + x.type()
              + " "
              + Arrays.toString(shape)
              + ", but got "
              + updates
              + ".");
    }
    Reduction reduction = reduction(site);
    Operand y = site.scratch(x.type(), x.shape());
    site.copy(x, y);
    int[] starts = indices.isConstant() ? spots.starts(indices.value().longs()) : null;
    if (starts == null) {
      run(site, spots, site.dense(indices), site.dense(updates), inner, reduction, y);
    } else if (reduction == Reduction.NONE) {
      int[] targets = Picking.sums(starts, Layout.dense(inner).indices());
      site.scatter(updates, updates.layout().relativeIndices(), y, targets);
    } else {
      Operand source = site.dense(updates);
      long step = x.storage().bytes();
      site.run(
          memory -> {
            long from = source.at(memory);
            for (int start : starts) {
              long to = y.at(memory) + step * start;
              update(reduction, y.type(), from, to, inner);
              from += step * inner;
            }
          },
          List.of(y, source),
          List.of(y));
    }
    if (reduction == Reduction.NONE) {
      site.out(0, y);
    } else {
      site.outRounded(0, y);
    }
  }

  private static Reduction reduction(Site site) {
    String name = site.text("reduction", "none");
    return switch (name) {
      case "none" -> Reduction.NONE;
      case "add" -> Reduction.ADD;
      case "mul" -> Reduction.MUL;
      case "max" -> Reduction.MAX;
      case "min" -> Reduction.MIN;
      default -> throw site.refuse("a reduction is none, add, mul, max or min, not " + name + ".");
    };
  }

  private static void run(
      Site site,
      Spots spots,
      Operand indices,
      Operand updates,
      int inner,
      Reduction reduction,
      Operand y) {
    long step = y.storage().bytes();
    site.run(
        memory -> {
          long by = indices.at(memory);
          long from = updates.at(memory);
          for (int block = 0; block < spots.blocks(); block++) {
            long to = y.at(memory) + step * spots.start(by, block);
            if (reduction == Reduction.NONE) {
              Picking.move(from, to, step * inner);
            } else {
              update(reduction, y.type(), from, to, inner);
            }
            from += step * inner;
          }
        },
        List.of(y, indices, updates),
        List.of(y));
  }

  private static void update(
      Reduction reduction, ElementType type, long from, long to, int elements) {
    long step = type.storage().bytes();
    for (int i = 0; i < elements; i++) {
      reduction.apply(type, to + step * i, from + step * i);
    }
  }

  private static void oneHot(Site site) {
    Operand indices = site.dense(site.in(0));
    int depth = (int) site.known(1, "the depth").doubleAt(0);
    Operand values = site.dense(site.in(2));
    if (depth < 0 || values.size() != 2) {
      throw site.refuse(
          "its depth is 0 or more and there are two values, but got "
              + depth
              + " and "
              + values
              + ".");
    }
    int rank = indices.rank() + 1;
    int axis = site.axis(site.whole("axis", -1), rank);
    int[] shape = indices.layout().with(axis).shape();
    shape[axis] = depth;
    Along along = Along.of(shape, axis);
    Operand y = site.scratch(values.type(), shape);
    int size = y.size();
    long step = y.storage().bytes();
    // At first an index under 0 was one of those without an element.
    int lowest = site.version() < 11 ? 0 : -depth;
    site.run(
        memory -> {
          long off = values.at(memory);
          long to = y.at(memory);
          fill(off, to, step, size);
          for (int row = 0; row < along.rows(); row++) {
            long index = whole(indices, indices.at(memory), row);
            if (index >= lowest && index < depth) {
              int place = (int) (index < 0 ? index + depth : index);
              long element = along.first(row) + (long) along.inner() * place;
              Picking.move(off + step, to + step * element, step);
            }
          }
        },
        List.of(indices, values),
        List.of(y));
    site.out(0, y);
  }

  private static void fill(long value, long to, long step, int size) {
    if (step == Float.BYTES) {
      Moves.fill(to, size, Elements.getFloat(value));
      return;
    }
    long bits = Elements.getLong(value);
    for (int i = 0; i < size; i++) {
      Elements.setLong(to + step * i, bits);
    }
  }

  private static long whole(Operand indices, long address, int index) {
    long at = address + (long) indices.storage().bytes() * index;
    return indices.storage() == Storage.LONG
        ? Elements.getLong(at)
        : (long) Elements.get(indices.storage(), at);
  }
}
