package io.cellbelt.propertytests.conformance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A stack of layers with the values of a forward and a backward pass. The loss is the sum over all
 * outputs of an output times its incoming gradient.
 *
 * @param layers W, R and B of each layer
 * @param inputs X, sequence_lens, initial_h and initial_c, whose rows go layer by layer and in it
 *     by direction
 * @param incoming dY, dY_h, dY_c
 * @param expected Y, Y_h, Y_c, dX, dinitial_h, dinitial_c; dW, dR, dB of each layer, with a prefix
 *     such as {@code layer0.} where layers are stacked
 */
record TorchGradCase(
    String id,
    String op,
    Attributes attributes,
    Map<String, String> metadata,
    List<Map<String, NamedTensor>> layers,
    Map<String, NamedTensor> inputs,
    Map<String, NamedTensor> incoming,
    Map<String, NamedTensor> expected,
    Closeness closeness) {

  /** What names of a layer's tensors begin with. */
  String prefix(int layer) {
    return metadata.containsKey("layers") && !metadata.get("layers").equals("1")
        ? "layer" + layer + "."
        : "";
  }

  /** Returns one layer as an operator; {@code x} is its input. */
  OnnxCase layer(int layer, NamedTensor x) {
    Map<String, NamedTensor> operands = new LinkedHashMap<>(layers.get(layer));
    operands.put("X", x);
    for (String state : List.of("initial_h", "initial_c")) {
      if (inputs.containsKey(state)) {
        operands.put(state, rows(inputs.get(state), layer));
      }
    }
    if (inputs.containsKey("sequence_lens")) {
      operands.put("sequence_lens", inputs.get("sequence_lens"));
    }
    return new OnnxCase(
        id,
        op,
        "",
        14,
        Optional.empty(),
        attributes,
        operands,
        layers.size() == 1 ? expected : Map.of(),
        null,
        "",
        closeness,
        Map.of());
  }

  /** Returns a layer's rows of a tensor of states. */
  NamedTensor rows(NamedTensor states, int layer) {
    int[] shape = states.shape().clone();
    int size = states.values().length / layers.size();
    shape[0] /= layers.size();
    double[] values = new double[size];
    System.arraycopy(states.values(), layer * size, values, 0, size);
    return NamedTensor.of(states.name(), values, shape);
  }
}
