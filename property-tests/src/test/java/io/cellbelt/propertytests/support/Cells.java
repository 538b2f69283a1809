package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Rnn;

/** Every kind of cell: what is tested for one is tested for all. */
public enum Cells {
  LSTM {
    @Override
    public Cell of(int inputSize, int hiddenSize) {
      return new Lstm(inputSize, hiddenSize);
    }
  },
  RNN {
    @Override
    public Cell of(int inputSize, int hiddenSize) {
      return new Rnn(inputSize, hiddenSize);
    }
  };

  /** A cell of this kind. */
  public abstract Cell of(int inputSize, int hiddenSize);
}
