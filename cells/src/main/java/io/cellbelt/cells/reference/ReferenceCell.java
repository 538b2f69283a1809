package io.cellbelt.cells.reference;

/**
 * A cell between its matrix products, in double, one sequence at a time: the equations as the paper
 * has them, slow and obvious. The SIMD kernels are compared with it, and it is compared with finite
 * differences. Thread-safe: no state.
 */
public interface ReferenceCell {
  /**
   * One step.
   *
   * @param gates {@code [gates * H]}; in: pre-activations; out: activations
   * @param previous {@code [states][H]} at t-1
   * @param next {@code [states][H]} at t, written
   */
  void forward(double[] gates, double[][] previous, double[][] next);

  /**
   * The gradient of one step.
   *
   * @param gates {@code [gates * H]}; in: activations; out: gradients of the pre-activations
   * @param previous {@code [states][H]} at t-1
   * @param next {@code [states][H]} at t
   * @param dStates {@code [states][H]}; in: gradients of the states at t; out: those at t-1, except
   *     what flows to h through U
   */
  void backward(double[] gates, double[][] previous, double[][] next, double[][] dStates);

  /** The logistic function. */
  static double sigmoid(double a) {
    return 1 / (1 + Math.exp(-a));
  }
}
