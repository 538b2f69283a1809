package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Memory;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A tensor as rows, each made of the elements along some adjacent dimensions, and what becomes of
 * them, row by row. Nothing is moved where the elements of a row lie side by side in order.
 *
 * @param x the tensor, or a copy of it whose rows do
 * @param y memory of the same shape; its rows follow each other without gaps
 * @param floats elements of a row
 * @param walk through x and y by rows
 * @param perRow strides of a tensor with one number a row, in the order of the rows of y
 */
record RowWise(Operand x, Operand y, int floats, Walk walk, Layout perRow) {
  /** Rows that follow each other. */
  @FunctionalInterface
  interface Loop {
    /**
     * Works on some rows; those before them in y are done.
     *
     * @param x the first row, {@code xRow} bytes to the next
     * @param y the first row
     * @param first number of the first row in y
     */
    void run(Memory memory, long x, long xRow, long y, int rows, int first);
  }

  /** The rows along dimensions from one to before another. */
  static RowWise of(Site site, Operand operand, int from, int to) {
    Operand x = lies(operand.layout(), from, to) ? operand : moved(site, operand, from, to);
    List<Integer> outer =
        IntStream.range(0, x.rank())
            .filter(d -> d < from || d >= to)
            .boxed()
            .sorted(Comparator.comparingInt(d -> -Math.abs(x.layout().strides()[d])))
            .toList();
    List<Integer> order = new ArrayList<>(outer);
    IntStream.range(from, to).forEach(order::add);
    int[] strides = new int[x.rank()];
    int step = 1;
    for (int d : order.reversed()) {
      strides[d] = step;
      step *= Math.max(1, x.size(d));
    }
    Operand y = site.scratch(x.type(), x.size()).view(new Layout(x.shape(), strides, 0));
    int floats = IntStream.range(from, to).map(x::size).reduce(1, (a, b) -> a * b);
    int[] single = x.shape().clone();
    Arrays.fill(single, from, to, 1);
    int[] perRow = Arrays.stream(strides).map(stride -> stride / Math.max(1, floats)).toArray();
    return new RowWise(
        x,
        y,
        floats,
        Walk.of(part(x.layout(), outer), part(y.layout(), outer)),
        new Layout(single, perRow, 0));
  }

  private static Layout part(Layout layout, List<Integer> dimensions) {
    return new Layout(
        dimensions.stream().mapToInt(d -> layout.shape()[d]).toArray(),
        dimensions.stream().mapToInt(d -> layout.strides()[d]).toArray(),
        0);
  }

  private static boolean lies(Layout layout, int from, int to) {
    return new Layout(
            Arrays.copyOfRange(layout.shape(), from, to),
            Arrays.copyOfRange(layout.strides(), from, to),
            0)
        .isDense();
  }

  private static Operand moved(Site site, Operand x, int from, int to) {
    int[] order =
        IntStream.concat(
                IntStream.range(0, x.rank()).filter(d -> d < from || d >= to),
                IntStream.range(from, to))
            .toArray();
    int[] back = new int[order.length];
    for (int d = 0; d < order.length; d++) {
      back[order[d]] = d;
    }
    Operand dense = site.dense(x.view(x.layout().permuted(order)));
    return dense.view(dense.layout().permuted(back));
  }

  /** Number of rows. */
  int rows() {
    return perRow.size();
  }

  /**
   * Runs a loop over floats of all rows.
   *
   * @param reads what it reads besides x
   * @param writes what it writes besides y
   */
  void run(Site site, Loop loop, List<Operand> reads, List<Operand> writes) {
    if (x.size() == 0) {
      return;
    }
    int[][] starts = walk.starts();
    List<Operand> read = new ArrayList<>(List.of(x));
    read.addAll(reads);
    List<Operand> written = new ArrayList<>(List.of(y));
    written.addAll(writes);
    long xRow = (long) Float.BYTES * walk.innerStep(0);
    site.run(
        memory -> {
          long from = x.at(memory);
          long to = y.at(memory);
          for (int i = 0; i < starts[0].length; i++) {
            for (int r = 0; r < walk.rows(); r++) {
              int target = starts[1][i] + r * walk.rowStep(1);
              loop.run(
                  memory,
                  from + (long) Float.BYTES * (starts[0][i] + (long) r * walk.rowStep(0)),
                  xRow,
                  to + (long) Float.BYTES * target,
                  walk.inner(),
                  target / floats);
            }
          }
        },
        read,
        written);
  }
}
