package io.cellbelt.propertytests.conformance;

import io.cellbelt.models.SafetensorsFile;
import io.cellbelt.models.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Recorded values of a PyTorch module in ONNX's order, given back as the state dict that it had.
 *
 * @param values X {@code [T, B, I]}, Y {@code [T, directions, B, H]}, W, R and B of each layer
 * @param layers how many
 * @param order of PyTorch's gates among ONNX's
 */
record TorchStateDict(SafetensorsFile values, int layers, int[] order) {
  static TorchStateDict of(SafetensorsFile values) {
    int layers = Integer.parseInt(values.metadata().getOrDefault("layers", "1"));
    int[] order =
        switch (values.metadata().get("op")) {
          case "LSTM" -> new int[] {0, 2, 3, 1};
          case "GRU" -> new int[] {1, 0, 2};
          default -> new int[] {0};
        };
    return new TorchStateDict(values, layers, order);
  }

  private Tensor tensor(String name) {
    return values.find(name).orElseThrow();
  }

  private int directions() {
    return tensor("Y").shape().get(1);
  }

  private int hidden() {
    return tensor("Y").shape().get(3);
  }

  int steps() {
    return tensor("X").shape().get(0);
  }

  int batch() {
    return tensor("X").shape().get(1);
  }

  /** The tensors as PyTorch names them. */
  List<Tensor> tensors(String prefix) {
    List<Tensor> tensors = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      String from = layers > 1 ? "layer" + layer + "." : "";
      for (int d = 0; d < directions(); d++) {
        String suffix = "_l" + layer + (d == 1 ? "_reverse" : "");
        tensors.add(matrix(prefix + "weight_ih" + suffix, tensor(from + "W"), d));
        tensors.add(matrix(prefix + "weight_hh" + suffix, tensor(from + "R"), d));
        if (values.find(from + "B").isPresent()) {
          float[] both = direction(tensor(from + "B"), d);
          int rows = both.length / 2;
          float[] ofInput = reordered(Arrays.copyOf(both, rows));
          float[] ofHidden = reordered(Arrays.copyOfRange(both, rows, 2 * rows));
          tensors.add(Tensor.of(prefix + "bias_ih" + suffix, ofInput, rows));
          tensors.add(Tensor.of(prefix + "bias_hh" + suffix, ofHidden, rows));
        }
      }
    }
    return tensors;
  }

  private Tensor matrix(String name, Tensor onnx, int d) {
    int rows = onnx.shape().get(1);
    return Tensor.of(name, reordered(direction(onnx, d)), rows, onnx.shape().get(2));
  }

  private float[] direction(Tensor tensor, int d) {
    int size = tensor.size() / directions();
    return Arrays.copyOfRange(tensor.values(), d * size, (d + 1) * size);
  }

  private float[] reordered(float[] onnx) {
    float[] torch = new float[onnx.length];
    int gate = onnx.length / order.length;
    for (int g = 0; g < order.length; g++) {
      System.arraycopy(onnx, order[g] * gate, torch, g * gate, gate);
    }
    return torch;
  }

  /** The initial state of a sequence, {@code [L][directions][states][H]}. */
  float[] state(int b) {
    List<String> states =
        order.length == 4 ? List.of("initial_h", "initial_c") : List.of("initial_h");
    int rows = layers * directions();
    float[] state = new float[rows * states.size() * hidden()];
    for (int row = 0; row < rows; row++) {
      for (int s = 0; s < states.size(); s++) {
        if (values.find(states.get(s)).isPresent()) {
          float[] all = tensor(states.get(s)).values();
          int from = (row * batch() + b) * hidden();
          System.arraycopy(all, from, state, (row * states.size() + s) * hidden(), hidden());
        }
      }
    }
    return state;
  }

  /** The inputs of a sequence, {@code [T, I]}. */
  float[] input(int b) {
    int size = tensor("X").shape().get(2);
    float[] x = new float[steps() * size];
    for (int t = 0; t < steps(); t++) {
      System.arraycopy(tensor("X").values(), (t * batch() + b) * size, x, t * size, size);
    }
    return x;
  }

  /** The outputs of a sequence, {@code [T, directions * H]}. */
  float[] output(int b) {
    float[] all = tensor("Y").values();
    float[] y = new float[steps() * directions() * hidden()];
    for (int row = 0; row < steps() * directions(); row++) {
      System.arraycopy(all, (row * batch() + b) * hidden(), y, row * hidden(), hidden());
    }
    return y;
  }
}
