package io.cellbelt.app;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Clockwork;
import io.cellbelt.cells.DepthGatedLstm;
import io.cellbelt.cells.GridLstm;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Gru.Reset;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.LayerNormGru;
import io.cellbelt.cells.LayerNormLstm;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Lstm.Coupling;
import io.cellbelt.cells.Lstm.Options;
import io.cellbelt.cells.MinimalGated;
import io.cellbelt.cells.Mut;
import io.cellbelt.cells.Rnn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The cells that commands offer, each with its options, by names such as {@code gru-after}. */
enum CellKind {
  RNN,
  RNN_RELU,
  RNN_CLIP,
  LSTM,
  LSTM_PEEPHOLES,
  /** {@code f = 1 - i}. */
  LSTM_CIFG,
  /** {@code i = 1 - f}. */
  LSTM_CIFG_TFLITE,
  LSTM_NIG,
  LSTM_NFG,
  LSTM_NOG,
  LSTM_NIAF,
  LSTM_NOAF,
  LSTM_FGR,
  /** To half the hidden size. */
  LSTM_PROJECTION,
  LSTM_CLIP,
  LSTM_HARD,
  GRU_BEFORE,
  GRU_AFTER,
  GRU_CLIP,
  MGU,
  MUT1,
  MUT2,
  MUT3,
  LAYERNORM_LSTM,
  LAYERNORM_GRU,
  /** Above an LSTM with peepholes, where there are several layers. */
  DEPTH_GATED_LSTM,
  /** With the periods 1, 2, 4 and 8, or fewer where they would not fit. */
  CLOCKWORK,
  GRID_LSTM,
  /** Layers share their weights where they have equal sizes. */
  GRID_LSTM_TIED;

  private static final float CLIP = 3;
  private static final int MOST_PERIODS = 4;

  /** A norm of one number leaves nothing but 0, and of a multiple of x nothing but its sign. */
  private static final int LEAST_NORMED = 3;

  /** A cell of this kind. */
  Cell cell(int inputSize, int hiddenSize) {
    Activation sigmoid = Activation.SIGMOID;
    Activation tanh = Activation.TANH;
    Activation hard = Activation.of(Activation.Function.HARD_SIGMOID);
    Options lstm = Options.DEFAULT;
    return switch (this) {
      case RNN -> new Rnn(inputSize, hiddenSize);
      case RNN_RELU -> new Rnn(inputSize, hiddenSize, Activation.RELU);
      case RNN_CLIP -> new Rnn(inputSize, hiddenSize, tanh, CLIP);
      case LSTM -> new Lstm(inputSize, hiddenSize);
      case LSTM_PEEPHOLES -> new Lstm(inputSize, hiddenSize, lstm.withPeepholes());
      case LSTM_CIFG -> new Lstm(inputSize, hiddenSize, lstm.with(Coupling.FORGET_FROM_INPUT));
      case LSTM_CIFG_TFLITE ->
          new Lstm(inputSize, hiddenSize, lstm.with(Coupling.INPUT_FROM_FORGET));
      case LSTM_NIG -> new Lstm(inputSize, hiddenSize, lstm.withoutGates("i"));
      case LSTM_NFG -> new Lstm(inputSize, hiddenSize, lstm.withoutGates("f"));
      case LSTM_NOG -> new Lstm(inputSize, hiddenSize, lstm.withoutGates("o"));
      case LSTM_NIAF ->
          new Lstm(inputSize, hiddenSize, lstm.withActivations(sigmoid, Activation.IDENTITY, tanh));
      case LSTM_NOAF ->
          new Lstm(inputSize, hiddenSize, lstm.withActivations(sigmoid, tanh, Activation.IDENTITY));
      case LSTM_FGR -> new Lstm(inputSize, hiddenSize, lstm.withGateRecurrence());
      case LSTM_PROJECTION ->
          new Lstm(inputSize, hiddenSize, lstm.withProjection(Math.max(1, hiddenSize / 2)));
      case LSTM_CLIP -> new Lstm(inputSize, hiddenSize, lstm.withClip(CLIP));
      case LSTM_HARD -> new Lstm(inputSize, hiddenSize, lstm.withActivations(hard, tanh, tanh));
      case GRU_BEFORE -> new Gru(inputSize, hiddenSize, Reset.BEFORE);
      case GRU_AFTER -> new Gru(inputSize, hiddenSize, Reset.AFTER);
      case GRU_CLIP -> new Gru(inputSize, hiddenSize, Reset.AFTER, sigmoid, tanh, CLIP);
      case MGU -> new MinimalGated(inputSize, hiddenSize);
      case MUT1 -> new Mut(inputSize, hiddenSize, 1);
      case MUT2 -> new Mut(inputSize, hiddenSize, 2);
      case MUT3 -> new Mut(inputSize, hiddenSize, 3);
      case LAYERNORM_LSTM -> new LayerNormLstm(inputSize, hiddenSize);
      case LAYERNORM_GRU -> new LayerNormGru(inputSize, hiddenSize);
      case DEPTH_GATED_LSTM -> new DepthGatedLstm(inputSize, hiddenSize);
      case CLOCKWORK -> new Clockwork(inputSize, hiddenSize, periods(hiddenSize));
      case GRID_LSTM, GRID_LSTM_TIED -> new GridLstm(inputSize, hiddenSize);
    };
  }

  private static List<Integer> periods(int hiddenSize) {
    int count = MOST_PERIODS;
    while (hiddenSize % count != 0) {
      count--;
    }
    return Stream.iterate(1, period -> 2 * period).limit(count).toList();
  }

  /** Whether x must be as long as h. */
  boolean addsInput() {
    return this == MUT1 || this == MUT2;
  }

  /** The nearest length of x that the kind can have, and be checked with. */
  int fitInput(int inputSize, int hiddenSize) {
    return switch (this) {
      case MUT1, MUT2 -> hiddenSize;
      case LAYERNORM_LSTM, LAYERNORM_GRU -> Math.max(inputSize, LEAST_NORMED);
      default -> inputSize;
    };
  }

  /** The nearest sizes of the layers of a stack that the kind can have, and be checked with. */
  List<Integer> fit(List<Integer> hidden) {
    return switch (this) {
      case MUT1, MUT2, DEPTH_GATED_LSTM, GRID_LSTM, GRID_LSTM_TIED ->
          Collections.nCopies(hidden.size(), hidden.getLast());
      case LAYERNORM_LSTM, LAYERNORM_GRU ->
          hidden.stream().map(h -> Math.max(h, LEAST_NORMED)).toList();
      case CLOCKWORK ->
          hidden.stream().map(h -> Math.ceilDiv(h, MOST_PERIODS) * MOST_PERIODS).toList();
      default -> hidden;
    };
  }

  /** A stack of this kind. */
  List<Layer> stack(int inputSize, List<Integer> hidden) {
    List<Layer> layers = new ArrayList<>();
    int below = inputSize;
    for (int l = 0; l < hidden.size(); l++) {
      boolean bottom = l == 0 && hidden.size() > 1;
      CellKind kind = this == DEPTH_GATED_LSTM && bottom ? LSTM_PEEPHOLES : this;
      Cell cell = kind.cell(below, hidden.get(l));
      boolean tied = this == GRID_LSTM_TIED && l > 0 && layers.getLast().cell().equals(cell);
      layers.add(tied ? Layer.of(cell).withTiedWeights() : Layer.of(cell));
      below = cell.outputSize();
    }
    return layers;
  }

  /** The kind of that name. */
  static Optional<CellKind> named(String name) {
    return Arrays.stream(values()).filter(kind -> kind.toString().equals(name)).findFirst();
  }

  /** All names. */
  static String names() {
    return Arrays.stream(values()).map(CellKind::toString).collect(Collectors.joining(", "));
  }

  /** Names on the command line. */
  static final class Converter extends KindConverter<CellKind> {
    Converter() {
      super(values());
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
