package io.cellbelt.kernels;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import io.cellbelt.kernels.checks.AllocationFailures;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps account of off-heap memory, and refuses what is not there. The JDK does not: an arena takes
 * whatever the operating system promises, which then kills the process when it is written to.
 * Thread-safe.
 */
final class Room {
  /** Allocations from this size on are held against what the machine has left. */
  private static final long LARGE = 1L << 26;

  private static final String AVAILABLE = "MemAvailable:";
  private static final AtomicLong TAKEN = new AtomicLong();
  private static final LongAdder OPEN = new LongAdder();

  private static final class Holder {
    static final long LIMIT = limit();
  }

  private Room() {}

  /**
   * Takes room for one allocation.
   *
   * @throws OutOfMemoryError if there is none
   */
  static void take(long bytes) {
    if (AllocationFailures.next() || (bytes >= LARGE && bytes > available())) {
      throw none(bytes, null);
    }
    if (TAKEN.addAndGet(bytes) > Holder.LIMIT) {
      TAKEN.addAndGet(-bytes);
      throw none(bytes, null);
    }
    OPEN.increment();
  }

  /** Gives back what {@link #take} took. */
  static void give(long bytes) {
    TAKEN.addAndGet(-bytes);
    OPEN.decrement();
  }

  /** Bytes that are taken. */
  static long taken() {
    return TAKEN.get();
  }

  /** How many allocations they are. */
  static long open() {
    return OPEN.sum();
  }

  /** Says that an allocation cannot be had. */
  static OutOfMemoryError none(long bytes, OutOfMemoryError cause) {
    OutOfMemoryError error =
        new OutOfMemoryError(
            "There is no room for "
                + bytes
                + " bytes outside the heap, beside "
                + taken()
                + " in use, of at most "
                + Holder.LIMIT
                + "; take smaller sizes, close what is no longer needed, or raise"
                + " -XX:MaxDirectMemorySize if it is set.");
    error.initCause(cause);
    return error;
  }

  /** What -XX:MaxDirectMemorySize says, or all memory of the machine or container. */
  private static long limit() {
    long total = Long.MAX_VALUE;
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      total = system.getTotalMemorySize();
    }
    try {
      long set =
          Long.parseLong(
              ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                  .getVMOption("MaxDirectMemorySize")
                  .getValue());
      return set > 0 ? Math.min(set, total) : total;
    } catch (IllegalArgumentException | NullPointerException e) {
      return total;
    }
  }

  /** Bytes that Linux could give without swapping; elsewhere any number. */
  private static long available() {
    try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
      return lines
          .filter(line -> line.startsWith(AVAILABLE))
          .map(line -> line.substring(AVAILABLE.length()).strip().split(" ")[0])
          .mapToLong(kilobytes -> 1024 * Long.parseLong(kilobytes))
          .findFirst()
          .orElse(Long.MAX_VALUE);
    } catch (IOException | RuntimeException e) {
      return Long.MAX_VALUE;
    }
  }
}
