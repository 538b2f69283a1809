package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;

/**
 * Moves elements, bit for bit, whatever they stand for, and nothing behind the last one. Where they
 * come from and where they go must not overlap.
 */
public final class Moves {
  /** Numbers of a run. */
  public static final int RUN = 3;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private static final Outlined GATHER = Outlined.indexed(MethodHandles.lookup(), "gatherLoop");
  private static final Outlined GATHER_WIDE =
      Outlined.indexed(MethodHandles.lookup(), "gatherWideLoop");
  private static final Outlined RUNS = Outlined.indexed(MethodHandles.lookup(), "runsLoop");

  private static final Outlined COPY = Outlined.addresses(MethodHandles.lookup(), "copyLoop", 3);

  private Moves() {}

  /** {@code y[i] = x[i]}, elements of four bytes. */
  public static void copy(long x, long y, long count) {
    COPY.call(x, y, count);
  }

  /**
   * {@code y[i] = x[index[i]]}, elements of four bytes.
   *
   * @param index which element of x; 0 is written where it is negative
   * @param count how many, 0 to all of index
   */
  public static void gather(long x, long y, int[] index, int count) {
    GATHER.call(x, y, index, count);
  }

  /** Like {@link #gather}, elements of eight bytes. */
  public static void gatherWide(long x, long y, int[] index, int count) {
    GATHER_WIDE.call(x, y, index, count);
  }

  /**
   * Copies runs of elements of four bytes.
   *
   * @param runs of each run, the index of its first element in x, that in y, and its length, 0 or
   *     more
   * @param count how many runs, 0 to a third of the length of {@code runs}
   */
  public static void runs(long x, long y, int[] runs, int count) {
    RUNS.call(x, y, runs, count);
  }

  /** {@code y[i] = value}, and nothing behind the end. */
  public static void fill(long y, long floats, float value) {
    long whole = floats - floats % Lanes.COUNT;
    Blocks.fill(y, whole, value);
    for (long i = whole; i < floats; i++) {
      Lanes.set(Lanes.base(y + Float.BYTES * i), value);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void gatherLoop(long x, long y, int[] index, int count) {
    MemorySegment from = Lanes.memory(x), to = Lanes.memory(y);
    long source = Lanes.offset(x), target = Lanes.offset(y);
    for (int i = 0; i < count; i++) {
      int at = index[i];
      int bits = at < 0 ? 0 : from.get(Lanes.INT, source + (long) Integer.BYTES * at);
      to.set(Lanes.INT, target + (long) Integer.BYTES * i, bits);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void gatherWideLoop(long x, long y, int[] index, int count) {
    MemorySegment from = Lanes.memory(x), to = Lanes.memory(y);
    long source = Lanes.offset(x), target = Lanes.offset(y);
    for (int i = 0; i < count; i++) {
      int at = index[i];
      long bits = at < 0 ? 0 : from.get(LONG, source + (long) Long.BYTES * at);
      to.set(LONG, target + (long) Long.BYTES * i, bits);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void runsLoop(long x, long y, int[] runs, int count) {
    for (int i = 0; i < RUN * count; i += RUN) {
      long from = Lanes.base(x + (long) Float.BYTES * runs[i]);
      long to = Lanes.base(y + (long) Float.BYTES * runs[i + 1]);
      copyLoop(from, to, runs[i + 2]);
    }
  }

  private static void copyLoop(long x, long y, long count) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    long bytes = Float.BYTES * count;
    if (bytes < Lanes.BYTES) {
      few(from, to, bytes);
      return;
    }
    long last = bytes - Lanes.BYTES;
    for (long at = 0; at < last; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(from + at), to + at);
    }
    Lanes.store(Lanes.load(from + last), to + last); // perhaps some of them once more
  }

  /** Less than a vector: two at a time, and the last one. */
  private static void few(long x, long y, long bytes) {
    MemorySegment from = Lanes.memory(x), to = Lanes.memory(y);
    long source = Lanes.offset(x), target = Lanes.offset(y);
    long at = 0;
    for (; at + Long.BYTES <= bytes; at += Long.BYTES) {
      to.set(LONG, target + at, from.get(LONG, source + at));
    }
    if (at < bytes) {
      to.set(Lanes.INT, target + at, from.get(Lanes.INT, source + at));
    }
  }
}
