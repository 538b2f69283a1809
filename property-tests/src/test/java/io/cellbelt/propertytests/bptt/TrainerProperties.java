package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Bptt;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** What updates do, whatever the network and the loss. */
@Tag("any-width")
class TrainerProperties {
  private static final int BATCH = 3;
  private static final int WINDOW = 5;

  private static Options options(Loss loss) {
    return new Options(BATCH, WINDOW, loss, Adam.of(0.01), 0.5);
  }

  private static Options still(int batch, Loss loss, double clipNorm) {
    return new Options(batch, WINDOW, loss, Training.STILL, clipNorm);
  }

  /** Batches of several lengths, of which the first starts afresh. */
  private static Batch nth(int n, Architecture architecture, Loss loss) {
    Feed feed = Feed.random(architecture, 1 + n % WINDOW, BATCH, n);
    return Training.batch(feed, n == 0, loss, n);
  }

  @Property(tries = 12)
  void theSameBatchesGiveTheSameWeights(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll Loss.Simple loss,
      @ForAll long seed) {
    try (Trainer one = Training.trainer(architecture, seed, options(loss));
        Trainer other = Training.trainer(architecture, seed, options(loss))) {
      for (int n = 0; n < 6; n++) {
        assertThat(one.update(nth(n, architecture, loss)))
            .isEqualTo(other.update(nth(n, architecture, loss)));
      }
      Training.checkSame(one.checkpoint(), other.checkpoint());
      assertThat(one.updates()).isEqualTo(6);
      Weights snapshot = one.snapshot();
      snapshot
          .values()
          .forEach(
              (name, values) ->
                  assertThat(values).isEqualTo(other.checkpoint().get("weights/" + name)));
    }
  }

  @Property(tries = 12)
  void aRestoredTrainerGoesOnBitForBit(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll Loss.Simple loss,
      @ForAll long seed) {
    try (Trainer original = Training.trainer(architecture, seed, options(loss));
        Trainer resumed = Training.trainer(architecture, seed + 1, options(loss))) {
      for (int n = 0; n < 3; n++) {
        original.update(nth(n, architecture, loss));
      }
      resumed.update(nth(7, architecture, loss));
      resumed.restore(original.checkpoint());
      Training.checkSame(resumed.checkpoint(), original.checkpoint());
      for (int n = 3; n < 6; n++) {
        assertThat(resumed.update(nth(n, architecture, loss)))
            .isEqualTo(original.update(nth(n, architecture, loss)));
      }
      Training.checkSame(resumed.checkpoint(), original.checkpoint());
    }
  }

  @Property(tries = 12)
  void evaluationChangesNothing(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll Loss.Simple loss,
      @ForAll long seed) {
    try (Trainer watched = Training.trainer(architecture, seed, options(loss));
        Trainer alone = Training.trainer(architecture, seed, options(loss))) {
      for (int n = 0; n < 4; n++) {
        double before = watched.evaluate(nth(0, architecture, loss));
        watched.evaluate(nth(8 + n, architecture, loss));
        assertThat(watched.evaluate(nth(0, architecture, loss))).isEqualTo(before);
        assertThat(watched.update(nth(n, architecture, loss)))
            .isEqualTo(alone.update(nth(n, architecture, loss)));
      }
      Training.checkSame(watched.checkpoint(), alone.checkpoint());
    }
  }

  /** Truncated: the second window starts from the first one's states, but ends at its own start. */
  @Property(tries = 15)
  void theSecondWindowHasTheGradientFromTheCarriedState(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 1, max = WINDOW) int steps,
      @ForAll long seed) {
    Feed first = Feed.random(architecture, WINDOW, BATCH, seed);
    Feed second = Feed.random(architecture, steps, BATCH, seed + 1);
    float[] targets = Floats.random(second.newOutput().length, seed);
    Loss loss = Loss.MEAN_SQUARED_ERROR;
    Weights weights = Training.weights(architecture, seed);
    try (Trainer trainer =
            Training.trainer(architecture, seed, still(BATCH, loss, Double.POSITIVE_INFINITY));
        Bptt bptt = new Bptt(weights, WINDOW, BATCH)) {
      trainer.update(Training.batch(first, true, loss, seed));
      Map<String, float[]> carried = trainer.checkpoint();
      for (int b = 0; b < BATCH; b++) {
        bptt.initialState(b, carried.get("state/" + b));
      }
      final double got = trainer.update(Training.targeted(second, false, targets));

      float[] y = Training.forward(bptt, second);
      double sum = 0;
      for (int i = 0; i < y.length; i++) {
        float error = y[i] - targets[i];
        sum += (double) error * error;
        y[i] = 2 * (1f / y.length) * error;
      }
      bptt.backward(y);
      assertThat(Math.abs(got - sum / y.length)).isLessThan(1e-12);
      Training.checkSameButForDust(Training.gradients(trainer), bptt.gradients());
    }
  }

  @Property(tries = 15)
  void stepsWithoutLabelsCountForNothing(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 1, max = WINDOW) int labelled,
      @ForAll long seed) {
    Loss loss = Loss.SOFTMAX_CROSS_ENTROPY;
    Options options = still(BATCH, loss, Double.POSITIVE_INFINITY);
    Feed whole = Feed.random(architecture, WINDOW, BATCH, seed);
    int[] labels =
        new SplittableRandom(seed)
            .ints((long) labelled * BATCH, 0, architecture.outputSize())
            .toArray();
    int[] padded = Arrays.copyOf(labels, WINDOW * BATCH);
    Arrays.fill(padded, labels.length, padded.length, -1);
    try (Trainer full = Training.trainer(architecture, seed, options);
        Trainer part = Training.trainer(architecture, seed, options)) {
      assertThat(full.update(Training.labelled(whole, true, padded)))
          .isEqualTo(part.update(Training.labelled(whole.part(0, labelled), true, labels)));
      Training.checkSameButForDust(Training.gradients(full), Training.gradients(part));
    }
  }

  /** A sequence without labels, beside others, is as if it were not there. */
  @Property(tries = 15)
  void sequencesWithoutLabelsCountForNothing(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture, @ForAll long seed) {
    Loss loss = Loss.SOFTMAX_CROSS_ENTROPY;
    Feed feed = Feed.random(architecture, WINDOW, 2, seed);
    int[] labels = new int[WINDOW * 2];
    int[] own = new int[WINDOW];
    for (int t = 0; t < WINDOW; t++) {
      own[t] = Math.floorMod(t + seed, architecture.outputSize());
      labels[2 * t] = -1;
      labels[2 * t + 1] = own[t];
    }
    try (Trainer pair =
            Training.trainer(architecture, seed, still(2, loss, Double.POSITIVE_INFINITY));
        Trainer alone =
            Training.trainer(architecture, seed, still(1, loss, Double.POSITIVE_INFINITY))) {
      assertThat(pair.update(Training.labelled(feed, true, labels)))
          .isEqualTo(alone.update(Training.labelled(feed.sequence(1), true, own)));
      Training.checkSameButForDust(Training.gradients(pair), Training.gradients(alone));
    }
  }

  /** The norm is that of the parameters alone: a gradient in the padding would count here. */
  @Property(tries = 15)
  void gradientsAreClippedToTheNorm(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll Loss.Simple loss,
      @ForAll long seed) {
    Batch batch = nth(4, architecture, loss);
    try (Trainer free =
            Training.trainer(architecture, seed, still(BATCH, loss, Double.POSITIVE_INFINITY));
        Trainer loose = Training.trainer(architecture, seed, still(BATCH, loss, 1e6));
        Trainer tight = Training.trainer(architecture, seed, still(BATCH, loss, 1e-3))) {
      free.update(batch);
      loose.update(batch);
      tight.update(batch);
      Training.checkSame(Training.gradients(loose), Training.gradients(free));
      double norm = norm(Training.gradients(free));
      double expected = Math.min(norm, 1e-3);
      assertThat(Math.abs(norm(Training.gradients(tight)) - expected))
          .isLessThanOrEqualTo(1e-6 * expected);
    }
  }

  private static double norm(Map<String, float[]> gradients) {
    double sum = 0;
    for (float[] values : gradients.values()) {
      for (float value : values) {
        sum += (double) value * value;
      }
    }
    return Math.sqrt(sum);
  }
}
