package io.cellbelt.kernels.product;

import static io.cellbelt.kernels.simd.Lanes.BYTES;
import static io.cellbelt.kernels.simd.Lanes.base;
import static io.cellbelt.kernels.simd.Lanes.load;
import static io.cellbelt.kernels.simd.Lanes.splat;
import static io.cellbelt.kernels.simd.Lanes.store;
import static io.cellbelt.kernels.simd.Lanes.stride;

import jdk.incubator.vector.FloatVector;

/**
 * Row times matrix, {@code y += x W}, with the outputs in lanes: one broadcast {@code x[k]} feeds
 * all accumulators, so there is no horizontal sum and every output is one chain of FMAs in the
 * order of k, whatever the width.
 */
final class Gemv {
  private Gemv() {}

  /**
   * {@code y += x W} for four panels of two vectors.
   *
   * <p>Eight accumulators, because an FMA has a latency of 4 and two are started per cycle. The
   * load is the second factor, so that it folds into the FMA; the loop is not one that C2 counts,
   * so that it is not unrolled into spills (docs/tried-and-dropped.md). A panel may be given twice:
   * all of y is read before any of it is written.
   *
   * @param x first of k floats, {@code xStep} bytes apart
   * @param w first panel; {@code wStep} bytes from one k to the next
   * @param w1 bytes from the first panel to the second, likewise w2 and w3
   * @param y first output; y1, y2, y3 bytes on are those of the other panels
   */
  static void fourPanels(
      long x,
      long xStep,
      long w,
      long w1,
      long w2,
      long w3,
      long wStep,
      long y,
      long y1,
      long y2,
      long y3,
      int k) {
    y = base(y);
    y1 = stride(y1);
    y2 = stride(y2);
    y3 = stride(y3);
    w1 = stride(w1);
    w2 = stride(w2);
    w3 = stride(w3);
    FloatVector c0 = load(y), c1 = load(y + BYTES);
    FloatVector c2 = load(y + y1), c3 = load(y + y1 + BYTES);
    FloatVector c4 = load(y + y2), c5 = load(y + y2 + BYTES);
    FloatVector c6 = load(y + y3), c7 = load(y + y3 + BYTES);
    for (long end = x + k * xStep; x != end; x += xStep, w += wStep) {
      long p = base(w);
      FloatVector a = splat(base(x));
      c0 = a.fma(load(p), c0);
      c1 = a.fma(load(p + BYTES), c1);
      c2 = a.fma(load(p + w1), c2);
      c3 = a.fma(load(p + w1 + BYTES), c3);
      c4 = a.fma(load(p + w2), c4);
      c5 = a.fma(load(p + w2 + BYTES), c5);
      c6 = a.fma(load(p + w3), c6);
      c7 = a.fma(load(p + w3 + BYTES), c7);
    }
    store(c0, y);
    store(c1, y + BYTES);
    store(c2, y + y1);
    store(c3, y + y1 + BYTES);
    store(c4, y + y2);
    store(c5, y + y2 + BYTES);
    store(c6, y + y3);
    store(c7, y + y3 + BYTES);
  }
}
