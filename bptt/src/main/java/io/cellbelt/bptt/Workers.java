package io.cellbelt.bptt;

import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs the parts of a work on the caller's thread and on those of an executor. Whoever has time
 * takes the next part, the caller too: so an executor that is busy, or whose only thread is the
 * caller's, makes it slower and never stops it. One work at a time.
 */
final class Workers {
  /** What is to be done for each part. */
  interface Work {
    void run(Part part);
  }

  private final Executor executor;
  private final Part[] parts;
  private final AtomicInteger next;
  private final Semaphore done = new Semaphore(0);
  private final RuntimeException[] failures;
  private final Runnable help = this::help;
  private volatile Work work;

  /**
   * Workers without a work.
   *
   * @param parts which are filled in before the first one
   * @param executor null for the caller's thread alone
   */
  Workers(Executor executor, Part[] parts) {
    this.executor = executor;
    this.parts = parts;
    next = new AtomicInteger(parts.length);
    failures = new RuntimeException[parts.length];
  }

  /**
   * Runs all parts; returns when all have ended, and throws what the first of them threw.
   *
   * @return what a broken executor threw, in spite of which the work is whole; null if it did not
   */
  RuntimeException run(Work all) {
    if (executor == null || parts.length == 1) {
      for (Part part : parts) {
        all.run(part);
      }
      return null;
    }
    work = all;
    next.set(0);
    RuntimeException broken = callForHelp();
    help();
    done.acquireUninterruptibly(parts.length);
    for (RuntimeException failure : failures) {
      if (failure != null) {
        Arrays.fill(failures, null);
        throw failure;
      }
    }
    return broken;
  }

  private RuntimeException callForHelp() {
    try {
      for (int part = 1; part < parts.length; part++) {
        executor.execute(help);
      }
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // An executor that was shut down, is full or has no more threads: the caller does what nobody
      // else does.
    } catch (RuntimeException e) {
      return e;
    } catch (Error e) {
      return new IllegalStateException("The executor of a trainer failed, with " + e + ".", e);
    }
    return null;
  }

  /** Takes parts until there are none; who comes late, even in a later work, finds what is left. */
  private void help() {
    for (int part = next.getAndIncrement(); part < parts.length; part = next.getAndIncrement()) {
      try {
        work.run(parts[part]);
      } catch (RuntimeException e) {
        failures[part] = e;
      } catch (Error e) {
        failures[part] =
            new IllegalStateException("A part of the batch ended early, with " + e + ".", e);
      } finally {
        done.release();
      }
    }
  }
}
