package io.cellbelt.kernels;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.LimitLoops;
import java.util.List;
import java.util.Objects;

/**
 * What this machine can do at most on one core, measured now, at the kernels' width: the yardstick
 * for kernels.
 *
 * <p>Limits swing with clock rate, neighbours and temperature. To judge a kernel, time a {@link
 * Load} in turn with it, as {@link Timing#interleaved} does, rather than once beforehand. Thread
 * safety: the methods may be called from any thread; each load has one user at a time.
 */
public final class MachineLimits {
  private static final double SECONDS = 0.4;
  private static final int FMA_ITERATIONS = 4096;

  /** Keeps quarters of the buffer within the stride that kernels allow. */
  private static final long MAX_BYTES = 1L << 32;

  /**
   * A rate that was measured.
   *
   * @param median of many short runs, per second
   * @param best of them, per second
   */
  public record Rate(double median, double best) {}

  private MachineLimits() {}

  /**
   * How fast a buffer is read over and over, in bytes per second.
   *
   * @param bytes size of the buffer, 1 to 4 GiB
   * @throws IllegalArgumentException if bytes is out of range
   */
  public static Rate readBandwidth(long bytes) {
    try (Load load = reading(bytes)) {
      return load.measure();
    }
  }

  /** How many floating-point operations a second fused multiply-adds reach in registers. */
  public static Rate fmaPeak() {
    try (Load load = multiplying()) {
      return load.measure();
    }
  }

  /**
   * A load that reads every byte of a buffer of its own.
   *
   * @param bytes size of the buffer, 1 or more; rounded up to whole passes of the loop or so
   * @throws IllegalArgumentException if bytes is out of range
   */
  public static Load reading(long bytes) {
    if (bytes < 1 || bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "The bandwidth is measured on a buffer of 1 to "
              + MAX_BYTES
              + " bytes, but got "
              + bytes
              + ".");
    }
    SimdEnvironment.require();
    long step = LimitLoops.READ_BYTES;
    long size = (bytes + step - 1) / step * step;
    Slab slab = Slab.allocate(size / Float.BYTES + Lanes.COUNT);
    // Pages that were never written are all the same page of zeros, which would sit in the cache.
    slab.segment().fill((byte) 1);
    long address = slab.address();
    return new Load(slab, size, () -> LimitLoops.read(address, size, address + size));
  }

  /** A load of fused multiply-adds in registers. */
  public static Load multiplying() {
    SimdEnvironment.require();
    Slab slab = Slab.allocate(3L * Lanes.COUNT);
    // Small enough that no sum overflows, and far from denormals.
    slab.segment().fill((byte) 0x3c);
    long address = slab.address();
    return new Load(
        slab,
        (double) FMA_ITERATIONS * LimitLoops.FMA_FLOPS,
        () -> LimitLoops.fma(FMA_ITERATIONS, 1, address));
  }

  /** Work that runs at a limit of the machine; owns its memory until it is closed. */
  public static final class Load implements Runnable, AutoCloseable {
    private final Slab slab;
    private final double work;
    private final Runnable loop;

    private Load(Slab slab, double work, Runnable loop) {
      this.slab = slab;
      this.work = work;
      this.loop = loop;
    }

    /** What a run does: bytes that are read, or floating-point operations. */
    public double work() {
      return work;
    }

    /**
     * Does the work once.
     *
     * @throws IllegalStateException if the load is closed
     */
    @Override
    public void run() {
      slab.acquire();
      try {
        loop.run();
      } finally {
        slab.release();
      }
    }

    /** The rates that timings of a run amount to. */
    public Rate rate(Timing timing) {
      Objects.requireNonNull(timing, "A rate follows from a timing, but got null.");
      return new Rate(work / timing.median(), work / timing.best());
    }

    private Rate measure() {
      return rate(Timing.interleaved(SECONDS, List.of(this)).getFirst());
    }

    /**
     * Gives the memory back. Closing again does nothing.
     *
     * @throws IllegalStateException if another thread is running it
     */
    @Override
    public void close() {
      slab.close();
    }
  }
}
