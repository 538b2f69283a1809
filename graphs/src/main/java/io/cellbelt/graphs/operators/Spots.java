package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.checks.Sizes;
import java.util.Arrays;

/**
 * Where indices point in a tensor. What they choose is blocks of it; each block has a tuple of
 * indices, and starts at a base plus each index times a stride. All but the indices is known when a
 * graph is made ready.
 */
final class Spots {
  private final Node node;

  /** By block, in elements from the first of the tensor. */
  private final int[] bases;

  /** By block, which index its tuple starts with. */
  private final int[] tuples;

  /** Of the dimensions that a tuple's indices are of. */
  private final int[] sizes;

  private final int[] strides;

  private Spots(Node node, int[] bases, int[] tuples, int[] sizes, int[] strides) {
    this.node = node;
    this.bases = bases;
    this.tuples = tuples;
    this.sizes = sizes;
    this.strides = strides;
  }

  /** All indices of one dimension, for each place in the dimensions before it. */
  static Spots along(Node node, Layout data, int axis, int indices) {
    int[] outer = front(data, axis).relativeIndices();
    int[] bases = new int[Sizes.product("indices in all", outer.length, indices)];
    int[] tuples = new int[bases.length];
    for (int i = 0; i < bases.length; i++) {
      bases[i] = outer[i / indices];
      tuples[i] = i % indices;
    }
    return new Spots(node, bases, tuples, part(data.shape(), axis), part(data.strides(), axis));
  }

  /** An index of one dimension for each element; the other dimensions are the element's own. */
  static Spots elements(Site site, Layout data, int axis, Operand indices) {
    int[] shape = indices.shape();
    boolean fits = shape.length == data.rank();
    for (int d = 0; fits && d < shape.length; d++) {
      fits = d == axis || shape[d] <= data.shape()[d];
    }
    if (!fits) {
      throw site.refuse(
          "its indices have as many dimensions as the "
              + Arrays.toString(data.shape())
              + " that they are of, and none but axis "
              + axis
              + " is larger, but got "
              + indices
              + ".");
    }
    int[] steps = data.strides().clone();
    steps[axis] = 0;
    int[] bases = new Layout(shape, steps, 0).indices();
    int[] tuples = new int[bases.length];
    Arrays.setAll(tuples, i -> i);
    return new Spots(
        site.node(), bases, tuples, part(data.shape(), axis), part(data.strides(), axis));
  }

  /** The last dimension of the indices holds tuples, of the dimensions behind the shared ones. */
  static Spots tuples(Site site, Layout data, int batch, Operand indices) {
    int rank = indices.rank();
    if (rank == 0 || batch < 0 || batch >= rank) {
      throw site.refuse(
          "its indices have a dimension of tuples behind "
              + batch
              + " shared dimensions, but got "
              + indices
              + ".");
    }
    int[] shape = indices.shape();
    int deep = shape[rank - 1];
    boolean fits = batch + deep <= data.rank();
    for (int d = 0; fits && d < batch; d++) {
      fits = shape[d] == data.shape()[d];
    }
    if (!fits) {
      throw site.refuse(
          "its indices "
              + indices
              + " have tuples of "
              + deep
              + ", which do not fit the "
              + Arrays.toString(data.shape())
              + " that they are of, with "
              + batch
              + " shared dimensions.");
    }
    int[] outer = front(data, batch).relativeIndices();
    int blocks = Layout.dense(Arrays.copyOf(shape, rank - 1)).size();
    int[] bases = new int[blocks];
    int[] tuples = new int[blocks];
    for (int i = 0; i < blocks; i++) {
      bases[i] = outer[(int) ((long) i * outer.length / blocks)];
      tuples[i] = i * deep;
    }
    return new Spots(
        site.node(),
        bases,
        tuples,
        Arrays.copyOfRange(data.shape(), batch, batch + deep),
        Arrays.copyOfRange(data.strides(), batch, batch + deep));
  }

  private static Layout front(Layout data, int dimensions) {
    return new Layout(
        Arrays.copyOf(data.shape(), dimensions), Arrays.copyOf(data.strides(), dimensions), 0);
  }

  private static int[] part(int[] values, int index) {
    return new int[] {values[index]};
  }

  /** Number of blocks. */
  int blocks() {
    return bases.length;
  }

  /** Where each block starts, by indices that are known. */
  int[] starts(long[] indices) {
    int[] starts = bases.clone();
    for (int block = 0; block < starts.length; block++) {
      for (int i = 0; i < sizes.length; i++) {
        starts[block] += strides[i] * inside(node, indices[tuples[block] + i], sizes[i]);
      }
    }
    return starts;
  }

  /**
   * Where a block starts, by indices of a run.
   *
   * @param indices address of the first
   * @throws IllegalArgumentException if an index is not in its dimension
   */
  long start(long indices, int block) {
    long start = bases[block];
    long tuple = indices + (long) Long.BYTES * tuples[block];
    for (int i = 0; i < sizes.length; i++) {
      long index = Elements.getLong(tuple + (long) Long.BYTES * i);
      start += (long) strides[i] * inside(node, index, sizes[i]);
    }
    return start;
  }

  /**
   * An index that may count from the end, counted from the start.
   *
   * @throws IllegalArgumentException if it is not in a dimension of that size
   */
  static int inside(Node node, long index, int size) {
    long inside = index < 0 ? index + size : index;
    if (inside < 0 || inside >= size) {
      throw new IllegalArgumentException(
          node.describe()
              + ": indices of a dimension of "
              + size
              + " are "
              + -size
              + " or more and under "
              + size
              + ", but one is "
              + index
              + ".");
    }
    return (int) inside;
  }
}
