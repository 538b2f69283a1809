package io.cellbelt.kernels.product;

import static io.cellbelt.kernels.PanelShape.WIDTH;

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
  /** Bytes of a panel from one k to the next. */
  private static final long STEP = (long) Float.BYTES * WIDTH;

  /** Vectors of 512 bits come with 32 registers, and four of them are as wide as a panel. */
  private static final boolean WIDE = 4 * Lanes.BYTES == STEP;

  private static final long FOUR_VECTORS = 4L * Lanes.BYTES;

  private static final int TILE_ROWS = WIDE ? 4 : 6;
  private static final long TILE_BYTES = (WIDE ? 4L : 2L) * Lanes.BYTES;

  /** Rows whose x stays in the L2 cache while all panels pass over it; a multiple of both tiles. */
  private static final int ROW_BLOCK = 96;

  /** Steps of k over which a panel stays in the L1 cache while all tiles pass over it. */
  private static final int K_BLOCK = WIDE ? 128 : 64;

  private Products() {}

  /**
   * {@code Y += X W}.
   *
   * @param x rows of {@code w.shape().inputs()} floats, {@code xRow} bytes apart
   * @param y rows of {@code w.shape().columns()} floats, {@code yRow} bytes apart, 64-byte aligned
   */
  public static void accumulate(long x, long xRow, int rows, PanelMatrix w, long y, long yRow) {
    int inputs = w.shape().inputs();
    int panels = w.shape().panels();
    long panelBytes = inputs * STEP;
    if (rows == 1) {
      row(x, w.address(), panelBytes, y, panels, inputs);
      return;
    }
    for (int block = 0; block < rows; block += ROW_BLOCK) {
      int count = Math.min(ROW_BLOCK, rows - block);
      for (int panel = 0; panel < panels; panel++) {
        for (int from = 0; from < inputs; from += K_BLOCK) {
          tiles(
              x + block * xRow + (long) Float.BYTES * from,
              xRow,
              Float.BYTES,
              count,
              w.address() + panel * panelBytes + from * STEP,
              STEP,
              y + block * yRow + panel * STEP,
              yRow,
              Math.min(K_BLOCK, inputs - from));
        }
      }
    }
  }

  /**
   * {@code W += Xᵀ G}: the sum over all rows of the outer product of a row of x and a row of g.
   *
   * <p>The same tiles as {@link #accumulate} with other strides: k runs over the rows, g plays the
   * matrix, the inputs of x play the rows, and the panels of w are the outputs.
   *
   * @param x rows of {@code w.shape().inputs()} floats, {@code xRow} bytes apart
   * @param g rows of {@code w.shape().columns()} floats, {@code gRow} bytes apart, 64-byte aligned
   */
  public static void outer(long x, long xRow, long g, long gRow, int rows, PanelMatrix w) {
    int inputs = w.shape().inputs();
    int panels = w.shape().panels();
    long panelBytes = inputs * STEP;
    for (int panel = 0; panel < panels; panel++) {
      for (int from = 0; from < rows; from += K_BLOCK) {
        int k = Math.min(K_BLOCK, rows - from);
        tiles(
            x + from * xRow,
            Float.BYTES,
            xRow,
            inputs,
            g + from * gRow + panel * STEP,
            gRow,
            w.address() + panel * panelBytes,
            STEP,
            k);
      }
    }
  }

  /** One panel's outputs for some rows: tiles of four or six, what is left two at a time. */
  private static void tiles(
      long x, long xRow, long xStep, int rows, long w, long wStep, long y, long yRow, int k) {
    int tiled = rows - rows % TILE_ROWS;
    for (long at = 0; at < STEP; at += TILE_BYTES) {
      for (int row = 0; row < tiled; row += TILE_ROWS) {
        if (WIDE) {
          Gemm.fourRows(x + row * xRow, xRow, xStep, w, wStep, y + row * yRow, yRow, k);
        } else {
          Gemm.sixRows(x + row * xRow, xRow, xStep, w + at, wStep, y + row * yRow + at, yRow, k);
        }
      }
    }
    for (int row = tiled; row < rows; row += 2) {
      // A last row alone is computed twice and stored twice.
      boolean pair = row + 1 < rows;
      for (long at = 0; at < STEP; at += FOUR_VECTORS) {
        Gemm.twoRows(
            x + row * xRow,
            pair ? xRow : 0,
            xStep,
            w + at,
            wStep,
            y + row * yRow + at,
            pair ? yRow : 0,
            k);
      }
    }
  }

  /** One row: {@code y += x W}. */
  private static void row(long x, long w, long panelBytes, long y, int panels, int k) {
    if (!WIDE) {
      for (int panel = 0; panel < panels; panel++) {
        for (long at = 0; at < STEP; at += 2 * FOUR_VECTORS) {
          long p = w + panel * panelBytes + at;
          Gemv.twoGroups(
              x, Float.BYTES, p, FOUR_VECTORS, STEP, y + panel * STEP + at, FOUR_VECTORS, k);
        }
      }
      return;
    }
    int panel = 0;
    for (; panel + 4 <= panels; panel += 4) {
      long p = w + panel * panelBytes;
      Gemv.fourGroups(x, Float.BYTES, p, panelBytes, STEP, y + panel * STEP, STEP, k);
    }
    for (; panel < panels; panel += 2) {
      // A last panel alone is computed twice and stored twice.
      boolean pair = panel + 1 < panels;
      long p = w + panel * panelBytes;
      long next = pair ? STEP : 0;
      Gemv.twoGroups(x, Float.BYTES, p, pair ? panelBytes : 0, STEP, y + panel * STEP, next, k);
    }
  }

  /** {@code y += row k of W}: the product with a one-hot x. */
  public static void accumulateRow(PanelMatrix w, int k, long y) {
    RowLoops.add(
        w.address() + k * STEP, w.shape().inputs() * STEP, y, STEP, WIDTH, w.shape().panels());
  }

  /** {@code row k of W += g}: the outer product with a one-hot x. */
  public static void outerRow(PanelMatrix w, int k, long g) {
    RowLoops.add(
        g, STEP, w.address() + k * STEP, w.shape().inputs() * STEP, WIDTH, w.shape().panels());
  }
}
