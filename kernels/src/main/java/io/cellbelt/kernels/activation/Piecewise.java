package io.cellbelt.kernels.activation;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The activations that are pieces of straight lines, and the derivatives that are pieces of
 * parabolas in the output.
 *
 * <pre>{@code
 * activation(x) = low x for x < threshold, otherwise slope x + offset; then within bottom to top
 * derivative(y) = a + y (b + c y) for floor < y < ceiling, otherwise outside
 * }</pre>
 *
 * <p>Stateless and safe for any number of threads.
 */
final class Piecewise {
  private static final int NUMBERS = 6;

  private static final Outlined LINES =
      Outlined.numbers(MethodHandles.lookup(), "lines", 2, NUMBERS);
  private static final Outlined PARABOLA =
      Outlined.numbers(MethodHandles.lookup(), "parabola", 2, NUMBERS);

  private Piecewise() {}

  static void requireNotNegative(float alpha) {
    if (!(alpha >= 0)) {
      throw new IllegalArgumentException(
          "Alpha is 0 or more, so that the derivative follows from the output, but got "
              + alpha
              + ".");
    }
  }

  static void apply(
      long address,
      int count,
      float threshold,
      float low,
      float slope,
      float offset,
      float bottom,
      float top) {
    LINES.call(address, count, threshold, low, slope, offset, bottom, top);
  }

  @SuppressWarnings("UnusedMethod") // through LINES
  private static void lines(
      long address,
      long count,
      float threshold,
      float low,
      float slope,
      float offset,
      float bottom,
      float top) {
    long at = Lanes.base(address);
    long end = at + Float.BYTES * count;
    float least = least(low);
    FloatVector zero = FloatVector.broadcast(Lanes.SPECIES, 0);
    FloatVector slopes = FloatVector.broadcast(Lanes.SPECIES, slope);
    FloatVector offsets = FloatVector.broadcast(Lanes.SPECIES, offset);
    FloatVector lows = FloatVector.broadcast(Lanes.SPECIES, low);
    while (at != end) {
      FloatVector x = Lanes.load(at);
      FloatVector lower = x.blend(least, x.lt(least)).fma(lows, zero);
      FloatVector y = x.fma(slopes, offsets).blend(lower, x.lt(threshold));
      FloatVector risen = y.blend(bottom, y.lt(bottom));
      Lanes.store(risen.blend(top, risen.compare(VectorOperators.GT, top)), at);
      at += Lanes.BYTES;
    }
  }

  static float scalar(
      float x, float threshold, float low, float slope, float offset, float bottom, float top) {
    float least = least(low);
    float y = x < threshold ? Math.fma(x < least ? least : x, low, 0) : Math.fma(x, slope, offset);
    float risen = y < bottom ? bottom : y;
    return risen > top ? top : risen;
  }

  /** Minus infinity times 0 would be NaN. */
  private static float least(float low) {
    return low == 0 ? -Float.MAX_VALUE : Float.NEGATIVE_INFINITY;
  }

  static void derivative(
      long address,
      int count,
      float floor,
      float ceiling,
      float a,
      float b,
      float c,
      float outside) {
    PARABOLA.call(address, count, floor, ceiling, a, b, c, outside);
  }

  @SuppressWarnings("UnusedMethod") // through PARABOLA
  private static void parabola(
      long address,
      long count,
      float floor,
      float ceiling,
      float a,
      float b,
      float c,
      float outside) {
    long at = Lanes.base(address);
    long end = at + Float.BYTES * count;
    FloatVector floors = FloatVector.broadcast(Lanes.SPECIES, floor);
    FloatVector as = FloatVector.broadcast(Lanes.SPECIES, a);
    FloatVector bs = FloatVector.broadcast(Lanes.SPECIES, b);
    FloatVector cs = FloatVector.broadcast(Lanes.SPECIES, c);
    FloatVector outsides = FloatVector.broadcast(Lanes.SPECIES, outside);
    while (at != end) {
      FloatVector y = Lanes.load(at);
      FloatVector inside = y.fma(cs, bs).fma(y, as);
      Lanes.store(
          inside
              .blend(outsides, y.compare(VectorOperators.LE, floors))
              .blend(outsides, y.compare(VectorOperators.GE, ceiling)),
          at);
      at += Lanes.BYTES;
    }
  }

  static float scalarDerivative(
      float y, float floor, float ceiling, float a, float b, float c, float outside) {
    return y <= floor || y >= ceiling ? outside : Math.fma(Math.fma(y, c, b), y, a);
  }
}
