package io.cellbelt.models.keras;

import static io.cellbelt.models.keras.Scope.whole;

import io.cellbelt.graphs.ElementType;
import java.util.List;
import java.util.stream.IntStream;

/** Layers that take the largest or the mean of several steps or pixels. */
final class Pooling {
  private Pooling() {}

  /** Pooling over a moving window; where it reaches over the edge, less is averaged. */
  static Layer.Function windows(Config config, String operator, int dimensions) {
    Window window = Window.ofPool(config, dimensions);
    return (scope, x) -> {
      Value first = window.channelsFirst(scope, x.ofRank(dimensions + 2));
      int[] shape = first.shape().clone();
      String y = scope.node(operator, window.attributes(shape), first.name());
      return window.back(scope, Value.of(y, shape));
    };
  }

  /**
   * Pooling over all steps or pixels.
   *
   * @param isMean whether it takes the mean, of the steps that are not masked, or the largest
   */
  record Whole(int dimensions, boolean isMean, boolean isChannelsFirst, boolean keeps)
      implements Layer {
    static Whole of(Config config, int dimensions, boolean isMean) {
      return new Whole(
          dimensions, isMean, Window.isChannelsFirst(config), config.flag(false, "keepdims"));
    }

    @Override
    public List<Value> write(Call call) {
      Value x = call.input().ofRank(dimensions + 2);
      int from = isChannelsFirst ? 2 : 1;
      int[] axes = IntStream.range(from, from + dimensions).toArray();
      String mask = isMean ? call.mask() : null;
      String y = mask == null ? all(call.scope(), x, axes) : ofMasked(call.scope(), x, mask, axes);
      int[] shape = x.shape().clone();
      for (int axis : axes) {
        shape[axis] = 1;
      }
      if (!keeps) {
        shape =
            IntStream.range(0, x.rank())
                .filter(i -> i < from || i >= from + dimensions)
                .map(i -> x.shape()[i])
                .toArray();
      }
      return List.of(Value.of(y, shape));
    }

    private String all(Scope scope, Value x, int[] axes) {
      return scope.node(
          isMean ? "ReduceMean" : "ReduceMax",
          whole("keepdims", keeps ? 1 : 0),
          x.name(),
          scope.wholes(axes));
    }

    private String ofMasked(Scope scope, Value x, String mask, int[] axes) {
      if (dimensions != 1) {
        throw new Misfit("it is called with a mask, which is only supported over time.");
      }
      String weights = scope.unsqueeze(scope.cast(mask, ElementType.F32), isChannelsFirst ? 1 : 2);
      String weighted = scope.node("Mul", x.name(), weights);
      return scope.node("Div", sum(scope, weighted, axes), sum(scope, weights, axes));
    }

    private String sum(Scope scope, String value, int[] axes) {
      return scope.node("ReduceSum", whole("keepdims", keeps ? 1 : 0), value, scope.wholes(axes));
    }
  }
}
