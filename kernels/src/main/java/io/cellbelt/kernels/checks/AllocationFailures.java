package io.cellbelt.kernels.checks;

import java.util.concurrent.atomic.AtomicLong;

/** Lets tests have an allocation of off-heap memory fail; nothing else calls this. Thread-safe. */
public final class AllocationFailures {
  private static final AtomicLong LEFT = new AtomicLong(Long.MAX_VALUE);

  private AllocationFailures() {}

  /** Lets the given number of allocations succeed, and those after them fail. */
  public static void after(long allocations) {
    LEFT.set(allocations);
  }

  /** Lets all succeed again; returns how many were left. */
  public static long end() {
    return LEFT.getAndSet(Long.MAX_VALUE);
  }

  /** Counts an allocation; whether it has to fail. */
  public static boolean next() {
    return LEFT.getAndUpdate(left -> Math.max(0, left - 1)) == 0;
  }
}
