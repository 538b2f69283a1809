package io.cellbelt.cells;

import io.cellbelt.cells.engine.MemoryRow;

/**
 * One sequence at one step, as a {@link CustomKernel} sees it: the blocks that it reads and writes.
 * Blocks and lists are numbered from 0.
 *
 * <p>Methods throw {@link IndexOutOfBoundsException} where there is no such block, and {@link
 * IllegalStateException} for what the pass or the cell does not have. Belongs to the thread that
 * runs the kernel, and is of no use outside its call.
 */
public sealed interface Row permits MemoryRow {
  /**
   * A gate, in the order of {@link Schedule#gates}, to read and write: its pre-activation before
   * forward; as forward left it before backward, and the gradient of its pre-activation after.
   */
  Block gate(int index);

  /** A block that the kernel keeps for itself, of H floats, to read and write. */
  Block saved(int index);

  /** A state at t-1, to read. */
  Block previous(int state);

  /** A state at t: in forward to write, at first what it was at t-1; in backward to read. */
  Block next(int state);

  /**
   * Backward: the gradient of a state, to read and write. At t before the last stage; at t-1 after
   * stage 0, as far as it does not go through products.
   */
  Block dState(int state);

  /** A vector of a list of {@link Schedule#vectors}, of H floats, to read. */
  Block vector(int list, int index);

  /** Backward: the gradient of a {@link #vector}, to add to. */
  Block dVector(int list, int index);

  /** What the layer is fed, of I floats, to read; for a cell that {@link Cell#readsInput}. */
  Block x();

  /** Backward: the gradient of {@link #x}, to add to, besides what goes through products. */
  Block dx();

  /**
   * The memory of the layer below at t, of H floats, to read, zeros where there is none; for a cell
   * that {@link Cell#readsMemoryBelow}.
   */
  Block below();

  /** Backward: the gradient of {@link #below}, to add to. */
  Block dBelow();

  /** Steps taken since the state was zero, modulo {@link Cell#clock}, which must be over 0. */
  int clock();
}
