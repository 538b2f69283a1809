package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Bptt;
import io.cellbelt.bptt.Dataset;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Tolerance;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** Losses of ragged, masked and weighted batches, and their gradients, against definitions. */
@Tag("any-width")
class BatchLossProperties {
  private static final int BATCH = 3;
  private static final int STEPS = 4;

  @Provide
  Arbitrary<Loss> losses() {
    return Arbitraries.of(
        Loss.SOFTMAX_CROSS_ENTROPY,
        Loss.SIGMOID_CROSS_ENTROPY,
        Loss.MEAN_SQUARED_ERROR,
        Loss.MEAN_ABSOLUTE_ERROR,
        new Loss.Huber(0.3),
        new Loss.Ctc(0),
        new Loss.Ctc(2),
        new Loss.MixtureDensity(1),
        new Loss.MixtureDensity(3));
  }

  private static Architecture architecture(Loss loss, boolean head) {
    int outputs = loss instanceof Loss.MixtureDensity mixture ? mixture.outputs() : 3;
    return new Architecture(
        new Input.Dense(3),
        List.of(Cells.GRU_AFTER.of(3, 5), Cells.LSTM.of(5, head ? 6 : outputs)),
        head ? outputs : 0);
  }

  /** Whatever the loss takes, with numbers that must not count. */
  private static Batch batch(
      Feed feed, Loss loss, boolean ragged, boolean weighted, SplittableRandom random) {
    int rows = STEPS * BATCH;
    int outputs = feed.architecture().outputSize();
    int[] lengths = ragged ? random.ints(BATCH, 0, STEPS + 1).toArray() : null;
    float[] weights = weighted ? new float[loss instanceof Loss.Ctc ? BATCH : rows] : null;
    for (int i = 0; weighted && i < weights.length; i++) {
      weights[i] = random.nextInt(3) == 0 ? 0 : (float) random.nextDouble(0.1, 3);
    }
    int[] labels = null;
    float[] targets = null;
    int[][] sequences = null;
    float[] x = feed.x().clone();
    if (loss.equals(Loss.SOFTMAX_CROSS_ENTROPY)) {
      labels = random.ints(rows, -1, outputs).toArray();
    } else if (loss instanceof Loss.Ctc(int blank)) {
      sequences = new int[BATCH][];
      for (int b = 0; b < BATCH; b++) {
        int length = ragged ? lengths[b] : STEPS;
        int[] some = random.ints((length + 1) / 2, 0, outputs).toArray();
        sequences[b] =
            random.nextInt(4) == 0 ? null : Arrays.stream(some).filter(k -> k != blank).toArray();
      }
    } else {
      int width = loss instanceof Loss.MixtureDensity ? 3 : outputs;
      targets = new float[rows * width];
      for (int i = 0; i < targets.length; i++) {
        targets[i] = (float) random.nextDouble(0, 1);
        boolean masked = weighted && weights[i / width] == 0;
        boolean behind = ragged && i / width / BATCH >= lengths[i / width % BATCH];
        targets[i] = masked || behind ? Float.NaN : targets[i];
      }
    }
    for (int row = 0; ragged && row < rows; row++) {
      if (row / BATCH >= lengths[row % BATCH]) {
        Arrays.fill(x, 3 * row, 3 * row + 3, Float.NaN);
      }
    }
    return new Batch(STEPS, true, null, x, labels, targets, sequences, lengths, weights);
  }

  @Property(tries = 150)
  void lossesAndGradientsAreThoseOfTheDefinitions(
      @ForAll("losses") Loss loss,
      @ForAll boolean head,
      @ForAll boolean ragged,
      @ForAll boolean weighted,
      @ForAll long seed) {
    Architecture net = architecture(loss, head);
    SplittableRandom random = new SplittableRandom(seed);
    Batch batch = batch(Feed.random(net, STEPS, BATCH, seed), loss, ragged, weighted, random);
    Options options = new Options(BATCH, STEPS, loss, Training.STILL, Double.POSITIVE_INFINITY);
    Weights weights = Training.weights(net, seed);
    try (Trainer trainer = Training.trainer(net, seed, options);
        Bptt bptt = new Bptt(weights, STEPS, BATCH)) {
      float[] y = new float[STEPS * BATCH * net.outputSize()];
      float[] x = batch.x().clone();
      for (int i = 0; i < x.length; i++) {
        x[i] = Float.isNaN(x[i]) ? 0 : x[i];
      }
      bptt.forward(x, STEPS, batch.lengths(), y);
      double[] wide = Floats.toDouble(y);
      double expected = ReferenceLosses.mean(batch, loss, BATCH, wide);
      double evaluated = trainer.evaluate(batch);
      assertThat(trainer.update(batch)).isEqualTo(evaluated);
      Tolerance.forward(STEPS * BATCH * 16, 1).check((float) evaluated, expected, "loss");

      double[] dy =
          ReferenceLosses.gradient(wide, v -> ReferenceLosses.mean(batch, loss, BATCH, v));
      double largest = Arrays.stream(dy).map(Math::abs).reduce(1, Math::max);
      float[] narrow = new float[dy.length];
      for (int i = 0; i < dy.length; i++) {
        narrow[i] = (float) dy[i];
      }
      bptt.backward(narrow);
      Map<String, float[]> got = Training.gradients(trainer);
      bptt.gradients()
          .forEach(
              (name, values) -> {
                for (int i = 0; i < values.length; i++) {
                  assertThat((double) Math.abs(got.get(name)[i] - values[i]))
                      .as("%s at %s", name, i)
                      .isLessThanOrEqualTo(5e-5 * Math.max(largest, Math.abs(values[i])));
                }
              });
    }
  }

  /** Means over data weigh each batch by what it is the mean of. */
  @Property(tries = 20)
  void theMeanOverDataIsThatOverAllItsTerms(@ForAll("losses") Loss loss, @ForAll long seed) {
    Architecture net = architecture(loss, true);
    SplittableRandom random = new SplittableRandom(seed);
    Feed feed = Feed.random(net, STEPS, BATCH, seed);
    Batch one = batch(feed, loss, true, false, random);
    Batch first = one.withWeights(weights(loss, 1));
    Batch second = one.withWeights(weights(loss, 3));
    Options options = new Options(BATCH, STEPS, loss, Training.STILL, 1);
    try (Trainer trainer = Training.trainer(net, seed, options)) {
      double mean = trainer.evaluate(first);
      if (mean != 0) {
        assertThat(trainer.evaluate(data(first, second)))
            .isCloseTo(mean, within(1e-9 * Math.abs(mean) + 1e-12));
      }
    }
  }

  private static float[] weights(Loss loss, float weight) {
    float[] weights = new float[loss instanceof Loss.Ctc ? BATCH : STEPS * BATCH];
    Arrays.fill(weights, weight);
    return weights;
  }

  private static Dataset data(Batch... batches) {
    return new Dataset() {
      @Override
      public int size() {
        return batches.length;
      }

      @Override
      public Batch batch(int index) {
        return batches[index];
      }
    };
  }

  private static void refused(String sentence, Runnable call) {
    assertThatIllegalArgumentException().isThrownBy(call::run).withMessage(sentence);
  }

  private static Trainer trainer(Loss loss) {
    Options options = new Options(BATCH, STEPS, loss, Training.STILL, 1);
    return Training.trainer(architecture(loss, true), 1, options);
  }

  @Example
  void batchesThatDoNotFit() {
    float[] x = new float[STEPS * BATCH * 3];
    try (Trainer ctc = trainer(new Loss.Ctc(0));
        Trainer huber = trainer(new Loss.Huber(1))) {
      int[][] sequences = {{1, 1, 2}, {}, null};
      Batch batch = Batch.ofSequences(STEPS, x, sequences);
      assertThat(ctc.update(batch)).isPositive();
      refused(
          "Sequence 0 has 3 labels, which need 4 steps with the blanks between equal ones, but it"
              + " has 3.",
          () -> ctc.update(batch.withLengths(3, 3, 3)));
      refused(
          "The lengths are 0 to 4, but got 5 at index 1.",
          () -> ctc.update(batch.withLengths(4, 5, 4)));
      refused(
          "The weights are numbers of 0 or more, but got -1.0 at index 2.",
          () -> ctc.update(batch.withWeights(1, 1, -1)));
      refused(
          "'weights' needs 3 values, time-major, but got 2.",
          () -> ctc.update(batch.withWeights(1, 1)));
      refused(
          "The labels of a sequence are 0 to 2 without the blank 0, but sequence 1 has 0.",
          () -> ctc.update(Batch.ofSequences(STEPS, x, new int[][] {{1}, {0}, {2}})));
      refused(
          "'sequences' needs 3 values, time-major, but got 1.",
          () -> ctc.update(Batch.ofSequences(STEPS, x, new int[][] {{1}})));
      refused(
          "The loss Huber[delta=1.0] goes with targets, but the batch holds sequences.",
          () -> huber.update(batch));
      refused(
          "The loss Ctc[blank=0] goes with sequences, but the batch holds targets.",
          () -> ctc.update(Batch.ofVectors(STEPS, true, x, x)));
    }
    refused("Huber's delta is a number over 0, but got 0.0.", () -> new Loss.Huber(0));
    refused("The blank is an output, 0 or more, but got -1.", () -> new Loss.Ctc(-1));
    refused("A mixture has 1 component or more, but got 0.", () -> new Loss.MixtureDensity(0));
    refused(
        "CTC with the blank 3 needs more than 3 outputs at each step, but the network has 3.",
        () -> trainer(new Loss.Ctc(3)).close());
    Architecture small = architecture(new Loss.Huber(1), true);
    Options options = new Options(1, 1, new Loss.MixtureDensity(2), Training.STILL, 1);
    refused(
        "A mixture of 2 components needs 13 outputs, but the network has 3.",
        () -> Training.trainer(small, 1, options).close());
  }
}
