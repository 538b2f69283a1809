package io.cellbelt.cells;

/**
 * What comes out at a masked step, which a sequence skips: its state stays what it was before.
 *
 * <p>What the next layer is fed there does not matter, because all layers skip the same steps.
 */
public enum Masked {
  /** Zeros, of the head, too (Keras: {@code zero_output_for_mask = True}). */
  ZERO,
  /** The output of the last step before that counts, in time; zeros before the first (Keras). */
  CARRY
}
