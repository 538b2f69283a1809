package io.cellbelt.kernels.activation;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The logistic sigmoid, {@code 1 / (1 + e^-x)}, for float.
 *
 * <pre>{@code
 * a = |x|,   u = 2^-n,   e^a = (1 + r s(r)) / u   as in Exp
 * tail(a) = 1 / (1 + e^a) = u / (1 + u + r s(r))
 * sigmoid(x) = tail(a) for x < 0, 1 - tail(a) otherwise
 * }</pre>
 *
 * <p>At most 1.68 ULP over every float (1.25 for x >= 0; more than 1.5 for some 600 floats near
 * -1.1 and -17), relative accuracy down the whole lower tail included. Monotone, within 0 to 1:
 * exactly 1/2 at 0, exactly 1 from 17.33 on, exactly 0 below -87.69; between -87.69 and -87.33
 * alone the result is subnormal, which is slow. NaN stays NaN. Coefficients: version v1 of {@link
 * Exp}.
 *
 * <p>Stateless and safe for any number of threads.
 */
public final class Sigmoid {
  private static final Outlined LOOP = Outlined.block(MethodHandles.lookup(), "loop");

  private Sigmoid() {}

  /** Returns the sigmoid of every lane. */
  public static FloatVector apply(FloatVector x) {
    FloatVector tail = tail(x.abs());
    return Exp.all(1).sub(tail).blend(tail, x.lt(Exp.all(0)));
  }

  /** Returns the sigmoid, with the bits of {@link #apply(FloatVector)}. */
  public static float scalar(float x) {
    float tail = tail(Math.abs(x));
    return x < 0 ? tail : 1 - tail;
  }

  /**
   * Replaces every float of a block by its sigmoid.
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

  /** Returns the derivative, y (1 - y), where y is the sigmoid. */
  public static FloatVector derivativeFromOutput(FloatVector y) {
    return y.mul(Exp.all(1).sub(y));
  }

  /** Returns the derivative, with the bits of {@link #derivativeFromOutput(FloatVector)}. */
  public static float scalarDerivative(float y) {
    return y * (1 - y);
  }

  /** Returns 1 / (1 + e^a). A u so small that 1 + u loses it is added to r instead. */
  private static FloatVector tail(FloatVector a) {
    FloatVector one = Exp.all(1);
    IntVector biased = Exp.falling(a);
    FloatVector n = Exp.exponent(biased);
    FloatVector u = Exp.power(biased);
    FloatVector sum = u.add(one);
    FloatVector lost = u.sub(sum.sub(one));
    FloatVector high = n.fma(Exp.all(Exp.LN2_HIGH), a);
    FloatVector r = n.fma(Exp.all(Exp.LN2_LOW), high.add(lost));
    return u.div(Exp.slope(r).fma(r, sum));
  }

  private static float tail(float a) {
    int biased = Exp.falling(a);
    float n = Exp.exponent(biased);
    float u = Exp.power(biased);
    float sum = u + 1;
    float lost = u - (sum - 1);
    float r = Math.fma(n, Exp.LN2_LOW, Math.fma(n, Exp.LN2_HIGH, a) + lost);
    return u / Math.fma(Exp.slope(r), r, sum);
  }
}
