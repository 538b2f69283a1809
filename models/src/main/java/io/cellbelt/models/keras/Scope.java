package io.cellbelt.models.keras;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Writes nodes that belong to one layer.
 *
 * @param graph what they are written to
 * @param path of the layer, with the models around it
 */
record Scope(GraphWriter graph, String path) {
  /** A layer, or part of one, inside. */
  Scope inside(String name) {
    return new Scope(graph, path.isEmpty() ? name : path + "/" + name);
  }

  /** Writes a node with one output, and returns that. */
  String node(String operator, Map<String, Attribute> attributes, String... inputs) {
    return graph.nodes(this, operator, attributes, List.of(inputs), 1).getFirst();
  }

  /** Writes a node without attributes, and returns its one output. */
  String node(String operator, String... inputs) {
    return node(operator, Map.of(), inputs);
  }

  /** Writes a node that gives as much as it takes. */
  Value map(String operator, Value value) {
    return value.renamed(node(operator, value.name()));
  }

  /** A tensor that is the layer's own, made only where it is not in the graph yet. */
  String weights(String role, Supplier<Tensor> tensor) {
    return graph.constant(path + "." + role, tensor);
  }

  /** A list of integers. */
  String wholes(long... values) {
    return graph.constant(
        "wholes " + Arrays.toString(values), () -> Tensor.of(values, values.length));
  }

  /** Integers, from those that shapes are made of. */
  String wholes(int... values) {
    return wholes(Arrays.stream(values).asLongStream().toArray());
  }

  /** One float without dimensions. */
  String scalar(float value) {
    return graph.constant("float " + value, () -> Tensor.of(new float[] {value}));
  }

  /** One truth value, 0 or 1, without dimensions. */
  String truth(int value) {
    return graph.constant(
        "truth " + value, () -> Tensor.wrap(ElementType.BOOL, new long[] {value}));
  }

  String cast(String value, ElementType type) {
    return node("Cast", Map.of("to", new Attribute.Whole(onnx(type))), value);
  }

  String transpose(String value, int... order) {
    List<Long> perm = Arrays.stream(order).asLongStream().boxed().toList();
    return node("Transpose", Map.of("perm", new Attribute.Wholes(perm)), value);
  }

  String reshape(String value, int... shape) {
    return node("Reshape", value, wholes(shape));
  }

  String unsqueeze(String value, int... axes) {
    return node("Unsqueeze", value, wholes(axes));
  }

  String squeeze(String value, int... axes) {
    return node("Squeeze", value, wholes(axes));
  }

  String concat(int axis, String... values) {
    return node("Concat", whole("axis", axis), values);
  }

  /** The steps in reversed order, of a value [batch, time, ...]. */
  String reversed(String value) {
    return node("Slice", value, wholes(-1), wholes(Long.MIN_VALUE), wholes(1), wholes(-1));
  }

  static Map<String, Attribute> whole(String name, long value) {
    return Map.of(name, new Attribute.Whole(value));
  }

  static Map<String, Attribute> real(String name, float value) {
    return Map.of(name, new Attribute.Real(value));
  }

  /** ONNX's number of an element type. */
  private static int onnx(ElementType type) {
    return switch (type) {
      case F32 -> 1;
      case U8 -> 2;
      case I8 -> 3;
      case U16 -> 4;
      case I16 -> 5;
      case I32 -> 6;
      case I64 -> 7;
      case BOOL -> 9;
      case F16 -> 10;
      case F64 -> 11;
      case U32 -> 12;
      case U64 -> 13;
      case BF16 -> 16;
    };
  }
}
