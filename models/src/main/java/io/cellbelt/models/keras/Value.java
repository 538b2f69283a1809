package io.cellbelt.models.keras;

import io.cellbelt.graphs.ElementType;
import java.util.Arrays;

/**
 * What a layer gives and another takes.
 *
 * @param name of the value in the graph
 * @param type of its elements
 * @param shape its dimensions, the batch first; {@link Config#OPEN} where one is not known
 * @param mask name of the value [batch, time] that says which steps count; null if all do
 */
record Value(String name, ElementType type, int[] shape, String mask) {
  /** The mask of a value of which versions differ about its mask. */
  static final String UNCERTAIN = "?";

  /** Floats that all count. */
  static Value of(String name, int... shape) {
    return new Value(name, ElementType.F32, shape, null);
  }

  Value masked(String other) {
    return new Value(name, type, shape, other);
  }

  Value unmasked() {
    return masked(null);
  }

  /** Another value of the same shape, with the same mask. */
  Value renamed(String other) {
    return new Value(other, type, shape, mask);
  }

  int rank() {
    return shape.length;
  }

  /** The last dimension, which must be known. */
  int features() {
    int features = rank() == 0 ? Config.OPEN : shape[rank() - 1];
    if (features < 0) {
      throw Misfit.of(
          "the number of its input's features is open (%s), but its weights need one. Give the"
              + " model's Input the whole shape.",
          describe());
    }
    return features;
  }

  /** Refuses another number of dimensions. */
  Value ofRank(int rank) {
    if (rank() != rank) {
      throw Misfit.of(
          "its input should have %d dimensions with the batch, but has the shape %s.",
          rank, describe());
    }
    return this;
  }

  String describe() {
    return Arrays.toString(shape).replace("-1", "open");
  }
}
