package io.cellbelt.models.stacks;

import io.cellbelt.graphs.Node;

/** A graph, or a part of it, is nothing that a network can be. It is caught where it is read. */
final class Misfit extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Misfit(String message) {
    super(message, null, false, false);
  }

  /** About a node of another kind than those of a network. */
  static String noPart(Node node) {
    return node.describe()
        + " is neither a recurrent layer nor the embedding below such layers or the linear head"
        + " above.";
  }

  static void unless(boolean fits, String message) {
    if (!fits) {
      throw new Misfit(message);
    }
  }
}
