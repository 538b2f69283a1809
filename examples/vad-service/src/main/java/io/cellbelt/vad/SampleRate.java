package io.cellbelt.vad;

/** How much sound may still come: a bucket that time fills. Not thread-safe. */
final class SampleRate {
  private final double bytesPerNano;
  private final double most;
  private double left;
  private long last;

  SampleRate(Limits limits, long now) {
    double bytesPerSecond = 2.0 * Model.RATE;
    bytesPerNano = limits.rate() * bytesPerSecond / 1e9;
    most = bytesPerSecond * limits.burst().toNanos() / 1e9;
    left = most;
    last = now;
  }

  /** Whether so many bytes may come now. */
  boolean take(int bytes, long now) {
    left = Math.min(most, left + (now - last) * bytesPerNano) - bytes;
    last = now;
    return left >= 0;
  }
}
