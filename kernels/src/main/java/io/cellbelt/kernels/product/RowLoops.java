package io.cellbelt.kernels.product;

import io.cellbelt.kernels.simd.Cold;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * Simple loops over rows of floats, at raw addresses: strides in bytes, row lengths in floats, a
 * multiple of a cache line. A stride of 0 repeats one row, or sums into one.
 */
public final class RowLoops {
  private static final Outlined COPY = Outlined.addresses(MethodHandles.lookup(), "copyLoop", 6);
  private static final Outlined ADD = Outlined.addresses(MethodHandles.lookup(), "addLoop", 6);
  private static final Outlined MULTIPLY =
      Outlined.addresses(MethodHandles.lookup(), "multiplyLoop", 6);
  private static final Outlined ZERO = Outlined.addresses(MethodHandles.lookup(), "zeroLoop", 4);

  private RowLoops() {}

  /** {@code to[r] = from[r]}. */
  public static void copy(long from, long fromRow, long to, long toRow, int floats, int rows) {
    if (Cold.takes((long) floats * rows)) {
      for (int r = 0; r < rows; r++) {
        Cold.copy(from + r * fromRow, to + r * toRow, floats);
      }
    } else {
      COPY.call(from, fromRow, to, toRow, floats, rows);
    }
  }

  /** {@code to[r] += from[r]}. */
  public static void add(long from, long fromRow, long to, long toRow, int floats, int rows) {
    ADD.call(from, fromRow, to, toRow, floats, rows);
  }

  /** {@code to[r] *= from[r]}. */
  public static void multiply(long from, long fromRow, long to, long toRow, int floats, int rows) {
    MULTIPLY.call(from, fromRow, to, toRow, floats, rows);
  }

  /** {@code to[r] = 0}. */
  public static void zero(long to, long toRow, int floats, int rows) {
    ZERO.call(to, toRow, floats, rows);
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void copyLoop(
      long from, long fromRow, long to, long toRow, long floats, long rows) {
    for (long r = 0; r < rows; r++) {
      long source = Lanes.base(from + r * fromRow);
      long target = Lanes.base(to + r * toRow);
      for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(source + at), target + at);
      }
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void addLoop(
      long from, long fromRow, long to, long toRow, long floats, long rows) {
    for (long r = 0; r < rows; r++) {
      long source = Lanes.base(from + r * fromRow);
      long target = Lanes.base(to + r * toRow);
      for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(target + at).add(Lanes.load(source + at)), target + at);
      }
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void multiplyLoop(
      long from, long fromRow, long to, long toRow, long floats, long rows) {
    for (long r = 0; r < rows; r++) {
      long source = Lanes.base(from + r * fromRow);
      long target = Lanes.base(to + r * toRow);
      for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(target + at).mul(Lanes.load(source + at)), target + at);
      }
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void zeroLoop(long to, long toRow, long floats, long rows) {
    FloatVector zero = FloatVector.zero(Lanes.SPECIES);
    for (long r = 0; r < rows; r++) {
      long target = Lanes.base(to + r * toRow);
      for (long at = 0, end = Float.BYTES * floats; at < end; at += Lanes.BYTES) {
        Lanes.store(zero, target + at);
      }
    }
  }
}
