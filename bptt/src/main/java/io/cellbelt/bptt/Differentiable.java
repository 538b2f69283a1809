package io.cellbelt.bptt;

import java.util.Map;

/**
 * A loss of named tensors, and what somebody claims its gradient to be.
 *
 * <p>Both must give the same at the same place, so randomness such as dropout must be drawn alike
 * at every call. The arrays handed in are the caller's: they change between calls, so they are
 * neither kept nor written to.
 */
public interface Differentiable {
  /**
   * The loss at a place.
   *
   * @param at the tensors by name, flat and row-major; not to be kept or changed
   * @return the same at the same place
   */
  double loss(Map<String, double[]> at);

  /**
   * What is claimed to be the gradient of the loss at a place.
   *
   * @param at the tensors by name, flat and row-major; not to be kept or changed
   * @return for every tensor an array of its length, which is copied
   */
  Map<String, double[]> gradient(Map<String, double[]> at);
}
