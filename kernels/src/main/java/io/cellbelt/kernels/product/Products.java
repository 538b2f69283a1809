package io.cellbelt.kernels.product;

import static io.cellbelt.kernels.PanelShape.WIDTH;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
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

  /**
   * Fewer rows go two at a time: a tile of six rows takes a quarter of a panel per k, which outer
   * caches deliver badly (8 rows of weights in L3 take a third longer with it), and too few other
   * tiles find that part nearer.
   */
  private static final int FEWEST_TILED = WIDE ? TILE_ROWS : 9;

  /** Rows whose x stays in the L2 cache while all panels pass over it; a multiple of both tiles. */
  private static final int ROW_BLOCK = 96;

  /**
   * Steps of k over which a panel stays in the L2 cache while all tiles pass over it, and the sums
   * of a tile in its registers.
   */
  private static final int K_BLOCK = 512;

  /**
   * The same of weights in fewer bits: where they are widened first, their floats are in scratch,
   * which every stream has, and one row of int8 passes over its part of a panel several times.
   */
  private static final int NARROW_BLOCK = 128;

  /**
   * The same of an outer product, where each k is a row of its own and so on a page of its own. A
   * tile of six rows reads each page four times: as many as the first translation cache has room
   * for (64 of them take 10 percent longer).
   */
  private static final int OUTER_BLOCK = WIDE ? 192 : 48;

  /** The tiles, rows x vectors: those of one row, and of many. */
  public static final String TILES = WIDE ? "1x8 and 4x4" : "1x8 and 6x2";

  /** Floats of scratch that a product with other weights than f32 needs. */
  public static final int SCRATCH = NARROW_BLOCK * WIDTH;

  private Products() {}

  /** {@code Y += X W}; see {@link #add}. */
  public static void accumulate(
      long x, long xRow, int rows, PanelMatrix w, long y, long yRow, long scratch) {
    add(x, xRow, rows, w, y, yRow, y, yRow, scratch);
  }

  /**
   * {@code Y = S + X W}.
   *
   * @param x rows of {@code w.shape().inputs()} floats and zeros up to a whole cache line, {@code
   *     xRow} bytes apart
   * @param s what the sums start from, rows like those of y, {@code sRow} bytes apart: 0 for one
   *     bias, or y itself
   * @param y rows of {@code w.shape().columns()} floats, {@code yRow} bytes apart, 64-byte aligned
   * @param scratch {@link #SCRATCH} floats where w is not f32, otherwise not used
   */
  public static void add(
      long x,
      long xRow,
      int rows,
      PanelMatrix w,
      long s,
      long sRow,
      long y,
      long yRow,
      long scratch) {
    PanelShape shape = w.shape();
    if (shape.format() == WeightFormat.INT8) {
      int columns = shape.columns();
      if (s != y) {
        RowLoops.copy(s, sRow, y, yRow, columns, rows);
      }
      RowLoops.multiply(w.inverseScales(), 0, y, yRow, columns, rows);
      addRows(x, xRow, rows, shape, w.address(), y, yRow, y, yRow, scratch);
      RowLoops.multiply(w.scales(), 0, y, yRow, columns, rows);
    } else {
      addRows(x, xRow, rows, shape, w.address(), s, sRow, y, yRow, scratch);
    }
  }

  /**
   * {@code Y = S + X W}, where W is an f32 matrix that lies in panels ({@link Panels}) anywhere.
   *
   * @param shape of w, with the format f32
   * @param w its first float, 64-byte aligned; the other parameters are those of the other {@code
   *     add}
   */
  public static void add(
      long x, long xRow, int rows, PanelShape shape, long w, long s, long sRow, long y, long yRow) {
    if (shape.format() != WeightFormat.F32) {
      throw new IllegalArgumentException(
          "A matrix at an address is one of f32, but got "
              + shape.format()
              + "; give other formats as a PanelMatrix.");
    }
    addRows(x, xRow, rows, shape, w, s, sRow, y, yRow, 0);
  }

  private static void addRows(
      long x,
      long xRow,
      int rows,
      PanelShape shape,
      long w,
      long s,
      long sRow,
      long y,
      long yRow,
      long scratch) {
    if (rows == 1) {
      row(x, shape, w, s, y);
      return;
    }
    int inputs = shape.inputs();
    int kBlock = shape.format() == WeightFormat.F32 ? K_BLOCK : NARROW_BLOCK;
    for (int block = 0; block < rows; block += ROW_BLOCK) {
      int blockRows = Math.min(ROW_BLOCK, rows - block);
      long xBlock = x + block * xRow;
      for (int panel = 0; panel < shape.panels(); panel++) {
        long yPanel = y + block * yRow + panel * STEP;
        long sPanel = s + block * sRow + panel * STEP;
        for (int from = 0; from < inputs; from += kBlock) {
          int k = Math.min(kBlock, inputs - from);
          long part = floats(shape, w, panel, from, k, scratch);
          panel(
              xBlock + (long) Float.BYTES * from,
              xRow,
              blockRows,
              part,
              from == 0 ? sPanel : yPanel,
              from == 0 ? sRow : yRow,
              yPanel,
              yRow,
              k);
        }
      }
    }
  }

  /**
   * Some rows times a part of a panel. First those that no tile takes, because two rows at a time
   * read the panel in wider pieces, which brings it nearer; then tile by tile, so that the rows of
   * x and y of a tile stay near for all of the panel's columns.
   */
  private static void panel(
      long x, long xRow, int rows, long w, long s, long sRow, long y, long yRow, int k) {
    int paired = rows < FEWEST_TILED ? rows : rows % TILE_ROWS;
    pairs(x, xRow, Float.BYTES, paired, w, STEP, s, sRow, y, yRow, k);
    for (int row = paired; row < rows; row += TILE_ROWS) {
      long xTile = x + row * xRow;
      long sTile = s + row * sRow;
      long yTile = y + row * yRow;
      for (long at = 0; at < STEP; at += TILE_BYTES) {
        tile(xTile, xRow, Float.BYTES, w + at, STEP, sTile + at, sRow, yTile + at, yRow, k);
      }
    }
  }

  /** Part of a panel as floats: where it lies, or widened into scratch. */
  private static long floats(PanelShape shape, long w, int panel, int from, int k, long scratch) {
    WeightFormat format = shape.format();
    long address = w + ((long) panel * shape.words() + from / format.perWord()) * STEP;
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
   * matrix, the inputs of x play the rows, and the panels of w are the outputs. All rows of tiles
   * pass over a part of the panel before the next, because that part of g is on many pages.
   *
   * @param x rows of {@code w.shape().inputs()} floats, {@code xRow} bytes apart
   * @param g rows of {@code w.shape().columns()} floats, {@code gRow} bytes apart, 64-byte aligned
   */
  public static void outer(long x, long xRow, long g, long gRow, int rows, PanelMatrix w) {
    int inputs = w.shape().inputs();
    int tiled = inputs - inputs % TILE_ROWS;
    for (int panel = 0; panel < w.shape().panels(); panel++) {
      long y = w.address() + (long) panel * inputs * STEP;
      for (int from = 0; from < rows; from += OUTER_BLOCK) {
        int k = Math.min(OUTER_BLOCK, rows - from);
        long xBlock = x + from * xRow;
        long gBlock = g + from * gRow + panel * STEP;
        for (long at = 0; at < STEP; at += TILE_BYTES) {
          for (int row = 0; row < tiled; row += TILE_ROWS) {
            long xTile = xBlock + (long) Float.BYTES * row;
            long yTile = y + row * STEP + at;
            tile(xTile, Float.BYTES, xRow, gBlock + at, gRow, yTile, STEP, yTile, STEP, k);
          }
        }
        long xRest = xBlock + (long) Float.BYTES * tiled;
        long yRest = y + tiled * STEP;
        pairs(xRest, Float.BYTES, xRow, inputs - tiled, gBlock, gRow, yRest, STEP, yRest, STEP, k);
      }
    }
  }

  /** One tile, four or six rows. */
  private static void tile(
      long x,
      long xRow,
      long xStep,
      long w,
      long wStep,
      long s,
      long sRow,
      long y,
      long yRow,
      int k) {
    if (WIDE) {
      Gemm.fourRows(x, xRow, xStep, w, wStep, s, sRow, y, yRow, k);
    } else {
      Gemm.sixRows(x, xRow, xStep, w, wStep, s, sRow, y, yRow, k);
    }
  }

  /** Some rows, two at a time, times a panel. */
  private static void pairs(
      long x,
      long xRow,
      long xStep,
      int rows,
      long w,
      long wStep,
      long s,
      long sRow,
      long y,
      long yRow,
      int k) {
    for (int row = 0; row < rows; row += 2) {
      // A last row alone is computed twice and stored twice.
      long pair = row + 1 < rows ? -1 : 0;
      for (long at = 0; at < STEP; at += GROUP) {
        Gemm.twoRows(
            x + row * xRow,
            xRow & pair,
            xStep,
            w + at,
            wStep,
            s + row * sRow + at,
            sRow & pair,
            y + row * yRow + at,
            yRow & pair,
            k);
      }
    }
  }

  /** One row: {@code y = s + x W}. */
  private static void row(long x, PanelShape shape, long w, long s, long y) {
    switch (shape.format()) {
      case F32, BF16 -> groups(x, shape, w, s, y);
      case INT8 -> bytes(x, shape, w, y);
    }
  }

  /** Two groups at a time: those of two panels where a panel is one, else the parts of a panel. */
  private static void groups(long x, PanelShape shape, long w, long s, long y) {
    int k = shape.inputs();
    int panels = shape.panels();
    long panelBytes = shape.words() * STEP;
    boolean bf16 = shape.format() == WeightFormat.BF16;
    for (int panel = 0; panel < panels; panel += WIDE ? 2 : 1) {
      // A last panel alone is computed twice and stored twice.
      boolean alone = WIDE && panel + 1 == panels;
      long y1 = alone ? 0 : GROUP;
      long w1 = WIDE && !alone ? panelBytes : y1;
      for (long part = 0; part < STEP; part += 2 * GROUP) {
        long p = w + panel * panelBytes + part;
        long at = panel * STEP + part;
        if (bf16) {
          Bf16.twoGroups(x, p, w1, STEP, s + at, y + at, y1, k);
        } else {
          Gemv.twoGroups(x, p, w1, STEP, s + at, y + at, y1, k);
        }
      }
    }
  }

  /** {@code y += x W} of 8-bit integers; in blocks of k, so that a panel is read from afar once. */
  private static void bytes(long x, PanelShape shape, long w, long y) {
    int inputs = shape.inputs();
    int perWord = shape.format().perWord();
    for (int panel = 0; panel < shape.panels(); panel++) {
      long wPanel = w + (long) panel * shape.words() * STEP;
      for (int from = 0; from < inputs; from += NARROW_BLOCK) {
        long p = wPanel + from / perWord * STEP;
        int k = Math.min(NARROW_BLOCK, inputs - from);
        for (long at = 0; at < STEP; at += GROUP) {
          Int8.oneGroup(x + (long) Float.BYTES * from, p + at, STEP, y + panel * STEP + at, k);
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
