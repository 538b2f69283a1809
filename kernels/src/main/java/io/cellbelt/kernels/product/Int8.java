package io.cellbelt.kernels.product;

import static io.cellbelt.kernels.simd.Lanes.ADDRESS_MASK;
import static io.cellbelt.kernels.simd.Lanes.BYTES;
import static io.cellbelt.kernels.simd.Lanes.INT;
import static io.cellbelt.kernels.simd.Lanes.INTS;
import static io.cellbelt.kernels.simd.Lanes.ORDER;
import static io.cellbelt.kernels.simd.Lanes.SPECIES;
import static io.cellbelt.kernels.simd.Lanes.memory;
import static io.cellbelt.kernels.simd.Lanes.offset;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Panels of 8-bit integers: a word holds the weights of four k, the first in its lowest byte.
 * Shifted up until a byte is on top, the word is that weight in units of 2^24, and the bytes below
 * stay behind as its fraction: no mask clears them, because packing knew them and rounded to what
 * is nearest with them. Sums are in these units; the scale of an output is applied once, to them.
 */
final class Int8 {
  private static final Outlined WIDEN = Outlined.addresses(MethodHandles.lookup(), "widenLoop", 3);

  private Int8() {}

  /**
   * One row times four vectors: each weight takes a shift and a conversion besides its FMA, so more
   * accumulators would not be faster, and a larger method would not be compiled.
   *
   * @param x k floats, followed by zeros up to a multiple of four
   * @param w four vectors, {@code wStep} bytes from one word of k to the next
   * @param y four vectors of sums
   */
  static void oneGroup(long x, long w, long wStep, long y, int k) {
    MemorySegment xs = memory(x), ws = memory(w), ys = memory(y);
    x = offset(x);
    w = offset(w);
    y = offset(y);
    FloatVector c0 = fromMemorySegment(SPECIES, ys, y, ORDER);
    FloatVector c1 = fromMemorySegment(SPECIES, ys, y + BYTES, ORDER);
    FloatVector c2 = fromMemorySegment(SPECIES, ys, y + 2 * BYTES, ORDER);
    FloatVector c3 = fromMemorySegment(SPECIES, ys, y + 3 * BYTES, ORDER);
    for (long end = x + (k + 3 & -4) * 4L; x != end; x += 16, w += wStep) {
      long p = w & ADDRESS_MASK, q = x & ADDRESS_MASK;
      IntVector v0 = IntVector.fromMemorySegment(INTS, ws, p, ORDER);
      IntVector v1 = IntVector.fromMemorySegment(INTS, ws, p + BYTES, ORDER);
      IntVector v2 = IntVector.fromMemorySegment(INTS, ws, p + 2 * BYTES, ORDER);
      IntVector v3 = IntVector.fromMemorySegment(INTS, ws, p + 3 * BYTES, ORDER);
      FloatVector a0 = IntVector.broadcast(INTS, xs.get(INT, q)).reinterpretAsFloats();
      c0 = a0.fma((FloatVector) v0.lanewise(LSHL, 24).convert(I2F, 0), c0);
      c1 = a0.fma((FloatVector) v1.lanewise(LSHL, 24).convert(I2F, 0), c1);
      c2 = a0.fma((FloatVector) v2.lanewise(LSHL, 24).convert(I2F, 0), c2);
      c3 = a0.fma((FloatVector) v3.lanewise(LSHL, 24).convert(I2F, 0), c3);
      FloatVector a1 = IntVector.broadcast(INTS, xs.get(INT, q + 4)).reinterpretAsFloats();
      c0 = a1.fma((FloatVector) v0.lanewise(LSHL, 16).convert(I2F, 0), c0);
      c1 = a1.fma((FloatVector) v1.lanewise(LSHL, 16).convert(I2F, 0), c1);
      c2 = a1.fma((FloatVector) v2.lanewise(LSHL, 16).convert(I2F, 0), c2);
      c3 = a1.fma((FloatVector) v3.lanewise(LSHL, 16).convert(I2F, 0), c3);
      FloatVector a2 = IntVector.broadcast(INTS, xs.get(INT, q + 8)).reinterpretAsFloats();
      c0 = a2.fma((FloatVector) v0.lanewise(LSHL, 8).convert(I2F, 0), c0);
      c1 = a2.fma((FloatVector) v1.lanewise(LSHL, 8).convert(I2F, 0), c1);
      c2 = a2.fma((FloatVector) v2.lanewise(LSHL, 8).convert(I2F, 0), c2);
      c3 = a2.fma((FloatVector) v3.lanewise(LSHL, 8).convert(I2F, 0), c3);
      FloatVector a3 = IntVector.broadcast(INTS, xs.get(INT, q + 12)).reinterpretAsFloats();
      c0 = a3.fma((FloatVector) v0.convert(I2F, 0), c0);
      c1 = a3.fma((FloatVector) v1.convert(I2F, 0), c1);
      c2 = a3.fma((FloatVector) v2.convert(I2F, 0), c2);
      c3 = a3.fma((FloatVector) v3.convert(I2F, 0), c3);
    }
    c0.intoMemorySegment(ys, y, ORDER);
    c1.intoMemorySegment(ys, y + BYTES, ORDER);
    c2.intoMemorySegment(ys, y + 2 * BYTES, ORDER);
    c3.intoMemorySegment(ys, y + 3 * BYTES, ORDER);
  }

  /** Writes the words of a panel, {@code [words][64]}, as floats, {@code [4 words][64]}. */
  static void widen(long from, int words, long to) {
    WIDEN.call(from, words, to);
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void widenLoop(long from, long words, long to) {
    long step = Products.STEP;
    for (long word = 0; word < words; word++) {
      long source = Lanes.base(from + word * step);
      long target = Lanes.base(to + 4 * word * step);
      for (long at = 0; at < step; at += BYTES) {
        IntVector v = Lanes.loadInts(source + at);
        long t = target + at;
        Lanes.store((FloatVector) v.lanewise(LSHL, 24).convert(I2F, 0), t);
        Lanes.store((FloatVector) v.lanewise(LSHL, 16).convert(I2F, 0), t + step);
        Lanes.store((FloatVector) v.lanewise(LSHL, 8).convert(I2F, 0), t + 2 * step);
        Lanes.store((FloatVector) v.convert(I2F, 0), t + 3 * step);
      }
    }
  }
}
