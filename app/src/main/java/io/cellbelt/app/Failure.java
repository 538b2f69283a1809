package io.cellbelt.app;

import java.io.IOException;
import java.nio.file.FileSystemException;

/** A command cannot do what it was asked to; the message is a sentence for the user. */
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Failure(String sentence) {
    super(sentence);
  }

  Failure(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /** What the system said, without the path that its message repeats. */
  static String reason(IOException cause) {
    String reason = cause instanceof FileSystemException e ? e.getReason() : cause.getMessage();
    return reason == null ? cause.getClass().getSimpleName() : reason;
  }
}
