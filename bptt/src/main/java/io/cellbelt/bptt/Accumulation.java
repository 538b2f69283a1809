package io.cellbelt.bptt;

/** What becomes of the gradients of parameters that are there before a way back. */
public enum Accumulation {
  /** The new ones are added to them, so that several batches make one gradient. */
  ADD,

  /** The old ones are forgotten: afterwards there are the new ones alone. */
  OVERWRITE
}
