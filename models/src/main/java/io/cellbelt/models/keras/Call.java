package io.cellbelt.models.keras;

import com.google.gson.JsonElement;
import io.cellbelt.graphs.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A call of a layer.
 *
 * @param scope where the layer's nodes go
 * @param arguments in order: a {@link Value}, a {@link JsonElement}, or a list of these
 * @param named arguments by name, of the same kinds
 * @param weights the arrays of the layer, from its first one on
 */
record Call(Scope scope, List<Object> arguments, Map<String, Object> named, LayerWeights weights) {
  private static final Set<String> OF_LAYERS =
      Set.of("mask", "training", "initial_state", "constants");

  /** A call with values only. */
  static Call of(Scope scope, List<Value> inputs, LayerWeights weights) {
    return new Call(scope, List.of(inputs), Map.of(), weights);
  }

  /**
   * Refuses arguments that a layer does not have, unless they are null.
   *
   * @param most arguments without a name; negative to refuse nothing
   */
  void checkArguments(int most) {
    if (most < 0) {
      return;
    }
    named.forEach(
        (name, value) -> {
          if (!OF_LAYERS.contains(name) && !isNull(value)) {
            throw Misfit.of(
                "it is called with the argument %s, which is not supported.", Texts.quoted(name));
          }
        });
    for (int i = most; i < arguments.size(); i++) {
      if (!isNull(arguments.get(i))) {
        throw Misfit.of(
            "it is called with %d arguments, but %d are supported.", arguments.size(), most);
      }
    }
  }

  private static boolean isNull(Object argument) {
    return argument == null || (argument instanceof JsonElement one && one.isJsonNull());
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

  /** Whether the call itself says which steps count. */
  boolean namesMask() {
    return !values(named.get("mask")).isEmpty();
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
    String mask = inputs.isEmpty() ? null : inputs.getFirst().mask();
    if (Value.UNCERTAIN.equals(mask)) {
      throw new Misfit(
          "its input merges others of which only some have masks or which have different ones, and"
              + " before version 3.4, Keras 3 made no mask of these. Save the model with a later"
              + " version.");
    }
    return mask;
  }

  private static List<Value> values(Object argument) {
    return switch (argument) {
      case Value value -> List.of(value);
      case List<?> list -> list.stream().flatMap(one -> values(one).stream()).toList();
      case null -> List.of();
      case JsonElement element when element.isJsonNull() -> List.of();
      default ->
          throw new Misfit("it is called with a constant, which is not supported for its class.");
    };
  }
}
