package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.product.Panels;
import io.cellbelt.kernels.product.Products;
import java.util.List;

/**
 * Products of float matrices on panels: {@code Y = S + X W}, with what the sums start from. Rows of
 * the result are padded to whole panels, and what reads it strides over that.
 */
final class Linear {
  private Linear() {}

  /** A matrix product with W packed once, where it is constant, or in every run. */
  record Weights(Operand w, PanelMatrix packed, PanelShape shape, Operand panels) {
    /** W is {@code [K, N]} in any layout. */
    static Weights of(Site site, Operand w) {
      PanelShape shape = new PanelShape(w.size(0), 1, w.size(1));
      if (w.isConstant()) {
        PanelMatrix packed = site.panels(w, "table", shape, () -> w.value().floats());
        return new Weights(w, packed, shape, null);
      }
      Operand panels = site.scratch(ElementType.F32, (int) shape.floats());
      boolean columns = w.layout().strides()[0] == 1 && w.size(0) > 1;
      Operand source = columns || rowsLieWell(w) ? w : site.dense(w);
      long step = (long) Float.BYTES * source.layout().strides()[columns ? 1 : 0];
      site.run(
          columns
              ? memory ->
                  Panels.packColumns(
                      source.at(memory), step, shape.inputs(), shape.blockSize(), panels.at(memory))
              : memory ->
                  Panels.packRows(
                      source.at(memory),
                      step,
                      shape.inputs(),
                      shape.blockSize(),
                      panels.at(memory)),
          List.of(source),
          List.of(panels));
      return new Weights(source, null, shape, panels);
    }
  }

  private static boolean rowsLieWell(Operand matrix) {
    int[] strides = matrix.layout().strides();
    return (matrix.size(1) == 1 || strides[1] == 1) && strides[0] >= 0;
  }

  /**
   * {@code Y = S + X W}.
   *
   * @param x {@code [rows, K]}
   * @param w {@code [K, N]}
   * @param bias {@code [N]}, or null for zeros
   * @return {@code [rows, N]}, rows padded
   */
  static Operand product(Site site, Operand x, Operand w, Operand bias) {
    return product(site, x, Weights.of(site, w), bias);
  }

  static Operand product(Site site, Operand x, Weights weights, Operand bias) {
    PanelShape shape = weights.shape();
    int rows = x.size(0);
    int columns = shape.columns();
    Operand rowsOfX = rowsLieWell(x) ? x : site.dense(x);
    Operand start = start(site, bias, shape.blockSize(), columns);
    Operand y = site.scratchPadded(x.type(), columns, rows, shape.blockSize());
    long xRow = (long) Float.BYTES * rowsOfX.layout().strides()[0];
    long yRow = (long) Float.BYTES * columns;
    if (rows == 0) {
      return y;
    }
    PanelMatrix packed = weights.packed();
    Operand panels = weights.panels();
    site.run(
        memory ->
            Products.add(
                rowsOfX.at(memory),
                xRow,
                rows,
                shape,
                packed == null ? panels.at(memory) : packed.address(),
                start.at(memory),
                0,
                y.at(memory),
                yRow),
        packed == null ? List.of(rowsOfX, start, panels) : List.of(rowsOfX, start),
        List.of(y));
    return y;
  }

  /** What sums start from: a whole row, zeros behind the bias. */
  private static Operand start(Site site, Operand bias, int size, int columns) {
    if (bias == null) {
      return site.constant(Tensor.of(new float[columns], columns));
    }
    if (bias.isConstant()) {
      float[] row = new float[columns];
      System.arraycopy(bias.value().floats(), 0, row, 0, size);
      return site.constant(Tensor.of(row, columns));
    }
    Operand row = site.scratch(ElementType.F32, columns);
    Operand zeros = site.constant(Tensor.of(new float[columns], columns));
    site.copy(zeros, row);
    site.copy(bias, row.view(Layout.dense(size)));
    return row;
  }
}
