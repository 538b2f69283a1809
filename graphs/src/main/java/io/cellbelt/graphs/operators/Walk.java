package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Layout;
import java.util.Arrays;

/**
 * How several layouts of one shape are walked through together: dimensions that all of them cross
 * in one stride are one. The last is what a kernel's inner loop takes, the one before its rows.
 */
final class Walk {
  private final int[] sizes;

  /** By layout, then by dimension. */
  private final int[][] steps;

  private Walk(int[] sizes, int[][] steps) {
    this.sizes = sizes;
    this.steps = steps;
  }

  static Walk of(Layout... layouts) {
    int[] shape = layouts[0].shape();
    int[] sizes = new int[shape.length + 2];
    int[][] steps = new int[layouts.length][shape.length + 2];
    // Filled from the back; one row of one element where there is nothing else.
    int first = sizes.length;
    for (int d = shape.length - 1; d >= 0; d--) {
      if (shape[d] == 1) {
        continue;
      }
      if (first < sizes.length && follows(layouts, steps, d, first, sizes[first])) {
        sizes[first] *= shape[d];
        continue;
      }
      first--;
      sizes[first] = shape[d];
      for (int i = 0; i < layouts.length; i++) {
        steps[i][first] = layouts[i].strides()[d];
      }
    }
    while (first > sizes.length - 2) {
      sizes[--first] = 1;
    }
    int from = first;
    int end = sizes.length;
    return new Walk(
        Arrays.copyOfRange(sizes, from, end),
        Arrays.stream(steps).map(all -> Arrays.copyOfRange(all, from, end)).toArray(int[][]::new));
  }

  private static boolean follows(Layout[] layouts, int[][] steps, int d, int first, int size) {
    for (int i = 0; i < layouts.length; i++) {
      if (layouts[i].strides()[d] != steps[i][first] * size) {
        return false;
      }
    }
    return true;
  }

  /** Elements of a row. */
  int inner() {
    return sizes[sizes.length - 1];
  }

  /** Elements from one of a row to the next, in a layout. */
  int innerStep(int layout) {
    return inner() == 1 ? 0 : steps[layout][sizes.length - 1];
  }

  /** Rows that follow each other. */
  int rows() {
    return sizes[sizes.length - 2];
  }

  /** Elements from one row to the next, in a layout. */
  int rowStep(int layout) {
    return steps[layout][sizes.length - 2];
  }

  /** Where an element of a row of a block lies in a layout, counted from its first element. */
  long at(int[][] starts, int layout, int block, int row, int element) {
    return starts[layout][block]
        + (long) row * rowStep(layout)
        + (long) element * innerStep(layout);
  }

  /** By layout, where each block of rows starts, counted from the layout's first element. */
  int[][] starts() {
    int outer = sizes.length - 2;
    int[] shape = Arrays.copyOf(sizes, outer);
    return Arrays.stream(steps)
        .map(all -> new Layout(shape, Arrays.copyOf(all, outer), 0).indices())
        .toArray(int[][]::new);
  }
}
