package io.cellbelt.jmh;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.MicroBatcher;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Throughput against latency of a {@link MicroBatcher}: callers on virtual threads, each of which
 * asks for its next step when it has the last one. Prints a table; takes about two minutes.
 *
 * <p>Arguments: the hidden size, 256 unless given.
 */
public final class MicroBatchCurve {
  private static final int[] CALLERS = {1, 2, 4, 8, 16, 32, 64, 128};
  private static final int[] WAITS = {0, 50, 200};
  private static final int MOST = 64;
  private static final long SECONDS = 2;
  private static final int MOST_CALLS = 1 << 20;

  private MicroBatchCurve() {}

  /** What the callers of one point have seen. */
  private static final class Seen {
    private final long[] nanos = new long[MOST_CALLS];
    private int calls;

    synchronized void add(long[] own, int count) {
      int room = Math.min(count, nanos.length - calls);
      System.arraycopy(own, 0, nanos, calls, room);
      calls += room;
    }

    double micros(double share) {
      return nanos[Math.min(calls - 1, (int) (share * calls))] * 1e-3;
    }
  }

  /** Measures all points. */
  public static void main(String[] arguments) throws InterruptedException {
    int size = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 256;
    try (Network network = new Network(Weights.random(Architecture.of(new Lstm(size, size)), 1));
        Streams streams = network.newStreams(CALLERS[CALLERS.length - 1])) {
      System.out.println(network.warmUp());
      point(streams, size, 16, 0);
      System.out.println("| wait us | callers | steps/s | streams a pass | p50 us | p99 us |");
      System.out.println("|---|---|---|---|---|---|");
      for (int wait : WAITS) {
        for (int callers : CALLERS) {
          System.out.println(point(streams, size, callers, wait));
        }
      }
    }
  }

  private static String point(Streams streams, int size, int callers, int wait)
      throws InterruptedException {
    MicroBatcher batcher =
        new MicroBatcher(
            streams::advance,
            size,
            size,
            MOST,
            Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(wait)));
    Seen seen = new Seen();
    AtomicBoolean on = new AtomicBoolean(true);
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int stream = 0; stream < callers; stream++) {
        int own = stream;
        threads.execute(() -> call(batcher, own, size, on, seen));
      }
      TimeUnit.SECONDS.sleep(SECONDS);
      on.set(false);
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    Arrays.sort(seen.nanos, 0, seen.calls);
    return String.format(
        Locale.ROOT,
        "| %d | %d | %.0f | %.1f | %.0f | %.0f |",
        wait,
        callers,
        batcher.steps() / seconds,
        (double) batcher.steps() / batcher.passes(),
        seen.micros(0.5),
        seen.micros(0.99));
  }

  private static void call(
      MicroBatcher batcher, int stream, int size, AtomicBoolean on, Seen seen) {
    float[] x = new float[size];
    float[] y = new float[size];
    long[] nanos = new long[MOST_CALLS / 8];
    int calls = 0;
    while (on.get() && calls < nanos.length) {
      long from = System.nanoTime();
      batcher.step(stream, x, y);
      nanos[calls++] = System.nanoTime() - from;
    }
    seen.add(nanos, calls);
  }
}
