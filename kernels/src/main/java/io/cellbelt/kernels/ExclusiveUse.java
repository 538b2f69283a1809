package io.cellbelt.kernels;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The rule of one user at a time, for what may move between threads: breaking it is an exception,
 * not a race. Takes no lock; entering and leaving costs a few nanoseconds. Thread-safe.
 */
public final class ExclusiveUse {
  private static final int FREE = 0;
  private static final int BUSY = 1;
  private static final int CLOSED = 2;

  private final String what;
  private final AtomicInteger use = new AtomicInteger(FREE);

  /** Guards one thing, called what in messages. */
  public ExclusiveUse(String what) {
    this.what = what;
  }

  /**
   * Begins a use.
   *
   * @throws IllegalStateException if another thread is using the thing, or it is closed
   */
  public void enter() {
    int before = use.compareAndExchangeAcquire(FREE, BUSY);
    if (before != FREE) {
      throw new IllegalStateException(
          before == CLOSED
              ? "The " + what + " is closed; open another one."
              : "The "
                  + what
                  + " is being used by another thread; it has one user at a time, so"
                  + " give each thread its own or hand it over.");
    }
  }

  /** Ends a use. */
  public void exit() {
    use.setRelease(FREE);
  }

  /**
   * Ends all use.
   *
   * @return whether this call did, so that the caller gives the memory back just once
   * @throws IllegalStateException if another thread is using the thing
   */
  public boolean close() {
    if (use.getAcquire() == CLOSED) {
      return false;
    }
    enter();
    use.setRelease(CLOSED);
    return true;
  }
}
