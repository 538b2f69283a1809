package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Kernels with one operand, element by element, over memory as it lies: the result lies in the same
 * order, gaps of padded rows included, so that nothing is moved for them.
 */
final class Flat {
  /** A loop over floats from one place to another; whole vectors may be written. */
  interface Loop {
    void run(long x, long y, int floats);
  }

  private Flat() {}

  /** {@code y = f(x)} of floats. */
  static Operand floats(Site site, Operand x, Loop loop) {
    Operand from = stretch(x.layout()) > 0 ? x : site.dense(x);
    int floats = Math.max(0, stretch(from.layout()));
    Operand y = like(site, from, x.type());
    site.run(memory -> loop.run(from.at(memory), y.at(memory), floats), List.of(from), List.of(y));
    return y;
  }

  /** Memory of its own that is laid out as an operand is. */
  static Operand like(Site site, Operand x, ElementType type) {
    int elements = Math.max(0, stretch(x.layout()));
    return site.scratch(type, elements)
        .view(new Layout(x.layout().shape(), x.layout().strides(), 0));
  }

  /**
   * Elements from the first to behind the last, where most of those between are the operand's; 0
   * where it is better copied.
   */
  static int stretch(Layout layout) {
    int size = layout.size();
    for (int d = 0; d < layout.rank(); d++) {
      if (layout.shape()[d] > 1 && layout.strides()[d] <= 0) {
        return 0;
      }
    }
    int stretch = size == 0 ? 0 : layout.end() - layout.offset() + 1;
    return stretch == size || stretch <= size + size / 2 && layout.isApart() ? stretch : 0;
  }

  /** {@code y = f(x)}, calculated in double. */
  static Operand doubles(Site site, Operand x, DoubleUnaryOperator function) {
    Operand from = site.dense(x);
    Operand y = site.scratch(x.type(), x.shape());
    int size = x.size();
    long step = x.storage().bytes();
    site.run(
        memory -> {
          long source = from.at(memory);
          long target = y.at(memory);
          for (int i = 0; i < size; i++, source += step, target += step) {
            double value = function.applyAsDouble(Elements.get(x.storage(), source));
            Elements.set(y.storage(), target, value);
          }
        },
        List.of(from),
        List.of(y));
    return y;
  }

  /** {@code y = f(x)} of integers, which stay in the range of their type. */
  static Operand longs(Site site, Operand x, LongUnaryOperator function) {
    Operand from = site.dense(x);
    Operand y = site.scratch(x.type(), x.shape());
    int size = x.size();
    site.run(
        memory -> {
          for (int i = 0; i < size; i++) {
            long value =
                function.applyAsLong(Elements.getLong(from.at(memory) + (long) Long.BYTES * i));
            Elements.setLong(y.at(memory) + (long) Long.BYTES * i, y.type().wrapped(value));
          }
        },
        List.of(from),
        List.of(y));
    return y;
  }
}
