package io.cellbelt.cells;

/**
 * What a {@link CustomCell} does between its matrix products, forward and backward side by side,
 * written for one sequence at a time: a {@link Row} gives the blocks, a {@link Block} does the
 * arithmetic. docs/adding-a-cell.md shows one.
 *
 * <p>One object serves all networks and threads that use the cell, so it must not change. An
 * exception that it throws ends the call that stepped or trained; streams stay as they were.
 */
public non-sealed interface CustomKernel extends CellKernel {
  @Override
  default int stages() {
    return 1;
  }

  @Override
  default int saved() {
    return 0;
  }

  /**
   * A step of one sequence. Gates hold the sums of their products and biases, and states at t what
   * they were at t-1. Makes the states those at t, and leaves in the gates and the saved blocks
   * what {@link #backward} wants.
   *
   * @param stage 0 and on; the products of a stage have run when it begins
   * @param row what the step reads and writes, valid during this call
   */
  void forward(int stage, Row row);

  /**
   * The gradient of {@link #forward}, stages in reverse. Turns the gates of its stage, which are as
   * forward left them, into the gradients of their pre-activations, and after stage 0 the gradients
   * of the states at t into those of the states at t-1, without what goes through products.
   *
   * @param stage the last first, down to 0
   * @param row what the step reads and writes, valid during this call
   */
  void backward(int stage, Row row);
}
