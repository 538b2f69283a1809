package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.ReadyGraph;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A graph of one node, run on given inputs. */
final class OperatorCase {
  private OperatorCase() {}

  /** A node with the newest operators. */
  static Node node(
      String operator,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes) {
    return Node.of(operator, inputs, outputs, attributes);
  }

  /** A node with the operators of an opset. */
  static Node node(
      int opset,
      String operator,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes) {
    return new Node(operator, operator, "", opset, inputs, outputs, attributes);
  }

  /** The outputs where all inputs are known when the graph is made ready. */
  static Map<String, Tensor> run(Node node, Map<String, Tensor> inputs) {
    return runFed(node, inputs, inputs.keySet());
  }

  /** The outputs where inputs are fed but for those that are known. */
  static Map<String, Tensor> runFed(Node node, Map<String, Tensor> inputs, Set<String> known) {
    List<Port> ports =
        inputs.entrySet().stream()
            .map(
                input ->
                    new Port(
                        input.getKey(),
                        input.getValue().type(),
                        Arrays.stream(input.getValue().shape()).mapToObj(Dimension::of).toList()))
            .toList();
    List<Port> outputs =
        node.outputs().stream()
            .filter(name -> !name.isEmpty())
            .map(name -> new Port(name, null, null))
            .toList();
    Graph graph = new Graph("case", ports, outputs, Map.of(), List.of(node));
    Setup setup = Setup.DEFAULT.stateless();
    for (String name : known) {
      setup = setup.constant(name, inputs.get(name));
    }
    try (GraphNetwork network = new GraphNetwork(graph)) {
      ReadyGraph ready = network.ready(setup);
      try (GraphStream stream = ready.newStream()) {
        for (String name : inputs.keySet()) {
          if (!known.contains(name)) {
            stream.put(name, inputs.get(name));
          }
        }
        stream.run();
        Map<String, Tensor> results = new LinkedHashMap<>();
        outputs.forEach(port -> results.put(port.name(), stream.get(port.name())));
        return results;
      }
    }
  }
}
