package io.cellbelt.kernels.activation;

import io.cellbelt.kernels.simd.Cold;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The hyperbolic tangent for float.
 *
 * <p>|x| falls into one of eight intervals, each with a centre c; a table holds c, T = tanh(c) and
 * S = 1 - T^2. The addition theorem does the rest, with one polynomial for all intervals:
 *
 * <pre>{@code
 * d = |x| - c,   w = d^2
 * d coth(d) = 1 + w (C1 + C2 w + C3 w^2)
 * v = T d + w (C1 + C2 w + C3 w^2)
 * tanh(|x|) = T + S d / (1 + v) = T + (S d - S d v / (1 + v))
 * }</pre>
 *
 * <p>The last form is as exact near 0, where c = T = 0 and S = 1, as elsewhere: only the small
 * second term is rounded before the end. The centres are such that their tanh is a float but for a
 * ten-thousandth of an ULP (0.07 in the last interval); S is fitted to its interval.
 *
 * <p>At most 1.09 ULP over every float. Monotone, odd to the bit (-0 gives -0), within -1 to 1: x
 * itself for |x| up to 2^-13, subnormal numbers included, and exactly 1 or -1 from |x| = 9.02 on.
 * NaN stays NaN. Coefficients: version v2.
 *
 * <p>Stateless and safe for any number of threads.
 */
public final class Tanh {
  /** Of w in d coth(d); so on for the others. */
  public static final float C1 = 0x1.5555p-2f;

  public static final float C2 = -0x1.6b9bc4p-6f;
  public static final float C3 = 0x1.fd80a4p-10f;

  /** |x| times this plus {@link #FIRST} is a float whose leading bits name the interval. */
  public static final float STRETCH = 0x1.38p-1f;

  public static final float FIRST = 0x1.06p-1f;

  /** Exponent and first bit of the mantissa are what is left. */
  private static final int INTERVAL_BITS = 22;

  /** From 9.01 on everything is in the last interval, where S = 0. */
  private static final int LARGEST = Float.floatToRawIntBits(9.5f);

  /** Times this minus 1 is -1, unless x is NaN or so large that S = 0 in any case. */
  private static final float NOTHING = -1e-30f;

  /** Added to d^2, where it rounds away unless d is so small that v is: no square is subnormal. */
  private static final float NUDGE = 0x1p-60f;

  private static final int[] CENTRE =
      Tables.bits(
          0x1.9e6e82p+1f,
          0x1.32f7bcp+2f,
          0x1.bc8f2p+2f,
          0,
          0,
          0x1.06da02p-1f,
          0x1.34367cp+0f,
          0x1.f32c88p+0f);
  private static final int[] TANH =
      Tables.bits(
          0x1.fe6cbap-1f,
          0x1.ffee1ep-1f,
          0x1.ffffc2p-1f,
          1,
          0,
          0x1.e3eafep-2f,
          0x1.ab726ep-1f,
          0x1.ebadf2p-1f);
  private static final int[] SLOPE =
      Tables.bits(
          0x1.92a6cep-8f,
          0x1.1e1d52p-12f,
          0x1.f1d646p-19f,
          0,
          1,
          0x1.8da7ecp-1f,
          0x1.36491p-2f,
          0x1.3ead26p-4f);

  private static final Outlined LOOP = Outlined.block(MethodHandles.lookup(), "loop");

  private Tanh() {}

  /** Returns the hyperbolic tangent of every lane. */
  public static FloatVector apply(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector clamped =
        a.reinterpretAsInts().min(IntVector.broadcast(Lanes.INTS, LARGEST)).reinterpretAsFloats();
    IntVector i =
        clamped
            .fma(
                FloatVector.broadcast(Lanes.SPECIES, STRETCH),
                FloatVector.broadcast(Lanes.SPECIES, FIRST))
            .reinterpretAsInts()
            .lanewise(VectorOperators.LSHR, INTERVAL_BITS);
    FloatVector c = Tables.select(i, CENTRE);
    FloatVector t = Tables.select(i, TANH);
    FloatVector s = Tables.select(i, SLOPE);
    FloatVector d = clamped.sub(c);
    FloatVector w = d.fma(d, FloatVector.broadcast(Lanes.SPECIES, NUDGE));
    FloatVector v =
        w.fma(FloatVector.broadcast(Lanes.SPECIES, C3), FloatVector.broadcast(Lanes.SPECIES, C2))
            .fma(w, FloatVector.broadcast(Lanes.SPECIES, C1))
            .fma(w, d.mul(t));
    FloatVector minusOne =
        a.fma(
            FloatVector.broadcast(Lanes.SPECIES, NOTHING),
            FloatVector.broadcast(Lanes.SPECIES, -1));
    FloatVector y = d.mul(s);
    return v.div(minusOne.sub(v))
        .fma(y, y)
        .add(t)
        .reinterpretAsInts()
        .or(x.reinterpretAsInts().and(IntVector.broadcast(Lanes.INTS, Integer.MIN_VALUE)))
        .reinterpretAsFloats();
  }

  /** Returns the hyperbolic tangent, with the bits of {@link #apply(FloatVector)}. */
  public static float scalar(float x) {
    float a = Math.abs(x);
    float clamped = Float.intBitsToFloat(Math.min(Float.floatToRawIntBits(a), LARGEST));
    int i = interval(clamped);
    float c = centre(i);
    float t = tanh(i);
    float d = clamped - c;
    float w = Math.fma(d, d, NUDGE);
    float v = Math.fma(Math.fma(Math.fma(w, C3, C2), w, C1), w, d * t);
    float y = d * slope(i);
    return Math.copySign(Math.fma(v / (Math.fma(a, NOTHING, -1) - v), y, y) + t, x);
  }

  /** Returns the place in the tables of an |x| up to 9.5. */
  public static int interval(float x) {
    return Float.floatToRawIntBits(Math.fma(x, STRETCH, FIRST)) >> INTERVAL_BITS & Tables.LAST;
  }

  /**
   * Returns the centre c of an interval.
   *
   * @param interval what {@link #interval} gives
   */
  public static float centre(int interval) {
    return Float.intBitsToFloat(CENTRE[interval]);
  }

  /**
   * Returns T of an interval: the hyperbolic tangent at its centre.
   *
   * @param interval what {@link #interval} gives
   */
  public static float tanh(int interval) {
    return Float.intBitsToFloat(TANH[interval]);
  }

  /**
   * Returns S of an interval: nearly the slope at its centre.
   *
   * @param interval what {@link #interval} gives
   */
  public static float slope(int interval) {
    return Float.intBitsToFloat(SLOPE[interval]);
  }

  /**
   * Replaces every float of a block by its hyperbolic tangent.
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

  /** Returns the derivative, 1 - y^2, where y is the hyperbolic tangent. */
  public static FloatVector derivativeFromOutput(FloatVector y) {
    return y.fma(y.neg(), FloatVector.broadcast(Lanes.SPECIES, 1));
  }

  /** Returns the derivative, with the bits of {@link #derivativeFromOutput(FloatVector)}. */
  public static float scalarDerivative(float y) {
    return Math.fma(y, -y, 1);
  }
}
