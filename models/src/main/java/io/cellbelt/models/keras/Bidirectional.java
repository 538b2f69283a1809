package io.cellbelt.models.keras;

import io.cellbelt.models.keras.RecurrentLayer.Direction;
import java.util.ArrayList;
import java.util.List;

/**
 * A recurrent layer in both directions.
 *
 * @param merge {@code concat}, {@code sum}, {@code mul} or {@code ave}; null for two values
 * @param zeroes whether steps that are masked are zero where all steps come out
 */
record Bidirectional(RecurrentLayer forward, RecurrentLayer backward, String merge, boolean zeroes)
    implements Layer {

  static Bidirectional of(Config config) {
    RecurrentLayer forward = RecurrentLayer.wrapped(config.object("layer"), config.version());
    RecurrentLayer backward =
        config.has("backward_layer")
            ? RecurrentLayer.wrapped(config.object("backward_layer"), config.version())
            : forward.turned();
    RecurrentOptions one = forward.options();
    RecurrentOptions other = backward.options();
    if (one.backwards() == other.backwards()
        || one.sequences() != other.sequences()
        || one.states() != other.states()
        || one.stateful() != other.stateful()
        || one.timeMajor()
        || other.timeMajor()) {
      throw new Misfit(
          "its two layers should differ in 'go_backwards' and agree in 'return_sequences',"
              + " 'return_state' and 'stateful', without 'time_major'.");
    }
    boolean isNull = config.json().has("merge_mode") && !config.has("merge_mode");
    String merge = isNull ? null : config.text("concat", "merge_mode");
    if (merge != null && !List.of("concat", "sum", "mul", "ave").contains(merge)) {
      throw config.wrong("merge_mode", "concat, sum, mul, ave or null");
    }
    return new Bidirectional(forward, backward, merge, config.version().isTensorFlows());
  }

  @Override
  public int arguments() {
    return 2;
  }

  @Override
  public boolean holdsWeights() {
    return true;
  }

  @Override
  public boolean isStateful() {
    return forward.isStateful();
  }

  @Override
  public int[] inputShape(LayerWeights weights) {
    return forward.inputShape(weights.part("forward_layer"));
  }

  @Override
  public List<Value> write(Call call) {
    Scope scope = call.scope();
    List<Value> initial = call.statesOf("initial_state");
    int half = initial.size() / 2;
    Direction one = run(call, forward, "forward", initial.subList(0, half));
    Direction other = run(call, backward, "backward", initial.subList(half, initial.size()));
    Value a;
    Value b;
    if (forward.options().sequences()) {
      a = one.steps(scope);
      b = other.turned(scope);
    } else {
      a = one.last();
      b = other.last();
    }
    List<Value> all = new ArrayList<>(merge == null ? List.of(a, b) : List.of(merged(scope, a, b)));
    if (forward.options().states()) {
      all.addAll(one.states());
      all.addAll(other.states());
    }
    return all;
  }

  private Direction run(Call call, RecurrentLayer layer, String name, List<Value> initial) {
    LayerWeights part = call.weights().part(name + "_layer");
    Call inner = new Call(call.scope(), call.arguments(), call.named(), part);
    // TensorFlow's Keras and later ones zero the steps of both layers, whatever these say.
    boolean zeroesSteps = zeroes ? layer.options().sequences() : layer.options().zeroWhereMasked();
    return layer.direction(inner, call.scope().inside(name), initial, zeroesSteps);
  }

  private Value merged(Scope scope, Value a, Value b) {
    int last = a.rank() - 1;
    if (!merge.equals("concat") && a.shape()[last] != b.shape()[last]) {
      throw Misfit.of(
          "its two layers have %d and %d units, which cannot be merged by '%s'.",
          a.shape()[last], b.shape()[last], merge);
    }
    return switch (merge) {
      case "concat" -> {
        int[] shape = a.shape().clone();
        shape[last] = Math.addExact(a.shape()[last], b.shape()[last]);
        String name = scope.concat(last, a.name(), b.name());
        yield Value.of(name, shape).masked(a.mask());
      }
      case "sum" -> a.renamed(scope.node("Add", a.name(), b.name()));
      case "mul" -> a.renamed(scope.node("Mul", a.name(), b.name()));
      default -> {
        String sum = scope.node("Add", a.name(), b.name());
        yield a.renamed(scope.node("Div", sum, scope.scalar(2)));
      }
    };
  }
}
