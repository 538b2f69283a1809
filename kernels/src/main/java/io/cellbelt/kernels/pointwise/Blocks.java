package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.product.RowLoops;
import io.cellbelt.kernels.simd.Cold;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * Elementwise loops over blocks of floats, at raw addresses, from which cells are put together. The
 * result may be one of the operands. Lengths are in floats, multiples of a cache line.
 *
 * <p>A pass over a block costs a few nanoseconds and a product at least a hundred times that, so
 * cells with many options are written as passes and only the LSTM's default path is fused.
 */
public final class Blocks {
  private static final Outlined MULTIPLY = handle("multiplyLoop", 4);
  private static final Outlined MULTIPLY_ADD = handle("multiplyAddLoop", 4);
  private static final Outlined COPY = handle("copyLoop", 3);
  private static final Outlined SUBTRACT = handle("subtractLoop", 4);
  private static final Outlined COMPLEMENT = handle("complementLoop", 3);
  private static final Outlined MIX = handle("mixLoop", 5);
  private static final Outlined FILL = Outlined.numbers(MethodHandles.lookup(), "fillLoop", 2, 1);
  private static final Outlined SCALE = Outlined.numbers(MethodHandles.lookup(), "scaleLoop", 2, 1);
  private static final Outlined CLAMP = Outlined.numbers(MethodHandles.lookup(), "clampLoop", 2, 1);
  private static final Outlined STOP_CLAMPED =
      Outlined.numbers(MethodHandles.lookup(), "stopClampedLoop", 3, 2);
  private static final Outlined ADD_SCALED =
      Outlined.numbers(MethodHandles.lookup(), "addScaledLoop", 3, 1);

  private Blocks() {}

  private static Outlined handle(String name, int addresses) {
    return Outlined.addresses(MethodHandles.lookup(), name, addresses);
  }

  /** {@code y = a b}. */
  public static void multiply(long a, long b, long y, int floats) {
    MULTIPLY.call(a, b, y, floats);
  }

  /** {@code y += a b}. */
  public static void multiplyAdd(long a, long b, long y, int floats) {
    MULTIPLY_ADD.call(a, b, y, floats);
  }

  /** {@code y += a}. */
  public static void add(long a, long y, int floats) {
    RowLoops.add(a, 0, y, 0, floats, 1);
  }

  /** {@code y = a}, without what is nearly nothing: see {@link Lanes#flushed}. */
  public static void copy(long a, long y, int floats) {
    COPY.call(a, y, floats);
  }

  /** {@code y = a - b}. */
  public static void subtract(long a, long b, long y, int floats) {
    SUBTRACT.call(a, b, y, floats);
  }

  /** {@code y = 1 - a}. */
  public static void complement(long a, long y, int floats) {
    COMPLEMENT.call(a, y, floats);
  }

  /** {@code y = z a + (1 - z) b}, without what is nearly nothing. */
  public static void mix(long z, long a, long b, long y, int floats) {
    MIX.call(z, a, b, y, floats);
  }

  /** {@code y = value}. */
  public static void fill(long y, long floats, float value) {
    if (Cold.takes(floats)) {
      for (long at = y; at < y + Float.BYTES * floats; at += Float.BYTES) {
        Lanes.set(at, value);
      }
    } else {
      FILL.call(y, floats, value);
    }
  }

  /** {@code y = factor y}. */
  public static void scale(long y, long floats, float factor) {
    SCALE.call(y, floats, factor);
  }

  /** {@code y = min(limit, max(-limit, y))}; NaN stays. */
  public static void clamp(long y, long floats, float limit) {
    CLAMP.call(y, floats, limit);
  }

  /** {@code y += factor x}. */
  public static void addScaled(long x, long y, int floats, float factor) {
    ADD_SCALED.call(x, y, floats, factor);
  }

  /**
   * Zeroes a gradient where the output of an activation is what it makes of a pre-activation that
   * was clamped from below or from above.
   */
  public static void stopClamped(long gradient, long output, int floats, float low, float high) {
    STOP_CLAMPED.call(gradient, output, floats, low, high);
  }

  /** Zeroes the lanes of a block from the given size up to its width. */
  public static void clearPadding(long y, int size, int width) {
    for (int j = size; j < width; j++) {
      Lanes.set(Lanes.base(y + (long) Float.BYTES * j), 0);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void multiplyLoop(long left, long right, long result, long floats) {
    long a = Lanes.base(left);
    long b = Lanes.base(right);
    long y = Lanes.base(result);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(a + at).mul(Lanes.load(b + at)), y + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void multiplyAddLoop(long left, long right, long result, long floats) {
    long a = Lanes.base(left);
    long b = Lanes.base(right);
    long y = Lanes.base(result);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(a + at).fma(Lanes.load(b + at), Lanes.load(y + at)), y + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void copyLoop(long from, long result, long floats) {
    long a = Lanes.base(from);
    long y = Lanes.base(result);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      Lanes.store(Lanes.flushed(Lanes.load(a + at)), y + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void subtractLoop(long left, long right, long result, long floats) {
    long a = Lanes.base(left);
    long b = Lanes.base(right);
    long y = Lanes.base(result);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(a + at).sub(Lanes.load(b + at)), y + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void complementLoop(long from, long result, long floats) {
    long a = Lanes.base(from);
    long y = Lanes.base(result);
    FloatVector one = FloatVector.broadcast(Lanes.SPECIES, 1);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      Lanes.store(one.sub(Lanes.load(a + at)), y + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void mixLoop(long share, long left, long right, long result, long floats) {
    long z = Lanes.base(share);
    long a = Lanes.base(left);
    long b = Lanes.base(right);
    long y = Lanes.base(result);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      FloatVector other = Lanes.load(b + at);
      FloatVector mixed = Lanes.load(a + at).sub(other).fma(Lanes.load(z + at), other);
      Lanes.store(Lanes.flushed(mixed), y + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void fillLoop(long result, long floats, float value) {
    long y = Lanes.base(result);
    FloatVector all = FloatVector.broadcast(Lanes.SPECIES, value);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      Lanes.store(all, y + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void scaleLoop(long result, long floats, float factor) {
    long y = Lanes.base(result);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(y + at).mul(factor), y + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void clampLoop(long result, long floats, float limit) {
    long y = Lanes.base(result);
    FloatVector top = FloatVector.broadcast(Lanes.SPECIES, limit);
    FloatVector bottom = FloatVector.broadcast(Lanes.SPECIES, -limit);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(y + at).max(bottom).min(top), y + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void addScaledLoop(long from, long result, long floats, float factor) {
    long x = Lanes.base(from);
    long y = Lanes.base(result);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      // Within the loop: a vector that came from before it was boxed once a call in some JVMs.
      FloatVector factors = FloatVector.broadcast(Lanes.SPECIES, factor);
      Lanes.store(Lanes.load(x + at).fma(factors, Lanes.load(y + at)), y + at);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void stopClampedLoop(
      long gradient, long output, long floats, float low, float high) {
    long d = Lanes.base(gradient);
    long y = Lanes.base(output);
    for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
      FloatVector out = Lanes.load(y + at);
      FloatVector passed = Lanes.load(d + at).blend(0f, out.eq(low)).blend(0f, out.eq(high));
      Lanes.store(passed, d + at);
    }
  }
}
