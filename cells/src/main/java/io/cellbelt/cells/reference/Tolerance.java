package io.cellbelt.cells.reference;

/**
 * How far a float result may be from its double reference. One formula for kernels, tests and
 * checks:
 *
 * <pre>
 *   4 · (2 if backward) · ⌈log2(accumulation length · steps)⌉ · 2^-23
 * </pre>
 *
 * <p>It is relative to the size of what is compared or summed, and that size counts as 1 at least.
 * Immutable, thread-safe.
 *
 * @param relative the largest difference at size 1
 */
public record Tolerance(double relative) {
  private static final double K = 4;
  private static final double EPSILON = Math.ulp(1f);

  /**
   * For results.
   *
   * @param accumulated how many products each sum has, 1 or more
   * @param steps how many steps the result went through, 1 or more
   */
  public static Tolerance forward(int accumulated, int steps) {
    double length = Math.max(2, (double) accumulated * steps);
    return new Tolerance(K * Math.ceil(Math.log(length) / Math.log(2)) * EPSILON);
  }

  /**
   * For gradients: twice as much.
   *
   * @param accumulated how many products each sum has, 1 or more
   * @param steps how many steps the result went through, 1 or more
   */
  public static Tolerance backward(int accumulated, int steps) {
    return new Tolerance(2 * forward(accumulated, steps).relative);
  }

  /**
   * The largest difference of numbers of the given size.
   *
   * @param size magnitude of the expected number or of what was summed; less than 1 counts as 1
   */
  public double at(double size) {
    return relative * Math.max(1, size);
  }
}
