package io.cellbelt.graphs.rewrite;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Writes graphs node by node, with random weights. */
final class Written {
  private final List<Port> inputs = new ArrayList<>();
  private final List<Port> outputs = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final String prefix;
  private final Random random;

  /** A graph whose values have names that begin so. */
  Written(String prefix, long seed) {
    this.prefix = prefix;
    random = new Random(seed);
  }

  /** An input of floats with these sizes, open where they are negative. */
  String input(String name, int... sizes) {
    inputs.add(port(name, ElementType.F32, sizes));
    return name;
  }

  String input(String name, ElementType type, int... sizes) {
    inputs.add(port(name, type, sizes));
    return name;
  }

  private static Port port(String name, ElementType type, int... sizes) {
    return new Port(
        name,
        type,
        Arrays.stream(sizes)
            .mapToObj(size -> size < 0 ? Dimension.open("n" + -size) : Dimension.of(size))
            .toList());
  }

  void output(String value) {
    outputs.add(new Port(value, null, null));
  }

  String weights(int... shape) {
    float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.4f;
    }
    return constant(Tensor.of(values, shape));
  }

  String constant(Tensor tensor) {
    String name = prefix + "constant" + constants.size();
    constants.put(name, tensor);
    return name;
  }

  String wholes(long... values) {
    return constant(Tensor.of(values, values.length));
  }

  String number(float value) {
    return constant(Tensor.of(new float[] {value}));
  }

  String whole(long value) {
    return constant(Tensor.of(new long[] {value}));
  }

  String add(String operator, String... takes) {
    return add(operator, Map.of(), 1, takes).getFirst();
  }

  String add(String operator, String attribute, long value, String... takes) {
    return add(operator, Map.of(attribute, new Attribute.Whole(value)), 1, takes).getFirst();
  }

  List<String> add(String operator, Map<String, Attribute> attributes, int gives, String... takes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < gives; i++) {
      names.add(prefix + operator + nodes.size() + "." + i);
    }
    nodes.add(Node.of(operator, List.of(takes), names, attributes));
    return names;
  }

  List<String> split(String value, int parts) {
    Map<String, Attribute> attributes =
        Map.of("axis", new Attribute.Whole(1), "num_outputs", new Attribute.Whole(parts));
    return add("Split", attributes, parts, value);
  }

  Graph graph() {
    return new Graph("", inputs, outputs, constants, nodes);
  }
}
