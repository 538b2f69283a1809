package io.cellbelt.kernels.training;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * One step of an optimiser over a block of parameters.
 *
 * <p>w, g and the moments m and v are raw addresses of blocks of the same layout, whose length is a
 * multiple of a cache line. All start from {@code g = scale g + decay w}, so scale clips by a norm
 * and decay is L2 regularisation. What stays zero in g, w and the moments, such as padding, stays
 * zero. Moments under 1e-30 become zero: see {@link Lanes#flushed}.
 *
 * <p>With and without a moment are loops of their own: a vector that comes from one of two branches
 * was boxed where a JVM had run both.
 */
public final class Updates {
  private static final Outlined ADAM = Outlined.numbers(MethodHandles.lookup(), "adamLoop", 5, 7);
  private static final Outlined SQUARES =
      Outlined.numbers(MethodHandles.lookup(), "squaresLoop", 4, 6);
  private static final Outlined SQUARES_MOMENTUM =
      Outlined.numbers(MethodHandles.lookup(), "squaresMomentumLoop", 5, 7);
  private static final Outlined MOMENTUM =
      Outlined.numbers(MethodHandles.lookup(), "momentumLoop", 4, 6);
  private static final Outlined DESCENT =
      Outlined.numbers(MethodHandles.lookup(), "descentLoop", 3, 3);

  private Updates() {}

  /**
   * Adam (Kingma and Ba 2015), and with a keep under 1 AdamW (Loshchilov and Hutter 2019):
   *
   * <pre>
   *   m = β1 m + (1 - β1) g    v = β2 v + (1 - β2) g²    w = keep w - α m / (√v + ε)
   * </pre>
   *
   * @param alpha learning rate with both bias corrections in it
   * @param epsilon ε with the bias correction of v in it
   * @param keep share of w that stays
   */
  public static void adam(
      long w,
      long g,
      long m,
      long v,
      long floats,
      float scale,
      float decay,
      float keep,
      float alpha,
      float beta1,
      float beta2,
      float epsilon) {
    ADAM.call(w, g, m, v, floats, scale, decay, keep, alpha, beta1, beta2, epsilon);
  }

  /**
   * RMSProp (Hinton 2012), and AdaGrad (Duchi et al. 2011) where nothing is forgotten:
   *
   * <pre>
   *   v = keep v + add g²    q = g / (√v + ε)    m = momentum m + q    w = w - α m
   * </pre>
   *
   * @param m 0 for no momentum: {@code w = w - α q}
   */
  public static void squares(
      long w,
      long g,
      long m,
      long v,
      long floats,
      float scale,
      float decay,
      float alpha,
      float keep,
      float add,
      float epsilon,
      float momentum) {
    if (m == 0) {
      SQUARES.call(w, g, v, floats, scale, decay, alpha, keep, add, epsilon);
    } else {
      SQUARES_MOMENTUM.call(w, g, m, v, floats, scale, decay, alpha, keep, add, epsilon, momentum);
    }
  }

  /**
   * Gradient descent with momentum, Nesterov's if direct is not 0:
   *
   * <pre>
   *   m = momentum m + g    w = w - α (direct g + through m)
   * </pre>
   *
   * @param m 0 for no momentum: {@code w = w - α direct g}
   */
  public static void momentum(
      long w,
      long g,
      long m,
      long floats,
      float scale,
      float decay,
      float alpha,
      float momentum,
      float direct,
      float through) {
    if (m == 0) {
      DESCENT.call(w, g, floats, scale, decay, alpha * direct);
    } else {
      MOMENTUM.call(w, g, m, floats, scale, decay, alpha, momentum, direct, through);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void adamLoop(
      long w,
      long g,
      long m,
      long v,
      long floats,
      float scale,
      float decay,
      float keep,
      float alpha,
      float beta1,
      float beta2,
      float epsilon) {
    long parameters = Lanes.base(w);
    long gradients = Lanes.base(g);
    long first = Lanes.base(m);
    long second = Lanes.base(v);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      FloatVector old = Lanes.load(parameters + at);
      FloatVector gradient = gradient(gradients + at, old, scale, decay);
      FloatVector mean = average(Lanes.load(first + at), gradient, beta1, 1 - beta1);
      FloatVector square =
          average(Lanes.load(second + at), gradient.mul(gradient), beta2, 1 - beta2);
      Lanes.store(mean, first + at);
      Lanes.store(square, second + at);
      FloatVector change = mean.mul(alpha).div(square.sqrt().add(epsilon));
      Lanes.store(old.mul(keep).sub(change), parameters + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void squaresLoop(
      long w,
      long g,
      long v,
      long floats,
      float scale,
      float decay,
      float alpha,
      float keep,
      float add,
      float epsilon) {
    long parameters = Lanes.base(w);
    long gradients = Lanes.base(g);
    long second = Lanes.base(v);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      FloatVector old = Lanes.load(parameters + at);
      FloatVector gradient = gradient(gradients + at, old, scale, decay);
      FloatVector square = average(Lanes.load(second + at), gradient.mul(gradient), keep, add);
      Lanes.store(square, second + at);
      FloatVector change = gradient.div(square.sqrt().add(epsilon));
      Lanes.store(old.sub(change.mul(alpha)), parameters + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void squaresMomentumLoop(
      long w,
      long g,
      long m,
      long v,
      long floats,
      float scale,
      float decay,
      float alpha,
      float keep,
      float add,
      float epsilon,
      float momentum) {
    long parameters = Lanes.base(w);
    long gradients = Lanes.base(g);
    long first = Lanes.base(m);
    long second = Lanes.base(v);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      FloatVector old = Lanes.load(parameters + at);
      FloatVector gradient = gradient(gradients + at, old, scale, decay);
      FloatVector square = average(Lanes.load(second + at), gradient.mul(gradient), keep, add);
      Lanes.store(square, second + at);
      FloatVector change = gradient.div(square.sqrt().add(epsilon));
      FloatVector velocity = average(Lanes.load(first + at), change, momentum, 1);
      Lanes.store(velocity, first + at);
      Lanes.store(old.sub(velocity.mul(alpha)), parameters + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void momentumLoop(
      long w,
      long g,
      long m,
      long floats,
      float scale,
      float decay,
      float alpha,
      float momentum,
      float direct,
      float through) {
    long parameters = Lanes.base(w);
    long gradients = Lanes.base(g);
    long first = Lanes.base(m);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      FloatVector old = Lanes.load(parameters + at);
      FloatVector gradient = gradient(gradients + at, old, scale, decay);
      FloatVector velocity = average(Lanes.load(first + at), gradient, momentum, 1);
      Lanes.store(velocity, first + at);
      FloatVector change = gradient.mul(direct).add(velocity.mul(through));
      Lanes.store(old.sub(change.mul(alpha)), parameters + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void descentLoop(
      long w, long g, long floats, float scale, float decay, float rate) {
    long parameters = Lanes.base(w);
    long gradients = Lanes.base(g);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      FloatVector old = Lanes.load(parameters + at);
      FloatVector gradient = gradient(gradients + at, old, scale, decay);
      Lanes.store(old.sub(gradient.mul(rate)), parameters + at);
    }
  }

  private static FloatVector gradient(long g, FloatVector w, float scale, float decay) {
    return Lanes.load(g).mul(scale).add(w.mul(decay));
  }

  /** Flushed, because the moments of a parameter whose gradient stays zero decay for ever. */
  private static FloatVector average(FloatVector old, FloatVector now, float keep, float add) {
    return Lanes.flushed(old.mul(keep).add(now.mul(add)));
  }
}
