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
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** What tests of training share. */
final class Training {
  /**
   * Leaves the mean of the gradients, which a checkpoint tells, at the last gradient, and changes
   * no weight that is not nearly zero.
   */
  static final Adam STILL = new Adam(1e-30, 0, 0, 1e-8);

  private static final String MEAN = "adam.m/";

  private Training() {}

  /** Weights whose biases too are random. */
  static Weights weights(Architecture architecture, long seed) {
    return Weights.of(architecture, Nets.values(architecture, seed));
  }

  /** A trainer that starts from such weights. */
  static Trainer trainer(Architecture architecture, long seed, Options options) {
    return new Trainer(weights(architecture, seed), options);
  }

  /** A random state of one sequence. */
  static float[] state(Architecture architecture, long seed) {
    return Nets.state(architecture, seed);
  }

  /** Runs all sequences. */
  static float[] forward(Bptt bptt, Feed feed) {
    float[] y = feed.newOutput();
    if (feed.x() != null) {
      bptt.forward(feed.x(), feed.steps(), y);
    } else {
      bptt.forward(feed.tokens(), feed.steps(), y);
    }
    return y;
  }

  /** These inputs with random labels or targets, whatever the loss takes. */
  static Batch batch(Feed feed, boolean fresh, Loss loss, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int outputs = feed.architecture().outputSize();
    int rows = feed.newOutput().length / outputs;
    if (loss instanceof Loss.Ctc) {
      int[][] sequences = new int[feed.batch()][];
      Arrays.setAll(sequences, _ -> random.ints((feed.steps() + 1) / 2, 1, outputs).toArray());
      return new Batch(
          feed.steps(), fresh, feed.tokens(), feed.x(), null, null, sequences, null, null);
    }
    int width = loss instanceof Loss.MixtureDensity ? 3 : outputs;
    return loss.equals(Loss.SOFTMAX_CROSS_ENTROPY)
        ? labelled(feed, fresh, random.ints(rows, 0, outputs).toArray())
        : targeted(feed, fresh, Floats.random(rows * width, 1, random));
  }

  /** These inputs with labels. */
  static Batch labelled(Feed feed, boolean fresh, int[] labels) {
    return new Batch(feed.steps(), fresh, feed.tokens(), feed.x(), labels, null);
  }

  /** These inputs with targets. */
  static Batch targeted(Feed feed, boolean fresh, float[] targets) {
    return new Batch(feed.steps(), fresh, feed.tokens(), feed.x(), null, targets);
  }

  /** The gradients of the last update of a trainer that is {@link #STILL}. */
  static Map<String, float[]> gradients(Trainer trainer) {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    trainer
        .checkpoint()
        .forEach(
            (name, values) -> {
              if (name.startsWith(MEAN)) {
                gradients.put(name.substring(MEAN.length()), values);
              }
            });
    return gradients;
  }

  /** Fails unless both have the same names and bits. */
  static void checkSame(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    actual.forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.get(name)));
  }

  /** Fails unless both are the same but for what optimisers flush, and the sign of zero. */
  static void checkSameButForDust(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    actual.forEach(
        (name, values) ->
            assertThat(values)
                .as(name)
                .usingComparatorWithPrecision(1.1e-30f)
                .containsExactly(expected.get(name)));
  }
}
