package io.cellbelt.propertytests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** How far an output may be from the expected one: {@code atol + rtol |expected|}. */
record Closeness(double atol, double rtol) {
  /** Where nothing else is said. */
  static final Closeness DEFAULT = new Closeness(1e-5, 1e-5);

  /** Fails where an expected output is missing or too far away. */
  void check(Map<String, NamedTensor> actual, Map<String, NamedTensor> expected) {
    assertThat(actual).as("outputs").containsKeys(expected.keySet().toArray(String[]::new));
    expected.forEach((name, tensor) -> check(actual.get(name), tensor, name));
  }

  private void check(NamedTensor actual, NamedTensor expected, String name) {
    assertThat(actual.dimensions()).as("shape of %s", name).isEqualTo(expected.dimensions());
    for (int i = 0; i < expected.values().length; i++) {
      double value = expected.values()[i];
      double difference = Math.abs(actual.values()[i] - value);
      // NaN is never near enough.
      if (!(difference <= atol + rtol * Math.abs(value))) {
        throw new AssertionError(
            "%s[%d] of the shape %s is %s, not %s: %.1e away, with tolerances %.0e and %.0e."
                .formatted(
                    name,
                    i,
                    expected.dimensions(),
                    actual.values()[i],
                    value,
                    difference,
                    atol,
                    rtol));
      }
    }
  }
}
