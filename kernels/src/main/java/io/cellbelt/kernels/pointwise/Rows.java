package io.cellbelt.kernels.pointwise;

/**
 * Where the rows of a pointwise kernel lie: one row per sequence, all strides and offsets in bytes.
 *
 * <p>A row of gates holds one block per gate, and after them the blocks that the kernel keeps for
 * its backward pass. Gates of a group follow each other without a gap, and so do the kept blocks. A
 * row of states holds h and, {@code plane} bytes on each, what else the cell remembers. Of a block
 * or plane, {@code size} floats count, and zeros follow up to {@code width}.
 */
public final class Rows {
  private final int count;
  private final int size;
  private final int width;
  private final long gateRow;
  private final long stateRow;
  private final long plane;
  private final long[] blocks;

  /**
   * A layout.
   *
   * @param count rows, 1 or more
   * @param size H
   * @param width H padded to whole cache lines, in floats
   * @param gateRow bytes from one row of gates to the next
   * @param stateRow bytes from one row of states to the next
   * @param plane bytes from one state of a row to the next
   * @param blocks bytes from the start of a row of gates to each block
   */
  public Rows(
      int count, int size, int width, long gateRow, long stateRow, long plane, long... blocks) {
    this.count = count;
    this.size = size;
    this.width = width;
    this.gateRow = gateRow;
    this.stateRow = stateRow;
    this.plane = plane;
    this.blocks = blocks.clone();
  }

  /** The same layout of another number of rows, 1 or more. */
  public Rows of(int rows) {
    return new Rows(rows, size, width, gateRow, stateRow, plane, blocks);
  }

  /** Number of rows. */
  public int count() {
    return count;
  }

  /** H, floats of a block that count. */
  public int size() {
    return size;
  }

  /** Floats of a block with its padding, a multiple of a cache line. */
  public int width() {
    return width;
  }

  /** Bytes of a block with its padding. */
  public long bytes() {
    return (long) Float.BYTES * width;
  }

  /** Bytes from one row of gates to the next. */
  public long gateRow() {
    return gateRow;
  }

  /** Bytes from one row of states to the next. */
  public long stateRow() {
    return stateRow;
  }

  /** Bytes from one state of a row to the next. */
  public long plane() {
    return plane;
  }

  /** Bytes from the start of a row of gates to a block. */
  public long block(int index) {
    return blocks[index];
  }
}
