package io.cellbelt.models.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.cellbelt.graphs.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Functions of Keras 3 and of TensorFlow that were called on values of a model, and are saved as
 * layers. Masks are among them.
 */
final class OperationLayers {
  private OperationLayers() {}

  /**
   * The layer for a function.
   *
   * @param name such as {@code NotEqual} or {@code math.add}
   */
  static Layer of(String name, Config config) {
    return switch (name) {
      case "NotEqual", "math.not_equal", "__operators__.ne" -> new Compared();
      case "Any", "reduce_any" -> Any.of(config);
      case "Add", "math.add", "__operators__.add" -> new Arithmetic("Add");
      case "Subtract", "math.subtract", "__operators__.subtract" -> new Arithmetic("Sub");
      case "Multiply", "math.multiply", "__operators__.multiply" -> new Arithmetic("Mul");
      case "Divide", "TrueDivide", "math.divide", "math.truediv", "__operators__.truediv" ->
          new Arithmetic("Div");
      case "Negative", "math.negative" -> unary("Neg");
      case "Absolute", "Abs", "math.abs" -> unary("Abs");
      case "Exp", "math.exp" -> unary("Exp");
      case "Log", "math.log" -> unary("Log");
      case "Sqrt", "math.sqrt" -> unary("Sqrt");
      case "Tanh", "math.tanh", "nn.tanh" -> unary("Tanh");
      case "Sigmoid", "math.sigmoid", "nn.sigmoid" -> unary("Sigmoid");
      case "Relu", "nn.relu" -> unary("Relu");
      default ->
          throw Misfit.of(
              "the function %s as a layer is not supported; use a layer of Keras in its place.",
              Texts.quoted(name));
    };
  }

  private static Layer.Function unary(String operator) {
    return (scope, x) -> scope.map(operator, x).unmasked();
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
    }
    return all;
  }

  /** A value, or a number as one. */
  private static Value operand(Call call, Object argument) {
    return switch (argument) {
      case Value value -> call.floats(value);
      case List<?> list when list.size() == 1 -> operand(call, list.getFirst());
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

  private record Arithmetic(String operator) implements Layer {
    @Override
    public List<Value> write(Call call) {
      List<Value> two = two(call);
      Value a = two.getFirst();
      Value b = two.get(1);
      String y = call.scope().node(operator, a.name(), b.name());
      return List.of(Value.of(y, MergeLayers.broadcast(a.shape(), b.shape())));
    }
  }

  /** Where two values differ. */
  private record Compared() implements Layer {
    @Override
    public List<Value> write(Call call) {
      List<Value> two = two(call);
      Scope scope = call.scope();
      String equal = scope.node("Equal", two.getFirst().name(), two.get(1).name());
      int[] shape = MergeLayers.broadcast(two.getFirst().shape(), two.get(1).shape());
      return List.of(new Value(scope.node("Not", equal), ElementType.BOOL, shape, null));
    }
  }

  /** Whether any along an axis is true. */
  private record Any(int axis, boolean keeps) implements Layer {
    static Any of(Config config) {
      return new Any(config.whole(-1, "axis"), config.flag(false, "keepdims"));
    }

    @Override
    public List<Value> write(Call call) {
      Value x = call.input();
      int along = axis;
      if (call.named().get("axis") instanceof JsonElement named && named.isJsonPrimitive()) {
        along = named.getAsInt();
      }
      if (along != -1 && along != x.rank() - 1) {
        throw Misfit.of("only the last axis is supported, but it takes the axis %d.", along);
      }
      Scope scope = call.scope();
      int[] shape = x.shape().clone();
      shape[x.rank() - 1] = 1;
      String any =
          scope.node(
              "ReduceMax", Scope.whole("keepdims", keeps ? 1 : 0), x.name(), scope.wholes(-1));
      int[] result = keeps ? shape : Arrays.copyOf(shape, shape.length - 1);
      return List.of(new Value(scope.cast(any, ElementType.BOOL), ElementType.BOOL, result, null));
    }
  }
}
