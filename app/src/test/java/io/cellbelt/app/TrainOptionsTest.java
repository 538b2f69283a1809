package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import io.cellbelt.bptt.AdaGrad;
import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.AdamW;
import io.cellbelt.bptt.Clipping;
import io.cellbelt.bptt.LearningRate;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.RmsProp;
import io.cellbelt.bptt.Sgd;
import io.cellbelt.bptt.Trainer;
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
    return new TrainOptions(
        cell,
        hidden,
        2,
        embedding,
        4,
        8,
        0,
        0,
        3,
        OptimiserKind.ADAM,
        0.01,
        0,
        0,
        ScheduleKind.WARM_COSINE,
        5,
        0,
        1);
  }

  private static TrainOptions options(
      OptimiserKind optimiser, double momentum, double decay, ScheduleKind schedule, int patience) {
    return new TrainOptions(
        CellKind.LSTM,
        6,
        1,
        0,
        4,
        8,
        0,
        0,
        3,
        optimiser,
        0.01,
        momentum,
        decay,
        schedule,
        5,
        patience,
        1);
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
  void describeTheTraining() {
    assertThat(options(CellKind.LSTM, 6, 0).trainer(100))
        .isEqualTo(
            new Trainer.Options(
                4,
                8,
                Loss.SOFTMAX_CROSS_ENTROPY,
                Adam.of(0.01),
                new Clipping.GlobalNorm(5),
                new LearningRate.WarmCosine(300, 0.01, 0.05)));
    assertThat(TrainOptions.defaults(1000).trainer(2).optimiser()).isEqualTo(Adam.of(0.006));
  }

  @Test
  void takeEveryOptimiser() {
    assertThat(OptimiserKind.values())
        .extracting(
            kind ->
                TrainOptions.defaults(1000)
                    .with(kind)
                    .trainer(1)
                    .optimiser()
                    .getClass()
                    .getSimpleName())
        .containsExactly("Sgd", "Sgd", "RmsProp", "Adam", "AdamW", "AdaGrad");
    // The settings that are not options are the library's.
    assertThat(OptimiserKind.ADAMW.optimiser(0.01, 0, 0.01)).isEqualTo(AdamW.of(0.01));
    assertThat(OptimiserKind.RMSPROP.optimiser(0.01, 0, 0)).isEqualTo(RmsProp.of(0.01));
    assertThat(OptimiserKind.ADAGRAD.optimiser(0.01, 0, 0)).isEqualTo(AdaGrad.of(0.01));
    assertThat(OptimiserKind.NESTEROV.optimiser(0.01, 0.8, 0.1))
        .isEqualTo(new Sgd(0.01, 0.8, true, 0.1));
  }

  @Test
  void takeEverySchedule() {
    for (ScheduleKind kind : ScheduleKind.values()) {
      for (long updates : new long[] {1, 2, 1000}) {
        LearningRate schedule = kind.learningRate(0.01, updates);
        for (long n = 0; n < updates; n++) {
          assertThat(schedule.at(0.01, n)).as("%s %s", kind, n).isBetween(0.0, 0.01);
        }
      }
    }
    LearningRate step = ScheduleKind.STEP.learningRate(0.01, 1000);
    assertThat(step.at(0.01, 333)).isEqualTo(0.01);
    assertThat(step.at(0.01, 334)).isCloseTo(0.001, within(1e-15));
    assertThat(step.at(0.01, 999)).isCloseTo(0.0001, within(1e-15));
  }

  /** Another optimiser means another rate, momentum and decay. */
  @Test
  void anotherOptimiserBringsItsOwnDefaults() {
    TrainOptions adam = options(OptimiserKind.ADAM, 0, 0.1, ScheduleKind.STEP, 7);
    assertThat(adam.with(OptimiserKind.ADAM)).isSameAs(adam);
    TrainOptions nesterov = adam.with(OptimiserKind.NESTEROV);
    assertThat(nesterov.momentum()).isEqualTo(0.9);
    assertThat(nesterov.weightDecay()).isZero();
    assertThat(nesterov.with(OptimiserKind.ADAMW).weightDecay()).isEqualTo(0.01);
    assertThat(nesterov.differences(nesterov.with(OptimiserKind.SGD)))
        .containsExactly(
            "--optimiser (nesterov, not sgd)", "--lr (0.3, not 1.0)", "--momentum (0.9, not 0.0)");
  }

  /** As they were before there was a choice of optimiser and schedule. */
  @Test
  void olderCheckpointsGoOnAsTheyBegan() {
    String json =
        "{cell: 'LSTM', hidden: 6, layers: 2, embedding: 0, batch: 4, window: 8, epochs: 3,"
            + " lr: 0.01, clip: 5, seed: 1}";
    assertThat(new Gson().fromJson(json, TrainOptions.class))
        .isEqualTo(options(CellKind.LSTM, 6, 0));
  }

  private static void refused(
      String sentence,
      OptimiserKind optimiser,
      double momentum,
      double decay,
      ScheduleKind schedule,
      int patience) {
    assertThatThrownBy(() -> options(optimiser, momentum, decay, schedule, patience))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }

  @Test
  void refuseWhatDoesNotGoTogether() {
    ScheduleKind constant = ScheduleKind.CONSTANT;
    refused(
        "--momentum goes with --optimiser sgd, nesterov or rmsprop, but that is adagrad; leave it"
            + " out.",
        OptimiserKind.ADAGRAD,
        0.5,
        0,
        constant,
        0);
    refused(
        "--momentum must be over 0 with --optimiser nesterov, but is 0; take sgd for none.",
        OptimiserKind.NESTEROV,
        0,
        0,
        constant,
        0);
    refused(
        "--momentum must be 0 or more and under 1, such as 0.9, but is 1.0.",
        OptimiserKind.SGD,
        1,
        0,
        constant,
        0);
    refused(
        "--weight-decay must be a number of 0 or more, such as 0.01, but is NaN.",
        OptimiserKind.SGD,
        0,
        Double.NaN,
        constant,
        0);
    refused("--patience must be 0 to 1000000, but is -1.", OptimiserKind.SGD, 0, 0, constant, -1);
    refused(
        "--schedule plateau lowers the rate after 2 validations in a row that were not better, so"
            + " --patience must be more than that, or 0 for never, but is 2.",
        OptimiserKind.SGD,
        0,
        0,
        ScheduleKind.PLATEAU,
        2);
  }

  @Test
  void differencesNameTheOptions() {
    assertThat(options(CellKind.LSTM, 6, 0).differences(options(CellKind.RNN, 7, 0)))
        .containsExactly("--cell (lstm, not rnn)", "--hidden (6, not 7)");
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
