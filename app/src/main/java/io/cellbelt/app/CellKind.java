package io.cellbelt.app;

import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Rnn;
import java.util.Locale;

/** The kinds of cells that commands offer, by the names that files have for them. */
enum CellKind {
  LSTM,
  RNN;

  /** A cell of this kind. */
  Cell cell(int inputSize, int hiddenSize) {
    return switch (this) {
      case LSTM -> new Lstm(inputSize, hiddenSize);
      case RNN -> new Rnn(inputSize, hiddenSize);
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
