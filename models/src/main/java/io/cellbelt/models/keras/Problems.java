package io.cellbelt.models.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** What keeps a model from being read, all of it, so that nobody meets one thing after another. */
final class Problems {
  private static final int MOST = 50;

  private final List<String> sentences = new ArrayList<>();
  private int more;

  /**
   * Adds what is wrong.
   *
   * @param where whose fault it is, such as {@code LSTM "lstm_1"}
   * @param sentence the rest of a sentence, and further ones; empty if it has been told already
   */
  void add(String where, String sentence) {
    if (sentence.isEmpty()) {
      return;
    }
    String line = where + ": " + sentence;
    if (sentences.contains(line)) {
      return;
    }
    if (sentences.size() < MOST) {
      sentences.add(line);
    } else {
      more++;
    }
  }

  boolean isEmpty() {
    return sentences.isEmpty();
  }

  /** What the action gives, or null, with its sentence added, where it is refused. */
  <T> T attempt(String where, Supplier<T> action) {
    try {
      return action.get();
    } catch (Misfit e) {
      add(where, e.getMessage());
      return null;
    }
  }

  /** All of them, a line each. */
  String lines() {
    StringBuilder lines = new StringBuilder();
    for (String sentence : sentences) {
      lines.append("\n  ").append(sentence);
    }
    if (more > 0) {
      lines.append("\n  and ").append(more).append(" more.");
    }
    return lines.toString();
  }

  int size() {
    return sentences.size() + more;
  }
}
