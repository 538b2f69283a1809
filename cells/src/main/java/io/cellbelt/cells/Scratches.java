package io.cellbelt.cells;

import io.cellbelt.cells.engine.NetworkPlan;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Scratches that threads lease, one for each call. There are as many as threads have ever computed
 * at the same time. Thread-safe, without locks; a lease costs an atomic operation.
 */
final class Scratches implements AutoCloseable {
  private final NetworkPlan plan;
  private final AtomicReference<Scratch[]> made = new AtomicReference<>(new Scratch[0]);

  Scratches(NetworkPlan plan) {
    this.plan = plan;
  }

  /** One that nobody else has until {@link Scratch#release}. Allocates where all are leased. */
  Scratch lease() {
    Scratch[] all = made.get();
    // A thread comes back to what its core's cache holds, and seldom to what others try for.
    int at = all.length < 2 ? 0 : (int) (Thread.currentThread().threadId() % all.length);
    for (int i = 0; i < all.length; i++) {
      Scratch scratch = all[at];
      if (scratch.lease()) {
        return scratch;
      }
      at = at + 1 == all.length ? 0 : at + 1;
    }
    return more();
  }

  private Scratch more() {
    Scratch scratch = new Scratch(plan);
    scratch.lease();
    Scratch[] before;
    Scratch[] after;
    do {
      before = made.get();
      after = Arrays.copyOf(before, before.length + 1);
      after[before.length] = scratch;
    } while (!made.compareAndSet(before, after));
    return scratch;
  }

  /** Gives all memory back, when no stream is open that could lease any. */
  @Override
  public void close() {
    for (Scratch scratch : made.getAndSet(new Scratch[0])) {
      scratch.close();
    }
  }
}
