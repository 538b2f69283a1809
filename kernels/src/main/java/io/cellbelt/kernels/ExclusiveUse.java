package io.cellbelt.kernels;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The rule of one user at a time, for what may move between threads: breaking it is an exception,
 * not a race. Takes no lock; entering and leaving costs a few nanoseconds. Thread-safe.
 *
 * <pre>{@code
 * try (var _ = use.hold()) {
 *   // nobody else is here, and nobody closes it
 * }
 * }</pre>
 */
public final class ExclusiveUse {
  private static final long FREE = 0;
  private static final long CLOSED = -1;

  private final String what;

  /** The user's thread, by its number; numbers start at 1. */
  private final AtomicLong user = new AtomicLong(FREE);

  private final Hold hold = this::exit;

  /** A use that goes on until this is closed. */
  public interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  /** Guards one thing, called what in messages. */
  public ExclusiveUse(String what) {
    this.what = what;
  }

  /**
   * Begins a use that ends where the result is closed; allocates nothing.
   *
   * @throws IllegalStateException if the thing is in use, or closed
   */
  public Hold hold() {
    enter();
    return hold;
  }

  /**
   * Begins a use.
   *
   * @throws IllegalStateException if the thing is in use, or closed
   */
  public void enter() {
    long me = Thread.currentThread().threadId();
    long before = user.compareAndExchangeAcquire(FREE, me);
    if (before != FREE) {
      throw refused(before, me);
    }
  }

  private IllegalStateException refused(long by, long me) {
    if (by == CLOSED) {
      return new IllegalStateException("The " + what + " is closed; open another one.");
    }
    return new IllegalStateException(
        by == me
            ? "The "
                + what
                + " is being used further up in this call, by which something like a callback was"
                + " reached; wait until it has returned."
            : "The "
                + what
                + " is being used by another thread; it has one user at a time, so give each thread"
                + " its own or hand it over.");
  }

  /** Ends a use. */
  public void exit() {
    user.setRelease(FREE);
  }

  /**
   * Refuses what is closed, and cares not for other users.
   *
   * @throws IllegalStateException if the thing is closed
   */
  public void requireOpen() {
    if (user.getAcquire() == CLOSED) {
      throw refused(CLOSED, CLOSED);
    }
  }

  /**
   * Ends all use.
   *
   * @return whether this call did, so that the caller gives the memory back just once
   * @throws IllegalStateException if the thing is in use
   */
  public boolean close() {
    if (user.getAcquire() == CLOSED) {
      return false;
    }
    enter();
    user.setRelease(CLOSED);
    return true;
  }
}
