package io.cellbelt.kernels.simd;

import java.lang.foreign.MemorySegment;

/**
 * The first moments of a JVM. An operation of the Vector API that is not compiled yet takes about a
 * microsecond, and one of plain Java, which the first compiler knows, a hundredth of that or less.
 * So what a network needs for its first answers has a plain form beside the vectors, with the same
 * bits.
 *
 * <p>After some work, a few milliseconds' worth, everything is left to the vectors, which are
 * compiled only because they run. Until then, products allocate.
 */
public final class Cold {
  /** Multiply-adds that are left; threads that take from it at once do no harm. */
  private static long left = 4_000_000;

  /** What an element of a function costs, in multiply-adds. */
  private static final int ELEMENT = 8;

  private Cold() {}

  /** Whether products are still plain. */
  public static boolean takes(long multiplyAdds) {
    if (left <= 0) {
      return false;
    }
    left -= multiplyAdds;
    return true;
  }

  /** Whether loops over elements are still plain. */
  public static boolean takesElements(long floats) {
    return takes(ELEMENT * floats);
  }

  /** Copies floats, which must not overlap. */
  public static void copy(long from, long to, long floats) {
    MemorySegment.copy(
        Lanes.memory(from),
        Lanes.offset(from),
        Lanes.memory(to),
        Lanes.offset(to),
        Float.BYTES * floats);
  }

  /** Leaves everything to the vectors from now on: for tests and measurements. */
  public static void end() {
    left = 0;
  }
}
