package io.cellbelt.cells.engine;

import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Product;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Rows;
import java.util.ArrayList;
import java.util.List;

/** How long the rows of an unrolled network are, and what lies where in them. */
public final class RowLayout {
  private static final long MAX_BYTES = 1L << 46;

  private RowLayout() {}

  /**
   * Where gates and states of the given number of rows lie.
   *
   * @throws IllegalArgumentException if a row is 2^31 bytes or longer
   */
  public static Rows of(Cell cell, int count) {
    Schedule schedule = cell.schedule();
    int width = Slab.pad(cell.hiddenSize());
    int saved = cell.kernel().saved();
    List<Long> blocks = new ArrayList<>();
    long at = 0;
    for (Group group : schedule.groups()) {
      for (int g = 0; g < group.gates().length(); g++) {
        blocks.add(Float.BYTES * (at + (long) g * Slab.pad(group.size())));
      }
      // A product writes whole panels: the next group starts behind its last, and a cache line on,
      // because blocks that lie 4096 bytes apart keep each other's loads waiting.
      at += new PanelShape(1, group.gates().length(), group.size()).columns() + Slab.LINE;
    }
    // A gradient's product writes a whole panel, too, and may start at the last block.
    long end = at + (long) saved * width + (saved > 0 ? PanelShape.WIDTH : 0);
    int gateRow = Slab.rowStride(end);
    for (int s = 0; s < saved; s++, at += width) {
      blocks.add(Float.BYTES * at);
    }
    int plane = planeFloats(cell);
    return new Rows(
        count,
        cell.hiddenSize(),
        width,
        (long) Float.BYTES * gateRow,
        (long) Float.BYTES * Slab.rowStride((long) schedule.states().size() * plane),
        (long) Float.BYTES * plane,
        blocks.stream().mapToLong(Long::longValue).toArray());
  }

  /** Bytes from the states of one row to the next. */
  public static long stateRow(Cell cell) {
    return of(cell, 1).stateRow();
  }

  /** Floats from one state of a row to the next: as many as any of them has, and the gates. */
  public static int planeFloats(Cell cell) {
    int plane = columns(cell.hiddenSize());
    for (int size : cell.schedule().states()) {
      plane = Math.max(plane, columns(size));
    }
    return plane;
  }

  /** Floats that a product writes where so many are wanted. */
  static int columns(int floats) {
    return new PanelShape(1, 1, floats).columns();
  }

  /** How many zeros a group without bias starts from. */
  static int zeros(Schedule schedule) {
    return schedule.groups().stream()
        .filter(group -> !group.bias())
        .mapToInt(group -> new PanelShape(1, group.gates().length(), group.size()).columns())
        .max()
        .orElse(0);
  }

  /** Bytes of h and of what else products with U read, masked. */
  static long maskedRow(Schedule schedule, Rows rows) {
    long copies = 1;
    for (Group group : schedule.groups()) {
      for (Product product : group.products()) {
        copies += isRecurrent(product) && product.source() instanceof Source.Saved ? 1 : 0;
      }
    }
    return (long) Float.BYTES * Slab.rowStride(copies * rows.plane() / Float.BYTES);
  }

  /** Whether a product is one with U. */
  static boolean isRecurrent(Product product) {
    return product.parameter().equals(Schedule.recurrent().parameter());
  }

  /** Bytes from a row that a product writes to the next. */
  public static long rowBytes(int floats) {
    return (long) Float.BYTES * Slab.rowStride(columns(floats));
  }

  /** Bytes of some rows, refused where no machine has them, before a sum of such overflows. */
  static long bytes(long rows, long row) {
    if (rows > MAX_BYTES / row) {
      throw new IllegalArgumentException(
          "No machine has memory for "
              + rows
              + " rows of "
              + row
              + " bytes, one for each step of each sequence; take fewer or smaller ones.");
    }
    return rows * row;
  }
}
