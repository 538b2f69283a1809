package io.cellbelt.propertytests.bptt;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Clipping;
import io.cellbelt.bptt.LearningRate;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.propertytests.support.Allocations;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import java.util.List;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All memory of training is allocated when the trainer is made. */
@DisabledIfSystemProperty(
    named = "cellbelt.checkedSegments",
    matches = "true",
    disabledReason = "checked segments allocate a slice per access")
class TrainerAllocationTest {
  private static void checkNone(Architecture architecture, Loss loss) {
    checkNone(architecture, new Options(2, 3, loss, Adam.of(1e-3), 1));
  }

  private static void checkNone(Architecture architecture, Options options) {
    Loss loss = options.loss();
    Batch batch = Training.batch(Feed.random(architecture, 3, 2, 1), false, loss, 1);
    try (Trainer trainer = Training.trainer(architecture, 1, options)) {
      Allocations.checkNone("an update of " + architecture, () -> trainer.update(batch));
      Allocations.checkNone("an evaluation of " + architecture, () -> trainer.evaluate(batch));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LSTM", "RNN", "LSTM_EVERYTHING", "GRU_BEFORE", "GRID", "CLOCKWORK"})
  void noUpdateAllocates(Cells kind) {
    checkNone(
        new Architecture(new Input.OneHot(9), kind.stack(9, 17), 9), Loss.SOFTMAX_CROSS_ENTROPY);
    checkNone(
        new Architecture(new Input.Embedding(9, 5), kind.stack(5, 7), 9),
        Loss.SOFTMAX_CROSS_ENTROPY);
    checkNone(
        new Architecture(new Input.Dense(6), kind.stack(6, 11, 4), 0), Loss.MEAN_SQUARED_ERROR);
  }

  @ParameterizedTest
  @EnumSource
  void noOptimiserAllocates(Optimisers kind) {
    Architecture small = new Architecture(new Input.Dense(3), List.of(Cells.LSTM.of(3, 5)), 7);
    Loss[] losses = {
      Loss.SIGMOID_CROSS_ENTROPY,
      Loss.MEAN_ABSOLUTE_ERROR,
      new Loss.Huber(1),
      new Loss.MixtureDensity(1),
      new Loss.Ctc(0)
    };
    Clipping[] clippings = {
      new Clipping.Value(1), new Clipping.TensorNorm(0.01), new Clipping.GlobalNorm(1)
    };
    LearningRate[] rates = {
      new LearningRate.Plateau(1, 0.5),
      new LearningRate.Step(100, 0.9),
      new LearningRate.OneCycle(10_000, 0.01),
      new LearningRate.Cosine(10_000, 0.001)
    };
    int n = List.of(Optimisers.values()).indexOf(kind);
    checkNone(
        small,
        new Options(
            2,
            3,
            losses[n % losses.length],
            kind.get(),
            clippings[n % clippings.length],
            rates[n % rates.length]));
  }
}
