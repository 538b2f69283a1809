package io.cellbelt.propertytests.support;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Assertions that a float result is near its double reference, by the formula of {@link
 * io.cellbelt.cells.reference.Tolerance}.
 *
 * <p>The scale is {@code max(1, |expected|)}, or for a bare sum of products the sum of their
 * magnitudes.
 */
public record Tolerance(double relative) {
  /** For results of sums over that many products, carried through that many steps. */
  public static Tolerance forward(int accumulated, int steps) {
    return new Tolerance(
        io.cellbelt.cells.reference.Tolerance.forward(accumulated, steps).relative());
  }

  /** For gradients. */
  public static Tolerance backward(int accumulated, int steps) {
    return new Tolerance(
        io.cellbelt.cells.reference.Tolerance.backward(accumulated, steps).relative());
  }

  /** So many times as much: where something divides by less than 1, errors grow with it. */
  public Tolerance times(double factor) {
    return new Tolerance(factor * relative);
  }

  /** Fails where the float is too far away. */
  public void check(float actual, double expected, String what) {
    check(actual, expected, Math.max(1, Math.abs(expected)), what);
  }

  /** Fails where the float is too far away, measured at the given scale. */
  public void check(float actual, double expected, double scale, String what) {
    assertThat(Math.abs(actual - expected))
        .as("%s: got %s, expected %s", what, actual, expected)
        .isLessThanOrEqualTo(relative * scale);
  }

  /** Fails where an element is too far away. */
  public void check(float[] actual, double[] expected, String what) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      check(actual[i], expected[i], what + " at " + i);
    }
  }
}
