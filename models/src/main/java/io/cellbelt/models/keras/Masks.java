package io.cellbelt.models.keras;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/** What becomes of masks where values are merged. */
final class Masks {
  /** Operators that leave masked steps out since Keras 3.4. */
  static final Set<String> CHANGE = Set.of("Mul", "Max", "Min");

  private Masks() {}

  /** The mask of values that are merged step by step, by the rules of a version. */
  static String merged(Scope scope, List<Value> inputs, KerasVersion version) {
    List<String> masks = inputs.stream().map(Value::mask).filter(Objects::nonNull).toList();
    if (masks.isEmpty()) {
      return null;
    }
    if (masks.contains(Value.UNCERTAIN) || (version.major() == 3 && !version.mergesMasksByOr())) {
      return Value.UNCERTAIN;
    }
    if (version.major() == 3) {
      return masks.size() < inputs.size() ? null : folded(scope, "Or", masks);
    }
    return folded(scope, "And", masks);
  }

  private static String folded(Scope scope, String operator, List<String> masks) {
    List<String> distinct = masks.stream().distinct().toList();
    String mask = distinct.getFirst();
    for (String other : distinct.subList(1, distinct.size())) {
      mask = scope.node(operator, mask, other);
    }
    return mask;
  }

  /** The product, largest or smallest of values, without their masked steps. */
  static Value merged(Scope scope, String operator, List<Value> inputs) {
    for (Value value : inputs) {
      value.ofRank(3);
      if (Value.UNCERTAIN.equals(value.mask())) {
        throw new Misfit("the mask of its input is not certain; leave the mask out.");
      }
    }
    Value first = inputs.getFirst();
    int[] shape = first.shape();
    for (Value value : inputs.subList(1, inputs.size())) {
      shape = MergeLayers.broadcast(shape, value.shape());
    }
    boolean all = inputs.stream().allMatch(value -> value.mask() != null);
    String mask = all ? folded(scope, "Or", inputs.stream().map(Value::mask).toList()) : null;
    String y =
        operator.equals("Mul") ? product(scope, inputs, mask) : extreme(scope, operator, inputs);
    return new Value(y, first.type(), shape, mask);
  }

  /** Masked steps count as ones, and are zero where all are masked. */
  private static String product(Scope scope, List<Value> inputs, String mask) {
    String y = null;
    for (Value value : inputs) {
      String x = value.name();
      if (value.mask() != null) {
        x = scope.node("Where", scope.unsqueeze(value.mask(), -1), x, scope.scalar(1));
      }
      y = y == null ? x : scope.node("Mul", y, x);
    }
    return mask == null ? y : scope.node("Where", scope.unsqueeze(mask, -1), y, scope.scalar(0));
  }

  /** A masked step is as the other value has it; the mask so far holds for all before. */
  private static String extreme(Scope scope, String operator, List<Value> inputs) {
    String y = inputs.getFirst().name();
    String mask = inputs.getFirst().mask();
    for (Value value : inputs.subList(1, inputs.size())) {
      String x = value.name();
      if (value.mask() != null) {
        x = scope.node("Where", scope.unsqueeze(value.mask(), -1), x, y);
      }
      if (mask != null) {
        y = scope.node("Where", scope.unsqueeze(mask, -1), y, x);
      }
      boolean both = mask != null && value.mask() != null;
      mask = both ? folded(scope, "Or", List.of(mask, value.mask())) : null;
      y = scope.node(operator, y, x);
    }
    return y;
  }
}
