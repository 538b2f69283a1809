package io.cellbelt.graphs.rewrite;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Constants;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Planner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the values of a graph come from: the nodes that give them, and what is constant, given as
 * such or calculated from constants. Of the graph of a body, also the values around it.
 *
 * <p>Not thread-safe.
 */
public final class Values {
  private final Graph graph;

  /** Of the graph around a body; null for a whole graph. */
  private final Values outer;

  /** Inputs of a body that are values around it at every call. */
  private final Map<String, String> bound;

  private final Map<String, Node> producers = new HashMap<>();
  private final Set<String> fed = new HashSet<>();
  private final Set<String> constant = new HashSet<>();
  private final Map<String, Tensor> calculated = new HashMap<>();

  private Values(Graph graph, Values outer, Map<String, String> bound) {
    this.graph = graph;
    this.outer = outer;
    this.bound = bound;
    graph.inputs().stream().map(Port::name).filter(n -> !bound.containsKey(n)).forEach(fed::add);
    bound.forEach(
        (name, around) -> {
          if (outer.isConstant(around)) {
            constant.add(name);
          }
        });
    graph.constants().keySet().stream().filter(name -> !fed.contains(name)).forEach(constant::add);
    for (Node node : graph.nodes()) {
      node.outputs().forEach(output -> producers.put(output, node));
      boolean bodies =
          node.attributes().values().stream().anyMatch(Attribute.Body.class::isInstance);
      if (!bodies && node.inputs().stream().allMatch(n -> n.isEmpty() || isConstant(n))) {
        constant.addAll(node.outputs());
      }
    }
  }

  /** The values of a whole graph. */
  public static Values of(Graph graph) {
    return new Values(graph, null, Map.of());
  }

  /**
   * The values of a body within this graph.
   *
   * @param bound inputs of the body that are the same value of this graph at every call
   */
  Values inside(Graph body, Map<String, String> bound) {
    return new Values(body, this, Map.copyOf(bound));
  }

  /** The node of this graph that gives a value; null where it comes from elsewhere. */
  public Node producer(String value) {
    return producers.get(value);
  }

  /** Whether the value is fed in a call, perhaps in place of a constant. */
  public boolean isFed(String value) {
    return fed.contains(value);
  }

  /** Whether the value belongs to the graphs around this one. */
  boolean isFromOutside(String value) {
    return outer != null
        && !fed.contains(value)
        && !producers.containsKey(value)
        && !graph.constants().containsKey(value);
  }

  /** The value around this graph that a value from there is. */
  String outside(String value) {
    return bound.getOrDefault(value, value);
  }

  /** Whether a value depends on constants alone, though it may be none that can be calculated. */
  public boolean isConstant(String value) {
    return constant.contains(value) || isFromOutside(value) && outer.isConstant(outside(value));
  }

  /**
   * The constant that a value is.
   *
   * @return null where it is none, or cannot be calculated
   */
  public Tensor constant(String value) {
    if (value.isEmpty() || !isConstant(value)) {
      return null;
    }
    if (isFromOutside(value)) {
      return outer.constant(outside(value));
    }
    Tensor given = graph.constants().get(value);
    return given == null ? calculated.computeIfAbsent(value, this::calculate) : given;
  }

  /** By a plan of the nodes that the value depends on, which runs them all when it is made. */
  private Tensor calculate(String value) {
    Set<String> needed = new HashSet<>(Set.of(value));
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        needed.addAll(node.inputs());
        nodes.add(node);
      }
    }
    Collections.reverse(nodes);
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    needed.remove("");
    needed.stream()
        .filter(name -> !producers.containsKey(name))
        .forEach(name -> leaves.put(name, constant(name)));
    if (leaves.containsValue(null)) {
      return null;
    }
    try (Constants constants = new Constants()) {
      Graph part = new Graph("", List.of(), List.of(new Port(value, null, null)), leaves, nodes);
      Operand result = Planner.plan(part, Map.of(), Map.of(), constants).outputs().get(value);
      return result.isConstant() ? result.value() : null;
    } catch (IllegalArgumentException e) {
      return null; // the planner will say so, with the node, where the value is needed
    }
  }

  /**
   * The integers of a constant.
   *
   * @return null where it is none, or of floats
   */
  public long[] wholes(String value) {
    Tensor tensor = constant(value);
    return tensor == null || tensor.type().storage() != Storage.LONG ? null : tensor.longs();
  }

  /**
   * The integers that older versions of an operator have as an attribute and newer ones as an
   * input.
   *
   * @return null where there are none, or none that are constant
   */
  public long[] wholes(Node node, String attribute, int input) {
    if (node.attributes().get(attribute) instanceof Attribute.Wholes(List<Long> values)) {
      return values.stream().mapToLong(value -> value).toArray();
    }
    return wholes(input(node, input));
  }

  /** A single number; null where it is no constant or more than one number. */
  public Double number(String value) {
    Tensor tensor = constant(value);
    return tensor == null || tensor.size() != 1 ? null : tensor.doubleAt(0);
  }

  /** The size of the last axis of what is fed, where the graph says it; otherwise -1. */
  int lastSize(String value) {
    for (Port port : graph.inputs()) {
      if (port.name().equals(value) && port.shape() != null && !port.shape().isEmpty()) {
        return port.shape().getLast().size();
      }
    }
    return -1;
  }

  /** The name of an input of a node; empty where it is left out. */
  public static String input(Node node, int index) {
    return index < node.inputs().size() ? node.inputs().get(index) : "";
  }

  /** An attribute that is an integer. */
  public static long whole(Node node, String attribute, long otherwise) {
    return node.attributes().get(attribute) instanceof Attribute.Whole(long value)
        ? value
        : otherwise;
  }

  /** An attribute that is a float. */
  public static float real(Node node, String attribute, float otherwise) {
    return node.attributes().get(attribute) instanceof Attribute.Real(float value)
        ? value
        : otherwise;
  }

  /** Whether a node has one of ONNX's own operators. */
  public static boolean is(Node node, String... operators) {
    return node != null && node.domain().isEmpty() && List.of(operators).contains(node.operator());
  }

  /** The value that a value is the same as, past nodes that do nothing in use. */
  public String origin(String value) {
    String name = value;
    Node node = producer(name);
    // A graph that goes round in a circle is refused later, and must not keep this going.
    for (int passed = 0; passed < graph.nodes().size() && isNothing(node, name); passed++) {
      name = node.inputs().getFirst();
      node = producer(name);
    }
    return name;
  }

  private boolean isNothing(Node node, String value) {
    return is(node, "Identity")
        || is(node, "Dropout")
            && node.outputs().getFirst().equals(value)
            && (input(node, 2).isEmpty() || Double.valueOf(0).equals(number(input(node, 2))));
  }
}
