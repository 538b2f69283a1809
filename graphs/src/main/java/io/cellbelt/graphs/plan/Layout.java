package io.cellbelt.graphs.plan;

import io.cellbelt.kernels.checks.Sizes;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the elements of a tensor lie, counted in elements from the start of their memory, as in
 * NumPy: so that transposing, slicing, splitting and repeating move nothing.
 *
 * <p>Immutable: nobody writes to the arrays.
 *
 * @param shape sizes of the dimensions, the outermost first
 * @param strides elements from one index of a dimension to the next; 0 repeats, negative runs back
 * @param offset of the first element
 */
public record Layout(int[] shape, int[] strides, int offset) {
  /** Row-major, without gaps. */
  public static Layout dense(int... shape) {
    return new Layout(shape, denseStrides(shape), 0);
  }

  private static int[] denseStrides(int[] shape) {
    int[] strides = new int[shape.length];
    long step = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      strides[d] = (int) step;
      step *= Math.max(1, shape[d]);
    }
    return strides;
  }

  /** Number of dimensions. */
  public int rank() {
    return shape.length;
  }

  /** Number of elements. */
  public int size() {
    return Sizes.product("elements of a tensor", shape);
  }

  /** Whether the elements lie in row-major order without gaps, from the offset on. */
  public boolean isDense() {
    int step = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      if (shape[d] != 1 && strides[d] != step) {
        return size() == 0;
      }
      step *= shape[d];
    }
    return true;
  }

  /** The dimensions in another order: dimension d of the result is the d-th of the order. */
  public Layout permuted(int... order) {
    int[] sizes = new int[order.length];
    int[] steps = new int[order.length];
    for (int d = 0; d < order.length; d++) {
      sizes[d] = shape[order[d]];
      steps[d] = strides[order[d]];
    }
    return new Layout(sizes, steps, offset);
  }

  /** Some indices of a dimension: start, start + step, ... */
  public Layout sliced(int dimension, int start, int count, int step) {
    int[] sizes = shape.clone();
    int[] steps = strides.clone();
    sizes[dimension] = count;
    steps[dimension] *= step;
    int first = count == 0 ? offset : offset + start * strides[dimension];
    return new Layout(sizes, steps, first);
  }

  /** One index of a dimension, which disappears. */
  public Layout picked(int dimension, int index) {
    return sliced(dimension, index, 1, 1).without(dimension);
  }

  /** The same without a dimension of size 1. */
  public Layout without(int dimension) {
    return new Layout(remove(shape, dimension), remove(strides, dimension), offset);
  }

  /** The same with a dimension of size 1 more. */
  public Layout with(int dimension) {
    return new Layout(insert(shape, dimension, 1), insert(strides, dimension, 0), offset);
  }

  private static int[] remove(int[] values, int index) {
    int[] rest = new int[values.length - 1];
    System.arraycopy(values, 0, rest, 0, index);
    System.arraycopy(values, index + 1, rest, index, rest.length - index);
    return rest;
  }

  private static int[] insert(int[] values, int index, int value) {
    int[] more = new int[values.length + 1];
    System.arraycopy(values, 0, more, 0, index);
    more[index] = value;
    System.arraycopy(values, index, more, index + 1, values.length - index);
    return more;
  }

  /**
   * Repeated to a larger shape as operators with two operands do: dimensions are aligned at the
   * last, and those of size 1 repeat.
   */
  public Layout broadcast(int... larger) {
    int[] steps = new int[larger.length];
    int shift = larger.length - shape.length;
    for (int d = 0; d < shape.length; d++) {
      steps[shift + d] = shape[d] == larger[shift + d] ? strides[d] : 0;
    }
    return new Layout(larger, steps, offset);
  }

  /** The same elements in another shape where that needs no move, otherwise null. */
  public Layout reshaped(int... other) {
    if (isDense()) {
      return new Layout(other, denseStrides(other), offset);
    }
    int[] steps = new int[other.length];
    int to = other.length;
    int from = shape.length;
    while (from > 0) {
      // A group of old dimensions that can be walked in one stride, and the new ones it becomes.
      int last = from - 1;
      long size = shape[last];
      int stride = strides[last];
      from--;
      while (from > 0 && (shape[from - 1] == 1 || size == 1 || follows(from - 1, size * stride))) {
        stride = size == 1 ? strides[from - 1] : stride;
        size *= shape[--from];
      }
      long left = size;
      long step = stride;
      while (to > 0 && (left > 1 || from == 0) && left % other[to - 1] == 0) {
        to--;
        steps[to] = (int) step;
        step *= other[to];
        left /= other[to];
      }
      if (left != 1) {
        return null;
      }
    }
    while (to > 0 && other[to - 1] == 1) {
      to--;
    }
    return to == 0 ? new Layout(other, steps, offset) : null;
  }

  private boolean follows(int dimension, long step) {
    return strides[dimension] == step;
  }

  /** The offsets of all elements, in row-major order. */
  public int[] indices() {
    int[] all = new int[size()];
    if (all.length == 0) {
      return all;
    }
    int rank = shape.length;
    int[] index = new int[rank];
    int at = offset;
    for (int i = 0; i < all.length; i++) {
      all[i] = at;
      for (int d = rank - 1; d >= 0; d--) {
        at += strides[d];
        if (++index[d] < shape[d]) {
          break;
        }
        at -= strides[d] * shape[d];
        index[d] = 0;
      }
    }
    return all;
  }

  /** The dimensions as they lie in memory, the one with the largest steps first. */
  public int[] order() {
    return IntStream.range(0, rank())
        .boxed()
        .sorted(Comparator.comparingInt(d -> -Math.abs(strides[d])))
        .mapToInt(d -> d)
        .toArray();
  }

  /** Undoes {@link #permuted}. */
  public Layout unpermuted(int... order) {
    int[] back = new int[order.length];
    for (int d = 0; d < order.length; d++) {
      back[order[d]] = d;
    }
    return permuted(back);
  }

  /** The same, counted from the first element, whose address an operand's is. */
  public int[] relativeIndices() {
    int[] all = indices();
    for (int i = 0; i < all.length; i++) {
      all[i] -= offset;
    }
    return all;
  }

  /** Whether the elements fill a stretch of memory without gaps, in whatever order. */
  public boolean isPermuted() {
    List<Integer> order =
        IntStream.range(0, rank())
            .filter(d -> shape[d] != 1)
            .boxed()
            .sorted(Comparator.comparingInt(d -> strides[d]))
            .toList();
    int step = 1;
    for (int d : order) {
      if (strides[d] != step) {
        return false;
      }
      step *= shape[d];
    }
    return true;
  }

  /** The furthest offset that an element has. */
  public int end() {
    int end = offset;
    for (int d = 0; d < shape.length; d++) {
      end += Math.max(0, strides[d] * (shape[d] - 1));
    }
    return end;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Layout that
        && Arrays.equals(shape, that.shape)
        && Arrays.equals(strides, that.strides)
        && offset == that.offset;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(shape) + Arrays.hashCode(strides)) + offset;
  }

  @Override
  public String toString() {
    return Arrays.toString(shape) + " by " + Arrays.toString(strides) + " from " + offset;
  }
}
