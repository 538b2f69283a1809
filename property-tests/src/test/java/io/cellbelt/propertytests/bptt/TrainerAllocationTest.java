package io.cellbelt.propertytests.bptt;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.propertytests.support.Allocations;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
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
    Options options = new Options(2, 3, loss, Adam.of(1e-3), 1);
    Batch batch = Training.batch(Feed.random(architecture, 3, 2, 1), false, loss, 1);
    try (Trainer trainer = Training.trainer(architecture, 1, options)) {
      Allocations.checkNone("an update of " + architecture, () -> trainer.update(batch));
      Allocations.checkNone("an evaluation of " + architecture, () -> trainer.evaluate(batch));
    }
  }

  @ParameterizedTest
  @EnumSource
  void noUpdateAllocates(Cells kind) {
    checkNone(
        new Architecture(new Input.OneHot(9), kind.stack(9, 17), 9), Loss.SOFTMAX_CROSS_ENTROPY);
    checkNone(
        new Architecture(new Input.Embedding(9, 5), kind.stack(5, 7), 9),
        Loss.SOFTMAX_CROSS_ENTROPY);
    checkNone(
        new Architecture(new Input.Dense(6), kind.stack(6, 11, 4), 0), Loss.MEAN_SQUARED_ERROR);
  }
}
