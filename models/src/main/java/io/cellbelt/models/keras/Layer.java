package io.cellbelt.models.keras;

import java.util.List;

/**
 * A layer as its config describes it, all options checked. It knows neither its weights nor where
 * it is called.
 */
interface Layer {
  /**
   * Writes the layer's nodes for one call.
   *
   * @throws Misfit if inputs or weights do not fit the config
   */
  List<Value> write(Call call);

  /** How many arguments without a name it takes; negative if it checks its arguments itself. */
  default int arguments() {
    return 1;
  }

  /** Whether it has arrays in the file. */
  default boolean holdsWeights() {
    return false;
  }

  /** Whether its state goes on from call to call. */
  default boolean isStateful() {
    return false;
  }

  /**
   * The shape of the input that the layer's weights ask for, for models that do not say it; null if
   * they do not tell.
   */
  default int[] inputShape(LayerWeights weights) {
    return null;
  }

  /** A layer without weights that takes floats and gives one value. */
  interface Function extends Layer {
    Value apply(Scope scope, Value value);

    @Override
    default List<Value> write(Call call) {
      return List.of(apply(call.scope(), call.input()));
    }
  }
}
