package io.cellbelt.kernels.product;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.simd.Lanes;

/**
 * Matrix products on panels, at raw addresses: the caller has proved the sizes.
 *
 * <p>Every output is one chain of FMAs over k in increasing order, starting from what y holds. So a
 * row has the same bits whether it is computed alone or among others, and {@code y = b; y += x W; y
 * += h U} has them whether or not {@code x W} was done for many steps at once.
 */
public final class Products {
  /** Rows whose x stays in the cache while all panels pass over it. */
  private static final int ROW_BLOCK = 64;

  private Products() {}

  /**
   * {@code Y += X W}.
   *
   * @param x rows of {@code w.shape().inputs()} floats, {@code xRow} bytes apart
   * @param y rows of {@code w.shape().columns()} floats, {@code yRow} bytes apart, 64-byte aligned
   */
  public static void accumulate(long x, long xRow, int rows, PanelMatrix w, long y, long yRow) {
    int k = w.shape().inputs();
    int panels = w.shape().panels();
    long wStep = 2L * Lanes.BYTES;
    long panelBytes = k * wStep;
    int tiled = rows & -4;
    for (int block = 0; block < tiled; block += ROW_BLOCK) {
      int end = Math.min(tiled, block + ROW_BLOCK);
      for (int panel = 0; panel < panels; panel++) {
        long wPanel = w.address() + panel * panelBytes;
        long yPanel = y + panel * wStep;
        for (int row = block; row < end; row += 4) {
          Gemm.fourRows(
              x + row * xRow, xRow, Float.BYTES, wPanel, wStep, yPanel + row * yRow, yRow, k);
        }
      }
    }
    for (int row = tiled; row < rows; row++) {
      oneRow(
          x + row * xRow,
          Float.BYTES,
          w.address(),
          panelBytes,
          wStep,
          y + row * yRow,
          wStep,
          panels,
          k);
    }
  }

  /**
   * {@code W += Xᵀ G}: the sum over all rows of the outer product of a row of x and a row of g.
   *
   * <p>The same tiles as {@link #accumulate} with other strides: k runs over the rows, g plays the
   * matrix, four inputs of x play the four rows, and the panels of w are the outputs.
   *
   * @param x rows of {@code w.shape().inputs()} floats, {@code xRow} bytes apart
   * @param g rows of {@code w.shape().columns()} floats, {@code gRow} bytes apart, 64-byte aligned
   */
  public static void outer(long x, long xRow, long g, long gRow, int rows, PanelMatrix w) {
    int inputs = w.shape().inputs();
    int panels = w.shape().panels();
    long wRow = 2L * Lanes.BYTES;
    long panelBytes = inputs * wRow;
    int tiled = inputs & -4;
    for (int block = 0; block < rows; block += ROW_BLOCK) {
      int k = Math.min(ROW_BLOCK, rows - block);
      long xBlock = x + block * xRow;
      long gBlock = g + block * gRow;
      for (int panel = 0; panel < panels; panel++) {
        long wPanel = w.address() + panel * panelBytes;
        long gPanel = gBlock + panel * wRow;
        for (int i = 0; i < tiled; i += 4) {
          Gemm.fourRows(
              xBlock + (long) Float.BYTES * i,
              Float.BYTES,
              xRow,
              gPanel,
              gRow,
              wPanel + i * wRow,
              wRow,
              k);
        }
      }
      for (int i = tiled; i < inputs; i++) {
        oneRow(
            xBlock + (long) Float.BYTES * i,
            xRow,
            gBlock,
            wRow,
            gRow,
            w.address() + i * wRow,
            panelBytes,
            panels,
            k);
      }
    }
  }

  /** One row of y over all panels, four at a time; the last one stands in for missing ones. */
  private static void oneRow(
      long x, long xStep, long w, long wPanel, long wStep, long y, long yPanel, int panels, int k) {
    for (int panel = 0; panel < panels; panel += 4) {
      int last = panels - 1 - panel;
      int p1 = Math.min(1, last);
      int p2 = Math.min(2, last);
      int p3 = Math.min(3, last);
      Gemv.fourPanels(
          x,
          xStep,
          w + panel * wPanel,
          p1 * wPanel,
          p2 * wPanel,
          p3 * wPanel,
          wStep,
          y + panel * yPanel,
          p1 * yPanel,
          p2 * yPanel,
          p3 * yPanel,
          k);
    }
  }

  /** {@code y += row k of W}: the product with a one-hot x. */
  public static void accumulateRow(PanelMatrix w, int k, long y) {
    long wStep = 2L * Lanes.BYTES;
    RowLoops.add(
        w.address() + k * wStep,
        w.shape().inputs() * wStep,
        y,
        wStep,
        2 * Lanes.COUNT,
        w.shape().panels());
  }

  /** {@code row k of W += g}: the outer product with a one-hot x. */
  public static void outerRow(PanelMatrix w, int k, long g) {
    long wStep = 2L * Lanes.BYTES;
    RowLoops.add(
        g,
        wStep,
        w.address() + k * wStep,
        w.shape().inputs() * wStep,
        2 * Lanes.COUNT,
        w.shape().panels());
  }
}
