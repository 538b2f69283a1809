package io.cellbelt.graphs.rewrite;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Writes a recurrent node and what is around it. */
final class RecurrentNodes {
  private final RecurrentStep step;
  private final UnaryOperator<String> fresh;
  private final Map<String, Tensor> constants;
  private final List<Node> nodes = new ArrayList<>();
  private final List<String> inputs = new ArrayList<>();

  /**
   * Writes nodes for a layer.
   *
   * @param fresh gives names that nothing else has
   * @param constants to which those that are needed are added
   */
  RecurrentNodes(RecurrentStep step, UnaryOperator<String> fresh, Map<String, Tensor> constants) {
    this.step = step;
    this.fresh = fresh;
    this.constants = constants;
  }

  List<Node> nodes() {
    return nodes;
  }

  private String constant(String what, Tensor tensor) {
    String name = fresh.apply(what);
    constants.put(name, tensor);
    return name;
  }

  private String wholes(String what, long... values) {
    return constant(what, Tensor.of(values, values.length));
  }

  private void add(String operator, List<String> takes, String gives) {
    nodes.add(Node.of(operator, takes, List.of(gives), Map.of()));
  }

  String unsqueezed(String value) {
    String name = fresh.apply("unsqueezed");
    add("Unsqueeze", List.of(value, wholes("axis", 0)), name);
    return name;
  }

  String reshaped(String value, long... shape) {
    String name = fresh.apply("sequence");
    add("Reshape", List.of(value, wholes("shape", shape)), name);
    return name;
  }

  void squeezed(String value, long axis, String name) {
    add("Squeeze", List.of(value, wholes("axis", axis)), name);
  }

  void same(String name, String value) {
    add("Identity", List.of(value), name);
  }

  void takes(String x, String h) {
    inputs.add(x);
    for (String name : List.of("W", "R", "B")) {
      inputs.add(constant(name, step.weights().get(name)));
    }
    inputs.add("");
    inputs.add(h);
  }

  void takesMemory(String c) {
    inputs.add(c);
  }

  /** The recurrent node; names of all steps, h and c, empty for those that nobody wants. */
  List<String> recurrent(String direction, boolean steps, boolean h, boolean c) {
    Map<String, Attribute> attributes = new HashMap<>(step.attributes());
    attributes.put("direction", new Attribute.Text(direction));
    List<String> outputs = new ArrayList<>();
    outputs.add(steps ? fresh.apply("Y") : "");
    outputs.add(h ? fresh.apply("Y_h") : "");
    if (step.c() != null) {
      outputs.add(c ? fresh.apply("Y_c") : "");
    }
    String name = fresh.apply(step.operator());
    nodes.add(new Node(name, step.operator(), "", Node.NEWEST, inputs, outputs, attributes));
    return outputs;
  }
}
