package io.cellbelt.vad;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Streams in real time: each has a window every 32 ms, and their windows are spread evenly. What
 * has come of them is counted here. One thread gives answers.
 */
final class Load {
  /** Nanoseconds between two windows of a stream. */
  static final long PERIOD = Windows.HOP * 1_000_000_000L / Model.RATE;

  private static final long LONGEST = TimeUnit.MINUTES.toNanos(2);

  private final Recording recording;
  private final int streams;
  private final int warmUp;
  private final float tolerance;
  private final long start;
  private final int[] answered;
  private final Histogram latency = new Histogram(1000, LONGEST, 3);
  private long answers;
  private long wrong;

  /**
   * A load that begins now.
   *
   * @param warmUp windows of each stream whose time does not count
   * @param tolerance how far an answer may be off; 0 for equal bits
   */
  Load(Recording recording, int streams, int warmUp, float tolerance) {
    this.recording = recording;
    this.streams = streams;
    this.warmUp = warmUp;
    this.tolerance = tolerance;
    answered = new int[streams];
    start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(10);
  }

  Recording recording() {
    return recording;
  }

  /** Windows of all streams together; the one with number k is of stream k modulo streams. */
  long windows() {
    return (long) streams * recording.windows();
  }

  /** When a window is due, by the clock of {@link System#nanoTime}, whatever became of others. */
  long due(long window) {
    return start + window * PERIOD / streams;
  }

  /** When no answer is waited for any more. */
  long deadline() {
    return due(windows()) + TimeUnit.SECONDS.toNanos(2);
  }

  /** Takes the next answer for a stream. */
  void answer(int stream, float probability) {
    int window = answered[stream]++;
    answers++;
    if (window >= recording.windows()
        || !recording.isRight(stream, window, probability, tolerance)) {
      wrong++;
    }
    if (window >= warmUp) {
      long since = System.nanoTime() - due((long) window * streams + stream);
      latency.recordValue(Math.clamp(since, 0, LONGEST));
    }
  }

  boolean isComplete() {
    return answers >= windows();
  }

  /**
   * What has come of it.
   *
   * @param cpu of one processor, as a part of the time
   * @param bytesPerStream as the engine says
   * @param resident bytes of the process that serves, while all streams are open
   */
  Result result(double cpu, long bytesPerStream, long resident) {
    return new Result(
        streams, latency, answers, wrong, windows() - answers, cpu, bytesPerStream, resident);
  }

  /** Figures of a load. */
  record Result(
      int streams,
      Histogram latency,
      long answers,
      long wrong,
      long missing,
      double cpu,
      long bytesPerStream,
      long resident) {
    double millis(double percentile) {
      return latency.getValueAtPercentile(percentile) / 1e6;
    }

    /** Whether everything was answered, and rightly. */
    boolean isRight() {
      return wrong == 0 && missing == 0;
    }
  }
}
