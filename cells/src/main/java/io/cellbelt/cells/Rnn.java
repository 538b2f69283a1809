package io.cellbelt.cells;

import io.cellbelt.cells.reference.ReferenceCell;
import io.cellbelt.cells.reference.RnnReference;
import io.cellbelt.kernels.pointwise.Pointwise;
import io.cellbelt.kernels.pointwise.RnnPointwise;

/**
 * The plain recurrent cell (Elman 1990): {@code h = tanh(W x + U h' + b)}.
 *
 * @param inputSize I, 1 or more
 * @param hiddenSize H, 1 or more
 */
public record Rnn(int inputSize, int hiddenSize) implements Cell {
  /** Checks the sizes. */
  public Rnn {
    Cell.checkSizes("RNN", inputSize, hiddenSize);
  }

  @Override
  public String kind() {
    return "rnn";
  }

  @Override
  public String gates() {
    return "h";
  }

  @Override
  public int states() {
    return 1;
  }

  @Override
  @SuppressWarnings("exports")
  public Pointwise pointwise() {
    return RnnPointwise.INSTANCE;
  }

  @Override
  public ReferenceCell reference() {
    return RnnReference.INSTANCE;
  }
}
