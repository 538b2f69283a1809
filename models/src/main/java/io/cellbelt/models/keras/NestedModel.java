package io.cellbelt.models.keras;

import java.util.List;

/**
 * A model that is a layer of another one.
 *
 * @param problems where its layers' problems go
 */
record NestedModel(ModelConfig model, Problems problems) implements Layer {
  @Override
  public boolean holdsWeights() {
    return model.layers().stream().anyMatch(entry -> entry.layer().holdsWeights());
  }

  @Override
  public boolean isStateful() {
    return model.isStateful();
  }

  @Override
  public List<Value> write(Call call) {
    List<Value> inputs = call.raw();
    if (inputs.size() != model.inputs().size()) {
      throw Misfit.of(
          "it takes %d inputs, but is called with %d.", model.inputs().size(), inputs.size());
    }
    return new ModelWriter(model, problems).write(call.scope(), call.weights().model(), inputs);
  }
}
