package io.cellbelt.kernels.pointwise;

/**
 * What a cell does between its matrix products: activations and the update of the state, forward
 * and backward, at raw addresses.
 *
 * <p>Called once per step for all rows, so the dispatch costs nothing next to the work. Lanes
 * beyond the hidden size hold zeros and must be left holding zeros.
 */
public interface Pointwise {
  /** Blocks per row that {@link #forward} saves for {@link #backward} besides the activations. */
  int saved();

  /**
   * One step.
   *
   * @param gates in: pre-activations {@code b + W x + U h'}; out: activations, as {@link #backward}
   *     wants them
   * @param previous states at t-1
   * @param next states at t; may be the same memory as previous
   */
  void forward(Rows rows, long gates, long previous, long next);

  /**
   * The gradient of one step.
   *
   * @param gates in: activations as {@link #forward} left them; out: gradients of the
   *     pre-activations
   * @param previous states at t-1
   * @param next states at t
   * @param dStates laid out like the states; in: gradients of the states at t; out: gradients of
   *     the states at t-1 as far as they do not flow through U: c complete, h zero
   */
  void backward(Rows rows, long gates, long previous, long next, long dStates);
}
