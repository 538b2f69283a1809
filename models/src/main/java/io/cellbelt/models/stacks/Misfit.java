package io.cellbelt.models.stacks;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
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

  /** About a graph without recurrent nodes, other than in a branch or loop. */
  static String noLayers(Graph graph) {
    return "There is no LSTM, GRU or RNN among its nodes"
        + graph.nodes().stream()
            .filter(Misfit::hasBody)
            .findFirst()
            .map(node -> "; what is inside of " + node.describe() + " counts as one node.")
            .orElse(".");
  }

  private static boolean hasBody(Node node) {
    return node.attributes().values().stream().anyMatch(Attribute.Body.class::isInstance);
  }

  static void unless(boolean fits, String message) {
    if (!fits) {
      throw new Misfit(message);
    }
  }
}
