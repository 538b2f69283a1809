package io.cellbelt.models.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.cellbelt.graphs.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Functions of Keras 3 and of TensorFlow that were called on values of a model, and are saved as
 * layers. What Keras 3 does with masks is among them.
 */
final class OperationLayers {
  /** Classes of functions; some are also classes of layers. */
  private static final Set<String> OF_KERAS_3 =
      Set.of(
          "NotEqual",
          "Equal",
          "Any",
          "LogicalOr",
          "LogicalAnd",
          "LogicalNot",
          "ZerosLike",
          "OnesLike",
          "Add",
          "Subtract",
          "Multiply",
          "Divide",
          "TrueDivide",
          "Negative",
          "Absolute",
          "Exp",
          "Log",
          "Sqrt",
          "Square",
          "Tanh",
          "Sigmoid",
          "Relu",
          "Matmul",
          "ExpandDims",
          "Squeeze",
          "Transpose",
          "Mean",
          "Sum",
          "Max",
          "Min",
          "GetItem",
          "Concatenate",
          "Maximum",
          "Minimum",
          "Softmax");

  private OperationLayers() {}

  /** Whether a layer is a function: those have no options that all layers have. */
  static boolean is(String className, String module, Config config) {
    boolean isOfKeras3 =
        config.version().major() == 3
            && OF_KERAS_3.contains(className)
            && !config.json().has("trainable");
    return module.contains(".ops")
        || isOfKeras3
        || className.equals("TFOpLambda")
        || className.equals("SlicingOpLambda");
  }

  /**
   * The layer for a function.
   *
   * @param name such as {@code NotEqual} or {@code math.add}
   */
  static Layer of(String name, Config config) {
    return switch (name) {
      case "NotEqual", "math.not_equal", "__operators__.ne" -> compared(true);
      case "Equal", "math.equal", "__operators__.eq" -> compared(false);
      case "Add", "math.add", "__operators__.add" -> arithmetic("Add");
      case "Subtract", "math.subtract", "__operators__.subtract" -> arithmetic("Sub");
      case "Multiply", "math.multiply", "__operators__.multiply" -> arithmetic("Mul");
      case "Divide", "TrueDivide", "math.divide", "math.truediv", "__operators__.truediv" ->
          arithmetic("Div");
      case "Maximum", "math.maximum" -> arithmetic("Max");
      case "Minimum", "math.minimum" -> arithmetic("Min");
      case "LogicalOr", "math.logical_or" -> logical("Or");
      case "LogicalAnd", "math.logical_and" -> logical("And");
      case "LogicalNot" -> one((scope, x) -> scope.map("Not", x));
      case "ZerosLike" -> filled(config, 0);
      case "OnesLike" -> filled(config, 1);
      case "Negative", "math.negative" -> unary("Neg");
      case "Absolute", "Abs", "math.abs" -> unary("Abs");
      case "Exp", "math.exp" -> unary("Exp");
      case "Log", "math.log" -> unary("Log");
      case "Sqrt", "math.sqrt" -> unary("Sqrt");
      case "Tanh", "math.tanh", "nn.tanh" -> unary("Tanh");
      case "Sigmoid", "math.sigmoid", "nn.sigmoid" -> unary("Sigmoid");
      case "Relu", "nn.relu" -> unary("Relu");
      case "Square", "math.square" ->
          one((scope, x) -> x.renamed(scope.node("Mul", x.name(), x.name())));
      case "Softmax" -> softmax(config.whole(-1, "axis"));
      case "Matmul", "linalg.matmul" -> Reductions.matrices();
      case "Concatenate" -> joined(config.whole(0, "axis"));
      case "Transpose" -> transposed(config);
      case "ExpandDims", "expand_dims" -> Reductions.ofAxis(config, Reductions::expanded);
      case "Squeeze" -> Reductions.ofAxis(config, Reductions::squeezed);
      case "Any" -> Reductions.reduced(config, "Any");
      case "Mean", "math.reduce_mean" -> Reductions.reduced(config, "ReduceMean");
      case "Sum", "math.reduce_sum" -> Reductions.reduced(config, "ReduceSum");
      case "Max", "math.reduce_max" -> Reductions.reduced(config, "ReduceMax");
      case "Min", "math.reduce_min" -> Reductions.reduced(config, "ReduceMin");
      case "GetItem", "__operators__.getitem" -> new Slices();
      default ->
          throw Misfit.of(
              "the function %s as a layer is not supported; use a layer of Keras in its place.",
              Texts.quoted(name));
    };
  }

  /** A layer with arguments of its own. */
  interface Operation extends Layer {
    Value apply(Call call);

    @Override
    default int arguments() {
      return -1;
    }

    @Override
    default List<Value> write(Call call) {
      return List.of(apply(call).unmasked());
    }
  }

  private static Operation one(Layer.Function function) {
    return call -> {
      if (operands(call).size() != 1) {
        throw new Misfit("it takes one operand.");
      }
      return function.apply(call.scope(), call.rawInput());
    };
  }

  private static Operation unary(String operator) {
    return call -> {
      if (operands(call).size() != 1) {
        throw new Misfit("it takes one operand.");
      }
      return call.scope().map(operator, call.input());
    };
  }

  private static Operation softmax(int axis) {
    return call ->
        Activation.mapped(call.scope(), call.input(), "Softmax", Scope.whole("axis", axis));
  }

  private static Operation filled(Config config, int value) {
    boolean isTruth = config.has("dtype") && Types.nameOf(config, "dtype").equals("bool");
    return call -> {
      Value x = call.rawInput();
      Scope scope = call.scope();
      ElementType type = isTruth ? ElementType.BOOL : ElementType.F32;
      String one = isTruth ? scope.truth(value) : scope.scalar(value);
      String filled = scope.node("Expand", one, scope.node("Shape", x.name()));
      return new Value(filled, type, x.shape(), null);
    };
  }

  private static List<Object> operands(Call call) {
    List<Object> all = new ArrayList<>(call.arguments());
    for (String name : List.of("x2", "y")) {
      if (call.named().containsKey(name)) {
        all.add(call.named().get(name));
      }
    }
    if (all.size() == 1 && all.getFirst() instanceof List<?> list) {
      all = new ArrayList<>(list);
    } else if (all.size() == 2 && all.getFirst() instanceof List<?> list && list.size() == 1) {
      all.set(0, list.getFirst());
    }
    return all;
  }

  /** A value, or a number as one. */
  private static Value operand(Call call, Object argument) {
    return switch (argument) {
      case Value value -> value;
      case JsonPrimitive number when number.isNumber() ->
          Value.of(call.scope().scalar(number.getAsFloat()));
      case null, default -> throw new Misfit("it is called with something that is no number.");
    };
  }

  private static List<Value> two(Call call) {
    List<Value> two = operands(call).stream().map(one -> operand(call, one)).toList();
    if (two.size() != 2) {
      throw Misfit.of("it takes two operands, but is called with %d.", two.size());
    }
    return two;
  }

  private static Operation arithmetic(String operator) {
    return call -> {
      List<Value> two = two(call);
      return binary(
          call, operator, call.floats(two.getFirst()), call.floats(two.get(1)), ElementType.F32);
    };
  }

  private static Operation logical(String operator) {
    return call -> {
      List<Value> two = two(call);
      if (two.stream().anyMatch(value -> value.type() != ElementType.BOOL)) {
        throw new Misfit("it takes truth values, but is called with numbers.");
      }
      return binary(call, operator, two.getFirst(), two.get(1), ElementType.BOOL);
    };
  }

  private static Operation compared(boolean negated) {
    return call -> {
      List<Value> two = two(call);
      Value equal =
          binary(
              call,
              "Equal",
              call.floats(two.getFirst()),
              call.floats(two.get(1)),
              ElementType.BOOL);
      return negated ? call.scope().map("Not", equal) : equal;
    };
  }

  private static Value binary(Call call, String operator, Value a, Value b, ElementType type) {
    String y = call.scope().node(operator, a.name(), b.name());
    return new Value(y, type, MergeLayers.broadcast(a.shape(), b.shape()), null);
  }

  private static Operation joined(int axis) {
    return call -> {
      List<Value> inputs = call.raw();
      Value plain =
          new MergeLayers.Concatenate(axis, new KerasVersion(3, 0, true, false))
              .joined(call.scope(), inputs);
      return new Value(plain.name(), inputs.getFirst().type(), plain.shape(), null);
    };
  }

  private static Operation transposed(Config config) {
    int[] axes = config.wholes(null, "axes");
    if (axes == null) {
      throw config.wrong("axes", "a list of axes");
    }
    return call -> {
      Value x = call.rawInput().ofRank(axes.length);
      int[] order = Arrays.stream(axes).map(axis -> axis < 0 ? axis + axes.length : axis).toArray();
      if (!Arrays.equals(
          Arrays.stream(order).sorted().toArray(), IntStream.range(0, axes.length).toArray())) {
        throw config.wrong("axes", "all axes in some order");
      }
      int[] shape = Arrays.stream(order).map(axis -> x.shape()[axis]).toArray();
      return new Value(call.scope().transpose(x.name(), order), x.type(), shape, null);
    };
  }

  /** A whole number that a call names. */
  static Integer number(Call call, String name) {
    return call.named().get(name) instanceof JsonElement one
            && one instanceof JsonPrimitive number
            && number.isNumber()
        ? Integer.valueOf(Config.whole(name, number))
        : null;
  }
}
