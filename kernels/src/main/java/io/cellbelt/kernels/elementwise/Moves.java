package io.cellbelt.kernels.elementwise;

import static jdk.incubator.vector.FloatVector.SPECIES_128;
import static jdk.incubator.vector.FloatVector.SPECIES_256;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.simd.Cold;
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
  private static final Outlined SCATTER = Outlined.indexed(MethodHandles.lookup(), "scatterLoop");
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
      COPY.call(from, to, part);
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
   * {@code y[index[i]] = x[i]}, elements of four bytes. Twice the speed of runs of one element.
   *
   * @param index which element of y, 0 or more
   * @param count how many, 0 to all of index
   */
  public static void scatter(long x, long y, int[] index, int count) {
    SCATTER.call(x, y, index, count);
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
  private static void scatterLoop(long x, long y, int[] index, int count) {
    MemorySegment from = Lanes.memory(x), to = Lanes.memory(y);
    long source = Lanes.offset(x), target = Lanes.offset(y);
    for (int i = 0; i < count; i++) {
      to.set(
          Lanes.INT,
          target + ((long) index[i] << 2),
          from.get(Lanes.INT, source + ((long) i << 2)));
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void runsLoop(long x, long y, int[] runs, int count) {
    for (int i = 0; i < RUN * count; i += RUN) {
      long from = x + ((long) runs[i] << 2);
      long to = y + ((long) runs[i + 1] << 2);
      int length = runs[i + 2];
      if (Cold.takes(length)) {
        Cold.copy(from, to, length);
      } else if (length < Lanes.COUNT) {
        few(from, to, length);
      } else {
        many(from, to, length);
      }
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void copyLoop(long x, long y, long count) {
    if (Cold.takes(count)) {
      Cold.copy(x, y, count);
    } else if (count < Lanes.COUNT) {
      few(x, y, (int) count);
    } else {
      many(x, y, (int) count);
    }
  }

  /**
   * A vector or more, of which the last may copy some elements once more. Vectors pass between
   * methods of the JDK alone, which C2 inlines also where it has not seen them run; otherwise a
   * long run after many short ones would box them.
   */
  private static void many(long x, long y, int count) {
    MemorySegment from = Lanes.memory(x), to = Lanes.memory(y);
    long source = Lanes.offset(x), target = Lanes.offset(y);
    int last = Float.BYTES * count - Lanes.BYTES;
    for (int at = 0; at < last; at += Lanes.BYTES) {
      fromMemorySegment(Lanes.SPECIES, from, source + at, Lanes.ORDER)
          .intoMemorySegment(to, target + at, Lanes.ORDER);
    }
    fromMemorySegment(Lanes.SPECIES, from, source + last, Lanes.ORDER)
        .intoMemorySegment(to, target + last, Lanes.ORDER);
  }

  /** Less than a vector: two pieces as wide as it allows, which may overlap. */
  private static void few(long x, long y, int count) {
    MemorySegment from = Lanes.memory(x), to = Lanes.memory(y);
    long source = Lanes.offset(x), target = Lanes.offset(y);
    int bytes = Float.BYTES * count;
    if (Lanes.COUNT > 8 && count >= 8) {
      fromMemorySegment(SPECIES_256, from, source, Lanes.ORDER)
          .intoMemorySegment(to, target, Lanes.ORDER);
      fromMemorySegment(SPECIES_256, from, source + bytes - 32, Lanes.ORDER)
          .intoMemorySegment(to, target + bytes - 32, Lanes.ORDER);
    } else if (Lanes.COUNT > 4 && count >= 4) {
      fromMemorySegment(SPECIES_128, from, source, Lanes.ORDER)
          .intoMemorySegment(to, target, Lanes.ORDER);
      fromMemorySegment(SPECIES_128, from, source + bytes - 16, Lanes.ORDER)
          .intoMemorySegment(to, target + bytes - 16, Lanes.ORDER);
    } else if (count >= 2) {
      to.set(LONG, target, from.get(LONG, source));
      to.set(LONG, target + bytes - 8, from.get(LONG, source + bytes - 8));
    } else if (count == 1) {
      to.set(Lanes.INT, target, from.get(Lanes.INT, source));
    }
  }
}
