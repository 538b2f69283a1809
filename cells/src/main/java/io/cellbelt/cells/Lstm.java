package io.cellbelt.cells;

import io.cellbelt.cells.reference.LstmReference;
import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.kernels.pointwise.LstmPointwise;
import io.cellbelt.kernels.pointwise.Pointwise;

/**
 * Long short-term memory with forget gate, as PyTorch, Keras and ONNX have it by default
 * (Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000).
 *
 * <pre>
 *   i = σ(Wi x + Ui h' + bi)        c = f c' + i g
 *   f = σ(Wf x + Uf h' + bf)        h = o tanh(c)
 *   g = tanh(Wg x + Ug h' + bg)
 *   o = σ(Wo x + Uo h' + bo)
 * </pre>
 *
 * @param inputSize I, 1 or more
 * @param hiddenSize H, 1 or more
 */
public record Lstm(int inputSize, int hiddenSize) implements Cell {
  /** Checks the sizes. */
  public Lstm {
    Cell.checkSizes("LSTM", inputSize, hiddenSize);
  }

  @Override
  public String kind() {
    return "lstm";
  }

  @Override
  public String gates() {
    return "ifgo";
  }

  @Override
  public int states() {
    return 2;
  }

  /** Forget bias 1, so that memory lasts before training has found out (Jozefowicz et al. 2015). */
  @Override
  public float initialBias(char gate) {
    return gate == 'f' ? 1 : 0;
  }

  @Override
  @SuppressWarnings("exports")
  public Pointwise pointwise() {
    return LstmPointwise.INSTANCE;
  }

  @Override
  public ReferenceCell reference() {
    return LstmReference.INSTANCE;
  }
}
