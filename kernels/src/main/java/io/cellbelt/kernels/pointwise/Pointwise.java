package io.cellbelt.kernels.pointwise;

/**
 * What a cell does between its matrix products: activations and the update of the state, forward
 * and backward, at raw addresses.
 *
 * <p>Called once per step and stage for all rows, so the dispatch costs nothing next to the work.
 * Lanes beyond the hidden size hold zeros in states and gradients, and must be left so.
 */
public interface Pointwise {
  /**
   * How often a step comes here: the products of stage 0 run before {@code forward(0)}, those of
   * stage 1 between it and {@code forward(1)}.
   */
  default int stages() {
    return 1;
  }

  /** Blocks per row, after those of the gates, that the kernel keeps for itself. */
  int saved();

  /**
   * One step. Block k of a row of gates holds the pre-activation of gate k when all its products
   * have run, and is left as {@link #backward} wants it.
   *
   * @param step next may be the same memory as previous
   */
  void forward(int stage, Rows rows, Step step);

  /**
   * The gradient of one step, stages in reverse: a stage turns what forward left in the blocks of
   * the gates into gradients of their pre-activations, before the products of that stage run
   * backwards.
   *
   * @param step {@code dStates} holds the gradients of the states at t; after stage 0 those of the
   *     states at t-1, as far as they do not flow through products
   */
  void backward(int stage, Rows rows, Step step);
}
