package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.bptt.RecomputingBptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** That less memory gives the same gradients. */
@Tag("any-width")
class RecomputingBpttProperties {
  private static final double TOLERANCE = 2e-5;

  @Property(tries = 60)
  void segmentsGiveTheGradientsOfTheWhole(
      @ForAll Cells kind,
      @ForAll @IntRange(min = 1, max = 20) int steps,
      @ForAll @IntRange(min = 1, max = 20) int segment,
      @ForAll @IntRange(min = 1, max = 4) int batch,
      @ForAll boolean tokens,
      @ForAll long seed) {
    Input input = tokens ? new Input.OneHot(16) : new Input.Dense(16);
    Architecture architecture = new Architecture(input, kind.stack(16, 12), 3);
    Feed feed = Feed.random(architecture, steps, batch, seed);
    SplittableRandom random = new SplittableRandom(seed);
    int[] lengths = random.ints(batch, 0, steps + 1).toArray();
    Weights weights = Weights.of(architecture, Nets.values(architecture, seed));
    try (Bptt whole = new Bptt(weights, steps, batch);
        RecomputingBptt parts =
            new RecomputingBptt(weights, steps, Math.min(segment, steps), batch, null)) {
      float[] y = feed.newOutput();
      float[] same = feed.newOutput();
      if (tokens) {
        whole.forward(feed.tokens(), steps, lengths, y);
        parts.forward(feed.tokens(), steps, lengths, same);
      } else {
        whole.forward(feed.x(), steps, lengths, y);
        parts.forward(feed.x(), steps, lengths, same);
      }
      assertThat(same).containsExactly(y);
      for (int b = 0; b < batch; b++) {
        assertThat(parts.finalState(b)).containsExactly(whole.finalState(b));
      }
      float[] dy = Floats.random(y.length, seed + 1);
      float[] dFinal = Floats.random(batch * whole.stateSize(), seed + 2);
      whole.backward(dy, dFinal);
      parts.backward(dy, dFinal);
      var expected = whole.gradients();
      parts.gradients().forEach((name, d) -> checkClose(name, d, expected.get(name)));
      for (int b = 0; b < batch; b++) {
        checkClose("initial", parts.initialStateGradient(b), whole.initialStateGradient(b));
      }
      if (!tokens) {
        checkClose("x", parts.inputGradient(), whole.inputGradient());
      }
    }
  }

  private static void checkClose(String name, float[] actual, float[] expected) {
    double largest = 1e-6;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i])
          .as("%s at %d", name, i)
          .isCloseTo(expected[i], org.assertj.core.data.Offset.offset(TOLERANCE * largest));
    }
  }

  @Example
  void theMasksOfTrainingAreDrawnAgainAsTheyWere() {
    Layer layer = Layer.of(new Lstm(5, 7)).withDropout(0.4f).withZoneout(0.3f);
    Architecture architecture =
        new Architecture(new Input.Dense(5), List.of(layer), Readout.linear(2));
    Feed feed = Feed.random(architecture, 9, 2, 1);
    Weights weights = Weights.random(architecture, 1);
    try (RecomputingBptt parts = new RecomputingBptt(weights, 9, 4, 2, 3L);
        RecomputingBptt again = new RecomputingBptt(weights, 9, 4, 2, 3L)) {
      float[] y = feed.newOutput();
      float[] other = feed.newOutput();
      for (int pass = 0; pass < 3; pass++) {
        // Going back must not change what is drawn next.
        parts.forward(feed.x(), 9, null, y);
        parts.backward(y, null);
        again.forward(feed.x(), 9, null, other);
        assertThat(other).containsExactly(y);
      }
    }
  }

  @Example
  void refusesWhatHasNoSegments() {
    Layer reverse = Layer.of(new Lstm(2, 3)).with(Layer.Direction.REVERSE);
    Weights weights = Weights.random(Architecture.of(reverse), 1);
    Weights forward = Weights.random(Architecture.of(new Lstm(2, 3)), 1);
    assertThatThrownBy(() -> new RecomputingBptt(weights, 8, 2, 1, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("use Bptt");
    assertThatThrownBy(() -> new RecomputingBptt(forward, 8, 9, 1, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to the 8");
    try (RecomputingBptt parts = new RecomputingBptt(forward, 8, 3, 1, null)) {
      assertThatThrownBy(() -> parts.backward(new float[24], null))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> parts.forward(new float[18], 9, null, new float[27]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
