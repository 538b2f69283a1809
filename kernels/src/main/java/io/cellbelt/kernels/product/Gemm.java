package io.cellbelt.kernels.product;

import static io.cellbelt.kernels.simd.Lanes.BYTES;
import static io.cellbelt.kernels.simd.Lanes.base;
import static io.cellbelt.kernels.simd.Lanes.load;
import static io.cellbelt.kernels.simd.Lanes.splat;
import static io.cellbelt.kernels.simd.Lanes.store;
import static io.cellbelt.kernels.simd.Lanes.stride;

import jdk.incubator.vector.FloatVector;

/** Rows times matrix, {@code Y += X W}, in register tiles on the same panels as {@link Gemv}. */
final class Gemm {
  private Gemm() {}

  static void fourRows(
      long x, long xRow, long xStep, long w, long wStep, long y, long yRow, int k) {
    y = base(y);
    yRow = stride(yRow);
    xRow = stride(xRow);
    FloatVector c00 = load(y), c01 = load(y + BYTES);
    FloatVector c10 = load(y + yRow), c11 = load(y + yRow + BYTES);
    FloatVector c20 = load(y + 2 * yRow), c21 = load(y + 2 * yRow + BYTES);
    FloatVector c30 = load(y + 3 * yRow), c31 = load(y + 3 * yRow + BYTES);
    for (long end = x + k * xStep; x != end; x += xStep, w += wStep) {
      long p = base(w);
      long q = base(x);
      FloatVector b0 = load(p), b1 = load(p + BYTES);
      FloatVector a0 = splat(q), a1 = splat(q + xRow);
      FloatVector a2 = splat(q + 2 * xRow), a3 = splat(q + 3 * xRow);
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    store(c00, y);
    store(c01, y + BYTES);
    store(c10, y + yRow);
    store(c11, y + yRow + BYTES);
    store(c20, y + 2 * yRow);
    store(c21, y + 2 * yRow + BYTES);
    store(c30, y + 3 * yRow);
    store(c31, y + 3 * yRow + BYTES);
  }
}
