package io.cellbelt.kernels.activation;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * {@code x} from 0 on, {@code alpha (e^x - 1)} otherwise, for float; its derivative is y + alpha
 * below 0.
 *
 * <pre>{@code
 * e^x - 1 = (2^n - 1) + 2^n r s(r)   as in Exp
 * }</pre>
 *
 * <p>e^x - 1 has at most 1.3 ULP over every float, relative accuracy near 0 included, and so has
 * the result for alpha = 1; the product with another alpha is rounded once more. Exactly -alpha
 * from -17.33 down. NaN stays NaN. Not monotone to the last bit. Coefficients: those of {@link
 * Exp}.
 *
 * <p>Stateless and safe for any number of threads.
 */
public final class Elu {
  /** From here down e^x - 1 is -1. */
  private static final float LEAST = -32;

  private static final Outlined LOOP = Outlined.numbers(MethodHandles.lookup(), "loop", 2, 1);

  private Elu() {}

  /** Returns the exponential linear unit of every lane. */
  public static FloatVector apply(FloatVector x, float alpha) {
    return x.blend(expm1(x).mul(alpha), x.lt(0));
  }

  /** Returns the unit, with the bits of {@link #apply(FloatVector, float)}. */
  public static float scalar(float x, float alpha) {
    return x < 0 ? expm1(x) * alpha : x;
  }

  /** Returns e^x - 1 for x up to 0. */
  static FloatVector expm1(FloatVector x) {
    FloatVector clamped = x.blend(LEAST, x.lt(LEAST));
    IntVector biased = Exp.falling(clamped.neg());
    FloatVector n = Exp.exponent(biased);
    FloatVector power = Exp.power(biased);
    FloatVector r = n.fma(Exp.all(-Exp.LN2_LOW), n.fma(Exp.all(-Exp.LN2_HIGH), clamped));
    return Exp.slope(r).mul(r).fma(power, power.sub(1));
  }

  static float expm1(float x) {
    float clamped = x < LEAST ? LEAST : x;
    int biased = Exp.falling(-clamped);
    float n = Exp.exponent(biased);
    float power = Exp.power(biased);
    float r = Math.fma(n, -Exp.LN2_LOW, Math.fma(n, -Exp.LN2_HIGH, clamped));
    return Math.fma(Exp.slope(r) * r, power, power - 1);
  }

  /**
   * Replaces every float of a block by its unit.
   *
   * @param address where the block starts
   * @param count floats in the block, a multiple of 16
   */
  public static void apply(long address, int count, float alpha) {
    LOOP.call(address, count, alpha);
  }

  @SuppressWarnings("UnusedMethod") // through LOOP
  private static void loop(long address, long count, float alpha) {
    long at = Lanes.base(address);
    long end = at + Float.BYTES * count;
    while (at != end) {
      Lanes.store(apply(Lanes.load(at), alpha), at);
      at += Lanes.BYTES;
    }
  }
}
