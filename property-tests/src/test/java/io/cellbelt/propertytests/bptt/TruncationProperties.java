package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Bptt;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.TokenWindows;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Truncated backpropagation whose windows overlap: k1 new steps, gradients through k2. */
class TruncationProperties {
  private static final int BATCH = 3;
  private static final int BACK = 8;

  private static Options options(Loss loss) {
    return new Options(BATCH, BACK, loss, Training.STILL, Double.POSITIVE_INFINITY);
  }

  @Property(tries = 20)
  void anOverlappingWindowHasTheGradientOfItsNewStepsThroughAll(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 0, max = BACK) int advance,
      @ForAll @IntRange(min = 0, max = BACK) int context,
      @ForAll @IntRange(min = 1, max = 3) int parts,
      @ForAll @Size(BATCH) boolean[] restarts,
      @ForAll long seed) {
    Feed first = Feed.random(architecture, BACK, BATCH, seed);
    Feed second = Feed.random(architecture, BACK, BATCH, seed + 1);
    float[] targets = Floats.random(second.newOutput().length, seed);
    Options options = options(Loss.MEAN_SQUARED_ERROR).withParts(parts);
    Weights weights = Training.weights(architecture, seed);
    try (Trainer trainer = Training.trainer(architecture, seed, options);
        Bptt bptt = new Bptt(weights, BACK, BATCH)) {
      trainer.update(Training.targeted(first, true, targets).withOverlap(0, advance));
      Training.forward(bptt, first);
      float[][] states = new float[BATCH][];
      Arrays.setAll(states, b -> bptt.stateAfter(b, advance));
      Map<String, float[]> carried = trainer.checkpoint();
      for (int b = 0; b < BATCH; b++) {
        assertThat(carried.get("state/" + b)).isEqualTo(states[b]);
        bptt.initialState(b, restarts[b] ? new float[states[b].length] : states[b]);
      }
      trainer.update(
          Training.targeted(second, false, targets)
              .withOverlap(context, BACK)
              .withRestarts(restarts));
      float[] dy = Training.forward(bptt, second);
      int counted = (BACK - context) * dy.length / BACK;
      for (int i = 0; i < dy.length; i++) {
        boolean counts = i >= dy.length - counted;
        dy[i] = counts ? (float) (2 * (1.0 / counted) * (dy[i] - targets[i])) : 0;
      }
      bptt.backward(dy);
      Map<String, float[]> gradients = Training.gradients(trainer);
      bptt.gradients()
          .forEach(
              (name, values) -> {
                float[] got = gradients.get(name);
                for (int i = 0; i < values.length; i++) {
                  assertThat(Math.abs(got[i] - values[i]))
                      .as(name)
                      .isLessThan(1e-6f + 1e-4f * Math.abs(values[i]));
                }
              });
    }
  }

  @Property(tries = 10)
  void aBatchInWhichAllStartAfreshIsAFreshOne(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture, @ForAll long seed) {
    Batch batch =
        Training.batch(
            Feed.random(architecture, BACK, BATCH, seed), false, Loss.MEAN_SQUARED_ERROR, seed);
    Batch fresh =
        Training.batch(
            Feed.random(architecture, BACK, BATCH, seed), true, Loss.MEAN_SQUARED_ERROR, seed);
    try (Trainer trainer = Training.trainer(architecture, seed, options(Loss.MEAN_SQUARED_ERROR))) {
      double loss = trainer.evaluate(fresh);
      double goesOn = trainer.evaluate(batch);
      assertThat(trainer.evaluate(batch.withRestarts(true, true, true))).isEqualTo(loss);
      assertThat(trainer.evaluate(batch.withRestarts(false, false, false))).isEqualTo(goesOn);
      assertThat(trainer.update(batch.withRestarts(true, true, true))).isEqualTo(loss);
    }
  }

  /** With weights that do not change, windows of k1 lose the same as one long window. */
  @Property(tries = 30)
  void everyLabelCountsOnceWhereverItIs(
      @ForAll @IntRange(min = 1, max = 5) int window,
      @ForAll @IntRange(min = 0, max = 3) int more,
      @ForAll @IntRange(min = 10, max = 60) int length,
      @ForAll long seed) {
    int vocabulary = 4;
    int[] tokens = new SplittableRandom(seed).ints(length, 0, vocabulary).toArray();
    Architecture architecture =
        new Architecture(
            new Input.OneHot(vocabulary),
            List.of(Layer.of(new Lstm(vocabulary, 6))),
            Readout.linear(vocabulary));
    Loss loss = Loss.SOFTMAX_CROSS_ENTROPY;
    int back = window + more;
    TokenWindows plain = new TokenWindows(tokens, BATCH, window);
    TokenWindows overlapping = new TokenWindows(tokens, BATCH, window, back);
    assertThat(overlapping.size()).isEqualTo(plain.size());
    try (Trainer one = Training.trainer(architecture, seed, options(loss));
        Trainer other = Training.trainer(architecture, seed, options(loss))) {
      int labels = 0;
      for (int i = 0; i < plain.size(); i++) {
        Batch batch = overlapping.batch(i);
        assertThat(batch.steps()).isBetween(1, back);
        labels += (batch.steps() - batch.context()) * BATCH;
        assertThat(other.update(batch)).isEqualTo(one.update(plain.batch(i)));
      }
      assertThat(labels).isEqualTo(overlapping.labels());
      assertThat(other.evaluate(overlapping)).isEqualTo(one.evaluate(plain));
    }
  }

  private static void refused(String sentence, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }

  @Example
  void refusesWhatDoesNotOverlap() {
    refused(
        "Gradients flow back through the 4 new steps of a window or more, but got 3",
        () -> new TokenWindows(new int[20], 1, 4, 3));
    Batch batch = Batch.ofVectors(2, true, new float[12], new float[12]);
    for (int bad : new int[] {-1, 3}) {
      refused("Of the 2 steps of a batch 0 to all", () -> batch.withOverlap(bad, 2));
      refused("Of the 2 steps of a batch 0 to all", () -> batch.withOverlap(0, bad));
    }
    Layer layer = Layer.of(new Lstm(2, 2)).with(Layer.Direction.REVERSE);
    try (Trainer reverse =
        Training.trainer(Architecture.of(layer), 1, options(Loss.MEAN_SQUARED_ERROR))) {
      refused("windows cannot overlap", () -> reverse.update(batch.withOverlap(0, 1)));
    }
    Architecture attentive =
        new Architecture(
            new Input.Dense(2),
            List.of(Layer.of(new Lstm(2, 1))),
            new Readout(Readout.Attention.DOT, 0));
    Batch whole = Batch.ofVectors(2, true, new float[12], new float[6]);
    try (Trainer attention = Training.trainer(attentive, 1, options(Loss.MEAN_SQUARED_ERROR))) {
      refused("no context of steps", () -> attention.update(whole.withOverlap(1, 2)));
    }
  }
}
