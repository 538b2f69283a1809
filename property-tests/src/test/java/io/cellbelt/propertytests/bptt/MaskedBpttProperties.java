package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Masked;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Masking;
import io.cellbelt.propertytests.support.Nets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** That gradients are those of the sequences without their masked steps. */
@Tag("any-width")
class MaskedBpttProperties {
  @Property(tries = 25)
  void gradientsAreThoseWithoutMaskedSteps(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 1, max = 5) int batch,
      @ForAll @IntRange(min = 1, max = 12) int steps,
      @ForAll Masked masked,
      @ForAll long seed) {
    check(architecture, batch, steps, masked, seed);
  }

  @Property(tries = 15)
  void soAreThoseOfReverseDirections(
      @ForAll Layer.Direction lower,
      @ForAll Layer.Direction upper,
      @ForAll @IntRange(min = 1, max = 4) int batch,
      @ForAll @IntRange(min = 1, max = 12) int steps,
      @ForAll Masked masked,
      @ForAll long seed) {
    check(stack(lower, upper), batch, steps, masked, seed);
  }

  private static Architecture stack(Layer.Direction lower, Layer.Direction upper) {
    Layer below = Layer.of(new Gru(3, 7, Gru.Reset.AFTER)).with(lower);
    Layer above = Layer.of(new Lstm(below.outputSize(), 5)).with(upper);
    return new Architecture(new Input.Dense(3), List.of(below, above), Readout.linear(2));
  }

  private static void check(
      Architecture architecture, int batch, int steps, Masked masked, long seed) {
    Feed feed = Feed.random(architecture, steps, batch, seed);
    Masking masking = Masking.random(steps, batch, seed);
    int inputs = architecture.input().size();
    int outputs = architecture.outputSize();
    int longest = 1;
    int[] lengths = new int[batch];
    for (int b = 0; b < batch; b++) {
      lengths[b] = masking.length(b);
      longest = Math.max(longest, lengths[b]);
    }
    float[] dy = Floats.random(feed.newOutput().length, seed + 1);
    Weights weights = Weights.of(architecture, Nets.values(architecture, seed));
    try (Bptt skipping = new Bptt(weights, steps, batch);
        Bptt compact = new Bptt(weights, longest, batch)) {
      float[] dFinal = Floats.random(batch * Nets.state(architecture, 0).length, seed + 2);
      Feed front = new Feed(architecture, longest, batch, null, null);
      float[] x = new float[longest * batch * inputs];
      int[] tokens = new int[longest * batch];
      float[] dFront = front.newOutput();
      for (int b = 0; b < batch; b++) {
        skipping.initialState(b, Nets.state(architecture, seed + b));
        compact.initialState(b, Nets.state(architecture, seed + b));
        put(masking.back(dy, b, outputs, masked), dFront, b, batch, outputs);
        Feed own = masking.counting(feed, b);
        if (feed.x() != null) {
          put(own.x(), x, b, batch, inputs);
        }
        for (int t = 0; feed.tokens() != null && t < lengths[b]; t++) {
          tokens[t * batch + b] = own.tokens()[t];
        }
      }
      float[] y = forward(skipping, masking.spoiled(feed), masking, masked);
      float[] yFront = front.newOutput();
      if (feed.x() != null) {
        compact.forward(x, longest, lengths, yFront);
      } else {
        compact.forward(tokens, longest, lengths, yFront);
      }
      for (int b = 0; b < batch; b++) {
        float[] counting = Arrays.copyOf(front.column(yFront, b, outputs), lengths[b] * outputs);
        assertThat(feed.column(y, b, outputs)).isEqualTo(masking.all(counting, b, outputs, masked));
        assertThat(skipping.finalState(b)).isEqualTo(compact.finalState(b));
      }
      skipping.backward(dy, dFinal);
      compact.backward(dFront, dFinal);
      Map<String, float[]> expected = compact.gradients();
      skipping
          .gradients()
          .forEach((name, gradient) -> assertThat(gradient).isEqualTo(expected.get(name)));
      for (int b = 0; b < batch; b++) {
        assertThat(skipping.initialStateGradient(b)).isEqualTo(compact.initialStateGradient(b));
        if (feed.x() != null) {
          float[] counting =
              Arrays.copyOf(front.column(compact.inputGradient(), b, inputs), lengths[b] * inputs);
          assertThat(feed.column(skipping.inputGradient(), b, inputs))
              .isEqualTo(masking.all(counting, b, inputs, Masked.ZERO));
        }
      }
    }
  }

  private static void put(float[] own, float[] all, int b, int batch, int size) {
    for (int t = 0; t < own.length / size; t++) {
      System.arraycopy(own, t * size, all, (t * batch + b) * size, size);
    }
  }

  private static float[] forward(Bptt bptt, Feed feed, Masking masking, Masked masked) {
    float[] y = feed.newOutput();
    Arrays.fill(y, Float.NaN);
    if (feed.x() != null) {
      bptt.forward(feed.x(), feed.steps(), masking.mask(), masked, y);
    } else {
      bptt.forward(feed.tokens(), feed.steps(), masking.mask(), masked, y);
    }
    return y;
  }

  /** The whole way, by differences: the loss is the sum of outputs times their gradients. */
  @Property(tries = 10)
  void gradientsAreDifferences(@ForAll Masked masked, @ForAll long seed) {
    Architecture architecture = stack(Layer.Direction.BIDIRECTIONAL, Layer.Direction.FORWARD);
    int steps = 7;
    int batch = 3;
    Feed feed = Feed.random(architecture, steps, batch, seed);
    Masking masking = Masking.random(steps, batch, seed);
    float[] dy = Floats.random(feed.newOutput().length, seed + 1);
    float[] direction = Floats.random(feed.x().length, seed + 2);
    Weights weights = Weights.of(architecture, Nets.values(architecture, seed));
    try (Bptt bptt = new Bptt(weights, steps, batch)) {
      forward(bptt, feed, masking, masked);
      bptt.backward(dy);
      double back = dot(bptt.inputGradient(), direction);
      double plus = dot(forward(bptt, moved(feed, direction, 0.01f), masking, masked), dy);
      double minus = dot(forward(bptt, moved(feed, direction, -0.01f), masking, masked), dy);
      assertThat((plus - minus) / 0.02).isCloseTo(back, offset(Math.abs(back)));
    }
  }

  private static org.assertj.core.data.Offset<Double> offset(double size) {
    return org.assertj.core.data.Offset.offset(2e-3 * Math.max(1, size));
  }

  private static Feed moved(Feed feed, float[] direction, float by) {
    float[] x = feed.x().clone();
    for (int i = 0; i < x.length; i++) {
      x[i] += by * direction[i];
    }
    return new Feed(feed.architecture(), feed.steps(), feed.batch(), x, null);
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  @Example
  void aMaskedPassAndOneWithoutFollowEachOther() {
    Architecture architecture = Architecture.of(new Lstm(3, 5));
    Feed feed = Feed.random(architecture, 4, 1, 1);
    float[] dy = Floats.random(feed.newOutput().length, 2);
    Weights weights = Weights.of(architecture, Nets.values(architecture, 1));
    try (Bptt bptt = new Bptt(weights, 4, 1)) {
      forward(bptt, feed, new Masking(new boolean[] {true, false, false, true}, 4, 1), Masked.ZERO);
      bptt.backward(dy);
      float[] masked = bptt.inputGradient();
      assertThat(Arrays.copyOfRange(masked, 3, 9)).containsOnly(0);
      bptt.forward(feed.x(), 4, feed.newOutput());
      assertThat(bptt.inputGradient()).isEqualTo(masked);
      bptt.backward(dy);
      assertThat(Arrays.copyOfRange(bptt.inputGradient(), 3, 9)).doesNotContain(0);
    }
  }

  @Example
  void badMasksAreSentences() {
    Architecture architecture = Architecture.of(new Lstm(3, 5));
    Weights weights = Weights.of(architecture, Nets.values(architecture, 1));
    try (Bptt bptt = new Bptt(weights, 4, 2)) {
      float[] x = new float[24];
      float[] y = new float[40];
      assertThatThrownBy(() -> bptt.forward(x, 4, new boolean[4], Masked.CARRY, y))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "A mask says of 4 steps of 2 sequences whether they count, but got 4 values.");
      assertThatThrownBy(() -> bptt.forward(x, 4, null, Masked.CARRY, y))
          .isInstanceOf(NullPointerException.class)
          .hasMessage(
              "A mask says of every step of every sequence whether it counts, but got null.");
      assertThatThrownBy(() -> bptt.forward(x, 4, new boolean[8], null, y))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("Masked steps put out ZERO or CARRY, but got null.");
      assertThatThrownBy(() -> bptt.forward(new float[3], 4, new boolean[8], Masked.CARRY, y))
          .hasMessage("'x' needs 24 values, time-major, but got 3.");
      bptt.forward(x, 4, new boolean[8], Masked.CARRY, y);
      assertThat(y).containsOnly(0);
    }
  }
}
