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
 * Rows times matrix, {@code Y += X W}, in register tiles on the same panels as {@link Gemv}, which
 * says why the loops are written as they are.
 */
final class Gemm {
  private Gemm() {}

  /**
   * Six rows times two vectors: twelve accumulators, two loads and one broadcast at a time fit 16
   * registers, and eight loads feed twelve FMAs.
   *
   * @param x first row of k floats, {@code xStep} bytes apart; {@code xRow} bytes to the next row
   * @param w two vectors, {@code wStep} bytes from one k to the next
   * @param s what the sums start from, {@code sRow} bytes from row to row; may be y
   * @param y two vectors of outputs of the first row; {@code yRow} bytes to the next row
   */
  static void sixRows(
      long x,
      long xRow,
      long xStep,
      long w,
      long wStep,
      long s,
      long sRow,
      long y,
      long yRow,
      int k) {
    MemorySegment xs = memory(x), ws = memory(w), ss = memory(s), ys = memory(y);
    x = offset(x);
    w = offset(w);
    s = offset(s);
    y = offset(y);
    xRow &= STRIDE_MASK;
    sRow &= STRIDE_MASK;
    yRow &= STRIDE_MASK;
    FloatVector c00 = fromMemorySegment(SPECIES, ss, s, ORDER);
    FloatVector c01 = fromMemorySegment(SPECIES, ss, s + BYTES, ORDER);
    FloatVector c10 = fromMemorySegment(SPECIES, ss, s + sRow, ORDER);
    FloatVector c11 = fromMemorySegment(SPECIES, ss, s + sRow + BYTES, ORDER);
    FloatVector c20 = fromMemorySegment(SPECIES, ss, s + 2 * sRow, ORDER);
    FloatVector c21 = fromMemorySegment(SPECIES, ss, s + 2 * sRow + BYTES, ORDER);
    FloatVector c30 = fromMemorySegment(SPECIES, ss, s + 3 * sRow, ORDER);
    FloatVector c31 = fromMemorySegment(SPECIES, ss, s + 3 * sRow + BYTES, ORDER);
    FloatVector c40 = fromMemorySegment(SPECIES, ss, s + 4 * sRow, ORDER);
    FloatVector c41 = fromMemorySegment(SPECIES, ss, s + 4 * sRow + BYTES, ORDER);
    FloatVector c50 = fromMemorySegment(SPECIES, ss, s + 5 * sRow, ORDER);
    FloatVector c51 = fromMemorySegment(SPECIES, ss, s + 5 * sRow + BYTES, ORDER);
    for (long end = x + k * xStep; x != end; x += xStep, w += wStep) {
      long p = w & ADDRESS_MASK, q = x & ADDRESS_MASK;
      FloatVector b0 = fromMemorySegment(SPECIES, ws, p, ORDER);
      FloatVector b1 = fromMemorySegment(SPECIES, ws, p + BYTES, ORDER);
      FloatVector a0 = IntVector.broadcast(INTS, xs.get(INT, q)).reinterpretAsFloats();
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = IntVector.broadcast(INTS, xs.get(INT, q + xRow)).reinterpretAsFloats();
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = IntVector.broadcast(INTS, xs.get(INT, q + 2 * xRow)).reinterpretAsFloats();
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = IntVector.broadcast(INTS, xs.get(INT, q + 3 * xRow)).reinterpretAsFloats();
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = IntVector.broadcast(INTS, xs.get(INT, q + 4 * xRow)).reinterpretAsFloats();
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = IntVector.broadcast(INTS, xs.get(INT, q + 5 * xRow)).reinterpretAsFloats();
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
    }
    c00.intoMemorySegment(ys, y, ORDER);
    c01.intoMemorySegment(ys, y + BYTES, ORDER);
    c10.intoMemorySegment(ys, y + yRow, ORDER);
    c11.intoMemorySegment(ys, y + yRow + BYTES, ORDER);
    c20.intoMemorySegment(ys, y + 2 * yRow, ORDER);
    c21.intoMemorySegment(ys, y + 2 * yRow + BYTES, ORDER);
    c30.intoMemorySegment(ys, y + 3 * yRow, ORDER);
    c31.intoMemorySegment(ys, y + 3 * yRow + BYTES, ORDER);
    c40.intoMemorySegment(ys, y + 4 * yRow, ORDER);
    c41.intoMemorySegment(ys, y + 4 * yRow + BYTES, ORDER);
    c50.intoMemorySegment(ys, y + 5 * yRow, ORDER);
    c51.intoMemorySegment(ys, y + 5 * yRow + BYTES, ORDER);
  }

  /**
   * Four rows times four vectors, for 32 registers; the parameters are those of {@link #sixRows}. A
   * panel is read whole, which outer caches deliver faster than two halves after each other.
   */
  static void fourRows(
      long x,
      long xRow,
      long xStep,
      long w,
      long wStep,
      long s,
      long sRow,
      long y,
      long yRow,
      int k) {
    MemorySegment xs = memory(x), ws = memory(w), ss = memory(s), ys = memory(y);
    x = offset(x);
    w = offset(w);
    s = offset(s);
    y = offset(y);
    xRow &= STRIDE_MASK;
    sRow &= STRIDE_MASK;
    yRow &= STRIDE_MASK;
    FloatVector c00 = fromMemorySegment(SPECIES, ss, s, ORDER);
    FloatVector c01 = fromMemorySegment(SPECIES, ss, s + BYTES, ORDER);
    FloatVector c02 = fromMemorySegment(SPECIES, ss, s + 2 * BYTES, ORDER);
    FloatVector c03 = fromMemorySegment(SPECIES, ss, s + 3 * BYTES, ORDER);
    FloatVector c10 = fromMemorySegment(SPECIES, ss, s + sRow, ORDER);
    FloatVector c11 = fromMemorySegment(SPECIES, ss, s + sRow + BYTES, ORDER);
    FloatVector c12 = fromMemorySegment(SPECIES, ss, s + sRow + 2 * BYTES, ORDER);
    FloatVector c13 = fromMemorySegment(SPECIES, ss, s + sRow + 3 * BYTES, ORDER);
    FloatVector c20 = fromMemorySegment(SPECIES, ss, s + 2 * sRow, ORDER);
    FloatVector c21 = fromMemorySegment(SPECIES, ss, s + 2 * sRow + BYTES, ORDER);
    FloatVector c22 = fromMemorySegment(SPECIES, ss, s + 2 * sRow + 2 * BYTES, ORDER);
    FloatVector c23 = fromMemorySegment(SPECIES, ss, s + 2 * sRow + 3 * BYTES, ORDER);
    FloatVector c30 = fromMemorySegment(SPECIES, ss, s + 3 * sRow, ORDER);
    FloatVector c31 = fromMemorySegment(SPECIES, ss, s + 3 * sRow + BYTES, ORDER);
    FloatVector c32 = fromMemorySegment(SPECIES, ss, s + 3 * sRow + 2 * BYTES, ORDER);
    FloatVector c33 = fromMemorySegment(SPECIES, ss, s + 3 * sRow + 3 * BYTES, ORDER);
    for (long end = x + k * xStep; x != end; x += xStep, w += wStep) {
      long p = w & ADDRESS_MASK, q = x & ADDRESS_MASK;
      FloatVector b0 = fromMemorySegment(SPECIES, ws, p, ORDER);
      FloatVector b1 = fromMemorySegment(SPECIES, ws, p + BYTES, ORDER);
      FloatVector b2 = fromMemorySegment(SPECIES, ws, p + 2 * BYTES, ORDER);
      FloatVector b3 = fromMemorySegment(SPECIES, ws, p + 3 * BYTES, ORDER);
      FloatVector a0 = IntVector.broadcast(INTS, xs.get(INT, q)).reinterpretAsFloats();
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c02 = a0.fma(b2, c02);
      c03 = a0.fma(b3, c03);
      FloatVector a1 = IntVector.broadcast(INTS, xs.get(INT, q + xRow)).reinterpretAsFloats();
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c12 = a1.fma(b2, c12);
      c13 = a1.fma(b3, c13);
      FloatVector a2 = IntVector.broadcast(INTS, xs.get(INT, q + 2 * xRow)).reinterpretAsFloats();
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c22 = a2.fma(b2, c22);
      c23 = a2.fma(b3, c23);
      FloatVector a3 = IntVector.broadcast(INTS, xs.get(INT, q + 3 * xRow)).reinterpretAsFloats();
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      c32 = a3.fma(b2, c32);
      c33 = a3.fma(b3, c33);
    }
    c00.intoMemorySegment(ys, y, ORDER);
    c01.intoMemorySegment(ys, y + BYTES, ORDER);
    c02.intoMemorySegment(ys, y + 2 * BYTES, ORDER);
    c03.intoMemorySegment(ys, y + 3 * BYTES, ORDER);
    c10.intoMemorySegment(ys, y + yRow, ORDER);
    c11.intoMemorySegment(ys, y + yRow + BYTES, ORDER);
    c12.intoMemorySegment(ys, y + yRow + 2 * BYTES, ORDER);
    c13.intoMemorySegment(ys, y + yRow + 3 * BYTES, ORDER);
    c20.intoMemorySegment(ys, y + 2 * yRow, ORDER);
    c21.intoMemorySegment(ys, y + 2 * yRow + BYTES, ORDER);
    c22.intoMemorySegment(ys, y + 2 * yRow + 2 * BYTES, ORDER);
    c23.intoMemorySegment(ys, y + 2 * yRow + 3 * BYTES, ORDER);
    c30.intoMemorySegment(ys, y + 3 * yRow, ORDER);
    c31.intoMemorySegment(ys, y + 3 * yRow + BYTES, ORDER);
    c32.intoMemorySegment(ys, y + 3 * yRow + 2 * BYTES, ORDER);
    c33.intoMemorySegment(ys, y + 3 * yRow + 3 * BYTES, ORDER);
  }

  /**
   * Four rows times two vectors, for what is left of a panel with few columns; the parameters are
   * those of {@link #sixRows}.
   */
  static void fourNarrowRows(
      long x,
      long xRow,
      long xStep,
      long w,
      long wStep,
      long s,
      long sRow,
      long y,
      long yRow,
      int k) {
    MemorySegment xs = memory(x), ws = memory(w), ss = memory(s), ys = memory(y);
    x = offset(x);
    w = offset(w);
    s = offset(s);
    y = offset(y);
    xRow &= STRIDE_MASK;
    sRow &= STRIDE_MASK;
    yRow &= STRIDE_MASK;
    FloatVector c00 = fromMemorySegment(SPECIES, ss, s, ORDER);
    FloatVector c01 = fromMemorySegment(SPECIES, ss, s + BYTES, ORDER);
    FloatVector c10 = fromMemorySegment(SPECIES, ss, s + sRow, ORDER);
    FloatVector c11 = fromMemorySegment(SPECIES, ss, s + sRow + BYTES, ORDER);
    FloatVector c20 = fromMemorySegment(SPECIES, ss, s + 2 * sRow, ORDER);
    FloatVector c21 = fromMemorySegment(SPECIES, ss, s + 2 * sRow + BYTES, ORDER);
    FloatVector c30 = fromMemorySegment(SPECIES, ss, s + 3 * sRow, ORDER);
    FloatVector c31 = fromMemorySegment(SPECIES, ss, s + 3 * sRow + BYTES, ORDER);
    for (long end = x + k * xStep; x != end; x += xStep, w += wStep) {
      long p = w & ADDRESS_MASK, q = x & ADDRESS_MASK;
      FloatVector b0 = fromMemorySegment(SPECIES, ws, p, ORDER);
      FloatVector b1 = fromMemorySegment(SPECIES, ws, p + BYTES, ORDER);
      FloatVector a0 = IntVector.broadcast(INTS, xs.get(INT, q)).reinterpretAsFloats();
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = IntVector.broadcast(INTS, xs.get(INT, q + xRow)).reinterpretAsFloats();
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = IntVector.broadcast(INTS, xs.get(INT, q + 2 * xRow)).reinterpretAsFloats();
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = IntVector.broadcast(INTS, xs.get(INT, q + 3 * xRow)).reinterpretAsFloats();
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    c00.intoMemorySegment(ys, y, ORDER);
    c01.intoMemorySegment(ys, y + BYTES, ORDER);
    c10.intoMemorySegment(ys, y + yRow, ORDER);
    c11.intoMemorySegment(ys, y + yRow + BYTES, ORDER);
    c20.intoMemorySegment(ys, y + 2 * yRow, ORDER);
    c21.intoMemorySegment(ys, y + 2 * yRow + BYTES, ORDER);
    c30.intoMemorySegment(ys, y + 3 * yRow, ORDER);
    c31.intoMemorySegment(ys, y + 3 * yRow + BYTES, ORDER);
  }

  /** Two rows times four vectors; the parameters are those of {@link #sixRows}. */
  static void twoRows(
      long x,
      long xRow,
      long xStep,
      long w,
      long wStep,
      long s,
      long sRow,
      long y,
      long yRow,
      int k) {
    MemorySegment xs = memory(x), ws = memory(w), ss = memory(s), ys = memory(y);
    x = offset(x);
    w = offset(w);
    s = offset(s);
    y = offset(y);
    xRow &= STRIDE_MASK;
    sRow &= STRIDE_MASK;
    yRow &= STRIDE_MASK;
    FloatVector c00 = fromMemorySegment(SPECIES, ss, s, ORDER);
    FloatVector c01 = fromMemorySegment(SPECIES, ss, s + BYTES, ORDER);
    FloatVector c02 = fromMemorySegment(SPECIES, ss, s + 2 * BYTES, ORDER);
    FloatVector c03 = fromMemorySegment(SPECIES, ss, s + 3 * BYTES, ORDER);
    FloatVector c10 = fromMemorySegment(SPECIES, ss, s + sRow, ORDER);
    FloatVector c11 = fromMemorySegment(SPECIES, ss, s + sRow + BYTES, ORDER);
    FloatVector c12 = fromMemorySegment(SPECIES, ss, s + sRow + 2 * BYTES, ORDER);
    FloatVector c13 = fromMemorySegment(SPECIES, ss, s + sRow + 3 * BYTES, ORDER);
    for (long end = x + k * xStep; x != end; x += xStep, w += wStep) {
      long p = w & ADDRESS_MASK, q = x & ADDRESS_MASK;
      FloatVector a0 = IntVector.broadcast(INTS, xs.get(INT, q)).reinterpretAsFloats();
      FloatVector a1 = IntVector.broadcast(INTS, xs.get(INT, q + xRow)).reinterpretAsFloats();
      FloatVector b0 = fromMemorySegment(SPECIES, ws, p, ORDER);
      c00 = a0.fma(b0, c00);
      c10 = a1.fma(b0, c10);
      FloatVector b1 = fromMemorySegment(SPECIES, ws, p + BYTES, ORDER);
      c01 = a0.fma(b1, c01);
      c11 = a1.fma(b1, c11);
      FloatVector b2 = fromMemorySegment(SPECIES, ws, p + 2 * BYTES, ORDER);
      c02 = a0.fma(b2, c02);
      c12 = a1.fma(b2, c12);
      FloatVector b3 = fromMemorySegment(SPECIES, ws, p + 3 * BYTES, ORDER);
      c03 = a0.fma(b3, c03);
      c13 = a1.fma(b3, c13);
    }
    c00.intoMemorySegment(ys, y, ORDER);
    c01.intoMemorySegment(ys, y + BYTES, ORDER);
    c02.intoMemorySegment(ys, y + 2 * BYTES, ORDER);
    c03.intoMemorySegment(ys, y + 3 * BYTES, ORDER);
    c10.intoMemorySegment(ys, y + yRow, ORDER);
    c11.intoMemorySegment(ys, y + yRow + BYTES, ORDER);
    c12.intoMemorySegment(ys, y + yRow + 2 * BYTES, ORDER);
    c13.intoMemorySegment(ys, y + yRow + 3 * BYTES, ORDER);
  }
}
