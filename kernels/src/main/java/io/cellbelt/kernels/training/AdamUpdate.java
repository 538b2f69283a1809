package io.cellbelt.kernels.training;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/** One step of the Adam optimiser (Kingma and Ba 2015) over a block of parameters. */
public final class AdamUpdate {
  private static final Outlined LOOP = Outlined.numbers(MethodHandles.lookup(), "loop", 5, 5);

  private AdamUpdate() {}

  /**
   * With g the scaled gradient:
   *
   * <pre>
   *   m = β1 m + (1 - β1) g    v = β2 v + (1 - β2) g²    w = w - α m / (√v + ε)
   * </pre>
   *
   * @param w parameters, likewise gradients g and moments m and v: raw addresses of blocks of the
   *     same layout
   * @param floats a multiple of a cache line
   * @param scale factor of the gradient
   * @param alpha learning rate with both bias corrections in it
   * @param epsilon ε with the bias correction of v in it
   */
  public static void step(
      long w,
      long g,
      long m,
      long v,
      long floats,
      float scale,
      float alpha,
      float beta1,
      float beta2,
      float epsilon) {
    LOOP.call(w, g, m, v, floats, scale, alpha, beta1, beta2, epsilon);
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void loop(
      long w,
      long g,
      long m,
      long v,
      long floats,
      float scale,
      float alpha,
      float beta1,
      float beta2,
      float epsilon) {
    long parameters = Lanes.base(w);
    long gradients = Lanes.base(g);
    long first = Lanes.base(m);
    long second = Lanes.base(v);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      FloatVector gradient = Lanes.load(gradients + at).mul(scale);
      FloatVector mean = average(Lanes.load(first + at), gradient, beta1);
      FloatVector square = average(Lanes.load(second + at), gradient.mul(gradient), beta2);
      Lanes.store(mean, first + at);
      Lanes.store(square, second + at);
      FloatVector change = mean.mul(alpha).div(square.sqrt().add(epsilon));
      Lanes.store(Lanes.load(parameters + at).sub(change), parameters + at);
    }
  }

  /** Flushed, because the moments of a parameter whose gradient stays zero decay for ever. */
  private static FloatVector average(FloatVector old, FloatVector now, float beta) {
    return Lanes.flushed(old.mul(beta).add(now.mul(1 - beta)));
  }
}
