package io.cellbelt.models.onnx;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Graphs as lists, which are equal where the graphs are, to the last bit of the constants. */
final class Plain {
  private Plain() {}

  static List<?> of(Graph graph) {
    Map<String, Object> constants = new LinkedHashMap<>();
    graph.constants().forEach((name, tensor) -> constants.put(name, of(tensor)));
    return List.of(
        graph.name(),
        graph.inputs(),
        graph.outputs(),
        // A list, as their order counts.
        List.copyOf(constants.entrySet()),
        graph.nodes().stream().map(Plain::of).toList());
  }

  static List<?> of(Tensor tensor) {
    List<?> values =
        switch (tensor.shared()) {
          case float[] floats -> bits(floats);
          case double[] doubles ->
              Arrays.stream(doubles).mapToObj(Double::doubleToRawLongBits).toList();
          default -> Arrays.stream(tensor.longs()).boxed().toList();
        };
    return List.of(tensor.type(), Arrays.stream(tensor.shape()).boxed().toList(), values);
  }

  private static List<Integer> bits(float[] floats) {
    Integer[] bits = new Integer[floats.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(floats[i]));
    return Arrays.asList(bits);
  }

  private static List<?> of(Node node) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    node.attributes().forEach((name, value) -> attributes.put(name, of(value)));
    return List.of(
        node.name(),
        node.operator(),
        node.domain(),
        node.version(),
        node.inputs(),
        node.outputs(),
        attributes);
  }

  private static Object of(Attribute attribute) {
    return switch (attribute) {
      case Attribute.Constant(Tensor value) -> of(value);
      case Attribute.Body(Graph value) -> of(value);
      default -> attribute;
    };
  }
}
