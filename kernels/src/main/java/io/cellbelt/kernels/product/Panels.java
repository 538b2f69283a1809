package io.cellbelt.kernels.product;

import static io.cellbelt.kernels.PanelShape.WIDTH;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;

/**
 * Packs a matrix that is computed, not loaded, into the panels of {@link
 * io.cellbelt.kernels.PanelShape}, {@code [panel][k][64]}, at raw addresses. Values are kept as
 * they are, denormal ones too; padding columns become zero.
 */
public final class Panels {
  private static final Outlined ROWS = Outlined.addresses(MethodHandles.lookup(), "rowsLoop", 5);
  private static final Outlined COLUMNS =
      Outlined.addresses(MethodHandles.lookup(), "columnsLoop", 5);

  /** Floats of a column that are packed at once: so many rows of a panel stay in the L1 cache. */
  private static final int BLOCK = 64;

  private Panels() {}

  /**
   * Packs a matrix row by row.
   *
   * @param b k rows of n floats, {@code bRow} bytes apart
   * @param panels room for k rows of {@code PanelShape(k, 1, n).columns()} floats, 64-byte aligned
   */
  public static void packRows(long b, long bRow, int k, int n, long panels) {
    int whole = n / WIDTH;
    for (int panel = 0; panel < whole; panel++) {
      long at = panel * Products.STEP;
      RowLoops.copy(b + at, bRow, panels + k * at, Products.STEP, WIDTH, k);
    }
    if (n % WIDTH != 0) {
      long at = whole * Products.STEP;
      RowLoops.zero(panels + k * at, 0, k * WIDTH, 1);
      ROWS.call(b + at, bRow, k, n % WIDTH, panels + k * at);
    }
  }

  /**
   * Packs a matrix that is given transposed.
   *
   * @param b n rows of k floats, {@code bRow} bytes apart
   * @param panels as for {@link #packRows}
   */
  public static void packColumns(long b, long bRow, int k, int n, long panels) {
    for (int panel = 0; panel * WIDTH < n; panel++) {
      int columns = Math.min(WIDTH, n - panel * WIDTH);
      long to = panels + k * (panel * Products.STEP);
      if (columns < WIDTH) {
        RowLoops.zero(to, 0, k * WIDTH, 1);
      }
      long from = b + (long) panel * WIDTH * bRow;
      for (int at = 0; at < k; at += BLOCK) {
        COLUMNS.call(
            from + (long) Float.BYTES * at,
            bRow,
            Math.min(BLOCK, k - at),
            columns,
            to + at * Products.STEP);
      }
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void rowsLoop(long b, long bRow, long k, long n, long panel) {
    int rest = (int) n % Lanes.COUNT;
    int last = Float.BYTES * ((int) n - rest);
    for (long i = 0; i < k; i++) {
      long from = Lanes.base(b + i * bRow);
      long to = Lanes.base(panel + i * Products.STEP);
      for (int at = 0; at < last; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(from + at), to + at);
      }
      Lanes.store(Lanes.loadFirst(from + last, rest, 0), to + last);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void columnsLoop(long b, long bRow, long k, long n, long panel) {
    MemorySegment from = Lanes.memory(b), to = Lanes.memory(panel);
    long source = Lanes.offset(b), target = Lanes.offset(panel);
    int bytes = Float.BYTES * (int) k;
    for (int j = 0; j < (int) n; j++) {
      long row = source + j * bRow & Lanes.ADDRESS_MASK;
      long column = target + Float.BYTES * j & Lanes.ADDRESS_MASK;
      for (int at = 0; at < bytes; at += Float.BYTES) {
        to.set(Lanes.INT, column + (long) at * WIDTH, from.get(Lanes.INT, row + at));
      }
    }
  }
}
