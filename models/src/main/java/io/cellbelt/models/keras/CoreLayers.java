package io.cellbelt.models.keras;

import static io.cellbelt.models.keras.Scope.whole;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.List;

/** Layers of features and ids. */
final class CoreLayers {
  private CoreLayers() {}

  /** A layer that changes nothing once the model is trained. */
  record Same() implements Layer {
    @Override
    public List<Value> write(Call call) {
      return call.raw();
    }
  }

  /** An activation as a layer. */
  record Activated(Activation activation) implements Layer.Function {
    @Override
    public Value apply(Scope scope, Value value) {
      return activation.apply(scope, value);
    }
  }

  /** A matrix over the last dimension. */
  record Dense(int units, Activation activation, boolean bias) implements Layer {
    static Dense of(Config config) {
      config.refuse("lora_enabled");
      return new Dense(
          config.size("units", "output_dim"),
          Activation.of(config, "linear", "activation"),
          config.flag(true, "use_bias", "bias"));
    }

    @Override
    public boolean holdsWeights() {
      return true;
    }

    @Override
    public int[] inputShape(LayerWeights weights) {
      return new int[] {Config.OPEN, weights.take("kernel").shape()[0]};
    }

    @Override
    public List<Value> write(Call call) {
      Value x = call.input();
      Scope scope = call.scope();
      int features = x.features();
      float[] kernel = call.weights().take("kernel", features, units);
      String y =
          scope.node(
              "MatMul",
              x.name(),
              scope.weights("kernel", () -> Tensor.of(kernel, features, units)));
      if (bias) {
        float[] added = call.weights().take("bias", units);
        y = scope.node("Add", y, scope.weights("bias", () -> Tensor.of(added, units)));
      }
      int[] shape = x.shape().clone();
      shape[shape.length - 1] = units;
      return List.of(activation.apply(scope, new Value(y, ElementType.F32, shape, x.mask())));
    }
  }

  /**
   * Rows of a table.
   *
   * @param maskZero whether steps with the id 0 do not count
   */
  record Embedding(int vocabulary, int size, boolean maskZero) implements Layer {
    static Embedding of(Config config) {
      config.refuse("lora_enabled");
      return new Embedding(
          config.size("input_dim"), config.size("output_dim"), config.flag(false, "mask_zero"));
    }

    @Override
    public boolean holdsWeights() {
      return true;
    }

    @Override
    public int[] inputShape(LayerWeights weights) {
      return new int[] {Config.OPEN, Config.OPEN};
    }

    @Override
    public List<Value> write(Call call) {
      Value ids = call.rawInput();
      Scope scope = call.scope();
      float[] rows = call.weights().take("embeddings", vocabulary, size);
      String table = scope.weights("embeddings", () -> Tensor.of(rows, vocabulary, size));
      String indices =
          ids.type() == ElementType.I64 ? ids.name() : scope.cast(ids.name(), ElementType.I64);
      String y = scope.node("Gather", whole("axis", 0), table, indices);
      int[] shape = Arrays.copyOf(ids.shape(), ids.rank() + 1);
      shape[ids.rank()] = size;
      return List.of(
          new Value(y, ElementType.F32, shape, maskZero ? mask(scope, call.floats(ids)) : null));
    }

    private static String mask(Scope scope, Value ids) {
      return scope.node("Not", scope.node("Equal", ids.name(), scope.scalar(0)));
    }
  }

  /** Marks steps in which all features have one value, and sets these to zero. */
  record Masking(float value) implements Layer {
    static Masking of(Config config) {
      return new Masking(config.number(0, "mask_value"));
    }

    @Override
    public List<Value> write(Call call) {
      Value x = call.input();
      Scope scope = call.scope();
      String differs = scope.node("Not", scope.node("Equal", x.name(), scope.scalar(value)));
      String any =
          scope.node(
              "ReduceMax",
              whole("keepdims", 1),
              scope.cast(differs, ElementType.F32),
              scope.wholes(-1));
      String mask = scope.squeeze(scope.cast(any, ElementType.BOOL), -1);
      return List.of(x.renamed(scope.node("Mul", x.name(), any)).masked(mask));
    }
  }
}
