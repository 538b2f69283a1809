package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Dataset;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input is a sentence, and nothing has changed. */
class TrainerRefusalTest {
  private static final int STEPS = 2;
  private static final int BATCH = 3;
  private static final int ROWS = STEPS * BATCH;
  private static final int I = 4;
  private static final int H = 5;
  private static final int VOCABULARY = 7;

  private static final Architecture TOKENS =
      new Architecture(
          new Input.Embedding(VOCABULARY, I), List.of(Cells.LSTM.of(I, H)), VOCABULARY);
  private static final Architecture VECTORS = Architecture.of(Cells.RNN.of(I, H));

  private final Trainer tokens = trainer(TOKENS, BATCH, Loss.SOFTMAX_CROSS_ENTROPY);
  private final Trainer vectors = trainer(VECTORS, BATCH, Loss.MEAN_SQUARED_ERROR);

  private static Trainer trainer(Architecture architecture, int batch, Loss loss) {
    return Training.trainer(architecture, 1, new Options(batch, STEPS, loss, Adam.of(0.01), 1));
  }

  @BeforeEach
  void begin() {
    for (Trainer trainer : List.of(tokens, vectors)) {
      Feed feed = Feed.random(trainer.architecture(), STEPS, BATCH, 1);
      trainer.update(Training.batch(feed, true, trainer.options().loss(), 1));
    }
  }

  @AfterEach
  void close() {
    tokens.close();
    vectors.close();
  }

  private void refused(String sentence, ThrowingCallable call) {
    Map<String, float[]> tokensBefore = tokens.checkpoint();
    Map<String, float[]> vectorsBefore = vectors.checkpoint();
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
    Training.checkSame(tokens.checkpoint(), tokensBefore);
    Training.checkSame(vectors.checkpoint(), vectorsBefore);
  }

  /** Batches start afresh, so that a check after the states were reset would be found. */
  private void refused(String sentence, Trainer trainer, Batch batch) {
    refused(sentence, () -> trainer.update(batch));
    refused(sentence, () -> trainer.evaluate(batch));
  }

  @Test
  void batchesOfAnotherSize() {
    refused(
        "A batch has at most the 2 steps of the window, but got 3.",
        tokens,
        Batch.ofTokens(3, true, new int[9], new int[9]));
    refused(
        "'tokens' needs 6 values, time-major, but got 5.",
        tokens,
        Batch.ofTokens(STEPS, true, new int[5], new int[ROWS]));
    refused(
        "'labels' needs 6 values, time-major, but got 7.",
        tokens,
        Batch.ofTokens(STEPS, true, new int[ROWS], new int[7]));
    refused(
        "'x' needs 24 values, time-major, but got 12.",
        vectors,
        Batch.ofVectors(STEPS, true, new float[12], new float[ROWS * H]));
    refused(
        "'targets' needs 30 values, time-major, but got 0.",
        vectors,
        Batch.ofVectors(STEPS, true, new float[ROWS * I], new float[0]));
  }

  @Test
  void tokensAndLabelsOutOfRange() {
    refused(
        "The tokens are 0 to 6, but got 7 at index 2.",
        tokens,
        Batch.ofTokens(1, true, new int[] {0, 6, 7}, new int[BATCH]));
    refused(
        "The tokens are 0 to 6, but got -1 at index 0.",
        tokens,
        Batch.ofTokens(1, true, new int[] {-1, 6, 7}, new int[BATCH]));
    refused(
        "The labels are -1 to 6, but got 7 at index 1.",
        tokens,
        Batch.ofTokens(1, true, new int[BATCH], new int[] {-1, 7, 0}));
    refused(
        "The labels are -1 to 6, but got -2 at index 2.",
        tokens,
        Batch.ofTokens(1, true, new int[BATCH], new int[] {-1, 6, -2}));
  }

  @Test
  void theOtherInputOrTheOtherLoss() {
    refused(
        "The network takes vectors, but got the other.",
        vectors,
        new Batch(STEPS, true, new int[ROWS], null, null, new float[ROWS * H]));
    refused(
        "The network takes tokens, but got the other.",
        tokens,
        new Batch(STEPS, true, null, new float[ROWS * I], new int[ROWS], null));
    refused(
        "The loss SOFTMAX_CROSS_ENTROPY goes with labels, but the batch holds targets.",
        tokens,
        new Batch(STEPS, true, new int[ROWS], null, null, new float[ROWS * VOCABULARY]));
    refused(
        "The loss MEAN_SQUARED_ERROR goes with targets, but the batch holds labels.",
        vectors,
        new Batch(STEPS, true, null, new float[ROWS * I], new int[ROWS], null));
  }

  @Test
  void restartsOfAnotherBatch() {
    Batch batch = Batch.ofTokens(1, true, new int[BATCH], new int[BATCH]);
    refused("'restarts' needs 3 values, time-major, but got 1.", tokens, batch.withRestarts(true));
  }

  @Test
  void batchesThatAreNone() {
    refused(
        "A batch has 1 step or more, but got 0.",
        () -> Batch.ofTokens(0, true, new int[0], new int[0]));
    String sentence = "A batch has either tokens or x, and one of labels, targets and sequences.";
    refused(sentence, () -> new Batch(1, true, null, null, new int[1], null));
    refused(sentence, () -> new Batch(1, true, new int[1], new float[1], new int[1], null));
    refused(sentence, () -> new Batch(1, true, new int[1], null, null, null));
    refused(sentence, () -> new Batch(1, true, new int[1], null, new int[1], new float[1]));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void learningRatesThatAreNone(double rate) {
    String sentence = "A learning rate is a number over 0, such as 0.002, but got " + rate + ".";
    refused(sentence, () -> tokens.learningRate(rate));
    refused(sentence, () -> Adam.of(rate));
  }

  @Test
  void optionsOutOfRange() {
    Adam adam = Adam.of(0.01);
    String missing = "Training needs a loss and an optimiser, not null.";
    refused(missing, () -> new Options(1, 1, null, adam, 1));
    refused(missing, () -> new Options(1, 1, Loss.MEAN_SQUARED_ERROR, null, 1));
    refused(
        "Training needs a batch and a window of 1 or more, but got 0 and 1.",
        () -> new Options(0, 1, Loss.MEAN_SQUARED_ERROR, adam, 1));
    refused(
        "Training needs a batch and a window of 1 or more, but got 1 and -3.",
        () -> new Options(1, -3, Loss.MEAN_SQUARED_ERROR, adam, 1));
    for (double norm : new double[] {0, -1, Double.NaN}) {
      refused(
          "The gradient is clipped to a norm over 0, such as 1, but got " + norm + ".",
          () -> new Options(1, 1, Loss.MEAN_SQUARED_ERROR, adam, norm));
    }
    for (double[] bad :
        new double[][] {
          {1, 0.9, 1e-8}, {-0.1, 0.9, 1e-8}, {0.9, 1, 1e-8}, {0.9, 0.9, 0}, {Double.NaN, 0, 1}
        }) {
      refused(
          "Adam needs betas of 0 or more and under 1 and an epsilon over 0, but got "
              + bad[0]
              + ", "
              + bad[1]
              + " and "
              + bad[2]
              + ".",
          () -> new Adam(0.01, bad[0], bad[1], bad[2]));
    }
  }

  @Test
  void dataWithoutALabel() {
    int[] none = new int[ROWS];
    Arrays.fill(none, -1);
    Batch batch = Batch.ofTokens(STEPS, true, new int[ROWS], none);
    assertThat(tokens.evaluate(batch)).isZero();
    for (int size : new int[] {0, 2}) {
      refused(
          "The data has no label or target to take the mean loss over.",
          () -> tokens.evaluate(repeated(batch, size)));
    }
  }

  private static Dataset repeated(Batch batch, int size) {
    return new Dataset() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public Batch batch(int index) {
        return batch;
      }
    };
  }

  @Test
  void checkpointsThatDoNotFit() {
    String elsewhere = "; it belongs to another network or batch.";
    for (String name :
        List.of("updates", "weights/head.bias", "adam.m/head.weight", "adam.v/lstm.bias_l0")) {
      Map<String, float[]> checkpoint = tokens.checkpoint();
      float[] right = checkpoint.remove(name);
      String needs = "The checkpoint needs '" + name + "' with " + right.length + " floats, but ";
      refused(needs + "has none" + elsewhere, () -> tokens.restore(checkpoint));
      checkpoint.put(name, new float[right.length + 1]);
      refused(needs + "it has " + (right.length + 1) + elsewhere, () -> tokens.restore(checkpoint));
    }
    try (Trainer smaller = trainer(TOKENS, BATCH - 1, Loss.SOFTMAX_CROSS_ENTROPY)) {
      Map<String, float[]> checkpoint = smaller.checkpoint();
      checkpoint.replaceAll((_, values) -> values.clone());
      refused(
          "The checkpoint needs 'state/2' with 10 floats, but has none" + elsewhere,
          () -> tokens.restore(checkpoint));
    }
    refused(
        "The checkpoint needs 'weights/rnn.weight_ih_l0' with 20 floats, but has none" + elsewhere,
        () -> vectors.restore(tokens.checkpoint()));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void checkpointsThatHoldNoNumbers(float bad) {
    for (String name : List.of("updates", "weights/head.bias", "adam.v/head.bias", "state/1")) {
      Map<String, float[]> checkpoint = tokens.checkpoint();
      checkpoint.get(name)[1] = bad;
      Map<String, float[]> before = tokens.checkpoint();
      assertThatThrownBy(() -> tokens.restore(checkpoint))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'" + name + "'");
      Training.checkSame(tokens.checkpoint(), before);
    }
  }
}
