package io.cellbelt.models.keras;

import io.cellbelt.graphs.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Layers that make one value of several. */
final class MergeLayers {
  private static final int OPEN = Config.OPEN;

  private MergeLayers() {}

  /** The layer of Keras 1 that merges in the way that an option says. */
  static Layer ofFirst(Config config) {
    if (config.has("layers")) {
      throw new Misfit(
          "it merges models that it holds itself, which is not supported. Build the model with the"
              + " functional API, and save it again.");
    }
    String mode = config.text("sum", "mode");
    return switch (mode) {
      case "sum" -> new Elementwise("Sum", config.version());
      case "mul" -> new Elementwise("Mul", config.version());
      case "ave" -> new Elementwise("Mean", config.version());
      case "max" -> new Elementwise("Max", config.version());
      case "concat" -> new Concatenate(config.whole(-1, "concat_axis"), config.version());
      case "dot", "cos" -> Dot.of(config, mode.equals("cos"), "dot_axes");
      default -> throw config.wrong("mode", "sum, mul, ave, max, concat, dot or cos");
    };
  }

  private static List<Value> atLeast(List<Value> inputs, int count) {
    if (inputs.size() < count) {
      throw Misfit.of("it takes at least %d inputs, but is called with %d.", count, inputs.size());
    }
    return inputs;
  }

  /**
   * A function of the elements at the same place.
   *
   * @param operator of ONNX
   */
  record Elementwise(String operator, KerasVersion version) implements Layer {
    @Override
    public List<Value> write(Call call) {
      Scope scope = call.scope();
      List<Value> inputs = atLeast(call.inputs(), operator.equals("Sub") ? 2 : 1);
      boolean isMasked = inputs.stream().anyMatch(value -> value.mask() != null);
      if (isMasked && version.mergesMasksByOr() && Masks.CHANGE.contains(operator)) {
        return List.of(Masks.merged(scope, operator, inputs));
      }
      int rank = inputs.stream().mapToInt(Value::rank).max().orElse(0);
      List<Value> level = inputs.stream().map(value -> raised(scope, value, rank)).toList();
      String[] names = level.stream().map(Value::name).toArray(String[]::new);
      String y;
      if (operator.equals("Mul") || operator.equals("Sub")) {
        y = names[0];
        for (int i = 1; i < names.length; i++) {
          y = scope.node(operator, y, names[i]);
        }
      } else {
        y = scope.node(operator, names);
      }
      int[] shape = level.getFirst().shape();
      for (Value value : level.subList(1, level.size())) {
        shape = broadcast(shape, value.shape());
      }
      return List.of(new Value(y, ElementType.F32, shape, Masks.merged(scope, inputs, version)));
    }

    /** Keras puts the dimensions that are missing after the batch. */
    private static Value raised(Scope scope, Value value, int rank) {
      int missing = rank - value.rank();
      if (missing == 0) {
        return value;
      }
      int[] axes = IntStream.rangeClosed(1, missing).toArray();
      int[] shape = new int[rank];
      Arrays.fill(shape, 1);
      shape[0] = value.shape()[0];
      System.arraycopy(value.shape(), 1, shape, missing + 1, value.rank() - 1);
      return new Value(scope.unsqueeze(value.name(), axes), value.type(), shape, value.mask());
    }
  }

  /** The shape of an operator's output that repeats dimensions of size 1. */
  static int[] broadcast(int[] a, int[] b) {
    int[] longer = a.length >= b.length ? a.clone() : b.clone();
    int[] shorter = a.length >= b.length ? b : a;
    int offset = longer.length - shorter.length;
    for (int i = 0; i < shorter.length; i++) {
      int one = longer[offset + i];
      int other = shorter[i];
      if (one >= 0 && other >= 0 && one != other && one != 1 && other != 1) {
        throw Misfit.of(
            "its inputs have the shapes %s and %s, which do not fit.",
            Arrays.toString(a), Arrays.toString(b));
      }
      longer[offset + i] = one == 1 || (one < 0 && other > 1) ? other : one;
    }
    return longer;
  }

  /** Values one after another. */
  record Concatenate(int axis, KerasVersion version) implements Layer {
    @Override
    public List<Value> write(Call call) {
      List<Value> inputs = call.inputs();
      Value y = joined(call.scope(), inputs);
      int positive = axis < 0 ? axis + y.rank() : axis;
      return List.of(y.masked(mask(call.scope(), inputs, positive)));
    }

    /** The values one after another, without a mask. */
    Value joined(Scope scope, List<Value> inputs) {
      int rank = atLeast(inputs, 1).getFirst().rank();
      inputs.forEach(value -> value.ofRank(rank));
      int positive = axis < 0 ? axis + rank : axis;
      if (positive < 0 || positive >= rank) {
        throw Misfit.of(
            "its axis is %d, but its inputs have %d dimensions with the batch.", axis, rank);
      }
      int[] shape = inputs.getFirst().shape().clone();
      for (Value value : inputs.subList(1, inputs.size())) {
        for (int i = 0; i < rank; i++) {
          shape[i] = joined(shape[i], value.shape()[i], i == positive);
        }
      }
      String[] names = inputs.stream().map(Value::name).toArray(String[]::new);
      return Value.of(scope.concat(positive, names), shape);
    }

    private int joined(int one, int other, boolean adds) {
      if (adds) {
        return one < 0 || other < 0 ? OPEN : Math.addExact(one, other);
      }
      if (one >= 0 && other >= 0 && one != other) {
        throw Misfit.of(
            "its inputs differ in size along another axis than %d: %d and %d.", axis, one, other);
      }
      return Math.max(one, other);
    }

    private String mask(Scope scope, List<Value> inputs, int positive) {
      boolean none = inputs.stream().allMatch(value -> value.mask() == null);
      boolean early = version.major() == 3 && !version.mergesMasksByOr();
      if (none || early || positive > 1) {
        return Masks.merged(scope, inputs, version);
      }
      if (inputs.stream().anyMatch(value -> Value.UNCERTAIN.equals(value.mask()))) {
        return Value.UNCERTAIN;
      }
      if (inputs.stream().anyMatch(value -> value.mask() == null)) {
        throw Misfit.of(
            "only some of its inputs have masks, which cannot be joined along axis %d.", axis);
      }
      return scope.concat(positive, inputs.stream().map(Value::mask).toArray(String[]::new));
    }
  }

  /**
   * Products summed over one axis of each input.
   *
   * @param axes one of the first input and one of the second; negative ones count from the end
   * @param normalised whether both inputs are scaled to length 1 along theirs first
   */
  record Dot(int[] axes, boolean normalised) implements Layer {
    private static final float LEAST_SQUARE = 1e-12f;

    static Dot of(Config config, boolean normalised, String option) {
      int[] axes = config.wholes(new int[] {-1}, option);
      int[] both = axes.length == 1 ? new int[] {axes[0], axes[0]} : axes;
      if (both.length != 2) {
        throw config.wrong(option, "one or two numbers");
      }
      return new Dot(both, normalised);
    }

    @Override
    public List<Value> write(Call call) {
      List<Value> inputs = call.inputs();
      if (inputs.size() != 2) {
        throw Misfit.of("it takes two inputs, but is called with %d.", inputs.size());
      }
      Scope scope = call.scope();
      Value a = arranged(scope, inputs.getFirst(), axes[0], true);
      Value b = arranged(scope, inputs.get(1), axes[1], false);
      String y = scope.node("MatMul", a.name(), b.name());
      boolean isFlatA = inputs.getFirst().rank() == 2;
      boolean isFlatB = inputs.get(1).rank() == 2;
      int batch = a.shape()[0];
      if (isFlatA) {
        // A row times columns: without the row's dimension, one number is left for two vectors.
        y = scope.squeeze(y, 1);
        return List.of(Value.of(y, batch, b.shape()[2]));
      }
      if (isFlatB) {
        return List.of(Value.of(scope.squeeze(y, 2), batch, a.shape()[1]));
      }
      return List.of(Value.of(y, batch, a.shape()[1], b.shape()[2]));
    }

    /** A matrix for each of the batch, whose last dimension, or first, is the axis. */
    private Value arranged(Scope scope, Value value, int axis, boolean isLast) {
      int rank = value.rank();
      int positive = axis < 0 ? axis + rank : axis;
      if (rank < 2 || rank > 3 || positive < 1 || positive >= rank) {
        throw Misfit.of(
            "its axis %d of an input of the shape %s is not supported; use inputs of two or three"
                + " dimensions with the batch.",
            axis, value.describe());
      }
      Value x = normalised ? scaled(scope, value, positive) : value;
      int[] shape = x.shape();
      if (rank == 2) {
        return isLast
            ? Value.of(scope.unsqueeze(x.name(), 1), shape[0], 1, shape[1])
            : Value.of(scope.unsqueeze(x.name(), 2), shape[0], shape[1], 1);
      }
      if (isLast == (positive == 2)) {
        return x;
      }
      return Value.of(scope.transpose(x.name(), 0, 2, 1), shape[0], shape[2], shape[1]);
    }

    private static Value scaled(Scope scope, Value x, int axis) {
      String sum =
          scope.node("ReduceSumSquare", Scope.whole("keepdims", 1), x.name(), scope.wholes(axis));
      String length = scope.node("Sqrt", scope.node("Max", sum, scope.scalar(LEAST_SQUARE)));
      return x.renamed(scope.node("Div", x.name(), length));
    }
  }

  /** The operator of a layer's class. */
  static Layer elementwise(Config config) {
    String operator =
        switch (config.className().toLowerCase(Locale.ROOT)) {
          case "add" -> "Sum";
          case "subtract" -> "Sub";
          case "multiply" -> "Mul";
          case "average" -> "Mean";
          case "maximum" -> "Max";
          default -> "Min";
        };
    return new Elementwise(operator, config.version());
  }
}
