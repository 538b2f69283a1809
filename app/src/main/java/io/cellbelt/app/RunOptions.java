package io.cellbelt.app;

import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** How a model takes its data: windows, and what stands beside and before them. */
final class RunOptions {
  @Option(
      names = "--window",
      paramLabel = "N",
      description =
          "Frames that the model takes in a call, the context among them (default: as many as the"
              + " model says).")
  private Integer window;

  @Option(
      names = "--hop",
      paramLabel = "N",
      description =
          "Frames from the start of one window to the next (default: those that are no context)."
              + " Where windows overlap, what comes out is added up.")
  private Integer hop;

  @Option(
      names = "--context",
      paramLabel = "N",
      description =
          "Frames at the start of a window that the one before ended with; zeros at the start"
              + " (default: 0).")
  private int context;

  @Option(
      names = "--beside",
      paramLabel = "X",
      split = ",",
      description = "Numbers that the model takes beside every sample, such as knobs.")
  private double[] beside = {};

  @Option(
      names = "--silence",
      paramLabel = "N",
      description =
          "Frames of silence that the model hears before a sound (default: as many as its file"
              + " asks for).")
  private Long silence;

  OptionalInt window() {
    if (window != null && window < 1) {
      throw new Failure("A window has 1 frame or more, but got --window " + window + ".");
    }
    return window == null ? OptionalInt.empty() : OptionalInt.of(window);
  }

  SlidingWindow.Span span(int length) {
    return new SlidingWindow.Span(
        length, Objects.requireNonNullElse(hop, length - context), context);
  }

  double[] beside() {
    return beside.clone();
  }

  OptionalLong silence() {
    if (silence != null && silence < 0) {
      throw new Failure("There are 0 or more frames of silence, but got " + silence + ".");
    }
    return silence == null ? OptionalLong.empty() : OptionalLong.of(silence);
  }
}
