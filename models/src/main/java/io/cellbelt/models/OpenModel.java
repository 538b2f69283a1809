package io.cellbelt.models;

import io.cellbelt.cells.Network;
import io.cellbelt.graphs.GraphNetwork;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    /** Checks that both are there. */
    public Recurrent {
      Objects.requireNonNull(network, "A recurrent model has a network, but got null.");
      Objects.requireNonNull(about, "A model comes with what its file says, but got null.");
    }

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
    /** Checks that both are there. */
    public AnyGraph {
      Objects.requireNonNull(graph, "A model that is a graph has one, but got null.");
      Objects.requireNonNull(about, "A model comes with what its file says, but got null.");
    }

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
      Objects.requireNonNull(format, "A model has a format, but got null.");
      Objects.requireNonNull(metadata, "Metadata may be empty, but got null.");
      if (metadata.keySet().stream().anyMatch(Objects::isNull)) {
        throw new IllegalArgumentException("Metadata have names, but one of them is null.");
      }
      Objects.requireNonNull(remarks, "Remarks may be empty, but got null.");
      if (remarks.stream().anyMatch(Objects::isNull)) {
        throw new IllegalArgumentException("Remarks are sentences, but one of them is null.");
      }
      metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
      remarks = List.copyOf(remarks);
    }

    /** The same with other remarks. */
    About with(List<String> others) {
      return new About(format, metadata, others);
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
