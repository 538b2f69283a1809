package io.cellbelt.kernels;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

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

  private static final VarHandle USER = user();

  /**
   * What the thing is called, or since it was first held, the hold, which knows it, too: two fields
   * and no object besides, because there is a use for each of very many streams.
   */
  private Object what;

  /** The user's thread, by its number; numbers start at 1. */
  @SuppressWarnings("unused") // through the handle
  private volatile long user;

  /** A use that goes on until this is closed. */
  public interface Hold extends AutoCloseable {
    @Override
    void close();
  }

  private record Held(ExclusiveUse use, String what) implements Hold {
    @Override
    public void close() {
      use.exit();
    }
  }

  private static VarHandle user() {
    try {
      return MethodHandles.lookup().findVarHandle(ExclusiveUse.class, "user", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Guards one thing, called what in messages. */
  public ExclusiveUse(String what) {
    this.what = what;
  }

  /**
   * Begins a use that ends where the result is closed; allocates nothing but the first time.
   *
   * @throws IllegalStateException if the thing is in use, or closed
   */
  public Hold hold() {
    enter();
    if (what instanceof Held held) {
      return held;
    }
    Held held = new Held(this, (String) what);
    what = held;
    return held;
  }

  /**
   * Begins a use.
   *
   * @throws IllegalStateException if the thing is in use, or closed
   */
  public void enter() {
    long me = Thread.currentThread().threadId();
    long before = (long) USER.compareAndExchangeAcquire(this, FREE, me);
    if (before != FREE) {
      throw refused(before, me);
    }
  }

  private IllegalStateException refused(long by, long me) {
    String name = what instanceof Held held ? held.what() : (String) what;
    if (by == CLOSED) {
      return new IllegalStateException("The " + name + " is closed; open another one.");
    }
    return new IllegalStateException(
        by == me
            ? "The "
                + name
                + " is being used further up in this call, by which something like a callback was"
                + " reached; wait until it has returned."
            : "The "
                + name
                + " is being used by another thread; it has one user at a time, so give each thread"
                + " its own or hand it over.");
  }

  /** Ends a use. */
  public void exit() {
    USER.setRelease(this, FREE);
  }

  /**
   * Refuses what is closed, and cares not for other users.
   *
   * @throws IllegalStateException if the thing is closed
   */
  public void requireOpen() {
    if ((long) USER.getAcquire(this) == CLOSED) {
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
    if ((long) USER.getAcquire(this) == CLOSED) {
      return false;
    }
    enter();
    USER.setRelease(this, CLOSED);
    return true;
  }
}
