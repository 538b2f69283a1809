package io.cellbelt.kernels.activation;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code x / (1 + |x|)} for float.
 *
 * <p>At most 1.5 ULP over every float. Odd to the bit, within -1 to 1, exactly 1 or -1 from |x| =
 * 2^25 on; NaN stays NaN. Not monotone to the last bit.
 *
 * <p>Stateless and safe for any number of threads.
 */
public final class Softsign {
  private static final Outlined LOOP = Outlined.block(MethodHandles.lookup(), "loop");
  private static final Outlined DERIVATIVE = Outlined.block(MethodHandles.lookup(), "derivatives");

  private Softsign() {}

  /** Returns the softsign of every lane. */
  public static FloatVector apply(FloatVector x) {
    FloatVector any = x.abs();
    FloatVector a = any.blend(Float.MAX_VALUE, any.compare(VectorOperators.GT, Float.MAX_VALUE));
    IntVector sign = x.reinterpretAsInts().and(IntVector.broadcast(Lanes.INTS, Integer.MIN_VALUE));
    return a.div(a.add(1)).reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  /** Returns the softsign, with the bits of {@link #apply(FloatVector)}. */
  public static float scalar(float x) {
    float any = Math.abs(x);
    float a = any > Float.MAX_VALUE ? Float.MAX_VALUE : any;
    return Math.copySign(a / (a + 1), x);
  }

  /**
   * Replaces every float of a block by its softsign.
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

  /** Returns the derivative, (1 - |y|)^2, where y is the softsign. */
  public static FloatVector derivativeFromOutput(FloatVector y) {
    FloatVector d = FloatVector.broadcast(Lanes.SPECIES, 1).sub(y.abs());
    return d.mul(d);
  }

  /** Returns the derivative, with the bits of {@link #derivativeFromOutput(FloatVector)}. */
  public static float scalarDerivative(float y) {
    float d = 1 - Math.abs(y);
    return d * d;
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
