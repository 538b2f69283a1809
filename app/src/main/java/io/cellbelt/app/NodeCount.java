package io.cellbelt.app;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The nodes of a graph that have one operator.
 *
 * @param operator with its domain, if that is not ONNX's own
 * @param inFile nodes of the file, those of bodies too
 * @param run of these, those that are left to run in a call
 * @param kernels that run for them
 */
record NodeCount(String operator, int inFile, int run, int kernels) {
  /** What a plan calls the copies of what comes out. */
  private static final String COPIES = Node.OWN + ".Output";

  /**
   * By operator.
   *
   * @param running a description for each kernel that runs
   */
  static List<NodeCount> of(Graph graph, List<String> running) {
    Map<String, int[]> counts = new TreeMap<>();
    forEach(
        graph,
        node -> {
          String domain = node.domain().isEmpty() ? "" : node.domain() + ".";
          counts.computeIfAbsent(domain + node.operator(), key -> new int[3])[0]++;
        });
    Set<String> seen = new HashSet<>();
    for (String node : running) {
      int[] count = counts.computeIfAbsent(operator(node), key -> new int[3]);
      count[1] += seen.add(node) ? 1 : 0;
      count[2]++;
    }
    return counts.entrySet().stream()
        .map(
            entry -> {
              boolean copies = entry.getKey().equals(COPIES);
              int[] count = entry.getValue();
              return new NodeCount(
                  copies ? "(copies of outputs)" : entry.getKey(),
                  count[0],
                  copies ? 0 : count[1],
                  count[2]);
            })
        .toList();
  }

  private static String operator(String description) {
    return description.substring(0, description.indexOf(' '));
  }

  private static void forEach(Graph graph, Consumer<Node> action) {
    for (Node node : graph.nodes()) {
      action.accept(node);
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.Body(Graph body)) {
          forEach(body, action);
        }
      }
    }
  }

  /** Numbers of all constants that weights may be: floats, and integers of 8 bits. */
  static long parameters(Graph graph) {
    long[] sum = {constants(graph)};
    forEach(
        graph,
        node -> {
          for (Attribute attribute : node.attributes().values()) {
            if (attribute instanceof Attribute.Constant(Tensor value)) {
              sum[0] += parameters(value);
            } else if (attribute instanceof Attribute.Body(Graph body)) {
              sum[0] += constants(body);
            }
          }
        });
    return sum[0];
  }

  private static long constants(Graph graph) {
    Set<String> fed = new HashSet<>();
    graph.inputs().forEach(port -> fed.add(port.name()));
    return graph.constants().entrySet().stream()
        .filter(constant -> !fed.contains(constant.getKey()))
        .mapToLong(constant -> parameters(constant.getValue()))
        .sum();
  }

  private static long parameters(Tensor tensor) {
    boolean weights =
        tensor.type().isFloating()
            || tensor.type() == ElementType.I8
            || tensor.type() == ElementType.U8;
    return weights && tensor.rank() > 0 ? tensor.size() : 0;
  }

  /** What became of nodes with bodies. */
  static List<String> recognised(Graph graph, List<String> running) {
    Map<String, Integer> decided = new TreeMap<>();
    forEach(
        graph,
        node -> {
          boolean hasBody =
              node.attributes().values().stream().anyMatch(Attribute.Body.class::isInstance);
          if (hasBody && !running.contains(node.describe())) {
            decided.merge(node.operator(), 1, Integer::sum);
          }
        });
    List<String> sentences = new ArrayList<>();
    decided.forEach(
        (operator, count) ->
            sentences.add(
                String.format(
                    Locale.ROOT,
                    "%d %s: %s when the graph is made ready.",
                    count,
                    operator,
                    operator.equals("If") ? "decided" : "written out")));
    return sentences;
  }

  List<String> row() {
    return List.of(
        operator, Integer.toString(inFile), Integer.toString(run), Integer.toString(kernels));
  }
}
