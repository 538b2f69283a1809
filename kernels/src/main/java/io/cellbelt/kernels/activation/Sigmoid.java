package io.cellbelt.kernels.activation;

import io.cellbelt.kernels.simd.Cold;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The logistic sigmoid, {@code 1 / (1 + e^-x)}, for float.
 *
 * <pre>{@code
 * a = |x|,   n = round(8 a / ln 2),   r = a - n ln(2) / 8,   |r| <= ln(2) / 16
 * e^r = 1 + r s(r),   s(r) = 1 + r / 2 + r^2 / 6 + r^3 / 24
 * U = 2^(-n / 8), its fraction from a table of eight
 * tail(a) = 1 / (1 + e^a) = U / (U + e^r) = C U / ((C + C U) + C r s(r))
 * sigmoid(x) = tail(a) for x < 0, 1 - tail(a) otherwise
 * }</pre>
 *
 * <p>That U is rounded is made up for in r, that C + C U is rounded in C r s(r). C, nearly 2, keeps
 * the denominator far above a power of two, so that its last bit is worth little.
 *
 * <p>At most 1.5 ULP over every float (1.05 for x >= 0), relative accuracy down the whole lower
 * tail included. Monotone, within 0 to 1: exactly 1/2 at 0, exactly 1 from 17.33 on, exactly 0
 * below -87.38; between -87.38 and -87.33 alone the result is subnormal, which is slow. NaN stays
 * NaN. Coefficients: version v2.
 *
 * <p>Stateless and safe for any number of threads.
 */
public final class Sigmoid {
  private static final float STEPS = 0x1.715476p3f;
  private static final float STEP_HIGH = Exp.LN2_HIGH / 8;
  private static final float STEP_LOW = Exp.LN2_LOW / 8;

  /** The constant C of the method above, frozen. */
  public static final float SCALE = 0x1.ddfd8ap0f;

  private static final float S2 = (float) (SCALE / 2.0);
  private static final float S3 = (float) (SCALE / 6.0);
  private static final float S4 = (float) (SCALE / 24.0);

  private static final int STEP_BITS = 3;
  private static final int MANTISSA_BITS = 23;

  /** Added to -n, leaves it in the low bits of the sum, its eighth biased as an exponent is. */
  private static final float ROUND_AND_BIAS = 0x1.8p23f + (127 << STEP_BITS);

  private static final int ZERO_POWER = Float.floatToRawIntBits(0x1.8p23f);

  /** C 2^(k/8), and the logarithms of what rounding made of them. */
  private static final int[] POWER;

  private static final int[] ROUNDING;

  private static final Outlined LOOP = Outlined.block(MethodHandles.lookup(), "loop");

  static {
    float[] powers = new float[1 << STEP_BITS];
    float[] roundings = new float[1 << STEP_BITS];
    for (int k = 0; k < powers.length; k++) {
      double power = SCALE * StrictMath.pow(2, (double) k / powers.length);
      powers[k] = (float) power;
      roundings[k] = (float) StrictMath.log(powers[k] / power);
    }
    POWER = Tables.bits(powers);
    ROUNDING = Tables.bits(roundings);
  }

  private Sigmoid() {}

  /** Returns the sigmoid of every lane. */
  public static FloatVector apply(FloatVector x) {
    FloatVector a = x.abs();
    IntVector biased =
        a.fma(
                FloatVector.broadcast(Lanes.SPECIES, -STEPS),
                FloatVector.broadcast(Lanes.SPECIES, ROUND_AND_BIAS))
            .reinterpretAsInts()
            .max(IntVector.broadcast(Lanes.INTS, ZERO_POWER));
    FloatVector power = Tables.select(biased, POWER);
    FloatVector rounding = Tables.select(biased, ROUNDING);
    FloatVector n =
        biased.reinterpretAsFloats().sub(FloatVector.broadcast(Lanes.SPECIES, ROUND_AND_BIAS));
    FloatVector r =
        n.fma(FloatVector.broadcast(Lanes.SPECIES, STEP_HIGH), a)
            .add(n.fma(FloatVector.broadcast(Lanes.SPECIES, STEP_LOW), rounding));
    FloatVector u =
        biased
            .lanewise(VectorOperators.LSHR, STEP_BITS)
            .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
            .reinterpretAsFloats()
            .mul(power);
    FloatVector scale = FloatVector.broadcast(Lanes.SPECIES, SCALE);
    FloatVector sum = u.add(scale);
    FloatVector lost = u.sub(sum.sub(scale));
    FloatVector tail =
        u.div(
            r.fma(
                    FloatVector.broadcast(Lanes.SPECIES, S4),
                    FloatVector.broadcast(Lanes.SPECIES, S3))
                .fma(r, FloatVector.broadcast(Lanes.SPECIES, S2))
                .fma(r, scale)
                .fma(r, lost)
                .add(sum));
    return FloatVector.broadcast(Lanes.SPECIES, 1)
        .sub(tail)
        .blend(tail, x.compare(VectorOperators.LT, FloatVector.broadcast(Lanes.SPECIES, 0)));
  }

  /** Returns the sigmoid, with the bits of {@link #apply(FloatVector)}. */
  public static float scalar(float x) {
    float a = Math.abs(x);
    int biased = Math.max(Float.floatToRawIntBits(Math.fma(a, -STEPS, ROUND_AND_BIAS)), ZERO_POWER);
    int k = biased & Tables.LAST;
    float n = Float.intBitsToFloat(biased) - ROUND_AND_BIAS;
    float r = Math.fma(n, STEP_HIGH, a) + Math.fma(n, STEP_LOW, Float.intBitsToFloat(ROUNDING[k]));
    float u =
        Float.intBitsToFloat(biased >>> STEP_BITS << MANTISSA_BITS)
            * Float.intBitsToFloat(POWER[k]);
    float s = Math.fma(Math.fma(Math.fma(r, S4, S3), r, S2), r, SCALE);
    float sum = u + SCALE;
    float lost = u - (sum - SCALE);
    float tail = u / (Math.fma(s, r, lost) + sum);
    return x < 0 ? tail : 1 - tail;
  }

  /**
   * Replaces every float of a block by its sigmoid.
   *
   * @param address where the block starts
   * @param count floats in the block, a multiple of 16
   */
  public static void apply(long address, int count) {
    if (Cold.takesElements(count)) {
      for (long at = address; at < address + (long) Float.BYTES * count; at += Float.BYTES) {
        Lanes.set(at, scalar(Lanes.get(at)));
      }
    } else {
      LOOP.call(address, count);
    }
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

  /** Returns the derivative, y (1 - y), where y is the sigmoid. */
  public static FloatVector derivativeFromOutput(FloatVector y) {
    return y.mul(FloatVector.broadcast(Lanes.SPECIES, 1).sub(y));
  }

  /** Returns the derivative, with the bits of {@link #derivativeFromOutput(FloatVector)}. */
  public static float scalarDerivative(float y) {
    return y * (1 - y);
  }
}
