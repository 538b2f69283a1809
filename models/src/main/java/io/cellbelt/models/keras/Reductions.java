package io.cellbelt.models.keras;

import com.google.gson.JsonPrimitive;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.models.keras.OperationLayers.Operation;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Functions that add or take away dimensions. */
final class Reductions {
  private Reductions() {}

  /** What a function of one axis makes of a value. */
  interface OfAxis {
    Value apply(Scope scope, Value value, int axis);
  }

  /** A function whose axis is an option, or an argument. */
  static Operation ofAxis(Config config, OfAxis function) {
    int[] option = config.wholes(new int[0], "axis");
    return call -> {
      Integer named = OperationLayers.number(call, "axis");
      int[] axes = named == null ? option : new int[] {named};
      if (axes.length != 1) {
        throw new Misfit("its argument 'axis' should be one number.");
      }
      return function.apply(call.scope(), call.rawInput(), axes[0]);
    };
  }

  private static int positive(int axis, int rank) {
    int positive = axis < 0 ? axis + rank : axis;
    if (positive < 0 || positive >= rank) {
      throw Misfit.of("its axis is %d, but there are %d dimensions.", axis, rank);
    }
    return positive;
  }

  static Value expanded(Scope scope, Value x, int axis) {
    int positive = positive(axis, x.rank() + 1);
    int[] shape = new int[x.rank() + 1];
    System.arraycopy(x.shape(), 0, shape, 0, positive);
    shape[positive] = 1;
    System.arraycopy(x.shape(), positive, shape, positive + 1, x.rank() - positive);
    return new Value(scope.unsqueeze(x.name(), positive), x.type(), shape, null);
  }

  static Value squeezed(Scope scope, Value x, int axis) {
    int positive = positive(axis, x.rank());
    return new Value(
        scope.squeeze(x.name(), positive), x.type(), without(x.shape(), positive), null);
  }

  private static int[] without(int[] shape, int... axes) {
    return IntStream.range(0, shape.length)
        .filter(i -> Arrays.stream(axes).noneMatch(axis -> axis == i))
        .map(i -> shape[i])
        .toArray();
  }

  /**
   * A function of all elements along axes.
   *
   * @param operator of ONNX, or {@code Any}
   */
  static Operation reduced(Config config, String operator) {
    int[] option = config.wholes(new int[0], "axis");
    boolean keeps = config.flag(false, "keepdims");
    return call -> {
      Value x = call.input();
      Integer named = OperationLayers.number(call, "axis");
      int[] axes = named == null ? option : new int[] {named};
      if (axes.length == 0) {
        throw new Misfit(
            "its argument 'axis' is missing; all elements together are not supported.");
      }
      int[] sorted = Arrays.stream(axes).map(axis -> positive(axis, x.rank())).sorted().toArray();
      boolean keepsAxes =
          keeps
              || (call.named().get("keepdims") instanceof JsonPrimitive one && one.getAsBoolean());
      Scope scope = call.scope();
      String y =
          scope.node(
              operator.equals("Any") ? "ReduceMax" : operator,
              Scope.whole("keepdims", keepsAxes ? 1 : 0),
              x.name(),
              scope.wholes(sorted));
      int[] shape = x.shape().clone();
      Arrays.stream(sorted).forEach(axis -> shape[axis] = 1);
      int[] result = keepsAxes ? shape : without(shape, sorted);
      return operator.equals("Any")
          ? new Value(scope.cast(y, ElementType.BOOL), ElementType.BOOL, result, null)
          : Value.of(y, result);
    };
  }

  /** A product of matrices, for each of the dimensions before. */
  static Operation matrices() {
    return call -> {
      if (call.arguments().size() != 2
          || !(call.arguments().getFirst() instanceof Value first)
          || !(call.arguments().get(1) instanceof Value second)
          || first.rank() < 2
          || second.rank() < 2) {
        throw new Misfit("it takes two matrices.");
      }
      Value a = call.floats(first);
      Value b = call.floats(second);
      int[] one = a.shape().clone();
      int[] other = b.shape().clone();
      final int rows = one[one.length - 2];
      final int columns = other[other.length - 1];
      Arrays.fill(one, one.length - 2, one.length, 1);
      Arrays.fill(other, other.length - 2, other.length, 1);
      int[] shape = MergeLayers.broadcast(one, other);
      shape[shape.length - 2] = rows;
      shape[shape.length - 1] = columns;
      return Value.of(call.scope().node("MatMul", a.name(), b.name()), shape);
    };
  }
}
