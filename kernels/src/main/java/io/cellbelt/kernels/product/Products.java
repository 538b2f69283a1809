package io.cellbelt.kernels.product;

import static io.cellbelt.kernels.PanelShape.WIDTH;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.WeightFormat;
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
  static final long STEP = (long) Float.BYTES * WIDTH;

  /** Four vectors. */
  private static final long GROUP = 4L * Lanes.BYTES;

  /** Vectors of 512 bits come with 32 registers, and four of them are as wide as a panel. */
  private static final boolean WIDE = GROUP == STEP;

  private static final int TILE_ROWS = WIDE ? 4 : 6;
  private static final long TILE_BYTES = (WIDE ? 4L : 2L) * Lanes.BYTES;

  /** Rows whose x stays in the L2 cache while all panels pass over it; a multiple of both tiles. */
  private static final int ROW_BLOCK = 96;

  /** Steps of k over which a panel stays in the L1 cache while all tiles pass over it. */
  private static final int K_BLOCK = WIDE ? 128 : 64;

  /** The tiles, rows x vectors: those of one row, and of many. */
  public static final String TILES = WIDE ? "1x16 and 4x4" : "1x8 and 6x2";

  /** Floats of scratch that a product with other weights than f32 needs. */
  public static final int SCRATCH = K_BLOCK * WIDTH;

  private Products() {}

  /**
   * {@code Y += X W}.
   *
   * @param x rows of {@code w.shape().inputs()} floats and zeros up to a whole cache line, {@code
   *     xRow} bytes apart
   * @param y rows of {@code w.shape().columns()} floats, {@code yRow} bytes apart, 64-byte aligned
   * @param scratch {@link #SCRATCH} floats where w is not f32, otherwise not used
   */
  public static void accumulate(
      long x, long xRow, int rows, PanelMatrix w, long y, long yRow, long scratch) {
    boolean scaled = w.shape().format() == WeightFormat.INT8;
    int columns = w.shape().columns();
    if (scaled) {
      RowLoops.multiply(w.inverseScales(), 0, y, yRow, columns, rows);
    }
    if (rows == 1) {
      row(x, w, y);
    } else {
      rows(x, xRow, rows, w, y, yRow, scratch);
    }
    if (scaled) {
      RowLoops.multiply(w.scales(), 0, y, yRow, columns, rows);
    }
  }

  private static void rows(
      long x, long xRow, int rows, PanelMatrix w, long y, long yRow, long scratch) {
    int inputs = w.shape().inputs();
    for (int block = 0; block < rows; block += ROW_BLOCK) {
      for (int panel = 0; panel < w.shape().panels(); panel++) {
        for (int from = 0; from < inputs; from += K_BLOCK) {
          int k = Math.min(K_BLOCK, inputs - from);
          tiles(
              x + block * xRow + (long) Float.BYTES * from,
              xRow,
              Float.BYTES,
              Math.min(ROW_BLOCK, rows - block),
              floats(w, panel, from, k, scratch),
              STEP,
              y + block * yRow + panel * STEP,
              yRow,
              k);
        }
      }
    }
  }

  /** Part of a panel as floats: where it lies, or widened into scratch. */
  private static long floats(PanelMatrix w, int panel, int from, int k, long scratch) {
    WeightFormat format = w.shape().format();
    long address =
        w.address() + ((long) panel * w.shape().words() + from / format.perWord()) * STEP;
    int words = Math.ceilDiv(k, format.perWord());
    return switch (format) {
      case F32 -> address;
      case BF16 -> {
        Bf16.widen(address, words, scratch);
        yield scratch;
      }
      case INT8 -> {
        Int8.widen(address, words, scratch);
        yield scratch;
      }
    };
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
      for (long at = 0; at < STEP; at += GROUP) {
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
  private static void row(long x, PanelMatrix w, long y) {
    int k = w.shape().inputs();
    int panels = w.shape().panels();
    long panelBytes = w.shape().words() * STEP;
    WeightFormat format = w.shape().format();
    int panel = 0;
    if (WIDE && format == WeightFormat.F32) {
      for (; panel + 4 <= panels; panel += 4) {
        long p = w.address() + panel * panelBytes;
        Gemv.fourGroups(x, p, panelBytes, STEP, y + panel * STEP, STEP, k);
      }
    }
    if (format == WeightFormat.INT8) {
      for (; panel < panels; panel++) {
        for (int from = 0; from < k; from += K_BLOCK) {
          long p = w.address() + panel * panelBytes + from / 4 * STEP;
          long q = y + panel * STEP;
          for (long at = 0; at < STEP; at += GROUP) {
            Int8.oneGroup(
                x + (long) Float.BYTES * from, p + at, STEP, q + at, Math.min(K_BLOCK, k - from));
          }
        }
      }
      return;
    }
    // Two groups: those of two panels where a panel is one, otherwise the halves of a panel.
    for (; panel < panels; panel += WIDE ? 2 : 1) {
      // A last panel alone is computed twice and stored twice.
      boolean alone = WIDE && panel + 1 == panels;
      long next = alone ? 0 : GROUP;
      long wNext = WIDE && !alone ? panelBytes : next;
      for (long at = 0; at < STEP; at += 2 * GROUP) {
        long p = w.address() + panel * panelBytes + at;
        long q = y + panel * STEP + at;
        if (format == WeightFormat.BF16) {
          Bf16.twoGroups(x, p, wNext, STEP, q, next, k);
        } else {
          Gemv.twoGroups(x, p, wNext, STEP, q, next, k);
        }
      }
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
