package io.cellbelt.models.stacks;

import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.rewrite.Values;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the axes of a value mean, past nodes that only move elements about. An axis is a text of
 * letters, of which each is one meaning, the outermost first; an empty one has a single element.
 *
 * <p>The letters of an input are a, b, c, in the order of its axes. Of a recurrent node's output, d
 * is its directions and h its units.
 */
final class Axes {
  private final Map<String, Long> sizes;
  private final List<String> axes;

  private Axes(Map<String, Long> sizes, List<String> axes) {
    this.sizes = sizes;
    this.axes = List.copyOf(axes);
  }

  /**
   * The axes of an input.
   *
   * @param sizes of each, under 0 where it is open
   */
  static Axes of(List<Integer> sizes) {
    Map<String, Long> known = new HashMap<>();
    List<String> axes = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      String letter = String.valueOf((char) ('a' + i));
      known.put(letter, (long) sizes.get(i));
      axes.add(letter);
    }
    return new Axes(known, axes);
  }

  /** Others of which some letters are the same, and some have other sizes. */
  Axes with(List<String> other, Map<String, Integer> more) {
    Map<String, Long> known = new HashMap<>(sizes);
    more.forEach((letter, size) -> known.put(letter, (long) size));
    return new Axes(known, other);
  }

  List<String> list() {
    return axes;
  }

  int rank() {
    return axes.size();
  }

  /** The elements along an axis; under 0 where that is not known. */
  long size(String axis) {
    long product = 1;
    for (int i = 0; i < axis.length(); i++) {
      long size = sizes.getOrDefault(axis.substring(i, i + 1), -1L);
      if (size < 0) {
        return -1;
      }
      product *= size;
    }
    return product;
  }

  private Axes of(Node node, List<String> other) {
    Misfit.unless(!other.isEmpty(), node.describe() + " leaves no axis.");
    return new Axes(sizes, other);
  }

  private static Misfit unknown(Node node) {
    return new Misfit(node.describe() + " is none that a stack has there.");
  }

  /** Whether a node only moves elements about. */
  static boolean moves(Node node) {
    return Values.is(node, "Transpose", "Squeeze", "Unsqueeze", "Reshape", "Flatten");
  }

  /** The axes after a node that only moves elements about. */
  Axes after(Node node, Values values) {
    return switch (node.operator()) {
      case "Transpose" -> transposed(node, values);
      case "Squeeze" -> squeezed(node, values);
      case "Unsqueeze" -> unsqueezed(node, values);
      case "Flatten" -> flattened(node);
      case "Reshape" -> reshaped(node, values);
      default -> throw unknown(node);
    };
  }

  private Axes transposed(Node node, Values values) {
    long[] order = values.wholes(node, "perm", node.inputs().size());
    List<String> other = new ArrayList<>();
    for (int i = 0; i < rank(); i++) {
      other.add(axes.get(order == null ? rank() - 1 - i : index(node, order[i], rank())));
    }
    return of(node, other);
  }

  private static int index(Node node, long axis, int rank) {
    long index = axis < 0 ? axis + rank : axis;
    if (index < 0 || index >= rank) {
      throw unknown(node);
    }
    return (int) index;
  }

  private Axes squeezed(Node node, Values values) {
    long[] which = values.wholes(node, "axes", 1);
    if (which == null) {
      throw unknown(node);
    }
    List<String> other = new ArrayList<>(axes);
    for (long axis : which) {
      int index = index(node, axis, rank());
      Misfit.unless(axes.get(index).isEmpty(), node.describe() + " squeezes what is not 1.");
      other.set(index, null);
    }
    other.removeIf(axis -> axis == null);
    return of(node, other);
  }

  private Axes unsqueezed(Node node, Values values) {
    long[] which = values.wholes(node, "axes", 1);
    if (which == null) {
      throw unknown(node);
    }
    int rank = rank() + which.length;
    List<String> other = new ArrayList<>(Collections.nCopies(rank, null));
    for (long axis : which) {
      other.set(index(node, axis, rank), "");
    }
    int next = 0;
    for (int i = 0; i < rank; i++) {
      if (other.get(i) == null) {
        Misfit.unless(next < rank(), node.describe() + " names an axis twice.");
        other.set(i, axes.get(next++));
      }
    }
    return of(node, other);
  }

  private Axes flattened(Node node) {
    long axis = Values.whole(node, "axis", 1);
    long at = axis < 0 ? axis + rank() : axis;
    Misfit.unless(at >= 0 && at <= rank(), node.describe() + " has no such axis.");
    return of(
        node,
        List.of(
            String.join("", axes.subList(0, (int) at)),
            String.join("", axes.subList((int) at, rank()))));
  }

  /**
   * How many axes, from an index on or back from it, have so many elements together.
   *
   * @param step 1 or -1
   * @return under 0 where there are none such; 0 for a new axis of one element
   */
  private int count(int index, int step, int most, long elements) {
    for (int count = 1; count <= most; count++) {
      int end = index + step * count;
      if (size(joined(Math.min(index, end), Math.max(index, end))) == elements) {
        return count;
      }
      if (elements == 1) {
        return 0;
      }
    }
    return elements == 1 ? 0 : -1;
  }

  private String joined(int from, int to) {
    return String.join("", axes.subList(from, to));
  }

  /** Sizes that are told take axes from both ends; what is left over is the one that is not. */
  private Axes reshaped(Node node, Values values) {
    long[] shape = values.wholes(node, "shape", 1);
    if (shape == null || Values.whole(node, "allowzero", 0) != 0) {
      throw unknown(node);
    }
    List<String> left = new ArrayList<>();
    int from = 0;
    int i = 0;
    for (; i < shape.length && shape[i] >= 0; i++) {
      if (shape[i] == 0 && from != i) {
        throw unknown(node);
      }
      int count = shape[i] == 0 ? 1 : count(from, 1, rank() - from, shape[i]);
      Misfit.unless(
          count >= 0 && from + count <= rank(), node.describe() + " divides axes otherwise.");
      left.add(joined(from, from + count));
      from += count;
    }
    List<String> right = new ArrayList<>();
    int to = rank();
    for (int j = shape.length - 1; j > i; j--) {
      int count = shape[j] == 0 ? -1 : count(to, -1, to - from, shape[j]);
      Misfit.unless(count >= 0, node.describe() + " divides axes otherwise.");
      right.addFirst(joined(to - count, to));
      to -= count;
    }
    if (i < shape.length) {
      left.add(joined(from, to));
    } else {
      Misfit.unless(
          axes.subList(from, rank()).stream().allMatch(String::isEmpty),
          node.describe() + " divides axes otherwise.");
    }
    left.addAll(right);
    return of(node, left);
  }
}
