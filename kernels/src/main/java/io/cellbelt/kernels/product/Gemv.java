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

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Row times matrix, {@code y += x W}, with the outputs in lanes: one broadcast {@code x[k]} feeds
 * all accumulators, so there is no horizontal sum and every output is one chain of FMAs in the
 * order of k, whatever the width.
 *
 * <p>How the loops are written decides their speed (docs/performance.md): C2 does not count {@code
 * x != end}, so it does not unroll the loop into spills; the load is the second factor, so that it
 * folds into the FMA; an int that is loaded and broadcast is one instruction on a load port, a
 * float is three, two of them on ports that FMAs need; and all calls but the first few are the
 * JDK's own, which C2 inlines however large the method has become.
 */
final class Gemv {
  private Gemv() {}

  /**
   * Two groups of four vectors: what 16 registers hold.
   *
   * @param x first of k floats
   * @param w first group; {@code wStep} bytes from one k to the next
   * @param w1 bytes from the first group to the second
   * @param s what the sums start from, laid out like y; may be y
   * @param y outputs of the first group; y1 bytes on are those of the second
   */
  static void twoGroups(long x, long w, long w1, long wStep, long s, long y, long y1, int k) {
    MemorySegment xs = memory(x), ws = memory(w), ss = memory(s), ys = memory(y);
    x = offset(x);
    w = offset(w);
    s = offset(s);
    y = offset(y);
    w1 &= STRIDE_MASK;
    y1 &= STRIDE_MASK;
    FloatVector c0 = fromMemorySegment(SPECIES, ss, s, ORDER);
    FloatVector c1 = fromMemorySegment(SPECIES, ss, s + BYTES, ORDER);
    FloatVector c2 = fromMemorySegment(SPECIES, ss, s + 2 * BYTES, ORDER);
    FloatVector c3 = fromMemorySegment(SPECIES, ss, s + 3 * BYTES, ORDER);
    FloatVector d0 = fromMemorySegment(SPECIES, ss, s + y1, ORDER);
    FloatVector d1 = fromMemorySegment(SPECIES, ss, s + y1 + BYTES, ORDER);
    FloatVector d2 = fromMemorySegment(SPECIES, ss, s + y1 + 2 * BYTES, ORDER);
    FloatVector d3 = fromMemorySegment(SPECIES, ss, s + y1 + 3 * BYTES, ORDER);
    for (long end = x + 4L * k; x != end; x += 4, w += wStep) {
      long p = w & ADDRESS_MASK;
      FloatVector a =
          IntVector.broadcast(INTS, xs.get(INT, x & ADDRESS_MASK)).reinterpretAsFloats();
      c0 = a.fma(fromMemorySegment(SPECIES, ws, p, ORDER), c0);
      c1 = a.fma(fromMemorySegment(SPECIES, ws, p + BYTES, ORDER), c1);
      c2 = a.fma(fromMemorySegment(SPECIES, ws, p + 2 * BYTES, ORDER), c2);
      c3 = a.fma(fromMemorySegment(SPECIES, ws, p + 3 * BYTES, ORDER), c3);
      d0 = a.fma(fromMemorySegment(SPECIES, ws, p + w1, ORDER), d0);
      d1 = a.fma(fromMemorySegment(SPECIES, ws, p + w1 + BYTES, ORDER), d1);
      d2 = a.fma(fromMemorySegment(SPECIES, ws, p + w1 + 2 * BYTES, ORDER), d2);
      d3 = a.fma(fromMemorySegment(SPECIES, ws, p + w1 + 3 * BYTES, ORDER), d3);
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
}
