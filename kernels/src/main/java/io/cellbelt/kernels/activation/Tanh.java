package io.cellbelt.kernels.activation;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The hyperbolic tangent for float.
 *
 * <pre>{@code
 * a = |x|
 * tanh(a) = 1 - 2 / (1 + e^2a)                                        for a >= 0.55
 * tanh(a) = a + a s (C3 + C5 s + C7 s^2 + C9 s^3), s = a^2             for a < 0.55
 * tanh(x) = tanh(a) with the sign of x
 * }</pre>
 *
 * <p>At most 1.34 ULP over every float. Monotone, odd to the bit (-0 gives -0), within -1 to 1: x
 * itself for |x| up to 2^-13, subnormal numbers included, and exactly 1 or -1 from |x| = 9.02 on.
 * NaN stays NaN. Coefficients: version v1, a minimax fit of tanh up to 0.55 with a largest relative
 * error of 3.7e-8; the exponential is version v1 of {@link Exp}.
 *
 * <p>Stateless and safe for any number of threads.
 */
public final class Tanh {
  /** Up to here a polynomial is more accurate than the quotient. */
  public static final float POLYNOMIAL_BELOW = 0.55f;

  /** Coefficient of x^3 in tanh(x); so on for the others. */
  public static final float C3 = -0x1.555452p-2f;

  public static final float C5 = 0x1.10cefcp-3f;
  public static final float C7 = -0x1.af7d36p-5f;
  public static final float C9 = 0x1.0d5176p-6f;

  /**
   * Added to x^2, where it rounds away unless x is so small that tanh(x) rounds to x: no square is
   * subnormal, which would be slow, and -0 is not added to +0, which would lose the sign.
   */
  private static final float NUDGE = -0x1p-60f;

  private static final Outlined LOOP = Outlined.block(MethodHandles.lookup(), "loop");

  private Tanh() {}

  /** Returns the hyperbolic tangent of every lane. */
  public static FloatVector apply(FloatVector x) {
    FloatVector one = Exp.all(1);
    FloatVector y = x.add(x).abs();
    IntVector biased = Exp.falling(y);
    FloatVector u = Exp.power(biased);
    FloatVector r = Exp.exponent(biased).fma(Exp.all(Exp.LN2_HIGH), y);
    FloatVector large = u.div(Exp.slope(r).fma(r, u.add(one))).fma(Exp.all(-2), one);
    FloatVector s = x.fma(x, Exp.all(NUDGE));
    FloatVector p = s.fma(Exp.all(C9), Exp.all(C7)).fma(s, Exp.all(C5)).fma(s, Exp.all(C3)).mul(s);
    return large
        .blend(large.neg(), x.lt(Exp.all(0)))
        .blend(p.fma(x, x), y.lt(Exp.all(2 * POLYNOMIAL_BELOW)));
  }

  /** Returns the hyperbolic tangent, with the bits of {@link #apply(FloatVector)}. */
  public static float scalar(float x) {
    float y = Math.abs(x + x);
    if (y < 2 * POLYNOMIAL_BELOW) {
      float s = Math.fma(x, x, NUDGE);
      float p = Math.fma(Math.fma(Math.fma(s, C9, C7), s, C5), s, C3);
      return Math.fma(p * s, x, x);
    }
    int biased = Exp.falling(y);
    float u = Exp.power(biased);
    float r = Math.fma(Exp.exponent(biased), Exp.LN2_HIGH, y);
    return Math.copySign(Math.fma(u / Math.fma(Exp.slope(r), r, u + 1), -2, 1), x);
  }

  /**
   * Replaces every float of a block by its hyperbolic tangent.
   *
   * @param address where the block starts
   * @param count floats in the block, a multiple of 16
   */
  public static void apply(long address, int count) {
    LOOP.call(address, count);
  }

  @SuppressWarnings("UnusedMethod") // through LOOP
  private static void loop(long address, int count) {
    long base = Lanes.base(address);
    for (int i = 0; i < count; i += Lanes.COUNT) {
      long at = base + (long) Float.BYTES * i;
      Lanes.store(apply(Lanes.load(at)), at);
    }
  }

  /** Returns the derivative, 1 - y^2, where y is the hyperbolic tangent. */
  public static FloatVector derivativeFromOutput(FloatVector y) {
    return y.fma(y.neg(), Exp.all(1));
  }

  /** Returns the derivative, with the bits of {@link #derivativeFromOutput(FloatVector)}. */
  public static float scalarDerivative(float y) {
    return Math.fma(y, -y, 1);
  }
}
