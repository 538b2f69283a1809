package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Checks a node with each of its inputs known or fed, with these as they are or transposed in
 * memory, and in a second run, in memory that the first has left.
 */
final class EveryWay {
  private EveryWay() {}

  /**
   * Checks the outputs.
   *
   * @param known inputs that must be known
   */
  static void check(
      Node node, Map<String, Tensor> inputs, Set<String> known, Map<String, Tensor> expected) {
    List<String> free = inputs.keySet().stream().filter(name -> !known.contains(name)).toList();
    for (int choice = 0; choice < 1 << free.size(); choice++) {
      Set<String> all = new HashSet<>(known);
      for (int i = 0; i < free.size(); i++) {
        if ((choice >> i & 1) != 0) {
          all.add(free.get(i));
        }
      }
      for (boolean turned : new boolean[] {false, true}) {
        check(node, inputs, all, turned, expected);
      }
    }
  }

  private static void check(
      Node node,
      Map<String, Tensor> inputs,
      Set<String> known,
      boolean turned,
      Map<String, Tensor> expected) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    List<Node> nodes = new ArrayList<>();
    inputs.forEach(
        (name, tensor) -> {
          if (turned) {
            given.put(name + "'", turned(tensor));
            nodes.add(Node.of("Transpose", List.of(name + "'"), List.of(name), Map.of()));
          } else {
            given.put(name, tensor);
          }
        });
    nodes.add(node);
    List<Port> outputs =
        expected.keySet().stream().map(name -> new Port(name, null, null)).toList();
    Graph graph =
        new Graph(
            "",
            given.entrySet().stream().map(one -> port(one.getKey(), one.getValue())).toList(),
            outputs,
            Map.of(),
            nodes);
    Setup setup = Setup.DEFAULT.stateless();
    for (String name : given.keySet()) {
      if (known.contains(name.replace("'", ""))) {
        setup = setup.constant(name, given.get(name));
      }
    }
    try (GraphNetwork network = new GraphNetwork(graph);
        GraphStream stream = network.ready(setup).newStream()) {
      given.forEach(
          (name, tensor) -> {
            if (!known.contains(name.replace("'", ""))) {
              stream.put(name, tensor);
            }
          });
      for (int run = 1; run <= 2; run++) {
        stream.run();
        String way = "run " + run + ", known " + known + (turned ? ", transposed" : "");
        expected.forEach((name, tensor) -> same(node, inputs, way, stream.get(name), tensor));
      }
    }
  }

  private static Port port(String name, Tensor tensor) {
    return new Port(
        name, tensor.type(), Arrays.stream(tensor.shape()).mapToObj(Dimension::of).toList());
  }

  /** The same elements with the dimensions the other way round. */
  private static Tensor turned(Tensor tensor) {
    int[] shape = tensor.shape();
    int rank = shape.length;
    int[] other = new int[rank];
    Arrays.setAll(other, d -> shape[rank - 1 - d]);
    return Indexed.of(
        tensor.type(),
        other,
        index -> {
          int[] original = new int[rank];
          Arrays.setAll(original, d -> index[rank - 1 - d]);
          return Indexed.at(tensor, original);
        });
  }

  private static void same(
      Node node, Map<String, Tensor> inputs, String way, Tensor actual, Tensor expected) {
    String what = node + " of " + inputs + ", " + way;
    assertThat(actual.type()).as(what).isEqualTo(expected.type());
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    double[] values = actual.doubles();
    double[] wanted = expected.doubles();
    double share = Indexed.isFloat(actual) ? 1e-6 : 1e-13;
    for (int i = 0; i < values.length; i++) {
      boolean equal =
          Double.compare(values[i], wanted[i]) == 0
              || Math.abs(values[i] - wanted[i]) <= share * Math.max(1, Math.abs(wanted[i]));
      assertThat(equal)
          .as("%s: %s, not %s", what, Arrays.toString(values), Arrays.toString(wanted))
          .isTrue();
    }
  }

  /** An attribute of integers. */
  static Attribute wholes(long... values) {
    return new Attribute.Wholes(LongStream.of(values).boxed().toList());
  }
}
