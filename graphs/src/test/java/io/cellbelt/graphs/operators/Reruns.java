package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Graphs whose second run counts: the first is fed NaN, of which nothing may be left. Inputs may be
 * transposed in memory, known or fed, and none of that may make a difference.
 */
final class Reruns {
  private static final String TURNED = "turned ";

  private Reruns() {}

  /** The outputs of a node, by name. */
  static Map<String, Tensor> of(Node node, Map<String, Tensor> inputs, Set<String> known) {
    return of(List.of(node), inputs, known, Map.of());
  }

  /** The outputs of a node whose inputs are transposed there and, before the node, back again. */
  static Map<String, Tensor> turned(Node node, Map<String, Tensor> inputs, Set<String> known) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    List<Node> nodes = new ArrayList<>();
    inputs.forEach(
        (name, tensor) -> {
          given.put(TURNED + name, turned(tensor));
          nodes.add(Node.of("Transpose", List.of(TURNED + name), List.of(name), Map.of()));
        });
    known.forEach(name -> names.add(TURNED + name));
    nodes.add(node);
    return of(nodes, given, names, Map.of());
  }

  /**
   * The outputs of the last node.
   *
   * @param before integers of the first run that are others than those of the second
   */
  static Map<String, Tensor> of(
      List<Node> nodes, Map<String, Tensor> inputs, Set<String> known, Map<String, Tensor> before) {
    List<String> outputs =
        nodes.getLast().outputs().stream().filter(name -> !name.isEmpty()).toList();
    Graph graph =
        new Graph(
            "case",
            inputs.entrySet().stream().map(one -> port(one.getKey(), one.getValue())).toList(),
            outputs.stream().map(name -> new Port(name, null, null)).toList(),
            Map.of(),
            nodes);
    Setup setup = Setup.DEFAULT.stateless();
    Set<String> fed = new LinkedHashSet<>(inputs.keySet());
    fed.removeAll(known);
    for (String name : known) {
      setup = inputs.containsKey(name) ? setup.constant(name, inputs.get(name)) : setup;
    }
    try (GraphNetwork network = new GraphNetwork(graph);
        GraphStream stream = network.ready(setup).newStream()) {
      fed.forEach(
          name -> {
            Tensor tensor = inputs.get(name);
            stream.put(name, before.getOrDefault(name, poison(tensor)));
          });
      stream.run();
      fed.forEach(name -> stream.put(name, inputs.get(name)));
      stream.run();
      Map<String, Tensor> results = new LinkedHashMap<>();
      outputs.forEach(name -> results.put(name, stream.get(name)));
      return results;
    }
  }

  private static Port port(String name, Tensor tensor) {
    return new Port(
        name, tensor.type(), Arrays.stream(tensor.shape()).mapToObj(Dimension::of).toList());
  }

  /** NaN where floats are. */
  private static Tensor poison(Tensor tensor) {
    if (tensor.type().storage() == Storage.LONG) {
      return tensor;
    }
    double[] all = new double[tensor.size()];
    Arrays.fill(all, Double.NaN);
    return tensor(tensor.type(), all, tensor.shape());
  }

  /** The same elements with the dimensions the other way round. */
  private static Tensor turned(Tensor tensor) {
    int[] shape = tensor.shape();
    int rank = shape.length;
    int[] other = new int[rank];
    Arrays.setAll(other, d -> shape[rank - 1 - d]);
    double[] all = new double[tensor.size()];
    int[] index = new int[rank];
    for (int i = 0; i < all.length; i++) {
      // The index counts through the given tensor, whose first dimension is the other's last.
      int to = 0;
      for (int d = 0; d < rank; d++) {
        to = to * other[d] + index[rank - 1 - d];
      }
      all[to] = tensor.doubleAt(i);
      for (int d = rank - 1; d >= 0 && ++index[d] == shape[d]; d--) {
        index[d] = 0;
      }
    }
    return tensor(tensor.type(), all, other);
  }

  /** A tensor of a type from doubles, rounded to it. */
  static Tensor tensor(ElementType type, double[] all, int... shape) {
    return switch (type.storage()) {
      case DOUBLE -> Tensor.of(all, shape);
      case FLOAT -> {
        float[] floats = new float[all.length];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = type.rounded((float) all[i]);
        }
        yield Tensor.wrap(type, floats, shape);
      }
      case LONG ->
          Tensor.wrap(
              type, Arrays.stream(all).mapToLong(one -> type.wrapped((long) one)).toArray(), shape);
    };
  }

  /** Random numbers up to a bound either way, in a tensor of floats. */
  static Tensor random(Random random, ElementType type, double bound, int... shape) {
    double[] all = random.doubles(size(shape)).map(one -> bound * (2 * one - 1)).toArray();
    return tensor(type, all, shape);
  }

  static int size(int... shape) {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  /** Any of some names. */
  static Set<String> some(Random random, Set<String> names) {
    Set<String> some = new HashSet<>(names);
    some.removeIf(name -> random.nextBoolean());
    return some;
  }

  /** Fails unless a tensor has the type and the shape, and about the values. */
  static void check(
      String what,
      Tensor actual,
      double tolerance,
      ElementType type,
      double[] expected,
      int... shape) {
    assertThat(actual.type()).as(what).isEqualTo(type);
    assertThat(actual.shape()).as(what).isEqualTo(shape);
    double[] values = actual.doubles();
    for (int i = 0; i < expected.length; i++) {
      double most = tolerance * Math.max(1, Math.abs(expected[i]));
      boolean equal =
          Double.compare(values[i], expected[i]) == 0 || Math.abs(values[i] - expected[i]) <= most;
      // The text of all that is equal would take longer than all else.
      if (!equal) {
        assertThat(values[i])
            .as(
                "%s, at %s of %s: %s, not %s",
                what, i, Arrays.toString(shape), brief(values), brief(expected))
            .isEqualTo(expected[i]);
      }
    }
  }

  private static String brief(double[] all) {
    return Arrays.toString(Arrays.copyOf(all, Math.min(all.length, 60)));
  }
}
