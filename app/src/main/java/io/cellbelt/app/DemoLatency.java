package io.cellbelt.app;

import com.sun.management.ThreadMXBean;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * How long each single step of a stream takes, as a service would see it.
 *
 * @param nanos of every step
 * @param bytes what all of them together allocated on the heap; where the JVM compiles the loop
 *     around them once more on the way, some hundred of its own
 */
record DemoLatency(Histogram nanos, long bytes) {
  /** After the network's own warm-up, for what is measured with. */
  private static final int WARM_UP_STEPS = 50_000;

  private static final long MOST_NANOS = 10_000_000_000L;

  /** Steps through a network with tokens, after a warm-up. */
  static DemoLatency measure(Network network, int steps) {
    int words = network.architecture().input().tokens();
    float[] y = new float[network.architecture().outputSize()];
    Histogram nanos = new Histogram(MOST_NANOS, 3);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    network.warmUp();
    try (Stream stream = network.newStream()) {
      run(stream, words, y, nanos, WARM_UP_STEPS);
      nanos.reset();
      long before = threads.getCurrentThreadAllocatedBytes();
      run(stream, words, y, nanos, steps);
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      return new DemoLatency(nanos, bytes);
    }
  }

  private static void run(Stream stream, int words, float[] y, Histogram nanos, int steps) {
    for (int i = 0; i < steps; i++) {
      long start = System.nanoTime();
      stream.step(i % words, y);
      nanos.recordValue(Math.min(MOST_NANOS, System.nanoTime() - start));
    }
  }

  /** The time that this share of all steps does not exceed, in microseconds. */
  double micros(double percent) {
    return 1e-3 * nanos.getValueAtPercentile(percent);
  }

  /** The figures in one line. */
  String summary() {
    return String.format(
        Locale.ROOT,
        "p50 %.2f us, p99 %.2f us, p99.9 %.2f us, slowest %.0f us of %,d; %,d bytes allocated in all",
        micros(50),
        micros(99),
        micros(99.9),
        micros(100),
        nanos.getTotalCount(),
        bytes);
  }
}
