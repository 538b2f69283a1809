package io.cellbelt.cells;

import io.cellbelt.cells.Parameter.Form;
import java.util.ArrayList;
import java.util.List;

/**
 * What a network is made of, without its numbers: an input, a stack of layers, a linear head.
 *
 * <p>Immutable, thread-safe.
 *
 * @param input what is fed at each step
 * @param layers the cells from the input upwards, 1 or more; each takes the h of the one below
 * @param outputs outputs of the linear head, or 0 for none: then the output is h of the top layer
 */
public record Architecture(Input input, List<Cell> layers, int outputs) {
  /** Name of the table of an embedding, {@code [vocabulary, size]}. */
  public static final String EMBEDDING = "embedding.weight";

  /** Name of the matrix of the head, {@code [outputs, H]}. */
  public static final String HEAD = "head.weight";

  /** Name of the bias of the head, {@code [outputs]}. */
  public static final String HEAD_BIAS = "head.bias";

  /** Checks that the sizes fit together. */
  public Architecture {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("A network needs 1 layer or more, but got none.");
    }
    if (outputs < 0) {
      throw new IllegalArgumentException(
          "A network has 0 outputs (no head) or more, but got " + outputs + ".");
    }
    int below = input.size();
    for (int l = 0; l < layers.size(); l++) {
      if (layers.get(l).inputSize() != below) {
        throw new IllegalArgumentException(
            "Layer "
                + l
                + " takes "
                + layers.get(l).inputSize()
                + " inputs, but "
                + (l == 0 ? "the network's input" : "layer " + (l - 1))
                + " gives "
                + below
                + ".");
      }
      below = layers.get(l).hiddenSize();
    }
  }

  /** One vector in, one layer, its h out. */
  public static Architecture of(Cell cell) {
    return new Architecture(new Input.Dense(cell.inputSize()), List.of(cell), 0);
  }

  /** Length of a step's output. */
  public int outputSize() {
    return outputs > 0 ? outputs : layers.getLast().hiddenSize();
  }

  /** All parameters, in the order in which they are stored. */
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    if (input instanceof Input.Embedding(int vocabulary, int size)) {
      all.add(new Parameter(EMBEDDING, Form.TABLE, vocabulary, size, 1));
    }
    for (int l = 0; l < layers.size(); l++) {
      Cell cell = layers.get(l);
      int gates = cell.gates().length();
      int rows = Math.multiplyExact(gates, cell.hiddenSize());
      all.add(new Parameter(inputWeight(l), Form.MATRIX, rows, cell.inputSize(), gates));
      all.add(new Parameter(recurrentWeight(l), Form.MATRIX, rows, cell.hiddenSize(), gates));
      all.add(new Parameter(bias(l), Form.VECTOR, rows, 1, gates));
    }
    if (outputs > 0) {
      all.add(new Parameter(HEAD, Form.MATRIX, outputs, layers.getLast().hiddenSize(), 1));
      all.add(new Parameter(HEAD_BIAS, Form.VECTOR, outputs, 1, 1));
    }
    return all;
  }

  /** Name of a layer's W, {@code [gates * H, I]}. */
  public String inputWeight(int layer) {
    return layers.get(layer).kind() + ".weight_ih_l" + layer;
  }

  /** Name of a layer's U, {@code [gates * H, H]}. */
  public String recurrentWeight(int layer) {
    return layers.get(layer).kind() + ".weight_hh_l" + layer;
  }

  /** Name of a layer's b, {@code [gates * H]}; the sum of the two biases that PyTorch stores. */
  public String bias(int layer) {
    return layers.get(layer).kind() + ".bias_l" + layer;
  }
}
