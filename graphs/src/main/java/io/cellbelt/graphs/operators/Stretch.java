package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;

/**
 * The memory that the elements of a tensor lie in, as one row: what works element by element goes
 * over it whatever the order of the dimensions is, and over the gaps in it where they are small.
 *
 * @param x the tensor; its address is where the row starts
 * @param size elements of the row
 */
record Stretch(Operand x, int size) {
  /** A loop over so many times as many floats still takes no longer than a copy without gaps. */
  private static final long MOST_GAPS = 3;

  /** The row of an operand, or of a dense copy of it where its elements lie too far apart. */
  static Stretch of(Site site, Operand x) {
    long span = span(x.layout());
    return span >= 0 && span <= MOST_GAPS * x.size() + MOST_GAPS
        ? new Stretch(x, (int) span)
        : new Stretch(site.dense(x), x.size());
  }

  /** Elements from the first to the last; under 0 where a dimension runs back. */
  private static long span(Layout layout) {
    if (layout.size() == 0) {
      return 0;
    }
    long span = 1;
    for (int d = 0; d < layout.rank(); d++) {
      int stride = layout.shape()[d] == 1 ? 0 : layout.strides()[d];
      if (stride < 0) {
        return -1;
      }
      span += (long) stride * (layout.shape()[d] - 1);
    }
    return span;
  }

  /** Memory for a tensor of the same shape and order. */
  Operand fresh(Site site, ElementType type) {
    return site.scratch(type, size).view(new Layout(x.shape(), x.layout().strides(), 0));
  }
}
