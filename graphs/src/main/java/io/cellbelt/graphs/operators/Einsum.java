package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Einstein's sums: views of the operands, and one product of matrices for each further operand. */
final class Einsum {
  private Einsum() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Einsum" -> Operator.of(name, Einsum::sum, "equation");
      default -> throw Operators.unknown(name);
    };
  }

  /**
   * An operand whose dimensions have labels.
   *
   * @param labels one for each dimension, no two alike
   * @param isProduct whether it was calculated, and is no view of an input
   */
  private record Labelled(Operand operand, List<Integer> labels, boolean isProduct) {
    int size(int label) {
      int dimension = labels.indexOf(label);
      return dimension < 0 ? 1 : operand.size(dimension);
    }

    /** The dimensions of some labels in their order; those that it does not have are of size 1. */
    Operand arranged(List<Integer> wanted) {
      Layout layout = operand.layout();
      int[] shape = new int[wanted.size()];
      int[] strides = new int[wanted.size()];
      for (int d = 0; d < shape.length; d++) {
        int from = labels.indexOf(wanted.get(d));
        shape[d] = from < 0 ? 1 : layout.shape()[from];
        strides[d] = from < 0 ? 0 : layout.strides()[from];
      }
      return operand.view(new Layout(shape, strides, layout.offset()));
    }
  }

  private static void sum(Site site) {
    EinsumEquation equation = EinsumEquation.of(site);
    Labelled all = null;
    for (int i = 0; i < site.inputs(); i++) {
      Labelled next = labelled(site, site.in(i), equation.operands().get(i));
      List<Integer> later = new ArrayList<>(equation.output());
      equation.operands().subList(i + 1, site.inputs()).forEach(later::addAll);
      all = all == null ? kept(site, next, later) : product(site, all, next, later);
    }
    Operand y = all.arranged(equation.output());
    if (all.isProduct()) {
      site.outRounded(0, y);
    } else {
      site.out(0, y);
    }
  }

  /** A label that is there twice stands for the diagonal. */
  private static Labelled labelled(Site site, Operand operand, List<Integer> labels) {
    List<Integer> once = labels.stream().distinct().toList();
    int[] shape = new int[once.size()];
    int[] strides = new int[once.size()];
    for (int d = 0; d < labels.size(); d++) {
      int to = once.indexOf(labels.get(d));
      int size = operand.size(d);
      if (labels.indexOf(labels.get(d)) < d && shape[to] != size) {
        throw site.refuse("the diagonal of " + operand + " has two different sizes.");
      }
      shape[to] = size;
      strides[to] += operand.layout().strides()[d];
    }
    return new Labelled(
        operand.view(new Layout(shape, strides, operand.layout().offset())), once, false);
  }

  /** The sum over all dimensions that nobody asks for later. */
  private static Labelled kept(Site site, Labelled x, List<Integer> later) {
    return x.labels().stream().allMatch(later::contains)
        ? x
        : product(site, x, new Labelled(one(site, x.operand()), List.of(), false), later);
  }

  private static Operand one(Site site, Operand like) {
    return site.constant(Casts.converted(Tensor.of(new double[] {1}), like.type()).reshaped());
  }

  /**
   * The product of two operands, summed over what nobody asks for later: as matrices {@code [batch,
   * left, summed]} and {@code [batch, summed, right]}.
   */
  private static Labelled product(Site site, Labelled a, Labelled b, List<Integer> later) {
    if (a.operand().type() != b.operand().type()) {
      throw site.refuse(
          "its operands are of one type, but got " + a.operand() + " and " + b.operand() + ".");
    }
    List<Integer> batch = new ArrayList<>();
    List<Integer> left = new ArrayList<>();
    List<Integer> right = new ArrayList<>();
    List<Integer> summed = new ArrayList<>();
    List<Integer> labels = new ArrayList<>(a.labels());
    b.labels().stream().filter(label -> !labels.contains(label)).forEach(labels::add);
    for (int label : labels) {
      List<Integer> kind =
          !later.contains(label)
              ? summed
              : !b.labels().contains(label) ? left : a.labels().contains(label) ? batch : right;
      kind.add(label);
    }
    int[] batches = sizes(site, a, b, batch);
    int[] sums = sizes(site, a, b, summed);
    int[] lefts = sizes(site, a, b, left);
    int[] rights = sizes(site, a, b, right);
    Operand x = matrices(site, a, List.of(batch, left, summed), batches, lefts, sums);
    Operand w = matrices(site, b, List.of(batch, summed, right), batches, sums, rights);
    Operand y = Products.product(site, x, w);
    int[] shape = concat(concat(batches, lefts), rights);
    List<Integer> order = new ArrayList<>(batch);
    order.addAll(left);
    order.addAll(right);
    return new Labelled(site.reshaped(y, shape), order, true);
  }

  private static Operand matrices(
      Site site, Labelled x, List<List<Integer>> groups, int[] batch, int[] rows, int[] columns) {
    List<Integer> order = groups.stream().flatMap(List::stream).toList();
    int[] shape = concat(concat(batch, rows), columns);
    Operand repeated = site.broadcast(x.arranged(order), shape);
    return site.reshaped(repeated, size(batch), size(rows), size(columns));
  }

  private static int size(int[] sizes) {
    return Layout.dense(sizes).size();
  }

  private static int[] concat(int[] first, int[] last) {
    int[] all = Arrays.copyOf(first, first.length + last.length);
    System.arraycopy(last, 0, all, first.length, last.length);
    return all;
  }

  /** A dimension of size 1 is repeated. */
  private static int[] sizes(Site site, Labelled a, Labelled b, List<Integer> labels) {
    int[] sizes = new int[labels.size()];
    for (int i = 0; i < sizes.length; i++) {
      int ofA = a.size(labels.get(i));
      int ofB = b.size(labels.get(i));
      if (ofA != ofB && ofA != 1 && ofB != 1) {
        throw site.refuse(
            "a dimension has one size in all operands, but "
                + EinsumEquation.describe(labels.get(i))
                + " has "
                + ofA
                + " and "
                + ofB
                + ".");
      }
      sizes[i] = ofA == 1 ? ofB : ofA;
    }
    return sizes;
  }
}
