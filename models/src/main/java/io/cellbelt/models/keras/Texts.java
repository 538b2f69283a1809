package io.cellbelt.models.keras;

import static io.cellbelt.models.ModelFileException.quote;

import java.util.Collection;
import java.util.stream.Collectors;

/** Texts of files in messages. */
final class Texts {
  private static final int MOST = 8;

  private Texts() {}

  /** A text in quotes, harmless on a terminal. */
  static String quoted(String text) {
    return quote(text);
  }

  /** Texts in quotes, with commas, the first of them if there are many. */
  static String list(Collection<String> texts) {
    if (texts.isEmpty()) {
      return "none";
    }
    String listed = texts.stream().limit(MOST).map(Texts::quoted).collect(Collectors.joining(", "));
    return texts.size() > MOST ? listed + " and " + (texts.size() - MOST) + " more" : listed;
  }
}
