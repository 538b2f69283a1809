package io.cellbelt.kernels.training;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/** Gradients made smaller in place: blocks at raw addresses, of whole cache lines. */
public final class Limits {
  private static final Outlined SCALE = Outlined.numbers(MethodHandles.lookup(), "scaleLoop", 2, 1);
  private static final Outlined CLAMP = Outlined.numbers(MethodHandles.lookup(), "clampLoop", 2, 1);

  private Limits() {}

  /** {@code g = factor g}. */
  public static void scale(long g, long floats, float factor) {
    SCALE.call(g, floats, factor);
  }

  /** {@code g = min(limit, max(-limit, g))}. */
  public static void clamp(long g, long floats, float limit) {
    CLAMP.call(g, floats, limit);
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void scaleLoop(long g, long floats, float factor) {
    long base = Lanes.base(g);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(base + at).mul(factor), base + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void clampLoop(long g, long floats, float limit) {
    FloatVector most = FloatVector.broadcast(Lanes.SPECIES, limit);
    FloatVector least = most.neg();
    long base = Lanes.base(g);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(base + at).min(most).max(least), base + at);
    }
  }
}
