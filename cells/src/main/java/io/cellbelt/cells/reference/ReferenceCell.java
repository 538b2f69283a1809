package io.cellbelt.cells.reference;

import java.util.List;

/**
 * One step of a cell in double, for one sequence: the equations as the paper has them, products and
 * all, slow and obvious. Gradients follow from them by {@link Vec}'s own rules, so nobody writes
 * them down twice. The SIMD kernels are compared with it, and it with finite differences.
 *
 * <p>Thread-safe: no state.
 */
public interface ReferenceCell {
  /**
   * One step.
   *
   * @param p the layer's parameters by gate
   * @param x what the layer is fed
   * @param previous the carried states at t-1, h first
   * @param below the memory of the layer below at t, zeros where there is none
   * @param clock steps taken before, since the state was zero
   * @return states at t, as many as the cell's schedule names
   */
  List<Vec> step(ReferenceParameters p, Vec x, List<Vec> previous, Vec below, int clock);
}
