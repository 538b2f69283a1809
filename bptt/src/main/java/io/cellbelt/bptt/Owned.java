package io.cellbelt.bptt;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.Slab;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What one object has opened, so that its parts need not remember: closed in reverse by its {@code
 * close}, or where its constructor fails. Not thread-safe.
 */
final class Owned implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /** Takes what was just opened. */
  <T extends AutoCloseable> T add(T resource) {
    opened.push(resource);
    return resource;
  }

  /** A zeroed slab. */
  Slab slab(long floats) {
    return add(Slab.allocate(floats));
  }

  /** A zeroed matrix with room for the transpose of another. */
  PanelMatrix transposed(PanelMatrix matrix) {
    return add(PanelMatrix.allocate(PanelMatrix.transposed(matrix.shape())));
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("What was opened could not be closed: " + e, e);
      }
    }
  }
}
