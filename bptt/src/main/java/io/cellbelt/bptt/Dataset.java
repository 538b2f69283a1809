package io.cellbelt.bptt;

/** Batches to train or evaluate on. */
public interface Dataset {
  /** Number of batches, 0 or more; the same at every call. */
  int size();

  /** The batch at the index, the same every time. */
  Batch batch(int index);
}
