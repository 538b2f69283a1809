package io.cellbelt.models;

import io.cellbelt.cells.Network;
import io.cellbelt.graphs.GraphNetwork;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A trained model that is ready to be used: a {@link Recurrent} one, where it is a stack of
 * recurrent layers, and so can be trained, checked and quantised, too; otherwise an {@link
 * AnyGraph}.
 *
 * <pre>{@code
 * try (OpenModel model = Models.open(Path.of("model.onnx"))) {
 *   switch (model) {
 *     case OpenModel.Recurrent(Network network, var about) -> ...
 *     case OpenModel.AnyGraph(GraphNetwork graph, var about) -> ...
 *   }
 * }
 * }</pre>
 *
 * <p>Thread-safe, as what it holds is. Ownership: closing it closes the network or graph.
 */
public sealed interface OpenModel extends AutoCloseable {
  /**
   * A stack of recurrent layers, perhaps with an embedding and a head.
   *
   * @param network the network
   * @param about what else the file says
   */
  record Recurrent(Network network, About about) implements OpenModel {
    @Override
    public void close() {
      network.close();
    }
  }

  /**
   * A graph of operators.
   *
   * @param graph the graph
   * @param about what else the file says
   */
  record AnyGraph(GraphNetwork graph, About about) implements OpenModel {
    @Override
    public void close() {
      graph.close();
    }
  }

  /**
   * What a file says about its model.
   *
   * @param format such as ONNX
   * @param metadata texts by key, sorted
   * @param remarks sentences about what was guessed or left out
   */
  record About(String format, Map<String, String> metadata, List<String> remarks) {
    /** Copies the map and the list. */
    public About {
      metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
      remarks = List.copyOf(remarks);
    }
  }

  /** What the file says about the model. */
  About about();

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if streams are still open
   */
  @Override
  void close();
}
