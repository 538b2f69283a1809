package io.cellbelt.models.keras;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A layer for each step by itself.
 *
 * @param inner that layer
 */
record TimeDistributed(Layer inner) implements Layer {
  @Override
  public boolean holdsWeights() {
    return inner.holdsWeights();
  }

  @Override
  public List<Value> write(Call call) {
    Value x = call.rawInput();
    if (x.rank() < 2) {
      throw Misfit.of("its input should have steps, but has the shape %s.", x.describe());
    }
    LayerWeights part = call.weights().part("layer");
    Value y =
        isOfLastAxis()
            ? only(inner.write(Call.of(call.scope(), List.of(x.unmasked()), part)))
            : ofEachStep(call, x, part);
    if (call.weights() instanceof LayerWeights.Grouped) {
      part.checkEnd();
    }
    return List.of(y.masked(x.mask()));
  }

  /** Whether the layer does the same to each step anyway. */
  private boolean isOfLastAxis() {
    return inner instanceof CoreLayers.Dense
        || inner instanceof CoreLayers.Activated
        || inner instanceof CoreLayers.Same
        || (inner instanceof NormalizationLayers.Batch batch && batch.axis() == -1);
  }

  private static Value only(List<Value> values) {
    if (values.size() != 1) {
      throw Misfit.of("its layer gives %d values, but one is expected.", values.size());
    }
    return values.getFirst();
  }

  /** Takes the steps for more of the batch, and back. */
  private Value ofEachStep(Call call, Value x, LayerWeights weights) {
    Scope scope = call.scope();
    int rank = x.rank();
    int[] step = Arrays.copyOfRange(x.shape(), 1, rank);
    step[0] = Config.OPEN;
    if (Arrays.stream(step).skip(1).anyMatch(size -> size < 0)) {
      throw Misfit.of(
          "its input has the shape %s, but all dimensions after the steps should be known.",
          x.describe());
    }
    String merged = scope.reshape(x.name(), step);
    Value each = new Value(merged, x.type(), step, null);
    Value y = only(inner.write(Call.of(scope, List.of(each), weights)));
    int[] rest = Arrays.copyOfRange(y.shape(), 1, y.rank());
    if (Arrays.stream(rest).anyMatch(size -> size < 0)) {
      throw Misfit.of("its layer gives values of an open shape, %s.", y.describe());
    }
    Map<String, Attribute> ends =
        Map.of("start", new Attribute.Whole(0), "end", new Attribute.Whole(2));
    String shape = scope.concat(0, scope.node("Shape", ends, x.name()), scope.wholes(rest));
    int[] all = new int[rest.length + 2];
    all[0] = x.shape()[0];
    all[1] = x.shape()[1];
    System.arraycopy(rest, 0, all, 2, rest.length);
    return new Value(scope.node("Reshape", y.name(), shape), ElementType.F32, all, null);
  }
}
