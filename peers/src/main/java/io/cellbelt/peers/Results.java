package io.cellbelt.peers;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a call computed, by name: {@code y}, then {@code h} and {@code c} after the last step, or
 * the gradients {@code dW}, {@code dU}, {@code db} and {@code dx}. Row-major in the forms of {@link
 * Problem}. The array is not copied.
 */
final class Results {
  private final Map<String, float[]> values = new LinkedHashMap<>();

  Results with(String name, float[] value) {
    values.put(name, value);
    return this;
  }

  /**
   * Refuses results that differ from what is expected by more than a share of the largest number of
   * their array, or of 1 where all are smaller.
   */
  void check(String engine, Results expected, double tolerance) {
    if (!values.keySet().equals(expected.values.keySet())) {
      throw new IllegalStateException(
          engine + " gives " + values.keySet() + ", not " + expected.values.keySet() + ".");
    }
    expected.values.forEach((name, array) -> check(engine + ": " + name, name, array, tolerance));
  }

  private void check(String what, String name, float[] expected, double tolerance) {
    float[] found = values.get(name);
    if (found.length != expected.length) {
      throw new IllegalStateException(
          what + " has " + found.length + " numbers, not " + expected.length + ".");
    }
    double scale = 1;
    for (float value : expected) {
      scale = Math.max(scale, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      // A NaN is an error too.
      if (!(Math.abs(found[i] - expected[i]) <= tolerance * scale)) {
        throw new IllegalStateException(
            what + "[" + i + "] is " + found[i] + ", but Cellbelt computes " + expected[i] + ".");
      }
    }
  }
}
