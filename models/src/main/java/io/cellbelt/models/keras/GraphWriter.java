package io.cellbelt.models.keras;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A graph in the making. Values get names from the layers that give them; the names of inputs and
 * outputs are kept free for these.
 */
final class GraphWriter {
  private static final int MOST_ZEROS = 1 << 22;

  private final List<Port> inputs = new ArrayList<>();
  private final List<Port> outputs = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Set<String> taken = new HashSet<>();

  /** How often a name was wanted that was taken. */
  private final Map<String, Integer> uses = new HashMap<>();

  /** Outputs that come behind those of the model, by name. */
  private final Map<String, Value> kept = new LinkedHashMap<>();

  /** Values that nodes give, by the names that these were written with. */
  private final Set<String> given = new HashSet<>();

  /** Final names, by the names that nodes were written with. */
  private final Map<String, String> renamed = new HashMap<>();

  /** A name that no value has yet, and that none will get but who asked for it. */
  String free(String wanted) {
    String name = wanted;
    while (!taken.add(name)) {
      name = wanted + "#" + (uses.merge(wanted, 1, Integer::sum) + 1);
    }
    return name;
  }

  String constant(String name, Supplier<Tensor> tensor) {
    if (!constants.containsKey(name)) {
      if (!taken.add(name)) {
        throw Misfit.of("there are two values with the name '%s'. Rename its layer.", name);
      }
      constants.put(name, tensor.get());
    }
    return name;
  }

  /** Writes a node of ONNX's, and returns the names of its outputs. */
  List<String> nodes(
      Scope scope,
      String operator,
      Map<String, Attribute> attributes,
      List<String> inputs,
      int outputs) {
    return nodes(scope, operator, "", Node.NEWEST, attributes, inputs, outputs);
  }

  /** Writes a node of this library's, and returns the names of its outputs. */
  List<String> ownNodes(
      Scope scope,
      String operator,
      Map<String, Attribute> attributes,
      List<String> inputs,
      int outputs) {
    return nodes(scope, operator, Node.OWN, 1, attributes, inputs, outputs);
  }

  private List<String> nodes(
      Scope scope,
      String operator,
      String domain,
      int version,
      Map<String, Attribute> attributes,
      List<String> inputs,
      int outputs) {
    List<String> names = new ArrayList<>();
    String wanted = scope.inside(operator).path();
    for (int i = 0; i < outputs; i++) {
      names.add(free(i == 0 ? wanted : wanted + "." + i));
    }
    given.addAll(names);
    nodes.add(new Node(names.getFirst(), operator, domain, version, inputs, names, attributes));
    return names;
  }

  /** Names a value after the layer that gives it, unless another layer has given it already. */
  void name(String value, String wanted) {
    if (given.contains(value) && !renamed.containsKey(value)) {
      renamed.put(value, free(wanted));
    }
  }

  /** Adds an input, and returns its value. */
  Value input(String name, ElementType type, List<Dimension> shape) {
    taken.add(name);
    inputs.add(new Port(name, type, shape));
    return new Value(name, type, shape.stream().mapToInt(Dimension::size).toArray(), null);
  }

  /** Adds an input that is zero where it is not fed, and returns its value. */
  Value optionalInput(String name, int... shape) {
    long elements = 1;
    for (int dimension : shape) {
      elements *= dimension;
    }
    int size = (int) Math.min(elements, MOST_ZEROS);
    if (elements > size) {
      throw Misfit.of(
          "its state has %d elements, more than the %d that are kept. Save the model with a smaller"
              + " batch.",
          elements, MOST_ZEROS);
    }
    if (constants.containsKey(name)) {
      throw new Misfit("it is stateful and called several times, which is not supported.");
    }
    constant(name, () -> Tensor.wrap(ElementType.F32, new float[size], shape));
    inputs.add(
        new Port(name, ElementType.F32, Arrays.stream(shape).mapToObj(Dimension::of).toList()));
    return Value.of(name, shape);
  }

  /** An index without dimensions. */
  String index(long value) {
    return constant("whole " + value, () -> Tensor.of(new long[] {value}));
  }

  /** Makes a value an output behind those of the model. */
  void keep(Value value, String name) {
    taken.add(name);
    kept.put(name, value);
  }

  /** Adds the outputs that were put off. */
  void addKept() {
    kept.forEach((name, value) -> output(value, name));
  }

  /** Adds an output of a name that was kept for it. */
  void output(Value value, String name) {
    String source = value.name();
    boolean isFree =
        given.contains(source)
            && outputs.stream().noneMatch(port -> port.name().equals(renamed.get(source)));
    if (isFree) {
      renamed.put(source, name);
    } else {
      nodes.add(Node.of("Identity", List.of(source), List.of(name), Map.of()));
    }
    List<Dimension> shape = new ArrayList<>();
    for (int i = 0; i < value.rank(); i++) {
      int size = value.shape()[i];
      shape.add(size < 0 ? Dimension.open(i == 0 ? "batch" : null) : Dimension.of(size));
    }
    outputs.add(new Port(name, value.type(), shape));
  }

  /** The graph, without what no output needs. */
  Graph graph(String name) {
    Set<String> needed = new HashSet<>();
    outputs.forEach(port -> needed.add(port.name()));
    List<Node> used = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      if (node.outputs().stream().map(this::last).anyMatch(needed::contains)) {
        Node one = finished(node, needed);
        needed.addAll(one.inputs());
        used.addFirst(one);
      }
    }
    Map<String, Tensor> kept = new LinkedHashMap<>(constants);
    kept.keySet().retainAll(needed);
    return new Graph(name, inputs, outputs, kept, used);
  }

  /** A node that is needed with its final names, and none for outputs that nobody needs. */
  private Node finished(Node node, Set<String> needed) {
    List<String> names = new ArrayList<>();
    for (String output : node.outputs()) {
      String name = last(output);
      names.add(needed.contains(name) ? name : "");
    }
    while (!names.isEmpty() && names.getLast().isEmpty()) {
      names.removeLast();
    }
    String title = last(node.outputs().getFirst());
    List<String> takes = node.inputs().stream().map(this::last).toList();
    return new Node(
        title, node.operator(), node.domain(), node.version(), takes, names, node.attributes());
  }

  private String last(String name) {
    return renamed.getOrDefault(name, name);
  }
}
