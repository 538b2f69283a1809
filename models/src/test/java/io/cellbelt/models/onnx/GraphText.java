package io.cellbelt.models.onnx;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Graphs as texts, which are equal where the graphs are. */
final class GraphText {
  private final StringBuilder text = new StringBuilder();

  private GraphText() {}

  static String of(Graph graph) {
    GraphText text = new GraphText();
    text.add(graph, "");
    return text.text.toString();
  }

  /** Counts nodes by operator, those in graphs inside of nodes too. */
  static Map<String, Integer> operators(Graph graph) {
    Map<String, Integer> counts = new TreeMap<>();
    for (Node node : graph.nodes()) {
      counts.merge(node.operator(), 1, Integer::sum);
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.Body(Graph body)) {
          operators(body).forEach((name, count) -> counts.merge(name, count, Integer::sum));
        }
      }
    }
    return counts;
  }

  private void add(Graph graph, String indent) {
    line(indent, graph.name() + " " + graph.inputs() + " -> " + graph.outputs());
    graph.constants().forEach((name, tensor) -> line(indent, name + " = " + text(tensor)));
    for (Node node : graph.nodes()) {
      line(indent, node.describe() + " " + node.inputs() + " -> " + node.outputs());
      new TreeMap<>(node.attributes())
          .forEach(
              (name, value) -> {
                if (value instanceof Attribute.Body(Graph body)) {
                  line(indent + "  ", name + " is a graph");
                  add(body, indent + "    ");
                } else {
                  line(indent + "  ", name + " = " + text(value));
                }
              });
    }
  }

  private void line(String indent, String line) {
    text.append(indent).append(line).append('\n');
  }

  private static String text(Attribute attribute) {
    return attribute instanceof Attribute.Constant(Tensor tensor)
        ? text(tensor)
        : attribute.toString();
  }

  static String text(Tensor tensor) {
    int hash =
        switch (tensor.shared()) {
          case float[] floats -> Arrays.hashCode(floats);
          case double[] doubles -> Arrays.hashCode(doubles);
          default -> Arrays.hashCode((long[]) tensor.shared());
        };
    return tensor + " " + Integer.toHexString(hash);
  }
}
