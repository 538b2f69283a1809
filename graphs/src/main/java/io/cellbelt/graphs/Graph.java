package io.cellbelt.graphs;

import java.util.List;
import java.util.Map;

/**
 * Operators and the values between them: the one form of all foreign models. The operators are
 * ONNX's, and a few of this library's.
 *
 * <p>A value has one name, and one node, constant or input that gives it. Nodes stand in an order
 * in which each comes after those that it takes values from. The graph of a body also sees the
 * values of the graphs around it. Immutable, thread-safe.
 *
 * @param name of the graph; may be empty
 * @param inputs what is fed; a constant of the same name is what an input is where it is not fed
 * @param outputs what comes out
 * @param constants by name
 * @param nodes in order
 */
public record Graph(
    String name,
    List<Port> inputs,
    List<Port> outputs,
    Map<String, Tensor> constants,
    List<Node> nodes) {
  /** Copies the lists and the map. */
  public Graph {
    Given.value("a name of the graph, which may be empty", name);
    inputs = Given.list("inputs", inputs);
    outputs = Given.list("outputs", outputs);
    constants = Given.map("constants", constants);
    nodes = Given.list("nodes", nodes);
  }
}
