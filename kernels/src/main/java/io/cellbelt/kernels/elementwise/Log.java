package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.simd.Lanes;
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
 * <p>-∞ for 0 and -0, NaN below, ∞ for ∞; NaN stays NaN. Subnormal numbers are scaled first.
 */
final class Log {
  private static final float LN2 = 0x1.62e43p-1f;

  /** Coefficient of f^2 in log(1 + f); so on for the others. */
  private static final float C2 = -0.5f;

  private static final float C3 = 0x1.555554p-2f;
  private static final float C4 = -0x1.000226p-2f;
  private static final float C5 = 0x1.99a01cp-3f;
  private static final float C6 = -0x1.54728ap-3f;
  private static final float C7 = 0x1.22d92ep-3f;
  private static final float C8 = -0x1.0d8242p-3f;
  private static final float C9 = 0x1.055ec6p-3f;
  private static final float C10 = -0x1.38c9dep-4f;

  private static final int MANTISSA_BITS = 23;
  private static final float SCALE = 0x1p23f;

  /** The bits of the least 1 + f. */
  private static final int LEAST = Float.floatToRawIntBits(0x1.6a09e6p-1f);

  /** A small integer added to its bits and it subtracted is that integer as a float. */
  private static final float TO_FLOAT = 0x1.8p23f;

  private static final int TO_FLOAT_BITS = Float.floatToRawIntBits(TO_FLOAT);

  private Log() {}

  /** Returns the logarithm of every lane. */
  static FloatVector apply(FloatVector x) {
    var tiny = x.lt(Float.MIN_NORMAL);
    IntVector bits = x.blend(x.mul(SCALE), tiny).reinterpretAsInts();
    IntVector n = bits.sub(LEAST).lanewise(VectorOperators.ASHR, MANTISSA_BITS);
    FloatVector f =
        bits.sub(n.lanewise(VectorOperators.LSHL, MANTISSA_BITS)).reinterpretAsFloats().sub(1);
    FloatVector exponent = n.add(TO_FLOAT_BITS).reinterpretAsFloats();
    exponent = exponent.sub(all(TO_FLOAT).blend(TO_FLOAT + MANTISSA_BITS, tiny));
    FloatVector q =
        f.fma(all(C10), all(C9))
            .fma(f, all(C8))
            .fma(f, all(C7))
            .fma(f, all(C6))
            .fma(f, all(C5))
            .fma(f, all(C4))
            .fma(f, all(C3))
            .fma(f, all(C2));
    FloatVector log = exponent.fma(all(LN2), q.fma(f.mul(f), f));
    return x.blend(log, x.lt(Float.POSITIVE_INFINITY))
        .blend(Float.NEGATIVE_INFINITY, x.eq(0))
        .blend(Float.NaN, x.lt(0));
  }

  /** Returns the logarithm, with the bits of {@link #apply}. */
  static float scalar(float x) {
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

  private static FloatVector all(float value) {
    return FloatVector.broadcast(Lanes.SPECIES, value);
  }
}
