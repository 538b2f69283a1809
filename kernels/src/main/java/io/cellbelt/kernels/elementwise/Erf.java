package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.simd.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The error function for float.
 *
 * <pre>{@code
 * a = |x|,   s = x^2
 * erf(x) = x + x (A0 + A1 s + ... + A5 s^5)                     for a < 0.84
 * erf(a) = 1 - e^(-a (B0 + B1 a + ... + B5 a^5))                otherwise, odd
 * }</pre>
 */
final class Erf {
  private static final float A0 = 0x1.06eba8p-3f;
  private static final float A1 = -0x1.812728p-2f;
  private static final float A2 = 0x1.ce25fap-4f;
  private static final float A3 = -0x1.b7416ep-6f;
  private static final float A4 = 0x1.4bcf64p-8f;
  private static final float A5 = -0x1.4ea96cp-11f;

  private static final float B0 = 0x1.20e766p0f;
  private static final float B1 = 0x1.457576p-1f;
  private static final float B2 = 0x1.af761ap-4f;
  private static final float B3 = -0x1.77d482p-6f;
  private static final float B4 = 0x1.a768d4p-9f;
  private static final float B5 = -0x1.c4b6eap-13f;

  private static final float NEAR = 0.84f;

  /** From 3.9 on the function is 1. */
  private static final float LARGEST = 4;

  private Erf() {}

  /** Returns the error function of every lane. */
  static FloatVector apply(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector t = a.blend(LARGEST, a.compare(VectorOperators.GT, LARGEST));
    FloatVector far =
        Exp.apply(
            t.fma(all(-B5), all(-B4))
                .fma(t, all(-B3))
                .fma(t, all(-B2))
                .fma(t, all(-B1))
                .fma(t, all(-B0))
                .mul(t));
    FloatVector s = t.mul(t);
    FloatVector near =
        s.fma(all(A5), all(A4))
            .fma(s, all(A3))
            .fma(s, all(A2))
            .fma(s, all(A1))
            .fma(s, all(A0))
            .fma(a, a);
    return all(1)
        .sub(far)
        .blend(near, a.lt(NEAR))
        .reinterpretAsInts()
        .or(x.reinterpretAsInts().and(Integer.MIN_VALUE))
        .reinterpretAsFloats();
  }

  /** Returns the error function, with the bits of {@link #apply}. */
  static float scalar(float x) {
    float a = Math.abs(x);
    float t = a > LARGEST ? LARGEST : a;
    if (a < NEAR) {
      float s = t * t;
      float p = Math.fma(Math.fma(Math.fma(s, A5, A4), s, A3), s, A2);
      return Math.copySign(Math.fma(Math.fma(Math.fma(p, s, A1), s, A0), a, a), x);
    }
    float p = Math.fma(Math.fma(Math.fma(t, -B5, -B4), t, -B3), t, -B2);
    return Math.copySign(1 - Exp.scalar(Math.fma(Math.fma(p, t, -B1), t, -B0) * t), x);
  }

  private static FloatVector all(float value) {
    return FloatVector.broadcast(Lanes.SPECIES, value);
  }
}
