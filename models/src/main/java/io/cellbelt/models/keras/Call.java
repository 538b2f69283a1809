package io.cellbelt.models.keras;

import com.google.gson.JsonElement;
import io.cellbelt.graphs.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A call of a layer.
 *
 * @param scope where the layer's nodes go
 * @param arguments in order: a {@link Value}, a {@link JsonElement}, or a list of these
 * @param named arguments by name, of the same kinds
 * @param weights the arrays of the layer, from its first one on
 */
record Call(Scope scope, List<Object> arguments, Map<String, Object> named, LayerWeights weights) {
  /** A call with values only. */
  static Call of(Scope scope, List<Value> inputs, LayerWeights weights) {
    return new Call(scope, List.of(inputs), Map.of(), weights);
  }

  /** The values of the first argument, as they come. */
  List<Value> raw() {
    return arguments.isEmpty() ? List.of() : values(arguments.getFirst());
  }

  /** The values of the first argument, as floats. */
  List<Value> inputs() {
    return raw().stream().map(this::floats).toList();
  }

  /** The one value of the first argument, as floats. */
  Value input() {
    return floats(rawInput());
  }

  /** The one value of the first argument, as it comes. */
  Value rawInput() {
    List<Value> inputs = raw();
    if (inputs.size() != 1) {
      throw Misfit.of("it takes one input, but is called with %d.", inputs.size());
    }
    return inputs.getFirst();
  }

  Value floats(Value value) {
    if (value.type() == ElementType.F32) {
      return value;
    }
    return new Value(
        scope.cast(value.name(), ElementType.F32), ElementType.F32, value.shape(), value.mask());
  }

  /** The values after the first one: further inputs, further arguments, and those of a name. */
  List<Value> statesOf(String name) {
    List<Value> all = new ArrayList<>();
    List<Value> first = raw();
    all.addAll(first.subList(Math.min(1, first.size()), first.size()));
    if (arguments.size() > 1) {
      all.addAll(values(arguments.get(1)));
    }
    all.addAll(values(named.get(name)));
    return all.stream().map(this::floats).toList();
  }

  /** The mask that the call names, or else that of its first input; null if all steps count. */
  String mask() {
    List<Value> explicit = values(named.get("mask"));
    if (!explicit.isEmpty()) {
      Value mask = explicit.getFirst();
      return mask.type() == ElementType.BOOL
          ? mask.name()
          : scope.cast(mask.name(), ElementType.BOOL);
    }
    List<Value> inputs = raw();
    return inputs.isEmpty() ? null : inputs.getFirst().mask();
  }

  private static List<Value> values(Object argument) {
    return switch (argument) {
      case Value value -> List.of(value);
      case List<?> list -> list.stream().flatMap(one -> values(one).stream()).toList();
      case null, default -> List.of();
    };
  }
}
