package io.cellbelt.cells.reference;

import java.util.ArrayList;
import java.util.List;

/**
 * The vectors of a calculation in the order in which they came about. Backwards, every vector comes
 * before those that it was calculated from.
 */
final class Recorder {
  private final List<Vec> vectors = new ArrayList<>();

  void add(Vec vector) {
    vectors.add(vector);
  }

  /** A vector whose gradient is wanted. */
  Vec variable(double[] values) {
    return new Vec(values, this, null);
  }

  /** Takes the gradients that some vectors have received to all that they depend on. */
  void backward() {
    vectors.reversed().forEach(Vec::backward);
  }
}
