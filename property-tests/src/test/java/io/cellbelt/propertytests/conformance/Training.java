package io.cellbelt.propertytests.conformance;

import java.util.LinkedHashMap;
import java.util.Map;

/** The training operators of ONNX Runtime in terms of ONNX's own. */
final class Training {
  private static final Map<String, String> NAMES =
      Map.of(
          "input_tensor", "X",
          "weights", "W",
          "recurrence_weights", "R",
          "bias", "B",
          "initial_hidden_state", "initial_h",
          "initial_cell_state", "initial_c",
          "peephole_weights", "P");

  private Training() {}

  /** Returns the operator whose forward pass a training or gradient operator is about. */
  static OnnxCase forward(OnnxCase training) {
    String op = training.op().startsWith("LSTM") ? "LSTM" : "GRU";
    Map<String, Object> attributes = new LinkedHashMap<>(training.attributes().values());
    attributes.put("linear_before_reset", training.attributes().linearBeforeReset() ? 1.0 : 0.0);
    Map<String, NamedTensor> inputs = new LinkedHashMap<>();
    training
        .inputs()
        .forEach(
            (name, tensor) -> {
              String onnx = NAMES.getOrDefault(name, name);
              inputs.put(onnx, tensor.named(onnx));
            });
    return new OnnxCase(
        training.id(),
        op,
        "",
        training.opset(),
        training.failure(),
        new Attributes(op, attributes),
        inputs,
        training.outputs(),
        training.mask(),
        training.notes(),
        training.closeness(),
        training.extra());
  }
}
