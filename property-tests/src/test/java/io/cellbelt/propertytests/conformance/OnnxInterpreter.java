package io.cellbelt.propertytests.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/** Runs the small graphs that exporters put around a recurrent operator. */
final class OnnxInterpreter {
  private static final List<String> RECURRENT_INPUTS =
      List.of("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P");
  private static final List<String> RECURRENT_OUTPUTS = List.of("Y", "Y_h", "Y_c");

  private final OnnxModelCase run;
  private final RecurrentOp recurrent;
  private final Map<String, NamedTensor> values = new HashMap<>();
  private OnnxModel.Node node;

  private OnnxInterpreter(OnnxModelCase run, RecurrentOp recurrent) {
    this.run = run;
    this.recurrent = recurrent;
    values.putAll(run.model().initializers());
    values.putAll(run.inputs());
  }

  /** What runs the nodes that are RNN, GRU or LSTM. */
  interface RecurrentOp {
    Map<String, NamedTensor> run(OnnxCase node) throws Exception;
  }

  /** The graph holds an operator that is not known here. */
  static final class UnknownOpException extends Exception {
    private static final long serialVersionUID = 1;

    UnknownOpException(String op) {
      super("op " + op);
    }
  }

  /** Returns the outputs of the graph by name. */
  static Map<String, NamedTensor> run(OnnxModelCase run, RecurrentOp recurrent) throws Exception {
    OnnxInterpreter interpreter = new OnnxInterpreter(run, recurrent);
    for (OnnxModel.Node node : run.model().nodes()) {
      interpreter.node = node;
      interpreter.evaluate();
    }
    Map<String, NamedTensor> outputs = new LinkedHashMap<>();
    for (String name : run.model().outputs()) {
      if (interpreter.values.containsKey(name)) {
        outputs.put(name, interpreter.values.get(name));
      }
    }
    return outputs;
  }

  private void evaluate() throws Exception {
    List<NamedTensor> results =
        switch (node.op()) {
          case "RNN", "GRU", "LSTM" -> recurrent();
          case "Split" -> split();
          default -> List.of(single());
        };
    for (int i = 0; i < Math.min(results.size(), node.outputs().size()); i++) {
      String name = node.outputs().get(i);
      if (!name.isEmpty() && results.get(i) != null) {
        values.put(name, results.get(i).named(name));
      }
    }
  }

  private NamedTensor single() throws UnknownOpException {
    return switch (node.op()) {
      case "Identity", "Dropout" -> input(0);
      case "Cast" -> cast();
      case "Constant" -> constant();
      case "ConstantFill" -> constantFill();
      case "ConstantOfShape" -> constantOfShape();
      case "Shape" -> shape();
      case "Reshape" -> reshape();
      case "Squeeze" -> squeeze();
      case "Unsqueeze" -> unsqueeze();
      case "Transpose" -> transpose();
      case "Slice" -> slice();
      case "Gather" -> gather();
      case "Concat" -> concat();
      case "Expand" -> expand();
      case "Add" -> elementwise(Double::sum);
      case "Sub" -> elementwise((a, b) -> a - b);
      case "Mul" -> elementwise((a, b) -> a * b);
      case "Div" -> elementwise((a, b) -> input(0).integer() ? (long) (a / b) : a / b);
      default -> throw new UnknownOpException(node.op());
    };
  }

  private NamedTensor input(int position) {
    return optional(position)
        .orElseThrow(
            () ->
                new IllegalArgumentException("%s has no input %d.".formatted(node.op(), position)));
  }

  private Optional<NamedTensor> optional(int position) {
    return position < node.inputs().size()
        ? Optional.ofNullable(values.get(node.inputs().get(position)))
        : Optional.empty();
  }

  /** What was an attribute in early opsets and is an input now. */
  private Optional<int[]> integers(String attribute, int position) {
    return node.attributes()
        .integers(attribute)
        .or(() -> optional(position).map(NamedTensor::ints));
  }

  private int axis(int otherwise, int rank) {
    return fromStart(node.attributes().integer("axis", otherwise), rank);
  }

  private static int fromStart(int place, int size) {
    return place < 0 ? place + size : place;
  }

  private List<NamedTensor> recurrent() throws Exception {
    Map<String, NamedTensor> inputs = new LinkedHashMap<>();
    for (int i = 0; i < RECURRENT_INPUTS.size(); i++) {
      String name = RECURRENT_INPUTS.get(i);
      optional(i).ifPresent(tensor -> inputs.put(name, tensor.named(name)));
    }
    OnnxCase operator =
        new OnnxCase(
            run.id(),
            node.op(),
            node.domain(),
            run.model().opset(),
            Optional.empty(),
            node.attributes(),
            inputs,
            Map.of(),
            null,
            "",
            run.closeness(),
            Map.of());
    Map<String, NamedTensor> outputs = recurrent.run(operator);
    List<NamedTensor> results = new ArrayList<>();
    RECURRENT_OUTPUTS.forEach(name -> results.add(outputs.get(name)));
    return results;
  }

  private NamedTensor cast() {
    NamedTensor x = input(0);
    int to = node.attributes().integer("to", 1);
    boolean integer = to != 1 && to != 10 && to != 11;
    double[] result =
        Arrays.stream(x.values())
            .map(value -> integer ? (long) value : to == 1 ? (float) value : value)
            .toArray();
    return new NamedTensor(x.name(), integer, x.shape(), result);
  }

  private NamedTensor constant() {
    Map<String, Object> attributes = node.attributes().values();
    if (attributes.get("value") instanceof NamedTensor tensor) {
      return tensor;
    }
    String name = attributes.keySet().iterator().next();
    boolean integer = name.startsWith("value_int");
    double[] result =
        attributes.get(name) instanceof List<?> list
            ? list.stream().mapToDouble(value -> ((Number) value).doubleValue()).toArray()
            : new double[] {node.attributes().number(name, 0)};
    int[] shape = name.endsWith("s") ? new int[] {result.length} : new int[0];
    return new NamedTensor(name, integer, shape, result);
  }

  private NamedTensor constantOfShape() {
    NamedTensor value =
        node.attributes().values().get("value") instanceof NamedTensor given
            ? given
            : NamedTensor.of("", new double[1], 1);
    return value.gathered(input(0).ints(), index -> 0);
  }

  /** An experimental operator of early exports. */
  private NamedTensor constantFill() {
    boolean asShape = node.attributes().integer("input_as_shape", 0) != 0;
    int[] given = optional(0).map(x -> asShape ? x.ints() : x.shape()).orElse(new int[0]);
    int[] shape = node.attributes().integers("shape").filter(s -> s.length > 0).orElse(given);
    int[] extra = node.attributes().integers("extra_shape").orElse(new int[0]);
    int[] all = IntStream.concat(Arrays.stream(shape), Arrays.stream(extra)).toArray();
    int dtype = node.attributes().integer("dtype", 1);
    double[] value = {node.attributes().number("value", 0)};
    return new NamedTensor("", dtype != 1 && dtype != 11, new int[] {1}, value)
        .gathered(all, index -> 0);
  }

  private NamedTensor shape() {
    int[] shape = input(0).shape();
    int from = fromStart(node.attributes().integer("start", 0), shape.length);
    int to = fromStart(node.attributes().integer("end", shape.length), shape.length);
    double[] sizes = Arrays.stream(shape, from, to).asDoubleStream().toArray();
    return NamedTensor.ofInts("", sizes, sizes.length);
  }

  private NamedTensor reshape() {
    NamedTensor x = input(0);
    int[] shape = integers("shape", 1).orElseThrow().clone();
    int unknown = -1;
    int known = 1;
    for (int d = 0; d < shape.length; d++) {
      if (shape[d] == 0 && node.attributes().integer("allowzero", 0) == 0) {
        shape[d] = x.size(d);
      }
      if (shape[d] == -1) {
        unknown = d;
      } else {
        known *= shape[d];
      }
    }
    if (unknown >= 0) {
      shape[unknown] = x.values().length / known;
    }
    return x.reshaped(shape);
  }

  private NamedTensor squeeze() {
    NamedTensor x = input(0);
    int[] all = IntStream.range(0, x.rank()).filter(d -> x.size(d) == 1).toArray();
    int[] axes = integers("axes", 1).orElse(all);
    int[] kept =
        IntStream.range(0, x.rank())
            .filter(d -> Arrays.stream(axes).noneMatch(a -> fromStart(a, x.rank()) == d))
            .map(x::size)
            .toArray();
    return x.reshaped(kept);
  }

  private NamedTensor unsqueeze() {
    NamedTensor x = input(0);
    int[] axes = integers("axes", 1).orElseThrow();
    int[] shape = new int[x.rank() + axes.length];
    for (int a : axes) {
      shape[fromStart(a, shape.length)] = 1;
    }
    int next = 0;
    for (int d = 0; d < shape.length; d++) {
      if (shape[d] == 0) {
        shape[d] = x.size(next++);
      }
    }
    return x.reshaped(shape);
  }

  private NamedTensor transpose() {
    NamedTensor x = input(0);
    int last = x.rank() - 1;
    int[] reversed = IntStream.rangeClosed(0, last).map(d -> last - d).toArray();
    return x.permuted(node.attributes().integers("perm").orElse(reversed));
  }

  private NamedTensor slice() {
    NamedTensor x = input(0);
    int[] starts = integers("starts", 1).orElseThrow();
    int[] ends = integers("ends", 2).orElseThrow();
    int[] axes = integers("axes", 3).orElse(IntStream.range(0, starts.length).toArray());
    int[] steps = optional(4).map(NamedTensor::ints).orElse(new int[0]);
    int[] shape = x.shape().clone();
    int[] from = new int[shape.length];
    int[] by = new int[shape.length];
    Arrays.fill(by, 1);
    for (int i = 0; i < axes.length; i++) {
      int d = fromStart(axes[i], shape.length);
      int size = x.size(d);
      by[d] = steps.length > 0 ? steps[i] : 1;
      boolean forward = by[d] > 0;
      from[d] = Math.clamp((long) fromStart(starts[i], size), 0, forward ? size : size - 1);
      int end = Math.clamp((long) fromStart(ends[i], size), forward ? 0 : -1, size);
      shape[d] = Math.max(0, Math.ceilDiv(end - from[d], by[d]));
    }
    return part(x, shape, from, by);
  }

  private static NamedTensor part(NamedTensor x, int[] shape, int[] from, int[] by) {
    int[] strides = x.strides();
    return x.gathered(
        shape,
        index -> {
          int place = 0;
          for (int d = 0; d < index.length; d++) {
            place += (from[d] + index[d] * by[d]) * strides[d];
          }
          return place;
        });
  }

  private List<NamedTensor> split() {
    NamedTensor x = input(0);
    int axis = axis(0, x.rank());
    int parts = node.outputs().size();
    int each = Math.ceilDiv(x.size(axis), parts);
    int[] equal = new int[parts];
    Arrays.setAll(equal, i -> Math.min(each, x.size(axis) - i * each));
    List<NamedTensor> results = new ArrayList<>();
    int[] from = new int[x.rank()];
    int[] by = new int[x.rank()];
    Arrays.fill(by, 1);
    for (int size : integers("split", 1).orElse(equal)) {
      int[] shape = x.shape().clone();
      shape[axis] = size;
      results.add(part(x, shape, from.clone(), by));
      from[axis] += size;
    }
    return results;
  }

  private NamedTensor gather() {
    NamedTensor x = input(0);
    NamedTensor indices = input(1);
    int axis = axis(0, x.rank());
    int[] picked = indices.ints();
    int[] indexStrides = indices.strides();
    int[] strides = x.strides();
    int[] shape =
        IntStream.concat(
                IntStream.concat(Arrays.stream(x.shape(), 0, axis), Arrays.stream(indices.shape())),
                Arrays.stream(x.shape(), axis + 1, x.rank()))
            .toArray();
    return x.gathered(
        shape,
        index -> {
          int pick = 0;
          for (int d = 0; d < indexStrides.length; d++) {
            pick += index[axis + d] * indexStrides[d];
          }
          int place = fromStart(picked[pick], x.size(axis)) * strides[axis];
          for (int d = 0; d < x.rank(); d++) {
            int at = d < axis ? d : d + indexStrides.length - 1;
            place += d == axis ? 0 : index[at] * strides[d];
          }
          return place;
        });
  }

  private NamedTensor concat() {
    NamedTensor first = input(0);
    int axis = axis(1, first.rank());
    int[] shape = first.shape().clone();
    shape[axis] = 0;
    int inner = Arrays.stream(first.shape(), axis + 1, first.rank()).reduce(1, (a, b) -> a * b);
    int outer = Arrays.stream(first.shape(), 0, axis).reduce(1, (a, b) -> a * b);
    for (int i = 0; i < node.inputs().size(); i++) {
      shape[axis] += input(i).size(axis);
    }
    double[] result = new double[NamedTensor.count(shape)];
    int filled = 0;
    for (int i = 0; i < node.inputs().size(); i++) {
      int block = input(i).size(axis) * inner;
      for (int row = 0; row < outer; row++) {
        System.arraycopy(
            input(i).values(), row * block, result, row * shape[axis] * inner + filled, block);
      }
      filled += block;
    }
    return new NamedTensor(first.name(), first.integer(), shape, result);
  }

  private NamedTensor expand() {
    NamedTensor x = input(0);
    return broadcast(x, common(x.shape(), input(1).ints()));
  }

  private NamedTensor elementwise(DoubleBinaryOperator operator) {
    int[] shape = common(input(0).shape(), input(1).shape());
    NamedTensor a = broadcast(input(0), shape);
    NamedTensor b = broadcast(input(1), shape);
    double[] result = new double[a.values().length];
    Arrays.setAll(result, i -> operator.applyAsDouble(a.values()[i], b.values()[i]));
    return new NamedTensor(a.name(), a.integer(), shape, result);
  }

  private static int[] common(int[] a, int[] b) {
    int[] shape = new int[Math.max(a.length, b.length)];
    for (int d = 1; d <= shape.length; d++) {
      int sizeA = d <= a.length ? a[a.length - d] : 1;
      int sizeB = d <= b.length ? b[b.length - d] : 1;
      if (sizeA != sizeB && sizeA != 1 && sizeB != 1) {
        throw new IllegalArgumentException(
            "The shapes %s and %s do not go together."
                .formatted(Arrays.toString(a), Arrays.toString(b)));
      }
      shape[shape.length - d] = sizeA == 1 ? sizeB : sizeA;
    }
    return shape;
  }

  private static NamedTensor broadcast(NamedTensor x, int[] shape) {
    int[] strides = x.strides();
    int missing = shape.length - x.rank();
    return x.gathered(
        shape,
        index -> {
          int place = 0;
          for (int d = 0; d < x.rank(); d++) {
            place += x.size(d) == 1 ? 0 : index[d + missing] * strides[d];
          }
          return place;
        });
  }
}
