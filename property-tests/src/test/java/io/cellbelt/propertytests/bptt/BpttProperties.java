package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.Accumulation;
import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.reference.ReferenceNetwork;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import io.cellbelt.propertytests.support.Tolerance;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** What gradients through time must be, whatever the network. */
@Tag("any-width")
class BpttProperties {
  private static float[] random(Feed feed, long seed) {
    return Floats.random(feed.newOutput().length, seed);
  }

  @Property(tries = 25)
  void aBatchIsItsSequences(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 1, max = 9) int batch,
      @ForAll @IntRange(min = 1, max = 6) int steps,
      @ForAll long seed) {
    checkBatch(architecture, batch, steps, seed);
  }

  /** Gradients of weights are summed over some steps at a time: here over 1 to 4 of them. */
  @Property(tries = 10)
  void soIsOneOfManySequences(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 40, max = 130) int batch,
      @ForAll @IntRange(min = 3, max = 6) int steps,
      @ForAll long seed) {
    checkBatch(architecture, batch, steps, seed);
  }

  private static void checkBatch(Architecture architecture, int batch, int steps, long seed) {
    Feed feed = Feed.random(architecture, steps, batch, seed);
    float[] dy = random(feed, seed + 1);
    boolean dense = architecture.input() instanceof Input.Dense;
    int inputs = architecture.input().size();
    int outputs = architecture.outputSize();
    Weights weights = Training.weights(architecture, seed);
    try (Bptt together = new Bptt(weights, steps, batch);
        Bptt alone = new Bptt(weights, steps, 1)) {
      for (int b = 0; b < batch; b++) {
        together.initialState(b, Training.state(architecture, b));
      }
      float[] y = Training.forward(together, feed);
      together.backward(dy);
      Sum sum = new Sum();
      for (int b = 0; b < batch; b++) {
        alone.initialState(0, Training.state(architecture, b));
        assertThat(Training.forward(alone, feed.sequence(b))).isEqualTo(feed.column(y, b, outputs));
        alone.clearGradients();
        alone.backward(feed.column(dy, b, outputs));
        sum.add(alone.gradients());
        assertThat(together.initialStateGradient(b)).isEqualTo(alone.initialStateGradient(0));
        if (dense) {
          assertThat(feed.column(together.inputGradient(), b, inputs))
              .isEqualTo(alone.inputGradient());
        }
      }
      sum.check(together.gradients(), Tolerance.backward(batch, steps));
    }
  }

  /** Gradients added up in double. */
  private static final class Sum {
    private final Map<String, double[]> sums = new LinkedHashMap<>();
    private final Map<String, double[]> magnitudes = new LinkedHashMap<>();

    void add(Map<String, float[]> gradients) {
      gradients.forEach(
          (name, values) -> {
            double[] sum = sums.computeIfAbsent(name, _ -> new double[values.length]);
            double[] magnitude = magnitudes.computeIfAbsent(name, _ -> new double[values.length]);
            for (int i = 0; i < values.length; i++) {
              sum[i] += values[i];
              magnitude[i] += Math.abs(values[i]);
            }
          });
    }

    void check(Map<String, float[]> actual, Tolerance tolerance) {
      assertThat(actual.keySet()).isEqualTo(sums.keySet());
      sums.forEach(
          (name, sum) -> {
            double largest = Arrays.stream(magnitudes.get(name)).max().orElseThrow();
            for (int i = 0; i < sum.length; i++) {
              tolerance.check(actual.get(name)[i], sum[i], Math.max(1, largest), name);
            }
          });
    }
  }

  @Property(tries = 15)
  void gradientsAddUpUntilTheyAreClearedOrOverwritten(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 1, max = 5) int steps,
      @ForAll long seed) {
    Weights weights = Training.weights(architecture, seed);
    try (Bptt bptt = new Bptt(weights, 5, 2)) {
      Sum sum = new Sum();
      for (int i = 0; i < 3; i++) {
        Feed feed = Feed.random(architecture, Math.max(1, steps - i), 2, seed + i);
        bptt.clearGradients();
        Training.forward(bptt, feed);
        bptt.backward(random(feed, i));
        sum.add(bptt.gradients());
      }
      bptt.clearGradients();
      assertThat(bptt.gradients().values())
          .allSatisfy(gradient -> assertThat(gradient).containsOnly(0));
      for (int i = 0; i < 3; i++) {
        Feed feed = Feed.random(architecture, Math.max(1, steps - i), 2, seed + i);
        Training.forward(bptt, feed);
        bptt.backward(random(feed, i));
      }
      sum.check(bptt.gradients(), Tolerance.backward(2 * 3, steps));

      Feed feed = Feed.random(architecture, steps, 2, seed);
      Training.forward(bptt, feed);
      bptt.backward(random(feed, 0), null, Accumulation.OVERWRITE);
      Map<String, float[]> overwritten = bptt.gradients();
      bptt.clearGradients();
      Training.forward(bptt, feed);
      bptt.backward(random(feed, 0));
      Training.checkSame(bptt.gradients(), overwritten);
    }
  }

  /** With J the derivative of the outputs by the inputs: {@code <J v, u> = <v, Jᵀ u>}. */
  @Property(tries = 25)
  void theWayBackIsTheAdjointOfTheWayThere(
      @ForAll Cells lower,
      @ForAll Cells upper,
      @ForAll @IntRange(min = 1, max = 20) int inputs,
      @ForAll @IntRange(min = 1, max = 35) int hidden,
      @ForAll @IntRange(min = 1, max = 12) int steps,
      @ForAll long seed) {
    Architecture architecture =
        new Architecture(
            new Input.Dense(inputs), Cells.stack(inputs, List.of(lower, upper), hidden, 9), 4);
    Feed feed = Feed.random(architecture, steps, 1, seed);
    float[] u = random(feed, seed + 1);
    float[] v = Floats.random(feed.x().length, seed + 2);
    float[] state = Training.state(architecture, seed);
    Weights weights = Training.weights(architecture, seed);
    try (Bptt bptt = new Bptt(weights, steps, 1)) {
      bptt.initialState(0, state);
      Training.forward(bptt, feed);
      bptt.backward(u);
      double back = dot(v, ReferenceNetwork.widened(bptt.inputGradient()));
      var reference =
          new ReferenceNetwork(architecture, ReferenceNetwork.widened(weights.values()));
      double[] plus = reference.forward(null, moved(feed.x(), v, 1e-5), steps, widen(state));
      double[] minus = reference.forward(null, moved(feed.x(), v, -1e-5), steps, widen(state));
      double there = (dot(u, plus) - dot(u, minus)) / 2e-5;
      double scale = Math.sqrt((double) u.length * v.length);
      assertThat(Math.abs(back - there))
          .as("%s and %s", back, there)
          .isLessThan(1e-5 * Math.max(1, scale));
    }
  }

  private static double[] widen(float[] values) {
    return ReferenceNetwork.widened(values);
  }

  private static double[] moved(float[] x, float[] direction, double by) {
    double[] moved = widen(x);
    for (int i = 0; i < moved.length; i++) {
      moved[i] += by * direction[i];
    }
    return moved;
  }

  private static double dot(float[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Property(tries = 15)
  void twoWindowsAreOneLongOne(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 1, max = 7) int first,
      @ForAll @IntRange(min = 1, max = 7) int second,
      @ForAll long seed) {
    Feed feed = Feed.random(architecture, first + second, 1, seed);
    try (Network network = Nets.network(architecture, seed);
        Stream stream = network.newStream();
        Bptt bptt = new Bptt(network.weights(), first + second, 1)) {
      float[] y = Training.forward(bptt, feed);
      float[] early = feed.part(0, first).run(stream);
      assertThat(early).isEqualTo(feed.outputs(y, 0, first));
      float[] carried = new float[stream.stateSize()];
      stream.saveState(carried);
      bptt.initialState(0, carried);
      assertThat(Training.forward(bptt, feed.part(first, first + second)))
          .isEqualTo(feed.outputs(y, first, first + second));
    }
  }
}
