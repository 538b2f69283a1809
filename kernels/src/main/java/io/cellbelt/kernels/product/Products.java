package io.cellbelt.kernels.product;

import static io.cellbelt.kernels.PanelShape.WIDTH;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.simd.Cold;

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

  /** Rows whose x stays in the L2 cache while all panels pass over it; a multiple of both tiles. */
  private static final int ROW_BLOCK = 96;

  /**
   * Steps of k over which a panel stays in the L2 cache while all tiles pass over it, and the sums
   * of a tile in its registers.
   */
  private static final int K_BLOCK = 512;

  /**
   * The same of few rows: the part of a panel stays in the L1 cache while all pairs pass over it,
   * which an outer cache would deliver too slowly again and again (8 rows of weights in L2 or L3
   * take a seventh longer). A little more is not worth a second part.
   */
  private static final int PAIRS_BLOCK = 96;

  private static final int PAIRS_BLOCK_AT_ONCE = 128;

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
  private static final int OUTER_BLOCK = Tiles.WIDE ? 192 : 48;

  /** The tiles, rows x vectors: those of one row, and of many. */
  public static final String TILES = Tiles.WIDE ? "1x8 and 4x4" : "1x8 and 6x2";

  /** Floats of scratch that a product with other weights than f32 needs. */
  public static final int SCRATCH = NARROW_BLOCK * WIDTH;

  private Products() {}

  /** {@code Y += X W}; see {@link #add}. */
  public static void accumulate(
      long x, long xRow, int rows, PanelMatrix w, long y, long yRow, long scratch) {
    add(x, xRow, rows, w, y, yRow, y, yRow, scratch);
  }

  /**
   * {@code Y = S + X W}, columns of padding too, which cells count on being zeros.
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
      addRows(x, xRow, rows, shape, w.address(), y, yRow, y, yRow, scratch, true);
      RowLoops.multiply(w.scales(), 0, y, yRow, columns, rows);
    } else {
      addRows(x, xRow, rows, shape, w.address(), s, sRow, y, yRow, scratch, true);
    }
  }

  /**
   * {@code Y = S + X W}, where W is an f32 matrix that lies in panels ({@link Panels}) anywhere.
   * Where it is one block, what y holds in columns of padding may stay as it was.
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
    addRows(x, xRow, rows, shape, w, s, sRow, y, yRow, 0, false);
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
      long scratch,
      boolean whole) {
    if (shape.format() == WeightFormat.F32
        && Cold.takes((long) rows * shape.inputs() * shape.columns())) {
      Plain.add(x, xRow, rows, shape, w, s, sRow, y, yRow);
      return;
    }
    if (rows == 1) {
      row(x, shape, w, s, y, whole);
      return;
    }
    int inputs = shape.inputs();
    int kBlock = kBlock(shape, rows);
    for (int block = 0; block < rows; block += ROW_BLOCK) {
      int blockRows = Math.min(ROW_BLOCK, rows - block);
      long xBlock = x + block * xRow;
      for (int panel = 0; panel < shape.panels(); panel++) {
        long yPanel = y + block * yRow + panel * STEP;
        long sPanel = s + block * sRow + panel * STEP;
        long used = used(shape, panel, whole);
        for (int from = 0; from < inputs; from += kBlock) {
          int k = Math.min(kBlock, inputs - from);
          long part = floats(shape, w, panel, from, k, scratch);
          Tiles.panel(
              xBlock + (long) Float.BYTES * from,
              xRow,
              blockRows,
              part,
              used,
              from == 0 ? sPanel : yPanel,
              from == 0 ? sRow : yRow,
              yPanel,
              yRow,
              k);
        }
      }
    }
  }

  private static int kBlock(PanelShape shape, int rows) {
    if (shape.format() != WeightFormat.F32) {
      return NARROW_BLOCK;
    }
    boolean pairs = rows > 2 && rows < Tiles.FEWEST;
    return pairs && shape.inputs() > PAIRS_BLOCK_AT_ONCE ? PAIRS_BLOCK : K_BLOCK;
  }

  /**
   * Bytes of a row of a panel that are computed: of a small matrix the last panel may be padding
   * for the most part.
   */
  private static long used(PanelShape shape, int panel, boolean whole) {
    long left = (long) Float.BYTES * shape.blockSize() - panel * STEP;
    return !whole && shape.blocks() == 1 && left < STEP ? left : STEP;
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
    int tiled = inputs - inputs % Tiles.ROWS;
    for (int panel = 0; panel < w.shape().panels(); panel++) {
      long y = w.address() + (long) panel * inputs * STEP;
      for (int from = 0; from < rows; from += OUTER_BLOCK) {
        int k = Math.min(OUTER_BLOCK, rows - from);
        long xBlock = x + from * xRow;
        long gBlock = g + from * gRow + panel * STEP;
        for (long at = 0; at < STEP; at += Tiles.WIDTH) {
          for (int row = 0; row < tiled; row += Tiles.ROWS) {
            long xTile = xBlock + (long) Float.BYTES * row;
            long yTile = y + row * STEP + at;
            Tiles.tile(xTile, Float.BYTES, xRow, gBlock + at, gRow, yTile, STEP, yTile, STEP, k);
          }
        }
        long xRest = xBlock + (long) Float.BYTES * tiled;
        long yRest = y + tiled * STEP;
        int rest = inputs - tiled;
        Tiles.pairs(
            xRest, Float.BYTES, xRow, rest, gBlock, gRow, STEP, yRest, STEP, yRest, STEP, k);
      }
    }
  }

  /** One row: {@code y = s + x W}. */
  private static void row(long x, PanelShape shape, long w, long s, long y, boolean whole) {
    switch (shape.format()) {
      case F32, BF16 -> groups(x, shape, w, s, y, whole);
      case INT8 -> bytes(x, shape, w, y);
    }
  }

  /** Two groups at a time: those of two panels where a panel is one, else the parts of a panel. */
  private static void groups(long x, PanelShape shape, long w, long s, long y, boolean whole) {
    int k = shape.inputs();
    int panels = shape.panels();
    long panelBytes = shape.words() * STEP;
    boolean bf16 = shape.format() == WeightFormat.BF16;
    for (int panel = 0; panel < panels; panel += Tiles.WIDE ? 2 : 1) {
      long used = Tiles.WIDE ? STEP : used(shape, panel, whole);
      for (long part = 0; part < used; part += 2 * Tiles.GROUP) {
        // A last panel or group alone is computed twice and stored twice.
        boolean alone = Tiles.WIDE ? panel + 1 == panels : used - part <= Tiles.GROUP;
        long y1 = alone ? 0 : Tiles.GROUP;
        long w1 = Tiles.WIDE && !alone ? panelBytes : y1;
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
        for (long at = 0; at < STEP; at += Tiles.GROUP) {
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
