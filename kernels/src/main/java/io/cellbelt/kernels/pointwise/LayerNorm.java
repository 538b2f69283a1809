package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016) of a few blocks together, with the same bits
 * whatever the vector width.
 *
 * <pre>
 *   v = (a - mean(a)) / sqrt(variance(a) + 1e-5)      y = γ v + β
 *   d = dy γ    da = (d - mean(d) - v mean(d v)) / sqrt(variance(a) + 1e-5)
 * </pre>
 *
 * <p>v takes the place of a, and da that of v. Sums run over the 16 floats of a cache line side by
 * side, which meet in scratch memory and are added up there in one order.
 */
final class LayerNorm {
  private static final double EPSILON = 1e-5;
  private static final long LINE = Slab.ALIGNMENT;

  private static final Outlined SUM = Outlined.addresses(MethodHandles.lookup(), "sum", 3);
  private static final Outlined CENTRE =
      Outlined.numbers(MethodHandles.lookup(), "centreLoop", 3, 1);
  private static final Outlined GAIN = Outlined.numbers(MethodHandles.lookup(), "gainLoop", 5, 1);
  private static final Outlined GAINS = Outlined.numbers(MethodHandles.lookup(), "gainsLoop", 7, 2);
  private static final Outlined SUMS = Outlined.addresses(MethodHandles.lookup(), "sumsLoop", 7);
  private static final Outlined GRADIENT =
      Outlined.numbers(MethodHandles.lookup(), "gradientLoop", 4, 3);

  private LayerNorm() {}

  /**
   * Subtracts the mean.
   *
   * @param address the first of the blocks, which follow each other without a gap
   * @param scratch room for a cache line
   * @return the inverse of the deviation, for {@link #gain}
   */
  static float centre(long address, int blocks, Rows rows, long scratch) {
    long bytes = blocks * rows.bytes();
    double count = (double) blocks * rows.size();
    SUM.call(address, bytes, scratch);
    float mean = (float) (total(scratch) / count);
    for (int block = 0; block < blocks; block++) {
      // So that subtracting it leaves zeros in the padding, which then add nothing to the squares.
      for (int j = rows.size(); j < rows.width(); j++) {
        Lanes.set(Lanes.base(address + block * rows.bytes() + (long) Float.BYTES * j), mean);
      }
    }
    CENTRE.call(address, bytes, scratch, mean);
    return (float) (1 / Math.sqrt(total(scratch) / count + EPSILON));
  }

  /**
   * Of blocks that follow each other: {@code v *= inverse, y = γ v + β}.
   *
   * @param beta may be y
   */
  static void gain(long v, long gamma, long beta, long y, int blocks, Rows rows, float inverse) {
    GAIN.call(v, gamma, beta, y, blocks * rows.bytes(), inverse);
  }

  /**
   * Of two times as many blocks: {@code v *= inverse, w *= other, y = γ v + δ w + β}.
   *
   * @param delta gain of w
   */
  static void gains(
      long v,
      long gamma,
      float inverse,
      long w,
      long delta,
      float other,
      long beta,
      long y,
      int blocks,
      Rows rows) {
    GAINS.call(v, gamma, w, delta, beta, y, blocks * rows.bytes(), inverse, other);
  }

  /**
   * In place of v the gradients of a, and {@code dγ += dy v}.
   *
   * @param gates the row
   * @param dy index of the first of the blocks with the gradients of y
   * @param v index of the first of the blocks that were normalised together
   * @param gamma of the first block; the others follow
   * @param inverse what {@link #centre} returned
   * @param sum room for a cache line
   * @param product room for another
   */
  static void backward(
      Rows rows,
      long gates,
      int dy,
      int v,
      int blocks,
      long gamma,
      long dGamma,
      float inverse,
      long sum,
      long product) {
    Blocks.fill(sum, Slab.LINE, 0);
    Blocks.fill(product, Slab.LINE, 0);
    for (int k = 0; k < blocks; k++) {
      long vector = k * rows.bytes();
      SUMS.call(
          gates + rows.block(dy + k),
          gates + rows.block(v + k),
          gamma + vector,
          dGamma + vector,
          rows.bytes(),
          sum,
          product);
    }
    double scale = inverse / ((double) blocks * rows.size());
    float mean = (float) (total(sum) * scale);
    float slope = (float) (total(product) * scale);
    for (int k = 0; k < blocks; k++) {
      long value = gates + rows.block(v + k);
      GRADIENT.call(
          gates + rows.block(dy + k),
          value,
          gamma + k * rows.bytes(),
          rows.bytes(),
          inverse,
          mean,
          slope);
      Blocks.clearPadding(value, rows.size(), rows.width());
    }
  }

  /** What the floats of a cache line add up to, in one order. */
  private static double total(long line) {
    long base = Lanes.base(line);
    double sum0 = 0;
    double sum1 = 0;
    for (long at = 0; at < LINE; at += 2 * Float.BYTES) {
      sum0 += Lanes.get(base + at);
      sum1 += Lanes.get(base + at + Float.BYTES);
    }
    return sum0 + sum1;
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void sum(long address, long bytes, long scratch) {
    long a = Lanes.base(address);
    long to = Lanes.base(scratch);
    long end = Lanes.stride(bytes);
    for (long lane = 0; lane < LINE; lane += Lanes.BYTES) {
      FloatVector even = FloatVector.zero(Lanes.SPECIES);
      FloatVector odd = even;
      long at = lane;
      for (; at + LINE < end; at += 2 * LINE) {
        even = even.add(Lanes.load(a + at));
        odd = odd.add(Lanes.load(a + at + LINE));
      }
      // By way of memory: a vector that comes from one of two branches is sometimes boxed.
      Lanes.store(even, to + lane);
      if (at < end) {
        Lanes.store(even.add(Lanes.load(a + at)), to + lane);
      }
      Lanes.store(Lanes.load(to + lane).add(odd), to + lane);
    }
  }

  /** {@code a -= mean}, and the sum of the squares of what is left. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void centreLoop(long address, long bytes, long scratch, float mean) {
    long a = Lanes.base(address);
    long to = Lanes.base(scratch);
    long end = Lanes.stride(bytes);
    FloatVector centre = FloatVector.broadcast(Lanes.SPECIES, mean);
    for (long lane = 0; lane < LINE; lane += Lanes.BYTES) {
      FloatVector even = FloatVector.zero(Lanes.SPECIES);
      FloatVector odd = even;
      long at = lane;
      for (; at + LINE < end; at += 2 * LINE) {
        FloatVector v0 = Lanes.load(a + at).sub(centre);
        FloatVector v1 = Lanes.load(a + at + LINE).sub(centre);
        Lanes.store(v0, a + at);
        Lanes.store(v1, a + at + LINE);
        even = v0.fma(v0, even);
        odd = v1.fma(v1, odd);
      }
      Lanes.store(even, to + lane);
      if (at < end) {
        FloatVector v = Lanes.load(a + at).sub(centre);
        Lanes.store(v, a + at);
        Lanes.store(v.fma(v, even), to + lane);
      }
      Lanes.store(Lanes.load(to + lane).add(odd), to + lane);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void gainLoop(long v, long gamma, long beta, long y, long bytes, float inverse) {
    long value = Lanes.base(v);
    long factor = Lanes.base(gamma);
    long offset = Lanes.base(beta);
    long to = Lanes.base(y);
    for (long at = 0, end = Lanes.stride(bytes); at < end; at += Lanes.BYTES) {
      FloatVector normal = Lanes.load(value + at).mul(inverse);
      Lanes.store(normal, value + at);
      Lanes.store(normal.fma(Lanes.load(factor + at), Lanes.load(offset + at)), to + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void gainsLoop(
      long v,
      long gamma,
      long w,
      long delta,
      long beta,
      long y,
      long bytes,
      float inverse,
      float other) {
    long value = Lanes.base(v);
    long factor = Lanes.base(gamma);
    long second = Lanes.base(w);
    long secondFactor = Lanes.base(delta);
    long offset = Lanes.base(beta);
    long to = Lanes.base(y);
    for (long at = 0, end = Lanes.stride(bytes); at < end; at += Lanes.BYTES) {
      FloatVector normal = Lanes.load(value + at).mul(inverse);
      FloatVector otherNormal = Lanes.load(second + at).mul(other);
      Lanes.store(normal, value + at);
      Lanes.store(otherNormal, second + at);
      FloatVector sum = normal.fma(Lanes.load(factor + at), Lanes.load(offset + at));
      Lanes.store(otherNormal.fma(Lanes.load(secondFactor + at), sum), to + at);
    }
  }

  /** What one block adds to the sums of d and of d v, and {@code dγ += dy v}. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void sumsLoop(
      long dy, long v, long gamma, long dGamma, long bytes, long sum, long product) {
    long d = Lanes.base(dy);
    long value = Lanes.base(v);
    long factor = Lanes.base(gamma);
    long dFactor = Lanes.base(dGamma);
    long to0 = Lanes.base(sum);
    long to1 = Lanes.base(product);
    long end = Lanes.stride(bytes);
    for (long lane = 0; lane < LINE; lane += Lanes.BYTES) {
      FloatVector sum0 = Lanes.load(to0 + lane);
      FloatVector sum1 = Lanes.load(to1 + lane);
      for (long at = lane; at < end; at += LINE) {
        FloatVector dOut = Lanes.load(d + at);
        FloatVector normal = Lanes.load(value + at);
        FloatVector dNormal = dOut.mul(Lanes.load(factor + at));
        Lanes.store(dOut.fma(normal, Lanes.load(dFactor + at)), dFactor + at);
        sum0 = sum0.add(dNormal);
        sum1 = dNormal.fma(normal, sum1);
      }
      Lanes.store(sum0, to0 + lane);
      Lanes.store(sum1, to1 + lane);
    }
  }

  /** {@code v = inverse d - mean - slope v}. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void gradientLoop(
      long dy, long v, long gamma, long bytes, float inverse, float mean, float slope) {
    long d = Lanes.base(dy);
    long value = Lanes.base(v);
    long factor = Lanes.base(gamma);
    FloatVector means = FloatVector.broadcast(Lanes.SPECIES, -mean);
    FloatVector slopes = FloatVector.broadcast(Lanes.SPECIES, -slope);
    for (long at = 0, end = Lanes.stride(bytes); at < end; at += Lanes.BYTES) {
      FloatVector dNormal = Lanes.load(d + at).mul(Lanes.load(factor + at));
      FloatVector rest = Lanes.load(value + at).fma(slopes, means);
      Lanes.store(dNormal.fma(FloatVector.broadcast(Lanes.SPECIES, inverse), rest), value + at);
    }
  }
}
