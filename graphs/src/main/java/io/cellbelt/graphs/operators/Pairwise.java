package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Kernel;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Binary;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/**
 * Kernels with two operands, element by element, of which either may be repeated. Dimensions that
 * all three tensors walk through in one stride are taken as one, so that what is left is rows.
 */
final class Pairwise {
  /** Rows shorter than this are not worth a call each: the repeated operand is written out. */
  private static final int SHORT_ROW = 8;

  private Pairwise() {}

  /** {@code y = a op b} of floats, in memory of its own; its strides may be those of an operand. */
  static Operand floats(Site site, Binary op, Operand a, Operand b) {
    int[] shape = Broadcasting.shape(site, a.shape(), b.shape());
    Operand left = site.broadcast(a, shape);
    Operand right = site.broadcast(b, shape);
    Operand flat = flat(site, op, left, right);
    return flat != null ? flat : rows(site, op, left, right);
  }

  /** Both in the same order in memory without gaps, or one of them a single number. */
  private static Operand flat(Site site, Binary op, Operand a, Operand b) {
    boolean single = isSingle(a.layout());
    boolean other = isSingle(b.layout());
    Layout order = (single ? b : a).layout();
    boolean same = single || other || Arrays.equals(a.layout().strides(), b.layout().strides());
    if (!same || !order.isPermuted()) {
      return null;
    }
    int floats = order.size();
    Operand y = site.scratch(a.type(), floats).view(new Layout(order.shape(), order.strides(), 0));
    site.run(
        memory ->
            op.apply(a.at(memory), 0, single, b.at(memory), 0, other, y.at(memory), 0, floats, 1),
        List.of(a, b),
        List.of(y));
    return y;
  }

  private static boolean isSingle(Layout layout) {
    for (int d = 0; d < layout.rank(); d++) {
      if (layout.shape()[d] != 1 && layout.strides()[d] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Row by row, in the order in which one of them lies in memory. */
  private static Operand rows(Site site, Binary op, Operand a, Operand b) {
    int[] order = (isRepeated(a.layout()) ? b : a).layout().order();
    Operand y = inOrder(site, a, order);
    if (y.size() == 0) {
      return y;
    }
    Walk walk =
        Walk.of(a.layout().permuted(order), b.layout().permuted(order), y.layout().permuted(order));
    boolean tooShort = walk.inner() < SHORT_ROW && y.size() > 2 * SHORT_ROW;
    if (mustCopy(a, y, walk.innerStep(0), tooShort)) {
      return floats(site, op, copy(site, a, order), b);
    }
    if (mustCopy(b, y, walk.innerStep(1), tooShort)) {
      return floats(site, op, a, copy(site, b, order));
    }
    site.run(kernel(op, a, b, y, walk), List.of(a, b), List.of(y));
    return y;
  }

  private static boolean isRepeated(Layout layout) {
    for (int d = 0; d < layout.rank(); d++) {
      if (layout.shape()[d] != 1 && layout.strides()[d] == 0) {
        return true;
      }
    }
    return false;
  }

  private static boolean mustCopy(Operand operand, Operand y, int innerStep, boolean tooShort) {
    boolean odd = innerStep != 0 && innerStep != 1;
    return odd || tooShort && !Arrays.equals(operand.layout().strides(), y.layout().strides());
  }

  private static Operand copy(Site site, Operand operand, int[] order) {
    Operand copy = inOrder(site, operand, order);
    site.copy(operand, copy);
    return copy;
  }

  /** Memory without gaps for a tensor of the same shape, with dimensions in an order. */
  private static Operand inOrder(Site site, Operand like, int[] order) {
    Operand memory = site.scratch(like.type(), like.layout().permuted(order).shape());
    return memory.view(memory.layout().unpermuted(order));
  }

  private static Kernel kernel(Binary op, Operand a, Operand b, Operand y, Walk walk) {
    boolean singleA = walk.innerStep(0) == 0;
    boolean singleB = walk.innerStep(1) == 0;
    int inner = walk.inner();
    int rows = walk.rows();
    long rowA = (long) Float.BYTES * walk.rowStep(0);
    long rowB = (long) Float.BYTES * walk.rowStep(1);
    long rowY = (long) Float.BYTES * walk.rowStep(2);
    int[][] starts = walk.starts();
    return memory -> {
      long fromA = a.at(memory);
      long fromB = b.at(memory);
      long toY = y.at(memory);
      for (int i = 0; i < starts[0].length; i++) {
        op.apply(
            fromA + (long) Float.BYTES * starts[0][i],
            rowA,
            singleA,
            fromB + (long) Float.BYTES * starts[1][i],
            rowB,
            singleB,
            toY + (long) Float.BYTES * starts[2][i],
            rowY,
            inner,
            rows);
      }
    };
  }

  /** {@code y = a op b} of integers, which stay in the range of their type. */
  static Operand longs(Site site, LongBinaryOperator op, Operand a, Operand b) {
    ElementType type = a.type();
    return repeated(
        site,
        (x, xStep, w, wStep, c, cStep, y, count) -> {
          for (int i = 0; i < count; i++) {
            long value =
                op.applyAsLong(Elements.getLong(x + i * xStep), Elements.getLong(w + i * wStep));
            Elements.setLong(y + (long) Long.BYTES * i, type.wrapped(value));
          }
        },
        a,
        b);
  }

  /** {@code y = a op b}, calculated in double; the types of a and b may differ. */
  static Operand doubles(Site site, DoubleBinaryOperator op, Operand a, Operand b) {
    Storage storage = a.storage();
    Storage other = b.storage();
    return repeated(
        site,
        (x, xStep, w, wStep, c, cStep, y, count) -> {
          for (int i = 0; i < count; i++) {
            double value =
                op.applyAsDouble(
                    Elements.get(storage, x + i * xStep), Elements.get(other, w + i * wStep));
            Elements.set(storage, y + (long) storage.bytes() * i, value);
          }
        },
        a,
        b);
  }

  private static Operand repeated(Site site, Rows.Loop loop, Operand a, Operand b) {
    int[] shape = Broadcasting.shape(site, a.shape(), b.shape());
    Operand y = site.scratch(a.type(), shape);
    Operand right = site.broadcast(b, shape);
    Rows.run(site, loop, site.broadcast(a, shape), right, right, y);
    return y;
  }
}
