package io.cellbelt.kernels.product;

import static io.cellbelt.kernels.simd.Lanes.ADDRESS_MASK;
import static io.cellbelt.kernels.simd.Lanes.BYTES;
import static io.cellbelt.kernels.simd.Lanes.INT;
import static io.cellbelt.kernels.simd.Lanes.INTS;
import static io.cellbelt.kernels.simd.Lanes.ORDER;
import static io.cellbelt.kernels.simd.Lanes.SPECIES;
import static io.cellbelt.kernels.simd.Lanes.STRIDE_MASK;
import static io.cellbelt.kernels.simd.Lanes.memory;
import static io.cellbelt.kernels.simd.Lanes.offset;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Panels of bfloat16: a word holds the weight of an even k in its lower half and that of the next k
 * in its upper half. Shifted up or with the lower half cleared it is the weight as a float, so no
 * conversion and no narrow vector is needed.
 */
final class Bf16 {
  private static final int UPPER_HALF = 0xffff0000;
  private static final Outlined WIDEN = Outlined.addresses(MethodHandles.lookup(), "widenLoop", 3);

  private Bf16() {}

  /**
   * One row times two groups of four vectors, as {@link Gemv#twoGroups}; x is contiguous and, where
   * k is odd, followed by a zero.
   */
  static void twoGroups(long x, long w, long w1, long wStep, long s, long y, long y1, int k) {
    MemorySegment xs = memory(x), ws = memory(w), ss = memory(s), ys = memory(y);
    x = offset(x);
    w = offset(w);
    s = offset(s);
    y = offset(y);
    w1 &= STRIDE_MASK;
    y1 &= STRIDE_MASK;
    IntVector upper = IntVector.broadcast(INTS, UPPER_HALF);
    FloatVector c0 = fromMemorySegment(SPECIES, ss, s, ORDER);
    FloatVector c1 = fromMemorySegment(SPECIES, ss, s + BYTES, ORDER);
    FloatVector c2 = fromMemorySegment(SPECIES, ss, s + 2 * BYTES, ORDER);
    FloatVector c3 = fromMemorySegment(SPECIES, ss, s + 3 * BYTES, ORDER);
    FloatVector d0 = fromMemorySegment(SPECIES, ss, s + y1, ORDER);
    FloatVector d1 = fromMemorySegment(SPECIES, ss, s + y1 + BYTES, ORDER);
    FloatVector d2 = fromMemorySegment(SPECIES, ss, s + y1 + 2 * BYTES, ORDER);
    FloatVector d3 = fromMemorySegment(SPECIES, ss, s + y1 + 3 * BYTES, ORDER);
    for (long end = x + (k + 1 & -2) * 4L; x != end; x += 8, w += wStep) {
      long p = w & ADDRESS_MASK, q = x & ADDRESS_MASK;
      FloatVector a = IntVector.broadcast(INTS, xs.get(INT, q)).reinterpretAsFloats();
      FloatVector b = IntVector.broadcast(INTS, xs.get(INT, q + 4)).reinterpretAsFloats();
      IntVector v0 = IntVector.fromMemorySegment(INTS, ws, p, ORDER);
      IntVector v1 = IntVector.fromMemorySegment(INTS, ws, p + BYTES, ORDER);
      IntVector v2 = IntVector.fromMemorySegment(INTS, ws, p + 2 * BYTES, ORDER);
      IntVector v3 = IntVector.fromMemorySegment(INTS, ws, p + 3 * BYTES, ORDER);
      c0 = a.fma(v0.lanewise(LSHL, 16).reinterpretAsFloats(), c0);
      c1 = a.fma(v1.lanewise(LSHL, 16).reinterpretAsFloats(), c1);
      c2 = a.fma(v2.lanewise(LSHL, 16).reinterpretAsFloats(), c2);
      c3 = a.fma(v3.lanewise(LSHL, 16).reinterpretAsFloats(), c3);
      IntVector u0 = IntVector.fromMemorySegment(INTS, ws, p + w1, ORDER);
      IntVector u1 = IntVector.fromMemorySegment(INTS, ws, p + w1 + BYTES, ORDER);
      IntVector u2 = IntVector.fromMemorySegment(INTS, ws, p + w1 + 2 * BYTES, ORDER);
      IntVector u3 = IntVector.fromMemorySegment(INTS, ws, p + w1 + 3 * BYTES, ORDER);
      d0 = a.fma(u0.lanewise(LSHL, 16).reinterpretAsFloats(), d0);
      d1 = a.fma(u1.lanewise(LSHL, 16).reinterpretAsFloats(), d1);
      d2 = a.fma(u2.lanewise(LSHL, 16).reinterpretAsFloats(), d2);
      d3 = a.fma(u3.lanewise(LSHL, 16).reinterpretAsFloats(), d3);
      c0 = b.fma(v0.and(upper).reinterpretAsFloats(), c0);
      c1 = b.fma(v1.and(upper).reinterpretAsFloats(), c1);
      c2 = b.fma(v2.and(upper).reinterpretAsFloats(), c2);
      c3 = b.fma(v3.and(upper).reinterpretAsFloats(), c3);
      d0 = b.fma(u0.and(upper).reinterpretAsFloats(), d0);
      d1 = b.fma(u1.and(upper).reinterpretAsFloats(), d1);
      d2 = b.fma(u2.and(upper).reinterpretAsFloats(), d2);
      d3 = b.fma(u3.and(upper).reinterpretAsFloats(), d3);
    }
    c0.intoMemorySegment(ys, y, ORDER);
    c1.intoMemorySegment(ys, y + BYTES, ORDER);
    c2.intoMemorySegment(ys, y + 2 * BYTES, ORDER);
    c3.intoMemorySegment(ys, y + 3 * BYTES, ORDER);
    d0.intoMemorySegment(ys, y + y1, ORDER);
    d1.intoMemorySegment(ys, y + y1 + BYTES, ORDER);
    d2.intoMemorySegment(ys, y + y1 + 2 * BYTES, ORDER);
    d3.intoMemorySegment(ys, y + y1 + 3 * BYTES, ORDER);
  }

  /** Writes the words of a panel, {@code [words][64]}, as floats, {@code [2 words][64]}. */
  static void widen(long from, int words, long to) {
    WIDEN.call(from, words, to);
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void widenLoop(long from, long words, long to) {
    IntVector upper = IntVector.broadcast(INTS, UPPER_HALF);
    long step = Products.STEP;
    for (long word = 0; word < words; word++) {
      long source = Lanes.base(from + word * step);
      long target = Lanes.base(to + 2 * word * step);
      for (long at = 0; at < step; at += BYTES) {
        IntVector v = Lanes.loadInts(source + at);
        Lanes.store(v.lanewise(LSHL, 16).reinterpretAsFloats(), target + at);
        Lanes.store(v.and(upper).reinterpretAsFloats(), target + step + at);
      }
    }
  }
}
