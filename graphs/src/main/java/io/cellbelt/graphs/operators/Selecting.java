package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Operators with as many results as values ask for, so that these must be known when a graph is
 * made ready.
 */
final class Selecting {
  private Selecting() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "NonZero" -> Operator.of(name, Selecting::nonZero);
      case "Compress" -> Operator.of(name, Selecting::compress, "axis");
      case "Unique" -> Operator.of(name, Selecting::unique, "axis", "sorted");
      default -> throw Operators.unknown(name);
    };
  }

  private static int[] nonZeros(Tensor tensor) {
    return IntStream.range(0, tensor.size()).filter(i -> tensor.doubleAt(i) != 0).toArray();
  }

  private static void nonZero(Site site) {
    Tensor x = site.known(0, "which elements are not zero");
    int[] found = nonZeros(x);
    int[] shape = x.shape();
    int[] strides = Layout.dense(shape).strides();
    long[] indices = new long[shape.length * found.length];
    for (int d = 0; d < shape.length; d++) {
      for (int i = 0; i < found.length; i++) {
        indices[d * found.length + i] = found[i] / strides[d] % shape[d];
      }
    }
    site.out(0, Tensor.of(indices, shape.length, found.length));
  }

  private static void compress(Site site) {
    Operand x = site.in(0);
    int[] chosen = nonZeros(site.known(1, "the condition"));
    Operand from = site.has("axis") ? x : site.reshaped(x, x.size());
    int axis = Picking.axis(site, from, 0);
    for (int index : chosen) {
      Spots.inside(site.node(), index, from.size(axis));
    }
    site.out(0, Picking.along(site, from, axis, chosen, chosen.length));
  }

  private static void unique(Site site) {
    Tensor x = site.known(0, "how many different elements there are");
    Operand from = site.has("axis") ? site.in(0) : site.reshaped(site.in(0), x.size());
    int axis = Picking.axis(site, from, 0);
    Along along = Along.of(from.shape(), axis);
    Comparator<Integer> order = order(x, along);
    TreeMap<Integer, List<Integer>> groups = new TreeMap<>(order);
    for (int i = 0; i < along.size(); i++) {
      groups.computeIfAbsent(i, key -> new ArrayList<>()).add(i);
    }
    List<List<Integer>> all = new ArrayList<>(groups.values());
    if (site.whole("sorted", 1) == 0) {
      all.sort(Comparator.comparing(List::getFirst));
    }
    int[] firsts = all.stream().mapToInt(List::getFirst).toArray();
    long[] inverse = new long[along.size()];
    for (int i = 0; i < all.size(); i++) {
      for (int member : all.get(i)) {
        inverse[member] = i;
      }
    }
    long[] counts = all.stream().mapToLong(List::size).toArray();
    site.out(0, Picking.along(site, from, axis, firsts, firsts.length));
    site.out(1, Tensor.of(Arrays.stream(firsts).asLongStream().toArray(), firsts.length));
    site.out(2, Tensor.of(inverse, inverse.length));
    site.out(3, Tensor.of(counts, counts.length));
  }

  /** Of what lies at two indices of a dimension, element by element. */
  private static Comparator<Integer> order(Tensor x, Along along) {
    long[] longs = x.type().storage() == Storage.LONG ? x.longs() : null;
    return (a, b) -> {
      for (int i = 0; i < along.rows(); i++) {
        int left = along.first(i) + a * along.inner();
        int right = along.first(i) + b * along.inner();
        int order =
            longs == null
                ? Order.compare(x.doubleAt(left), x.doubleAt(right))
                : Order.compare(x.type(), longs[left], longs[right]);
        if (order != 0) {
          return order;
        }
      }
      return 0;
    };
  }
}
