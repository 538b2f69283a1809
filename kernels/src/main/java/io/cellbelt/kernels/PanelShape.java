package io.cellbelt.kernels;

import java.util.Objects;

/**
 * How the matrix of a product {@code y = x W} lies in memory.
 *
 * <p>Logically W is {@code [inputs, blocks * blockSize]}: one block per gate. Every block is padded
 * with zero columns to whole cache lines, so that a gate starts on one, and all of them together to
 * whole panels. A panel is 64 columns wide, whatever the vector width, and holds them for k = 0, 1,
 * ... contiguously: {@code [panel][k][64]}. One layout serves one row, a few rows, many rows, and
 * the outer products of training.
 *
 * @param inputs length K of x, 1 or more
 * @param blocks number of blocks of columns, 1 or more
 * @param blockSize columns of a block, 1 or more
 * @param format how a weight is stored; a word of 32 bits takes the place of one float and holds
 *     the weights of as many k as fit
 */
public record PanelShape(int inputs, int blocks, int blockSize, WeightFormat format) {
  /**
   * Columns of a panel. A row of it is 256 bytes, four vectors of 512 bits or eight of 256: as much
   * of one panel as a product takes per k, so that few streams of memory run side by side.
   */
  public static final int WIDTH = 64;

  /** Keeps the distance of three panels under the 2^31 bytes that kernels allow for a stride. */
  private static final int MAX_INPUTS = 2_500_000;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is under 1 or the matrix would be too large
   */
  public PanelShape {
    Objects.requireNonNull(format, "A panel matrix has a format of weights, but got null.");
    if (inputs < 1 || blocks < 1 || blockSize < 1) {
      throw new IllegalArgumentException(
          "A panel matrix needs at least 1 input, 1 block and 1 column a block, but got "
              + inputs
              + ", "
              + blocks
              + " and "
              + blockSize
              + ".");
    }
    if (inputs > MAX_INPUTS) {
      throw new IllegalArgumentException(
          "A panel matrix has at most "
              + MAX_INPUTS
              + " inputs, but got "
              + inputs
              + "; split it, or look the rows up in an embedding.");
    }
    if ((long) blocks * Slab.pad((long) blockSize) > Integer.MAX_VALUE - 1024) {
      throw new IllegalArgumentException(
          "A panel matrix holds fewer than 2^31 columns, but got "
              + blocks
              + " blocks of "
              + blockSize
              + "; split it.");
    }
  }

  /** A shape of 32-bit floats. */
  public PanelShape(int inputs, int blocks, int blockSize) {
    this(inputs, blocks, blockSize, WeightFormat.F32);
  }

  /** Number of panels, 64 columns each, the last one padded. */
  public int panels() {
    return (blocks * Slab.pad(blockSize) + WIDTH - 1) / WIDTH;
  }

  /** Columns with all padding: what a row of y must have room for, in floats. */
  public int columns() {
    return panels() * WIDTH;
  }

  /** Where a column of a block lies among all columns. */
  public int column(int block, int index) {
    return block * Slab.pad(blockSize) + index;
  }

  /** Words of a column: one per k, or fewer where a word holds several weights. */
  public int words() {
    return Math.ceilDiv(inputs, format.perWord());
  }

  /** Where the word that holds row k of a column lies in the matrix, in words. */
  public long index(int k, int column) {
    long row = k / format.perWord();
    return ((long) (column / WIDTH) * words() + row) * WIDTH + column % WIDTH;
  }

  /** Where the scales of the columns lie, and then their inverses; only int8 has them. */
  long scales() {
    return (long) words() * columns();
  }

  /** Size of the matrix with all padding, in words. */
  public long floats() {
    return scales() + (format == WeightFormat.INT8 ? 2L * columns() : 0);
  }
}
