package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Masked;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Masking;
import io.cellbelt.propertytests.support.Nets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** That masked steps are as if they were not there. */
@Tag("any-width")
class MaskProperties {
  @Property(tries = 30)
  void maskedStepsAreSkipped(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 1, max = 5) int batch,
      @ForAll @IntRange(min = 0, max = 70) int steps,
      @ForAll Masked masked,
      @ForAll long seed) {
    check(architecture, batch, steps, masked, seed);
  }

  @Property(tries = 20)
  void reverseDirectionsSkipTheSameSteps(
      @ForAll Layer.Direction lower,
      @ForAll Layer.Direction upper,
      @ForAll @IntRange(min = 1, max = 5) int batch,
      @ForAll @IntRange(min = 0, max = 40) int steps,
      @ForAll Masked masked,
      @ForAll long seed) {
    Layer below = Layer.of(new Gru(3, 7, Gru.Reset.BEFORE)).with(lower);
    Layer above = Layer.of(new Lstm(below.outputSize(), 5)).with(upper);
    Architecture architecture =
        new Architecture(new Input.Dense(3), List.of(below, above), Readout.linear(2));
    check(architecture, batch, steps, masked, seed);
  }

  private static void check(
      Architecture architecture, int batch, int steps, Masked masked, long seed) {
    Feed feed = Feed.random(architecture, steps, batch, seed);
    Masking masking = Masking.random(steps, batch, seed);
    int outputs = architecture.outputSize();
    try (Network network = Nets.network(architecture, seed);
        Streams streams = network.newStreams(batch);
        Stream alone = network.newStream()) {
      for (int b = 0; b < batch; b++) {
        streams.restoreState(b, Nets.state(architecture, seed + b));
      }
      float[] y = run(streams, masking.spoiled(feed), masking, masked);
      for (int b = 0; b < batch; b++) {
        alone.restoreState(Nets.state(architecture, seed + b));
        float[] counting = masking.counting(feed, b).run(alone);
        assertThat(feed.column(y, b, outputs)).isEqualTo(masking.all(counting, b, outputs, masked));
        float[] expected = new float[alone.stateSize()];
        float[] state = new float[alone.stateSize()];
        alone.saveState(expected);
        streams.saveState(b, state);
        assertThat(state).isEqualTo(expected);
      }
    }
  }

  private static float[] run(Streams streams, Feed feed, Masking masking, Masked masked) {
    float[] y = feed.newOutput();
    Arrays.fill(y, Float.NaN);
    if (feed.x() != null) {
      streams.run(feed.x(), feed.steps(), masking.mask(), masked, y);
    } else {
      streams.run(feed.tokens(), feed.steps(), masking.mask(), masked, y);
    }
    return y;
  }

  @Property(tries = 10)
  void attentionLooksAtStepsThatCount(
      @ForAll Readout.Attention attention, @ForAll Masked masked, @ForAll long seed) {
    Architecture architecture =
        new Architecture(
            new Input.Dense(3), List.of(Layer.of(new Lstm(3, 6))), new Readout(attention, 2));
    if (attention == Readout.Attention.NONE) {
      return;
    }
    int steps = 8;
    Masking masking = Masking.random(steps, 1, seed);
    masking.mask()[2] = true;
    Feed feed = Feed.random(architecture, steps, 1, seed);
    try (Network network = Nets.network(architecture, seed);
        Stream stream = network.newStream();
        Stream other = network.newStream()) {
      float[] y = new float[2];
      stream.run(masking.spoiled(feed).x(), steps, masking.mask(), masked, y);
      float[] expected = new float[2];
      other.run(masking.counting(feed, 0).x(), masking.length(0), expected);
      assertThat(y).isEqualTo(expected);
    }
  }

  @Example
  void badMasksAreSentences() {
    Architecture architecture = Architecture.of(new Lstm(3, 5));
    float[] x = new float[12];
    float[] y = new float[20];
    float[] state = Nets.state(architecture, 1);
    try (Network network = Nets.network(architecture, 1);
        Stream stream = network.newStream()) {
      stream.restoreState(state);
      assertThatThrownBy(() -> stream.run(x, 4, new boolean[3], Masked.ZERO, y))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "A mask says of 4 steps of 1 sequences whether they count, but got 3 values.");
      assertThatThrownBy(() -> stream.run(x, 4, null, Masked.ZERO, y))
          .isInstanceOf(NullPointerException.class)
          .hasMessage(
              "A mask says of every step of every sequence whether it counts, but got null.");
      assertThatThrownBy(() -> stream.run(x, 4, new boolean[4], null, y))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("Masked steps put out ZERO or CARRY, but got null.");
      assertThatThrownBy(() -> stream.run(x, 5, new boolean[5], Masked.ZERO, y))
          .hasMessage("'x' needs room for 15 values, but has 12.");
      assertThatThrownBy(() -> stream.run(new int[4], new boolean[4], Masked.ZERO, y))
          .hasMessage("The network takes vectors of 3 floats, but got tokens.");
      float[] after = new float[state.length];
      stream.saveState(after);
      assertThat(after).isEqualTo(state);
    }
  }

  @Example
  void onlyTokensThatCountMustBeInTheVocabulary() {
    Architecture architecture = new Architecture(new Input.OneHot(4), List.of(new Lstm(4, 5)), 0);
    boolean[] mask = {true, false, true};
    float[] y = new float[15];
    try (Network network = Nets.network(architecture, 1);
        Stream stream = network.newStream()) {
      stream.run(new int[] {1, 9, 3}, mask, Masked.CARRY, y);
      assertThatThrownBy(() -> stream.run(new int[] {1, 9, 4}, mask, Masked.CARRY, y))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The network takes tokens 0 to 3, but got 4 at index 2, which is not masked.");
    }
  }
}
