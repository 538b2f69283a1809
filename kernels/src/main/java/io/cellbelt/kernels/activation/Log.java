package io.cellbelt.kernels.activation;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The natural logarithm for float.
 *
 * <pre>{@code
 * x = 2^n (1 + f),   sqrt(1/2) <= 1 + f < sqrt(2)
 * log(1 + f) = f + f^2 (C2 + C3 f + ... + C10 f^8)
 * log(x) = n ln 2 + log(1 + f)
 * }</pre>
 *
 * <p>At most 0.94 ULP over every float, subnormal numbers, which are scaled first, included.
 * Monotone; exactly 0 for 1, -∞ for 0 and -0, NaN below, ∞ for ∞. NaN stays NaN. Coefficients:
 * version v1, with a largest relative error of 5.9e-9.
 *
 * <p>Stateless and safe for any number of threads.
 */
public final class Log {
  private static final float LN2 = 0x1.62e43p-1f;

  /** Coefficient of f^2 in log(1 + f); so on for the others. */
  private static final float C2 = -0.5f;

  public static final float C3 = 0x1.555554p-2f;
  public static final float C4 = -0x1.000226p-2f;
  public static final float C5 = 0x1.99a01cp-3f;
  public static final float C6 = -0x1.54728ap-3f;
  public static final float C7 = 0x1.22d92ep-3f;
  public static final float C8 = -0x1.0d8242p-3f;
  public static final float C9 = 0x1.055ec6p-3f;
  public static final float C10 = -0x1.38c9dep-4f;

  private static final int MANTISSA_BITS = 23;
  private static final float SCALE = 0x1p23f;

  /** The bits of the least 1 + f. */
  private static final int LEAST = Float.floatToRawIntBits(0x1.6a09e6p-1f);

  /** A small integer added to its bits and it subtracted is that integer as a float. */
  private static final float TO_FLOAT = 0x1.8p23f;

  private static final int TO_FLOAT_BITS = Float.floatToRawIntBits(TO_FLOAT);

  private static final Outlined LOOP = Outlined.block(MethodHandles.lookup(), "loop");

  private Log() {}

  /** Returns the logarithm of every lane. */
  public static FloatVector apply(FloatVector x) {
    var tiny = x.lt(Float.MIN_NORMAL);
    IntVector bits = x.blend(x.mul(SCALE), tiny).reinterpretAsInts();
    IntVector n = bits.sub(LEAST).lanewise(VectorOperators.ASHR, MANTISSA_BITS);
    FloatVector f =
        bits.sub(n.lanewise(VectorOperators.LSHL, MANTISSA_BITS)).reinterpretAsFloats().sub(1);
    FloatVector exponent = n.add(TO_FLOAT_BITS).reinterpretAsFloats();
    exponent = exponent.sub(Exp.all(TO_FLOAT).blend(TO_FLOAT + MANTISSA_BITS, tiny));
    FloatVector q =
        f.fma(Exp.all(C10), Exp.all(C9))
            .fma(f, Exp.all(C8))
            .fma(f, Exp.all(C7))
            .fma(f, Exp.all(C6))
            .fma(f, Exp.all(C5))
            .fma(f, Exp.all(C4))
            .fma(f, Exp.all(C3))
            .fma(f, Exp.all(C2));
    FloatVector log = exponent.fma(Exp.all(LN2), q.fma(f.mul(f), f));
    return x.blend(log, x.lt(Float.POSITIVE_INFINITY))
        .blend(Float.NEGATIVE_INFINITY, x.eq(0))
        .blend(Float.NaN, x.lt(0));
  }

  /** Returns the logarithm, with the bits of {@link #apply(FloatVector)}. */
  public static float scalar(float x) {
    if (!(x > 0 && x < Float.POSITIVE_INFINITY)) {
      return x == 0 ? Float.NEGATIVE_INFINITY : x < 0 ? Float.NaN : x;
    }
    boolean tiny = x < Float.MIN_NORMAL;
    int bits = Float.floatToRawIntBits(tiny ? x * SCALE : x);
    int n = bits - LEAST >> MANTISSA_BITS;
    float f = Float.intBitsToFloat(bits - (n << MANTISSA_BITS)) - 1;
    float exponent = tiny ? n - MANTISSA_BITS : n;
    float q = Math.fma(Math.fma(Math.fma(Math.fma(f, C10, C9), f, C8), f, C7), f, C6);
    q = Math.fma(Math.fma(Math.fma(Math.fma(q, f, C5), f, C4), f, C3), f, C2);
    return Math.fma(exponent, LN2, Math.fma(q, f * f, f));
  }

  /**
   * Replaces every float of a block by its logarithm.
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
}
