package io.cellbelt.kernels.activation;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code e^x} for float.
 *
 * <pre>{@code
 * n = round(x / ln 2),   r = x - n ln 2,   |r| <= ln 2 / 2
 * s(r) = (e^r - 1) / r = 1 + C2 r + C3 r^2 + C4 r^3 + C5 r^4 + C6 r^5
 * e^x = 2^n (1 + r s(r))
 * }</pre>
 *
 * <p>At most 0.90 ULP over every float. Results below 2^-125.5 (x below -86.99) are exactly 0, so
 * none is subnormal; results of 2^128 and more (x from 88.723) are infinite; NaN stays NaN. Not
 * monotone to the last bit. Coefficients: version v1, a minimax fit of e^r on |r| up to 0.347 with
 * a largest relative error of 3.3e-9.
 *
 * <p>Stateless and safe for any number of threads.
 */
public final class Exp {
  private static final float LOG2_E = 0x1.715476p0f;

  /** ln 2 = high + low. With FMA, x - n high is exact for every n that occurs. */
  static final float LN2_HIGH = 0x1.62e43p-1f;

  static final float LN2_LOW = -0x1.05c61p-29f;

  /**
   * Added to a small number, it leaves that number, rounded to an integer and biased as a float's
   * exponent is, in the low bits of the sum: shifted left by the mantissa's width, they are a power
   * of two.
   */
  private static final float ROUND_AND_BIAS = 0x1.8p23f + 127;

  private static final int MANTISSA_BITS = 23;

  /** Coefficient of r^2 in e^r; so on for the others. */
  public static final float C2 = 0x1.fffffcp-2f;

  public static final float C3 = 0x1.55548ap-3f;
  public static final float C4 = 0x1.55584ep-5f;
  public static final float C5 = 0x1.123f3p-7f;
  public static final float C6 = 0x1.6ad158p-10f;

  /**
   * One power of two less, made up for by doubling at the end, keeps results near 2^128 in reach.
   */
  private static final float ROUND_AND_HALVE = ROUND_AND_BIAS - 1;

  private static final int ZERO_POWER = Float.floatToRawIntBits(ROUND_AND_BIAS - 127);
  private static final int LARGEST = Float.floatToRawIntBits(ROUND_AND_HALVE + 128);

  /** -125.5 ln 2. Below it, 2^n halved would not be a normal number. */
  private static final float ZERO_BELOW = -0x1.5bf5b6p6f;

  private static final Outlined LOOP = Outlined.block(MethodHandles.lookup(), "loop");

  private Exp() {}

  /** Returns e^x of every lane. */
  public static FloatVector apply(FloatVector x) {
    IntVector biased =
        x.fma(all(LOG2_E), all(ROUND_AND_HALVE))
            .reinterpretAsInts()
            .min(IntVector.broadcast(Lanes.INTS, LARGEST));
    FloatVector n = biased.reinterpretAsFloats().sub(all(ROUND_AND_HALVE));
    FloatVector half = power(biased);
    FloatVector r = n.fma(all(-LN2_LOW), n.fma(all(-LN2_HIGH), x));
    FloatVector power = slope(r).fma(r, all(1));
    return power.add(power).mul(half).blend(all(0), x.lt(all(ZERO_BELOW)));
  }

  /** Returns e^x, with the bits of {@link #apply(FloatVector)}. */
  public static float scalar(float x) {
    if (x < ZERO_BELOW) {
      return 0;
    }
    int biased = Math.min(Float.floatToRawIntBits(Math.fma(x, LOG2_E, ROUND_AND_HALVE)), LARGEST);
    float n = Float.intBitsToFloat(biased) - ROUND_AND_HALVE;
    float half = power(biased);
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    float power = Math.fma(slope(r), r, 1);
    return (power + power) * half;
  }

  /**
   * Replaces every float of a block by its exponential.
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

  /** Returns (e^r - 1) / r for |r| up to ln 2 / 2, and infinity for infinity. */
  static FloatVector slope(FloatVector r) {
    return r.fma(all(C6), all(C5)).fma(r, all(C4)).fma(r, all(C3)).fma(r, all(C2)).fma(r, all(1));
  }

  static float slope(float r) {
    float q = Math.fma(Math.fma(Math.fma(Math.fma(r, C6, C5), r, C4), r, C3), r, C2);
    return Math.fma(q, r, 1);
  }

  /**
   * Returns -a / ln 2 for a >= 0, rounded and biased, as the bits of a float. It stops falling
   * where the power of two is 0, while a goes on growing: so quotients like 2^-n / (1 + r s(r))
   * need no comparison to become 0 for large a and NaN for NaN.
   */
  static IntVector falling(FloatVector a) {
    return a.fma(all(-LOG2_E), all(ROUND_AND_BIAS))
        .reinterpretAsInts()
        .max(IntVector.broadcast(Lanes.INTS, ZERO_POWER));
  }

  static int falling(float a) {
    return Math.max(Float.floatToRawIntBits(Math.fma(a, -LOG2_E, ROUND_AND_BIAS)), ZERO_POWER);
  }

  /** Returns the exponent, as a whole number. */
  static FloatVector exponent(IntVector biased) {
    return biased.reinterpretAsFloats().sub(all(ROUND_AND_BIAS));
  }

  static float exponent(int biased) {
    return Float.intBitsToFloat(biased) - ROUND_AND_BIAS;
  }

  /** Returns two to the exponent. */
  static FloatVector power(IntVector biased) {
    return biased.lanewise(VectorOperators.LSHL, MANTISSA_BITS).reinterpretAsFloats();
  }

  static float power(int biased) {
    return Float.intBitsToFloat(biased << MANTISSA_BITS);
  }

  static FloatVector all(float value) {
    return FloatVector.broadcast(Lanes.SPECIES, value);
  }
}
