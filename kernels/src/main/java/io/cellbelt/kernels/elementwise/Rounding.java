package io.cellbelt.kernels.elementwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Rounding to whole numbers that keeps the sign of zero, infinities and NaN. */
final class Rounding {
  /** From here on every float is whole; added to a lesser one, it rounds that to a whole number. */
  private static final float WHOLE = 0x1p23f;

  private Rounding() {}

  /** The nearest whole number, the even one of two: {@link Math#rint}. */
  static FloatVector even(FloatVector x) {
    FloatVector a = x.abs();
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    FloatVector rounded = a.add(WHOLE).sub(WHOLE);
    return a.blend(rounded, a.lt(WHOLE)).reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  /** The largest whole number up to x: {@link Math#floor}. */
  static FloatVector floor(FloatVector x) {
    FloatVector nearest = even(x);
    return nearest.blend(nearest.sub(1), x.lt(nearest));
  }
}
