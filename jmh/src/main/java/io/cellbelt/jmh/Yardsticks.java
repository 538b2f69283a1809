package io.cellbelt.jmh;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** What activations and updates are measured against, in loops like theirs. */
final class Yardsticks {
  /** Where the rational function has come to 1. */
  private static final float LIMIT = 5;

  private static final Outlined VECTOR_OPERATORS =
      Outlined.block(MethodHandles.lookup(), "vectorOperators");
  private static final Outlined RATIONAL = Outlined.block(MethodHandles.lookup(), "rational");
  private static final Outlined RATIONAL_SIGMOID =
      Outlined.block(MethodHandles.lookup(), "sigmoid");
  private static final Outlined TWO_BLOCKS =
      Outlined.addresses(MethodHandles.lookup(), "twoBlocks", 4);
  private static final Outlined THREE_BLOCKS =
      Outlined.addresses(MethodHandles.lookup(), "threeBlocks", 5);

  private Yardsticks() {}

  /** {@code VectorOperators.TANH}. */
  static void tanh(long address, int count) {
    VECTOR_OPERATORS.call(address, count);
  }

  /** Padé's approximant of tanh with degrees 13 and 6, some 4 ULP. */
  static void rationalTanh(long address, int count) {
    RATIONAL.call(address, count);
  }

  /** The sigmoid made of it. */
  static void rationalSigmoid(long address, int count) {
    RATIONAL_SIGMOID.call(address, count);
  }

  /** {@code y = x - y, z = x - z}. */
  static void update(long x, long y, long z, long floats) {
    TWO_BLOCKS.call(x, y, z, floats);
  }

  /** {@code y = x - y, z = x - z, u = x - u}. */
  static void update(long x, long y, long z, long u, long floats) {
    THREE_BLOCKS.call(x, y, z, u, floats);
  }

  @SuppressWarnings("UnusedMethod") // through TWO_BLOCKS
  private static void twoBlocks(long from, long first, long second, long floats) {
    long x = Lanes.base(from);
    long y = Lanes.base(first);
    long z = Lanes.base(second);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      FloatVector change = Lanes.load(x + at);
      Lanes.store(change.sub(Lanes.load(y + at)), y + at);
      Lanes.store(change.sub(Lanes.load(z + at)), z + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through THREE_BLOCKS
  private static void threeBlocks(long from, long first, long second, long third, long floats) {
    long x = Lanes.base(from);
    long y = Lanes.base(first);
    long z = Lanes.base(second);
    long u = Lanes.base(third);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      FloatVector change = Lanes.load(x + at);
      Lanes.store(change.sub(Lanes.load(y + at)), y + at);
      Lanes.store(change.sub(Lanes.load(z + at)), z + at);
      Lanes.store(change.sub(Lanes.load(u + at)), u + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through VECTOR_OPERATORS
  private static void vectorOperators(long address, int count) {
    long at = Lanes.base(address);
    long end = at + (long) Float.BYTES * count;
    while (at != end) {
      Lanes.store(Lanes.load(at).lanewise(VectorOperators.TANH), at);
      at += Lanes.BYTES;
    }
  }

  @SuppressWarnings("UnusedMethod") // through RATIONAL
  private static void rational(long address, int count) {
    long at = Lanes.base(address);
    long end = at + (long) Float.BYTES * count;
    while (at != end) {
      Lanes.store(rational(Lanes.load(at)), at);
      at += Lanes.BYTES;
    }
  }

  @SuppressWarnings("UnusedMethod") // through RATIONAL_SIGMOID
  private static void sigmoid(long address, int count) {
    long at = Lanes.base(address);
    long end = at + (long) Float.BYTES * count;
    FloatVector half = all(5e-1f);
    while (at != end) {
      Lanes.store(rational(Lanes.load(at).mul(half)).fma(half, half), at);
      at += Lanes.BYTES;
    }
  }

  private static FloatVector rational(FloatVector x) {
    FloatVector below = x.blend(LIMIT, x.compare(VectorOperators.GT, LIMIT));
    FloatVector c = below.blend(-LIMIT, below.lt(-LIMIT));
    FloatVector s = c.mul(c);
    FloatVector p =
        s.fma(all(-5.855687e-13f), all(1.4641408e-10f))
            .fma(s, all(-3.2786293e-8f))
            .fma(s, all(1.359941e-5f))
            .fma(s, all(3.3152637e-3f))
            .fma(s, all(1.3268386e-1f))
            .fma(s, all(1));
    FloatVector q =
        s.fma(all(2.8655937e-4f), all(2.5320994e-2f)).fma(s, all(4.660172e-1f)).fma(s, all(1));
    return p.mul(c).div(q);
  }

  private static FloatVector all(float value) {
    return FloatVector.broadcast(Lanes.SPECIES, value);
  }
}
