package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * The loops of {@link Reduction}, each a method of its own, compiled by itself
 * (docs/decisions/2-kernels-called-through-handles.md).
 */
@SuppressWarnings("UnusedMethod") // through handles
final class ReductionLoops {
  private static final boolean ONE = Lines.VECTORS == 1;
  private static final boolean TWO = Lines.VECTORS == 2;

  static final Outlined ADD_SQUARES = Outlined.addresses(MethodHandles.lookup(), "addSquares", 5);
  static final Outlined ADD_MAGNITUDES =
      Outlined.addresses(MethodHandles.lookup(), "addMagnitudes", 5);

  private ReductionLoops() {}

  /** The loop over a row. */
  static Outlined row(String name) {
    return Outlined.value(MethodHandles.lookup(), name, 0);
  }

  private static float sum(long x, long floats) {
    FloatVector s0 = FloatVector.broadcast(Lanes.SPECIES, 0), s1 = s0, s2 = s0, s3 = s0;
    long from = Lanes.base(x);
    int rest = (int) floats % Lanes.COUNT;
    int last = Float.BYTES * ((int) floats - rest);
    for (int at = 0; at < last; at += Lanes.BYTES) {
      FloatVector t = s0.add(Lanes.load(from + at));
      s0 = ONE ? t : s1;
      s1 = TWO ? t : s2;
      s2 = s3;
      s3 = t;
    }
    FloatVector t = s0.add(Lanes.loadFirst(from + last, rest, 0));
    return Lines.sum(t, s1, s2, s3);
  }

  private static float maximum(long x, long floats) {
    FloatVector s0 = FloatVector.broadcast(Lanes.SPECIES, Float.NEGATIVE_INFINITY),
        s1 = s0,
        s2 = s0,
        s3 = s0;
    long from = Lanes.base(x);
    int rest = (int) floats % Lanes.COUNT;
    int last = Float.BYTES * ((int) floats - rest);
    for (int at = 0; at < last; at += Lanes.BYTES) {
      FloatVector t = s0.max(Lanes.load(from + at));
      s0 = ONE ? t : s1;
      s1 = TWO ? t : s2;
      s2 = s3;
      s3 = t;
    }
    FloatVector t = s0.max(Lanes.loadFirst(from + last, rest, Float.NEGATIVE_INFINITY));
    return Lines.maximum(t, s1, s2, s3);
  }

  private static float minimum(long x, long floats) {
    FloatVector s0 = FloatVector.broadcast(Lanes.SPECIES, Float.POSITIVE_INFINITY),
        s1 = s0,
        s2 = s0,
        s3 = s0;
    long from = Lanes.base(x);
    int rest = (int) floats % Lanes.COUNT;
    int last = Float.BYTES * ((int) floats - rest);
    for (int at = 0; at < last; at += Lanes.BYTES) {
      FloatVector t = s0.min(Lanes.load(from + at));
      s0 = ONE ? t : s1;
      s1 = TWO ? t : s2;
      s2 = s3;
      s3 = t;
    }
    FloatVector t = s0.min(Lanes.loadFirst(from + last, rest, Float.POSITIVE_INFINITY));
    return Lines.minimum(t, s1, s2, s3);
  }

  private static float product(long x, long floats) {
    FloatVector s0 = FloatVector.broadcast(Lanes.SPECIES, 1), s1 = s0, s2 = s0, s3 = s0;
    long from = Lanes.base(x);
    int rest = (int) floats % Lanes.COUNT;
    int last = Float.BYTES * ((int) floats - rest);
    for (int at = 0; at < last; at += Lanes.BYTES) {
      FloatVector t = s0.mul(Lanes.load(from + at));
      s0 = ONE ? t : s1;
      s1 = TWO ? t : s2;
      s2 = s3;
      s3 = t;
    }
    FloatVector t = s0.mul(Lanes.loadFirst(from + last, rest, 1));
    return Lines.product(t, s1, s2, s3);
  }

  private static float squares(long x, long floats) {
    FloatVector s0 = FloatVector.broadcast(Lanes.SPECIES, 0), s1 = s0, s2 = s0, s3 = s0;
    long from = Lanes.base(x);
    int rest = (int) floats % Lanes.COUNT;
    int last = Float.BYTES * ((int) floats - rest);
    for (int at = 0; at < last; at += Lanes.BYTES) {
      FloatVector v = Lanes.load(from + at);
      FloatVector t = v.fma(v, s0);
      s0 = ONE ? t : s1;
      s1 = TWO ? t : s2;
      s2 = s3;
      s3 = t;
    }
    FloatVector v = Lanes.loadFirst(from + last, rest, 0);
    FloatVector t = v.fma(v, s0);
    return Lines.sum(t, s1, s2, s3);
  }

  private static float magnitudes(long x, long floats) {
    FloatVector s0 = FloatVector.broadcast(Lanes.SPECIES, 0), s1 = s0, s2 = s0, s3 = s0;
    long from = Lanes.base(x);
    int rest = (int) floats % Lanes.COUNT;
    int last = Float.BYTES * ((int) floats - rest);
    for (int at = 0; at < last; at += Lanes.BYTES) {
      FloatVector t = s0.add(Lanes.load(from + at).abs());
      s0 = ONE ? t : s1;
      s1 = TWO ? t : s2;
      s2 = s3;
      s3 = t;
    }
    FloatVector t = s0.add(Lanes.loadFirst(from + last, rest, 0).abs());
    return Lines.sum(t, s1, s2, s3);
  }

  private static void addSquares(long x, long xStep, long count, long y, long bytes) {
    long to = Lanes.base(y);
    for (long i = 0; i < count; i++) {
      long from = Lanes.base(x + i * xStep);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        FloatVector v = Lanes.load(from + at);
        Lanes.store(v.fma(v, Lanes.load(to + at)), to + at);
      }
    }
  }

  private static void addMagnitudes(long x, long xStep, long count, long y, long bytes) {
    long to = Lanes.base(y);
    for (long i = 0; i < count; i++) {
      long from = Lanes.base(x + i * xStep);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(to + at).add(Lanes.load(from + at).abs()), to + at);
      }
    }
  }
}
