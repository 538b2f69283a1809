package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Activation.Function;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Clockwork;
import io.cellbelt.cells.DepthGatedLstm;
import io.cellbelt.cells.GridLstm;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Gru.Reset;
import io.cellbelt.cells.LayerNormGru;
import io.cellbelt.cells.LayerNormLstm;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Lstm.Coupling;
import io.cellbelt.cells.Lstm.Options;
import io.cellbelt.cells.MinimalGated;
import io.cellbelt.cells.Mut;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Schedule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;

/** Every kind of cell: what is tested for one is tested for all. */
public enum Cells {
  LSTM(Lstm::new, true),
  RNN(Rnn::new, true),
  RNN_RELU((i, h) -> new Rnn(i, h, Activation.RELU), true),
  RNN_SOFTSIGN_CLIP((i, h) -> new Rnn(i, h, Activation.of(Function.SOFTSIGN), 0.8f), true),
  LSTM_PEEPHOLES(lstm(Options::withPeepholes), true),
  LSTM_FORGET_FROM_INPUT(lstm(o -> o.with(Coupling.FORGET_FROM_INPUT)), true),
  LSTM_INPUT_FROM_FORGET(lstm(o -> o.with(Coupling.INPUT_FROM_FORGET).withPeepholes()), true),
  LSTM_NO_INPUT_GATE(lstm(o -> o.withoutGates("i")), true),
  LSTM_NO_FORGET_GATE(lstm(o -> o.withoutGates("f").withPeepholes()), false),
  LSTM_NO_OUTPUT_GATE(lstm(o -> o.withoutGates("o")), true),
  LSTM_WITHOUT_GATES(lstm(o -> o.withoutGates("ifo")), false),
  LSTM_LINEAR(
      lstm(o -> o.withActivations(Activation.SIGMOID, Activation.IDENTITY, Activation.IDENTITY)),
      true),
  LSTM_PROJECTION(
      (i, h) -> new Lstm(i, h, Options.DEFAULT.withProjection((h + 1) / 2).withPeepholes()), true),
  LSTM_GATE_RECURRENCE(lstm(o -> o.withGateRecurrence().withPeepholes()), false),
  LSTM_CLIP_ACTIVATIONS(
      lstm(
          o ->
              o.withClip(1.5f)
                  .withActivations(
                      Activation.of(Function.HARD_SIGMOID),
                      Activation.of(Function.ELU),
                      Activation.of(Function.SOFTSIGN))),
      true),
  LSTM_EVERYTHING(
      (i, h) ->
          new Lstm(
              i,
              h,
              new Options(
                  Activation.SIGMOID,
                  Activation.TANH,
                  Activation.TANH,
                  true,
                  Coupling.FORGET_FROM_INPUT,
                  "",
                  true,
                  2,
                  (h + 2) / 3)),
      false),
  GRU_BEFORE((i, h) -> new Gru(i, h, Reset.BEFORE), true),
  GRU_AFTER((i, h) -> new Gru(i, h, Reset.AFTER), true),
  GRU_CLIP(
      (i, h) ->
          new Gru(i, h, Reset.BEFORE, Activation.of(Function.HARD_SIGMOID), Activation.TANH, 1),
      true),
  GRU_AFTER_ACTIVATIONS(
      (i, h) -> new Gru(i, h, Reset.AFTER, Activation.SIGMOID, Activation.of(Function.ELU), 2),
      true),
  MGU(MinimalGated::new, true),
  MUT1((i, h) -> new Mut(i, h, 1), true),
  MUT2((i, h) -> new Mut(i, h, 2), true),
  MUT3((i, h) -> new Mut(i, h, 3), true),
  LAYER_NORM_LSTM(LayerNormLstm::new, false),
  LAYER_NORM_GRU(LayerNormGru::new, false),
  DEPTH_GATED(DepthGatedLstm::new, true),
  GRID(GridLstm::new, true),
  CLOCKWORK((i, h) -> new Clockwork(i, h, periods(h)), true);

  /**
   * A few that differ most, for what takes long: fused and not, one stage and two, one state and
   * many, several groups, vectors, a clock, a memory of the layer below.
   */
  public static final List<Cells> FEW =
      List.of(LSTM, RNN, LSTM_EVERYTHING, GRU_BEFORE, LAYER_NORM_GRU, GRID, CLOCKWORK);

  private interface Maker {
    Cell of(int inputSize, int hiddenSize);
  }

  @SuppressWarnings("ImmutableEnumChecker") // lambdas that capture nothing that changes
  private final Maker maker;

  private final boolean fades;

  Cells(Maker maker, boolean fades) {
    this.maker = maker;
    this.fades = fades;
  }

  private static Maker lstm(UnaryOperator<Options> options) {
    return (i, h) -> new Lstm(i, h, options.apply(Options.DEFAULT));
  }

  private static List<Integer> periods(int hiddenSize) {
    if (hiddenSize % 3 == 0) {
      return List.of(1, 2, 4);
    }
    return hiddenSize % 2 == 0 ? List.of(1, 3) : List.of(2);
  }

  /**
   * A cell of this kind. Its output may be shorter than H.
   *
   * @param hiddenSize H; the input size where {@link #isSquare}
   */
  public Cell of(int inputSize, int hiddenSize) {
    return maker.of(inputSize, hiddenSize);
  }

  /** A cell of this kind, with H the input size where it must be. */
  public Cell near(int inputSize, int hiddenSize) {
    return of(inputSize, isSquare() ? inputSize : hiddenSize);
  }

  /** A stack of cells of this kind; see {@link #stack(int, List, int...)}. */
  public List<Cell> stack(int inputSize, int... hiddenSizes) {
    List<Cells> kinds = Collections.nCopies(hiddenSizes.length, this);
    return stack(inputSize, kinds, hiddenSizes);
  }

  /**
   * Cells that fit on each other, of the given kinds and hidden sizes as far as they can have them:
   * who reads the memory of the layer below is as long as that, and an LSTM where there is none.
   */
  public static List<Cell> stack(int inputSize, List<Cells> kinds, int... hiddenSizes) {
    List<Cell> cells = new ArrayList<>();
    int below = inputSize;
    int memory = 0;
    for (int l = 0; l < kinds.size(); l++) {
      Cell cell = kinds.get(l).near(below, hiddenSizes[l]);
      if (l > 0 && cell.readsMemoryBelow()) {
        cell = memory == 0 ? LSTM.of(below, hiddenSizes[l]) : kinds.get(l).of(below, memory);
      }
      cells.add(cell);
      Schedule schedule = cell.schedule();
      memory = schedule.memory() < 0 ? 0 : schedule.states().get(schedule.memory());
      below = cell.outputSize();
    }
    return cells;
  }

  /** Whether the input must be as long as H. */
  public boolean isSquare() {
    return this == MUT1 || this == MUT2;
  }

  /**
   * Whether all states come to be zero where inputs and biases are and weights are small: not with
   * a memory that nothing is forgotten of, gates that are states, or states that are normalised.
   */
  public boolean fades() {
    return fades;
  }

  /** Whether rounding errors may grow: a norm divides by what may be nearly nothing. */
  public boolean isNormalised() {
    return this == LAYER_NORM_LSTM || this == LAYER_NORM_GRU;
  }
}
