package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.List;

/** Operators that look for the largest or smallest elements of rows. */
final class Ranking {
  /**
   * Which elements of a row come first.
   *
   * @param step bytes from one element to the next
   * @param largest whether large ones do
   */
  private record Rank(ElementType type, long step, boolean largest) {
    /** Under 0 if the first of two elements comes before the second. */
    int compare(long row, long i, long j) {
      int order = Order.compareAt(type, row + step * i, row + step * j);
      return largest ? -order : order;
    }

    /** Of two equal ones the one with the lower index comes first. */
    boolean isBefore(long row, long i, long j) {
      int order = compare(row, i, j);
      return order < 0 || order == 0 && i < j;
    }
  }

  private Ranking() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "TopK" -> Operator.of(name, Ranking::topK, "k", "axis", "largest", "sorted");
      case "ArgMax" ->
          Operator.of(name, site -> best(site, true), "axis", "keepdims", "select_last_index");
      case "ArgMin" ->
          Operator.of(name, site -> best(site, false), "axis", "keepdims", "select_last_index");
      default -> throw Operators.unknown(name);
    };
  }

  private static void best(Site site, boolean largest) {
    Operand x = site.dense(site.in(0));
    int axis = Picking.axis(site, x, 0);
    Along along = Along.of(x.shape(), axis);
    if (along.size() == 0) {
      throw site.refuse("axis " + axis + " of " + x + " is empty, so that it has no best element.");
    }
    boolean last = site.whole("select_last_index", 0) != 0;
    int[] shape = x.shape().clone();
    shape[axis] = 1;
    Operand y = site.scratch(ElementType.I64, shape);
    long step = x.storage().bytes();
    // NaN is the best element to both, as it is in NumPy.
    boolean floating = x.type().isFloating();
    Rank rank = new Rank(x.type(), step * along.inner(), largest);
    site.run(
        memory -> {
          long to = y.at(memory);
          for (int i = 0; i < along.rows(); i++, to += Long.BYTES) {
            long row = x.at(memory) + step * along.first(i);
            int best = floating ? nan(rank, row, along.size(), last) : -1;
            Elements.setLong(to, best < 0 ? best(rank, row, along.size(), last) : best);
          }
        },
        List.of(x),
        List.of(y));
    boolean keep = site.whole("keepdims", 1) != 0;
    site.out(0, keep ? y : y.view(y.layout().without(axis)));
  }

  private static int nan(Rank rank, long row, int size, boolean last) {
    int found = -1;
    for (int i = 0; i < size && (last || found < 0); i++) {
      found = Double.isNaN(Elements.get(rank.type().storage(), row + rank.step() * i)) ? i : found;
    }
    return found;
  }

  private static int best(Rank rank, long row, int size, boolean last) {
    int best = 0;
    for (int i = 1; i < size; i++) {
      int order = rank.compare(row, i, best);
      best = order < 0 || last && order == 0 ? i : best;
    }
    return best;
  }

  private static void topK(Site site) {
    Operand x = site.dense(site.in(0));
    int axis = Picking.axis(site, x, -1);
    Along along = Along.of(x.shape(), axis);
    int[] given = site.wholes("k", 1);
    int k = given == null || given.length != 1 ? -1 : given[0];
    if (k < 0 || k > along.size()) {
      throw site.refuse(
          "k is a number of elements of axis " + axis + " of " + x + ", but got " + k + ".");
    }
    int[] shape = x.shape().clone();
    shape[axis] = k;
    Operand values = site.scratch(x.type(), shape);
    Operand indices = site.scratch(ElementType.I64, shape);
    Operand heaps = site.scratch(ElementType.I64, k);
    long step = x.storage().bytes();
    long inner = along.inner();
    Rank rank = new Rank(x.type(), step * inner, site.whole("largest", 1) != 0);
    site.run(
        memory -> {
          long heap = heaps.at(memory);
          for (int i = 0; k > 0 && i < along.rows(); i++) {
            long row = x.at(memory) + step * along.first(i);
            sort(rank, row, along.size(), heap, k);
            for (int j = 0; j < k; j++) {
              long index = get(heap, j);
              long place = along.first(i, k) + j * inner;
              Picking.move(row + rank.step() * index, values.at(memory) + step * place, step);
              Elements.setLong(indices.at(memory) + Long.BYTES * place, index);
            }
          }
        },
        List.of(x),
        List.of(values, indices, heaps));
    site.out(0, values);
    site.out(1, indices);
  }

  /** Leaves the indices of the first k elements of a row in a heap's memory, in order. */
  private static void sort(Rank rank, long row, int size, long heap, int k) {
    for (int i = 0; i < k; i++) {
      set(heap, i, i);
    }
    // The one that comes last of those kept is at the top.
    for (int i = k / 2 - 1; i >= 0; i--) {
      sink(rank, row, heap, i, k);
    }
    for (int i = k; i < size; i++) {
      if (rank.isBefore(row, i, get(heap, 0))) {
        set(heap, 0, i);
        sink(rank, row, heap, 0, k);
      }
    }
    for (int rest = k - 1; rest > 0; rest--) {
      long last = get(heap, 0);
      set(heap, 0, get(heap, rest));
      set(heap, rest, last);
      sink(rank, row, heap, 0, rest);
    }
  }

  private static void sink(Rank rank, long row, long heap, int from, int size) {
    long index = get(heap, from);
    int at = from;
    for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && rank.isBefore(row, get(heap, child), get(heap, child + 1))) {
        child++;
      }
      if (!rank.isBefore(row, index, get(heap, child))) {
        break;
      }
      set(heap, at, get(heap, child));
      at = child;
    }
    set(heap, at, index);
  }

  private static long get(long heap, int index) {
    return Elements.getLong(heap + (long) Long.BYTES * index);
  }

  private static void set(long heap, int index, long value) {
    Elements.setLong(heap + (long) Long.BYTES * index, value);
  }
}
