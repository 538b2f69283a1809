package io.cellbelt.app;

/** A command cannot do what it was asked to; the message is a sentence for the user. */
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Failure(String sentence) {
    super(sentence);
  }

  Failure(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
