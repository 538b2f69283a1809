package io.cellbelt.models.audio;

import io.cellbelt.models.audio.AudioGraph.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** What is wrong with the parts of a model, all of it, and not only what comes first. */
final class Problems {
  private static final int MOST_SHOWN = 20;

  private final List<String> sentences = new ArrayList<>();

  /** Does something; what is wrong is kept, with where it is. */
  void in(String where, Runnable part) {
    try {
      part.run();
    } catch (IllegalArgumentException e) {
      add(where, e.getMessage());
    }
  }

  /**
   * A part that makes a signal.
   *
   * @param channels of the signal that stands for it where something is wrong, so that the parts
   *     after it can be looked at; the graph is of no use then
   */
  Signal in(String where, int channels, Supplier<Signal> part) {
    try {
      return part.get();
    } catch (IllegalArgumentException e) {
      add(where, e.getMessage());
      return new Signal("", channels, true);
    }
  }

  void add(String where, String sentence) {
    sentences.add(where + ": " + sentence);
  }

  /** Throws if there is anything. */
  void check() {
    if (sentences.isEmpty()) {
      return;
    }
    int shown = Math.min(sentences.size(), MOST_SHOWN);
    String all = String.join(" ", sentences.subList(0, shown));
    throw new IllegalArgumentException(
        shown == sentences.size()
            ? all
            : String.format(Locale.ROOT, "%s And %d more.", all, sentences.size() - shown));
  }
}
