package io.cellbelt.propertytests.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/** Counts the bytes that a thread allocates on the heap. */
public final class Allocations {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Calls in a measurement. */
  public static final int CALLS = 1000;

  private static final int IN_A_ROW = 3;
  private static final long WARM_UP_SECONDS = 20;

  private Allocations() {}

  /**
   * Fails unless the call comes to allocate nothing: three measurements in a row, of a thousand
   * calls each, must be zero. Until the JVM has compiled everything they are not.
   */
  public static void checkNone(String what, Runnable call) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WARM_UP_SECONDS);
    int zeros = 0;
    long bytes = Long.MAX_VALUE;
    while (zeros < IN_A_ROW && System.nanoTime() < end) {
      bytes = measure(call);
      zeros = bytes == 0 ? zeros + 1 : 0;
    }
    assertThat(zeros)
        .as(
            "%s: measurements without allocation; the last one of %s calls: %s bytes",
            what, CALLS, bytes)
        .isEqualTo(IN_A_ROW);
  }

  /** Bytes that {@value #CALLS} calls allocate. */
  public static long measure(Runnable call) {
    return bytes(
        () -> {
          for (int i = 0; i < CALLS; i++) {
            call.run();
          }
        });
  }

  /** Bytes that a call allocates. */
  public static long bytes(Runnable call) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    call.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
