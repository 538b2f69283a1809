package io.cellbelt.propertytests.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that ONNX says of RNN, GRU and LSTM, in doubles and as slow as it may be. Where the standard
 * is silent it does what ONNX Runtime does.
 */
final class OnnxReference implements Engine {
  @Override
  public Map<String, NamedTensor> run(OnnxCase operator) {
    return new ReferenceRun(operator).outputs();
  }

  @Override
  public Map<String, NamedTensor> forwardTraining(OnnxCase operator) {
    ReferenceRun run = new ReferenceRun(Training.forward(operator));
    Map<String, NamedTensor> outputs = new LinkedHashMap<>(run.outputs());
    outputs.put("HAll", outputs.get("Y"));
    outputs.put("final_h", outputs.get("Y_h"));
    if (operator.op().startsWith("LSTM")) {
      outputs.put("final_c", outputs.get("Y_c"));
      outputs.put("CAll", run.cellStates("CAll"));
      outputs.put("iofc", run.gates("iofc"));
    } else {
      outputs.put("zrh", run.gates("zrh"));
    }
    return outputs;
  }

  @Override
  public Map<String, NamedTensor> gradient(OnnxCase operator) {
    return new ReferenceRun(Training.forward(operator))
        .gradients(
            operator.inputs().get("grad_HAll"),
            operator.inputs().get("grad_final_h"),
            operator.inputs().get("grad_final_c"));
  }

  @Override
  public Map<String, NamedTensor> train(TorchGradCase stack) {
    List<ReferenceRun> runs = new ArrayList<>();
    List<Map<String, NamedTensor>> outputs = new ArrayList<>();
    NamedTensor x = stack.inputs().get("X");
    for (int layer = 0; layer < stack.layers().size(); layer++) {
      runs.add(new ReferenceRun(stack.layer(layer, x)));
      outputs.add(runs.getLast().outputs());
      x = asInput(outputs.getLast().get("Y"));
    }
    List<Map<String, NamedTensor>> gradients = new ArrayList<>();
    NamedTensor dY = stack.incoming().get("dY");
    for (int layer = runs.size() - 1; layer >= 0; layer--) {
      NamedTensor dYh = rows(stack, "dY_h", layer);
      gradients.addFirst(runs.get(layer).gradients(dY, dYh, rows(stack, "dY_c", layer)));
      dY = layer == 0 ? null : asOutput(gradients.getFirst().get("dX"), stack);
    }
    Map<String, NamedTensor> results = new LinkedHashMap<>();
    results.put("Y", outputs.getLast().get("Y"));
    results.put("dX", gradients.getFirst().get("dX"));
    for (String state : List.of("Y_h", "Y_c")) {
      results.put(state, stacked(state, outputs));
    }
    for (String state : List.of("dinitial_h", "dinitial_c")) {
      results.put(state, stacked(state, gradients));
    }
    for (int layer = 0; layer < runs.size(); layer++) {
      for (String weights : List.of("dW", "dR", "dB", "dP")) {
        results.put(stack.prefix(layer) + weights, gradients.get(layer).get(weights));
      }
    }
    return results;
  }

  private static NamedTensor rows(TorchGradCase stack, String name, int layer) {
    NamedTensor all = stack.incoming().get(name);
    return all == null ? null : stack.rows(all, layer);
  }

  /** The directions of a step side by side are the next layer's input. */
  private static NamedTensor asInput(NamedTensor y) {
    NamedTensor byStep = y.permuted(0, 2, 1, 3);
    return byStep.reshaped(y.size(0), y.size(2), y.size(1) * y.size(3));
  }

  private static NamedTensor asOutput(NamedTensor dX, TorchGradCase stack) {
    int directions = stack.attributes().directions();
    return dX.reshaped(dX.size(0), dX.size(1), directions, dX.size(2) / directions)
        .permuted(0, 2, 1, 3);
  }

  private static NamedTensor stacked(String name, List<Map<String, NamedTensor>> layers) {
    NamedTensor first = layers.get(0).get(name);
    if (first == null) {
      return null;
    }
    int[] shape = first.shape().clone();
    shape[0] *= layers.size();
    double[] values =
        layers.stream().flatMapToDouble(layer -> Arrays.stream(layer.get(name).values())).toArray();
    return NamedTensor.of(name, values, shape);
  }
}
