package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Layout;
import java.util.Arrays;

/**
 * A dense tensor as rows along one of its dimensions.
 *
 * @param outer product of the sizes before the dimension
 * @param size of the dimension
 * @param inner product of the sizes behind it, which is the step from one element of a row to the
 *     next
 */
record Along(int outer, int size, int inner) {
  static Along of(int[] shape, int axis) {
    return new Along(
        Layout.dense(Arrays.copyOf(shape, axis)).size(),
        shape[axis],
        Layout.dense(Arrays.copyOfRange(shape, axis + 1, shape.length)).size());
  }

  int rows() {
    return outer * inner;
  }

  /** Which element of the tensor is the first one of a row. */
  int first(int row) {
    return row / inner * size * inner + row % inner;
  }

  /** Which element of a tensor that has one for each row, and others in that dimension. */
  int first(int row, int others) {
    return row / inner * others * inner + row % inner;
  }
}
