package io.cellbelt.kernels.pointwise;

/**
 * Where the rows of a pointwise kernel lie: one row per sequence, all strides in bytes.
 *
 * <p>A row of gates holds one block per gate, {@code width} floats each, and from {@code saved} on
 * the blocks that the kernel saves for its backward pass. A row of states holds h and, {@code
 * plane} bytes on, c, each with {@code width} floats that count and zeros up to the next plane.
 *
 * @param count rows, 1 or more
 * @param width hidden size padded to whole cache lines, in floats
 * @param gateRow bytes from one row of gates to the next
 * @param saved bytes from the start of a row of gates to the saved blocks
 * @param stateRow bytes from one row of states to the next
 * @param plane bytes from one state of a row to the next
 */
public record Rows(int count, int width, long gateRow, long saved, long stateRow, long plane) {
  /** Bytes from one gate of a row to the next. */
  public long block() {
    return (long) Float.BYTES * width;
  }
}
