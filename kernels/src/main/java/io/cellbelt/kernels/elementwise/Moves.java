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

  /** Elements that are copied at once, so that their bytes are counted by an int. */
  private static final int MOST = 1 << 28;

  private static final Outlined COPY = Outlined.addresses(MethodHandles.lookup(), "copyLoop", 3);

  private Moves() {}

  /** {@code y[i] = x[i]}, elements of four bytes. */
  public static void copy(long x, long y, long count) {
    for (long done = 0; done < count; done += MOST) {
      long from = x + Float.BYTES * done;
      long to = y + Float.BYTES * done;
      int part = (int) Math.min(MOST, count - done);
      if (part < Lanes.COUNT) {
        few(from, to, Float.BYTES * part);
      } else {
        COPY.call(from, to, part);
      }
    }
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
      int bits = at < 0 ? 0 : from.get(Lanes.INT, source + ((long) at << 2));
      to.set(Lanes.INT, target + ((long) i << 2), bits);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void gatherWideLoop(long x, long y, int[] index, int count) {
    MemorySegment from = Lanes.memory(x), to = Lanes.memory(y);
    long source = Lanes.offset(x), target = Lanes.offset(y);
    for (int i = 0; i < count; i++) {
      int at = index[i];
      long bits = at < 0 ? 0 : from.get(LONG, source + ((long) at << 3));
      to.set(LONG, target + ((long) i << 3), bits);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void runsLoop(long x, long y, int[] runs, int count) {
    for (int i = 0; i < RUN * count; i += RUN) {
      long from = x + (long) Float.BYTES * runs[i];
      long to = y + (long) Float.BYTES * runs[i + 1];
      if (runs[i + 2] < Lanes.COUNT) {
        few(from, to, Float.BYTES * runs[i + 2]);
      } else {
        COPY.call(from, to, runs[i + 2]);
      }
    }
  }

  /** A vector or more. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void copyLoop(long x, long y, long count) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    int last = Float.BYTES * (int) count - Lanes.BYTES;
    for (int at = 0; at < last; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(from + at), to + at);
    }
    Lanes.store(Lanes.load(from + last), to + last); // perhaps some of them once more
  }

  /** Less than a vector: two at a time, and the last one. */
  private static void few(long x, long y, int bytes) {
    MemorySegment from = Lanes.memory(x), to = Lanes.memory(y);
    long source = Lanes.offset(x), target = Lanes.offset(y);
    int at = 0;
    for (; at <= bytes - Long.BYTES; at += Long.BYTES) {
      to.set(LONG, target + at, from.get(LONG, source + at));
    }
    if (at < bytes) {
      to.set(Lanes.INT, target + at, from.get(Lanes.INT, source + at));
    }
  }
}
