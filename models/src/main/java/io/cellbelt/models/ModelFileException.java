package io.cellbelt.models;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A file could not be read or written. The message is one or more complete sentences for the person
 * at the keyboard: which file, what was expected, what was found, and what to do about it.
 */
public final class ModelFileException extends IOException {
  private static final long serialVersionUID = 1L;

  private static final int LONGEST_QUOTE = 80;

  /**
   * Creates the exception.
   *
   * @param message complete sentences that name the file
   */
  public ModelFileException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message complete sentences that name the file
   * @param cause what went wrong underneath
   */
  public ModelFileException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * A file that cannot be read.
   *
   * @param sentences what was expected, what was found, and what to do; starting in lower case
   */
  public static ModelFileException unreadable(Path file, String sentences) {
    return unreadable(file, sentences, null);
  }

  static ModelFileException unreadable(Path file, String sentences, Throwable cause) {
    Objects.requireNonNull(file, "What cannot be read is a file, but got null.");
    Objects.requireNonNull(sentences, "A file cannot be read for a reason, but got null.");
    return new ModelFileException("Cannot read " + file + ": " + sentences, cause);
  }

  /** A failure of the system while a file was read; a sentence about the file stays as it is. */
  public static ModelFileException unreadable(Path file, IOException cause) {
    Objects.requireNonNull(file, "What cannot be read is a file, but got null.");
    Objects.requireNonNull(cause, "A file cannot be read for a reason, but got null.");
    return switch (cause) {
      case ModelFileException known -> known;
      case AccessDeniedException denied ->
          unreadable(file, "permission denied. Give this user the right to read it.", denied);
      default -> unreadable(file, reason(cause), cause);
    };
  }

  /** Returns what the system said, as a sentence. */
  static String reason(IOException cause) {
    // The message of a FileSystemException repeats the path, and may be nothing else.
    String reason = cause instanceof FileSystemException e ? e.getReason() : cause.getMessage();
    return "the system reported "
        + (reason == null ? cause.getClass().getSimpleName() : reason)
        + ".";
  }

  /**
   * Quotes text that came from a file. Such text may be megabytes long or hold terminal escape
   * codes, and an error message must be neither.
   */
  public static String quote(String text) {
    Objects.requireNonNull(text, "What is quoted is a text, but got null.");
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .limit(LONGEST_QUOTE)
        .map(c -> isHarmless(c) ? c : '?')
        .forEach(quoted::appendCodePoint);
    if (text.codePointCount(0, text.length()) > LONGEST_QUOTE) {
      quoted.append("...");
    }
    return quoted.append('"').toString();
  }

  /**
   * Whether a character shows as itself and changes nothing around it: controls, directions and
   * line separators do.
   */
  static boolean isHarmless(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }
}
