package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.DepthGatedLstm;
import io.cellbelt.cells.GridLstm;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Rnn;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TrainOptionsTest {
  private static TrainOptions options(CellKind cell, int hidden, int embedding) {
    return new TrainOptions(cell, hidden, 2, embedding, 4, 8, 3, 0.01, 5, 1);
  }

  @Test
  void describeTheNetwork() {
    assertThat(options(CellKind.LSTM, 6, 0).architecture(9))
        .isEqualTo(
            new Architecture(new Input.OneHot(9), List.of(new Lstm(9, 6), new Lstm(6, 6)), 9));
    assertThat(options(CellKind.RNN, 6, 2).architecture(9))
        .isEqualTo(
            new Architecture(new Input.Embedding(9, 2), List.of(new Rnn(2, 6), new Rnn(6, 6)), 9));
  }

  @Test
  void takeEveryCell() {
    for (CellKind kind : CellKind.values()) {
      assertThat(options(kind, 8, 8).architecture(9).layers()).hasSize(2);
    }
    assertThat(options(CellKind.DEPTH_GATED_LSTM, 8, 4).architecture(9).layers())
        .containsExactly(
            Layer.of(new Lstm(4, 8, Lstm.Options.DEFAULT.withPeepholes())),
            Layer.of(new DepthGatedLstm(8, 8)));
    assertThat(options(CellKind.GRID_LSTM_TIED, 8, 8).architecture(9).layers())
        .containsExactly(
            Layer.of(new GridLstm(8, 8)), Layer.of(new GridLstm(8, 8)).withTiedWeights());
    assertThat(options(CellKind.LSTM_PROJECTION, 8, 2).architecture(9).layers().getLast().cell())
        .isEqualTo(new Lstm(4, 8, Lstm.Options.DEFAULT.withProjection(4)));
    assertThatThrownBy(() -> options(CellKind.MUT1, 8, 4))
        .hasMessageContaining("--embedding must be the same as --hidden, but they are 4 and 8.");
  }

  @Test
  void theLearningRateRisesAndFalls() {
    TrainOptions options = options(CellKind.LSTM, 6, 0);
    assertThat(options.learningRate(0)).isPositive().isLessThan(0.002);
    assertThat(options.learningRate(0.01)).isCloseTo(0.01, within(1e-4));
    assertThat(options.learningRate(0.5)).isCloseTo(0.00525, within(1e-9));
    assertThat(options.learningRate(1)).isCloseTo(0.0005, within(1e-9));
  }

  @Test
  void differencesNameTheOptions() {
    assertThat(options(CellKind.LSTM, 6, 0).differences(options(CellKind.RNN, 7, 0)))
        .containsExactly("--cell (LSTM, not RNN)", "--hidden (6, not 7)");
    assertThat(options(CellKind.LSTM, 6, 0).differences(options(CellKind.LSTM, 6, 0))).isEmpty();
  }

  @Test
  void longTextsGetFewerEpochs() {
    assertThat(TrainOptions.defaults(100_000_000).epochs()).isEqualTo(1);
    assertThat(TrainOptions.defaults(1_000).epochs()).isEqualTo(100);
  }

  @Test
  void refuseSizesOutOfRange() {
    assertThatThrownBy(() -> options(CellKind.LSTM, 0, 0))
        .hasMessage("--hidden must be 1 to 16384, but is 0.");
    assertThatThrownBy(() -> options(null, 1, 0)).hasMessageContaining("kind of cell");
  }
}
