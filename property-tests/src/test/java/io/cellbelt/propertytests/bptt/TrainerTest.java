package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.TokenWindows;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Training learns, and survives bad data. */
class TrainerTest {
  private static Trainer trainer(Architecture architecture, Options options) {
    return new Trainer(Weights.random(architecture, 1), options);
  }

  /** What follows a zero depends on the token before it, so the network must remember. */
  @ParameterizedTest
  @EnumSource
  void learnsASequenceOfTokensByHeart(Cells kind) {
    Architecture architecture = new Architecture(new Input.OneHot(5), kind.stack(5, 16), 5);
    int[] tokens = new int[49];
    int[] round = {1, 0, 2, 0, 3, 0, 4, 0};
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = round[i % round.length];
    }
    TokenWindows windows = new TokenWindows(tokens, 2, 12);
    Options options = new Options(2, 12, Loss.SOFTMAX_CROSS_ENTROPY, Adam.of(0.03), 1);
    // With clipped activations or without any gate it takes longer.
    boolean slow = kind == Cells.RNN_SOFTSIGN_CLIP || kind == Cells.LSTM_WITHOUT_GATES;
    int epochs = slow ? 200 : 100;
    try (Trainer trainer = trainer(architecture, options)) {
      assertThat(trainer.evaluate(windows)).isGreaterThan(1);
      for (int epoch = 0; epoch < epochs; epoch++) {
        for (int i = 0; i < windows.size(); i++) {
          trainer.update(windows.batch(i));
        }
      }
      // The first token of a fresh sequence cannot be known: one of 24 steps, in two lanes.
      assertThat(trainer.evaluate(windows)).isLessThan(0.02);
    }
  }

  /** Without a head, the output is h. */
  @ParameterizedTest
  @EnumSource(names = {"LSTM", "RNN", "LSTM_PEEPHOLES", "LSTM_FORGET_FROM_INPUT"})
  void learnsVectorsByHeartWithoutAHead(Cells kind) {
    Architecture architecture =
        new Architecture(new Input.Dense(3), List.of(kind.of(3, 12), kind.of(12, 2)), 0);
    Feed feed = Feed.random(architecture, 6, 2, 1);
    float[] targets = new float[feed.newOutput().length];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = 0.3f * feed.x()[i];
    }
    Batch batch = Training.targeted(feed, true, targets);
    Options options = new Options(2, 6, Loss.MEAN_SQUARED_ERROR, Adam.of(0.02), 1);
    try (Trainer trainer = trainer(architecture, options)) {
      double before = trainer.evaluate(batch);
      for (int i = 0; i < 400; i++) {
        trainer.update(batch);
      }
      assertThat(trainer.evaluate(batch)).isLessThan(1e-4).isLessThan(before / 100);
    }
  }

  @ParameterizedTest
  @EnumSource
  void badNumbersChangeNothingAndTrainingGoesOn(Cells kind) {
    Architecture architecture = new Architecture(new Input.Dense(3), kind.stack(3, 5, 7), 0);
    Options options = new Options(2, 4, Loss.MEAN_SQUARED_ERROR, Adam.of(0.01), 1);
    Batch good = Training.batch(Feed.random(architecture, 4, 2, 1), false, options.loss(), 1);
    try (Trainer trainer = trainer(architecture, options);
        Trainer undisturbed = trainer(architecture, options)) {
      trainer.update(good);
      undisturbed.update(good);
      Map<String, float[]> before = trainer.checkpoint();
      for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        float[] targets = good.targets().clone();
        targets[targets.length - 1] = bad;
        Batch badTargets = Batch.ofVectors(4, false, good.x(), targets);
        refused(trainer, badTargets, "the targets at step 3 of sequence 1, which is " + bad);
        float[] x = good.x().clone();
        x[5] = bad;
        Batch badInput = Batch.ofVectors(4, false, x, good.targets());
        refused(trainer, badInput, "x at step 0 of sequence 1, which is " + bad);
      }
      Training.checkSame(trainer.checkpoint(), before);
      for (int i = 0; i < 3; i++) {
        assertThat(trainer.update(good)).isEqualTo(undisturbed.update(good));
      }
      Training.checkSame(trainer.checkpoint(), undisturbed.checkpoint());
    }
  }

  /** Weights that multiply for ever. */
  @Test
  void namesTheLayerWhoseOutputGrewTooLarge() {
    Architecture architecture =
        new Architecture(
            new Input.Dense(1), List.of(new Rnn(1, 1), new Rnn(1, 2, Activation.RELU)), 0);
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : architecture.parameters()) {
      float[] large = new float[parameter.size()];
      Arrays.fill(large, 1e15f);
      values.put(parameter.name(), large);
    }
    Options options = new Options(1, 4, Loss.MEAN_SQUARED_ERROR, Adam.of(0.01), 1);
    Weights weights = Weights.of(architecture, values);
    try (Trainer trainer = new Trainer(weights, options)) {
      float[] x = {1, 1, 1, 1};
      assertThatThrownBy(() -> trainer.update(Batch.ofVectors(4, true, x, Arrays.copyOf(x, 8))))
          .hasMessageContaining(
              "The loss at update 1 is Infinity, from the output of layer 1 at step 2 of sequence"
                  + " 0, which is Infinity; the weights are as before it");
    }
  }

  private static void refused(Trainer trainer, Batch batch, String origin) {
    assertThatThrownBy(() -> trainer.update(batch))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("at update 2 is ")
        .hasMessageContaining(", from " + origin + ";")
        .hasMessageContaining("the weights are as before it")
        .hasMessageContaining("look for NaN or huge values in the data");
  }
}
