package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Readout;
import io.cellbelt.propertytests.support.Floats;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That the masks of dropout and zoneout are drawn in training, and drawn again after a break. */
class TrainerNoiseTest {
  private static final Trainer.Options OPTIONS =
      new Trainer.Options(3, 5, Loss.MEAN_SQUARED_ERROR, Adam.of(0.01), 1);
  private static final Layer PLAIN = Layer.of(new Lstm(4, 8));
  private static final Layer NOISY =
      PLAIN.withDropout(0.3f).withRecurrentDropout(0.3f).withZoneout(0.2f);

  private static Architecture with(Layer layer) {
    return new Architecture(new Input.Dense(4), List.of(layer), Readout.linear(2));
  }

  private static Batch batch(long seed) {
    return Batch.ofVectors(5, true, Floats.random(60, seed), Floats.random(30, seed + 1));
  }

  @Test
  void masksCountInUpdatesAndNotInEvaluation() {
    try (Trainer noisy = Training.trainer(with(NOISY.withZoneout(0)), 1, OPTIONS);
        Trainer plain = Training.trainer(with(PLAIN), 1, OPTIONS)) {
      assertThat(noisy.evaluate(batch(1))).isEqualTo(plain.evaluate(batch(1)));
      assertThat(noisy.update(batch(1))).isNotEqualTo(plain.update(batch(1)));
    }
  }

  @Test
  void whatIsResumedDrawsTheSame() {
    Architecture architecture = with(NOISY);
    try (Trainer through = Training.trainer(architecture, 1, OPTIONS);
        Trainer resumed = Training.trainer(architecture, 2, OPTIONS)) {
      through.update(batch(1));
      Map<String, float[]> checkpoint = through.checkpoint();
      double second = through.update(batch(2));
      assertThat(through.update(batch(2))).isNotEqualTo(second);
      resumed.restore(checkpoint);
      assertThat(resumed.update(batch(2))).isEqualTo(second);
    }
  }
}
