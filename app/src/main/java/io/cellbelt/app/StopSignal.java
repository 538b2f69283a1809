package io.cellbelt.app;

import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C and its like, turned into a wish that the work can look at: the process ends only when the
 * work has closed this.
 */
final class StopSignal implements AutoCloseable {
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "stop-signal");
  private volatile boolean requested;

  StopSignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void stop() {
    requested = true;
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the process has been asked to end. */
  boolean requested() {
    return requested;
  }

  /** Lets the process end. */
  @Override
  public void close() {
    closed.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process has begun to end just now; the hook finds the latch open.
      }
    }
  }
}
