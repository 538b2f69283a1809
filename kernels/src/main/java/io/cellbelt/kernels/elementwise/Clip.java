package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@code min(high, max(low, x))}, elementwise; NaN stays. */
public final class Clip {
  private static final Outlined LOOP = Outlined.numbers(MethodHandles.lookup(), "loop", 3, 2);

  private Clip() {}

  /**
   * Clips floats; whole vectors are computed, so up to 15 floats behind the end are written.
   *
   * @param y may be x
   * @param low least result, -∞ for none
   * @param high largest result, ∞ for none; if it is under low, it is all results
   */
  public static void apply(long x, long y, int floats, float low, float high) {
    LOOP.call(x, y, (long) Float.BYTES * floats, low, high);
  }

  /** Returns one float clipped, with the bits of {@link #apply}. */
  public static float scalar(float x, float low, float high) {
    float raised = x < low ? low : x;
    return raised > high ? high : raised;
  }

  @SuppressWarnings("UnusedMethod") // through LOOP
  private static void loop(long x, long y, long bytes, float low, float high) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      FloatVector v = Lanes.load(from + at);
      FloatVector raised = v.blend(low, v.lt(low));
      Lanes.store(raised.blend(high, raised.compare(VectorOperators.GT, high)), to + at);
    }
  }
}
