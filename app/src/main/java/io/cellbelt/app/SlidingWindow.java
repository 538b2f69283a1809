package io.cellbelt.app;

import io.cellbelt.models.ModelFileException;
import java.util.Arrays;

/**
 * Windows over frames: each starts some frames after the one before. In front of the first there
 * may be silence, which a model takes as context, and behind the last frame there is silence.
 */
final class SlidingWindow {
  private final Frames frames;
  private final Span span;
  private final int channels;
  private final double[] values;
  private boolean started;

  /**
   * How windows lie.
   *
   * @param length frames of a window, 1 or more
   * @param hop frames from one window to the next, 1 to {@code length}
   * @param context frames of silence that the first window starts with, under {@code length}
   */
  record Span(int length, int hop, int context) {
    Span {
      if (hop < 1 || hop > length || context < 0 || context >= length) {
        throw new Failure(
            "A window of "
                + length
                + " frames goes on by 1 to "
                + length
                + " frames and has fewer frames of context, but got a hop of "
                + hop
                + " and a context of "
                + context
                + "; correct --window, --hop or --context.");
      }
    }

    /** How many windows it takes until every frame was in one. */
    long covering(long frames) {
      return frames == 0 ? 0 : 1 + Math.max(0, Math.ceilDiv(frames + context - length, hop));
    }

    /** How many windows are full of frames. */
    long full(long frames) {
      return Math.max(0, Math.floorDiv(frames + context - length, hop) + 1);
    }
  }

  SlidingWindow(Frames frames, Span span) {
    this.frames = frames;
    this.span = span;
    channels = frames.channels();
    values = new double[Math.multiplyExact(span.length(), channels)];
  }

  Frames frames() {
    return frames;
  }

  Span span() {
    return span;
  }

  /** Goes on to the next window, or to the first. */
  void advance() throws ModelFileException {
    int kept = started ? span.length() - span.hop() : span.context();
    if (started) {
      System.arraycopy(values, span.hop() * channels, values, 0, kept * channels);
    }
    started = true;
    int wanted = span.length() - kept;
    int read = frames.read(values, kept * channels, wanted);
    Arrays.fill(values, (kept + read) * channels, values.length, 0);
  }

  /** The frames of the window, one after the other. */
  double[] values() {
    return values;
  }
}
