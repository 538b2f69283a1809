package io.cellbelt.kernels.activation;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * {@code log(1 + e^x)} for float.
 *
 * <pre>{@code
 * softplus(x) = max(x, 0) + log(1 + t),   t = e^-|x|
 * w = t / (2 + t)
 * log(1 + t) = 2 artanh(w) = t - w (t - w^2 (C3 + C5 w^2 + C7 w^4 + C9 w^6))
 * }</pre>
 *
 * <p>At most 1.8 ULP over every float, relative accuracy down the whole lower tail included. x
 * itself from 17.33 on, exactly 0 below -86.99; NaN stays NaN. Not monotone to the last bit.
 * Coefficients: version v2, a minimax fit of 2 artanh(w) up to 1/3; t is that of {@link Exp}.
 *
 * <p>Stateless and safe for any number of threads.
 */
public final class Softplus {
  /** Coefficient of w^3 in 2 artanh(w); so on for the others. */
  public static final float C3 = 0x1.555502p-1f;

  public static final float C5 = 0x1.99d1ccp-2f;
  public static final float C7 = 0x1.1ec03ep-2f;
  public static final float C9 = 0x1.1eca32p-2f;

  /** Added to w^2, where it rounds away unless w is so small that log(1 + t) is t. */
  private static final float NUDGE = 0x1p-60f;

  private static final Outlined LOOP = Outlined.block(MethodHandles.lookup(), "loop");
  private static final Outlined DERIVATIVE = Outlined.block(MethodHandles.lookup(), "derivatives");

  private Softplus() {}

  /** Returns the softplus of every lane. */
  public static FloatVector apply(FloatVector x) {
    FloatVector t = Exp.apply(x.abs().neg());
    FloatVector w = t.div(t.add(2));
    FloatVector s = w.fma(w, FloatVector.broadcast(Lanes.SPECIES, NUDGE));
    FloatVector q =
        s.fma(FloatVector.broadcast(Lanes.SPECIES, C9), FloatVector.broadcast(Lanes.SPECIES, C7))
            .fma(s, FloatVector.broadcast(Lanes.SPECIES, C5))
            .fma(s, FloatVector.broadcast(Lanes.SPECIES, C3));
    FloatVector log = q.mul(s).sub(t).fma(w, t);
    return log.add(x.blend(0, x.lt(0)));
  }

  /** Returns the softplus, with the bits of {@link #apply(FloatVector)}. */
  public static float scalar(float x) {
    float t = Exp.scalar(-Math.abs(x));
    float w = t / (t + 2);
    float s = Math.fma(w, w, NUDGE);
    float q = Math.fma(Math.fma(Math.fma(s, C9, C7), s, C5), s, C3);
    return Math.fma(q * s - t, w, t) + (x < 0 ? 0 : x);
  }

  /**
   * Replaces every float of a block by its softplus.
   *
   * @param address where the block starts
   * @param count floats in the block, a multiple of 16
   */
  public static void apply(long address, int count) {
    LOOP.call(address, count);
  }

  @SuppressWarnings("UnusedMethod") // through LOOP
  private static void loop(long address, int count) {
    long at = Lanes.base(address);
    long end = at + (long) Float.BYTES * count;
    while (at != end) {
      Lanes.store(apply(Lanes.load(at)), at);
      at += Lanes.BYTES;
    }
  }

  /** Returns the derivative, 1 - e^-y, where y is the softplus. */
  public static FloatVector derivativeFromOutput(FloatVector y) {
    return Elu.expm1(y.neg()).neg();
  }

  /** Returns the derivative, with the bits of {@link #derivativeFromOutput(FloatVector)}. */
  public static float scalarDerivative(float y) {
    return -Elu.expm1(-y);
  }

  /** Replaces every output in a block by the derivative there. */
  public static void derivative(long address, int count) {
    DERIVATIVE.call(address, count);
  }

  @SuppressWarnings("UnusedMethod") // through DERIVATIVE
  private static void derivatives(long address, int count) {
    long at = Lanes.base(address);
    long end = at + (long) Float.BYTES * count;
    while (at != end) {
      Lanes.store(derivativeFromOutput(Lanes.load(at)), at);
      at += Lanes.BYTES;
    }
  }
}
