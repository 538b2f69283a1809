package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.product.Products;
import java.util.List;

/** A product with a matrix whose columns are written into panels in every run. */
final class ColumnProduct {
  private ColumnProduct() {}

  /**
   * {@code Y = S + X W}.
   *
   * @param w elements of W, row-major {@code [k, columns]}, in whatever layout
   * @param x {@code [rows, k]}, dense
   * @param start S, rows of whole panels
   * @param y rows of whole panels
   */
  static void add(Site site, Operand w, int k, int columns, Operand x, Operand start, Operand y) {
    PanelShape shape = new PanelShape(k, 1, columns);
    Operand panels = site.scratch(w.type(), (int) shape.floats());
    int[] targets = new int[k * columns];
    for (int row = 0; row < k; row++) {
      for (int column = 0; column < columns; column++) {
        targets[row * columns + column] = (int) shape.index(row, column);
      }
    }
    site.scatter(w, w.layout().relativeIndices(), panels, targets);
    int rows = x.size(0);
    long xRow = (long) Float.BYTES * k;
    long yRow = (long) Float.BYTES * shape.columns();
    site.run(
        memory ->
            Products.add(
                x.at(memory),
                xRow,
                rows,
                shape,
                panels.at(memory),
                start.at(memory),
                yRow,
                y.at(memory),
                yRow),
        List.of(x, start, panels),
        List.of(y));
  }
}
