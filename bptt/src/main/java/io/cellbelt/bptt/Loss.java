package io.cellbelt.bptt;

/** What training makes small. */
public enum Loss {
  /** {@code -log softmax(y)[label]}, in nats, averaged over the rows that have a label. */
  SOFTMAX_CROSS_ENTROPY,

  /** {@code (y - target)²}, averaged over all outputs of all rows. */
  MEAN_SQUARED_ERROR
}
