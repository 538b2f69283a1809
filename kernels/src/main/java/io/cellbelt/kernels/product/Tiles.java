package io.cellbelt.kernels.product;

import io.cellbelt.kernels.simd.Lanes;

/** Rows times a panel, put together of the register tiles of {@link Gemm}. */
final class Tiles {
  /** Bytes of a panel from one k to the next. */
  private static final long STEP = Products.STEP;

  /** Four vectors. */
  static final long GROUP = 4L * Lanes.BYTES;

  private static final long HALF = GROUP / 2;

  /** Vectors of 512 bits come with 32 registers, and four of them are as wide as a panel. */
  static final boolean WIDE = GROUP == STEP;

  /** Rows of a tile. */
  static final int ROWS = WIDE ? 4 : 6;

  /** Bytes of a row of a tile. */
  static final long WIDTH = (WIDE ? 4L : 2L) * Lanes.BYTES;

  /**
   * Fewer rows go two at a time: a tile of six rows takes a quarter of a panel per k, which outer
   * caches deliver badly (8 rows of weights in L3 take a third longer with it), and too few other
   * tiles find that part nearer.
   */
  static final int FEWEST = WIDE ? ROWS : 9;

  private Tiles() {}

  /**
   * Some rows times a part of a panel. First those that no tile takes, because two rows at a time
   * read the panel in wider pieces, which brings it nearer; then tile by tile, so that the rows of
   * x and y of a tile stay near for all of the panel's columns.
   */
  static void panel(
      long x, long xRow, int rows, long w, long used, long s, long sRow, long y, long yRow, int k) {
    int paired = rows < FEWEST ? rows : rows % ROWS;
    fewRows(x, xRow, paired, w, used, s, sRow, y, yRow, k);
    for (int row = paired; row < rows; row += ROWS) {
      long xTile = x + row * xRow;
      long sTile = s + row * sRow;
      long yTile = y + row * yRow;
      if (WIDE && used <= HALF) {
        Gemm.fourNarrowRows(xTile, xRow, Float.BYTES, w, STEP, sTile, sRow, yTile, yRow, k);
        continue;
      }
      for (long at = 0; at < used; at += WIDTH) {
        tile(xTile, xRow, Float.BYTES, w + at, STEP, sTile + at, sRow, yTile + at, yRow, k);
      }
    }
  }

  /** Two rows at a time, but four where half a group is left of the columns. */
  private static void fewRows(
      long x, long xRow, int rows, long w, long used, long s, long sRow, long y, long yRow, int k) {
    long rest = used % GROUP;
    if (rows < 4 || rest == 0 || rest > HALF) {
      pairs(x, xRow, Float.BYTES, rows, w, STEP, used, s, sRow, y, yRow, k);
      return;
    }
    long at = used - rest;
    pairs(x, xRow, Float.BYTES, rows, w, STEP, at, s, sRow, y, yRow, k);
    int row = 0;
    for (; row + 4 <= rows; row += 4) {
      Gemm.fourNarrowRows(
          x + row * xRow,
          xRow,
          Float.BYTES,
          w + at,
          STEP,
          s + row * sRow + at,
          sRow,
          y + row * yRow + at,
          yRow,
          k);
    }
    long sRest = s + row * sRow + at;
    long yRest = y + row * yRow + at;
    long xRest = x + row * xRow;
    pairs(xRest, xRow, Float.BYTES, rows - row, w + at, STEP, rest, sRest, sRow, yRest, yRow, k);
  }

  /** One tile, four or six rows. */
  static void tile(
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

  /** Some rows, two at a time, times the groups that hold so many bytes of columns. */
  static void pairs(
      long x,
      long xRow,
      long xStep,
      int rows,
      long w,
      long wStep,
      long used,
      long s,
      long sRow,
      long y,
      long yRow,
      int k) {
    for (int row = 0; row < rows; row += 2) {
      // A last row alone is computed twice and stored twice.
      long pair = row + 1 < rows ? -1 : 0;
      for (long at = 0; at < used; at += GROUP) {
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
}
