package io.cellbelt.models.keras;

import java.util.Locale;

/**
 * Something of a model that is not read, or does not fit the rest. The message is the end of a
 * sentence whose beginning names the layer or file, and further sentences.
 */
final class Misfit extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Misfit(String message) {
    super(message);
  }

  Misfit(String message, Throwable cause) {
    super(message, cause);
  }

  /** One whose reason is among the problems already. */
  static Misfit told() {
    return new Misfit("");
  }

  /** With a format of the root locale. */
  @SuppressWarnings("AnnotateFormatMethod") // The annotation is in a library that is not used.
  static Misfit of(String format, Object... values) {
    return new Misfit(String.format(Locale.ROOT, format, values));
  }
}
