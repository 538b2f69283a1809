package io.cellbelt.models.stacks;

/** A graph, or a part of it, is nothing that a network can be. It is caught where it is read. */
final class Misfit extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Misfit(String message) {
    super(message, null, false, false);
  }

  static void unless(boolean fits, String message) {
    if (!fits) {
      throw new Misfit(message);
    }
  }
}
