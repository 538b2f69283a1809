package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import io.cellbelt.propertytests.support.Tolerance;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Dropout, recurrent dropout and zoneout of training; tied weights. */
@Tag("any-width")
class NoiseProperties {
  private static final int SIZE = 50;
  private static final int STEPS = 20;
  private static final int BATCH = 10;
  private static final float SHARE = 0.3f;

  /** Three standard deviations of the share of as many hits, and more. */
  private static final double SLACK = 0.02;

  /** h = W x + U h', with the given diagonals. */
  private static Weights diagonal(Architecture architecture, float w, float u) {
    Map<String, float[]> values = new LinkedHashMap<>();
    architecture.parameters().forEach(p -> values.put(p.name(), new float[p.size()]));
    for (int j = 0; j < SIZE; j++) {
      values.get(architecture.inputWeight(0))[j * SIZE + j] = w;
      values.get(architecture.recurrentWeight(0))[j * SIZE + j] = u;
    }
    return Weights.of(architecture, values);
  }

  private static float[] constant(float value) {
    float[] all = new float[STEPS * BATCH * SIZE];
    Arrays.fill(all, value);
    return all;
  }

  private static Layer linear() {
    return Layer.of(new Rnn(SIZE, SIZE, Activation.IDENTITY));
  }

  private static double shareOf(float[] values, float wanted) {
    int count = 0;
    for (float value : values) {
      count += value == wanted ? 1 : 0;
    }
    return (double) count / values.length;
  }

  private static void checkShare(double share) {
    assertThat(share).isBetween(SHARE - SLACK, SHARE + SLACK);
  }

  @Example
  void dropoutHitsItsShareAnewAtEveryStepAndScalesTheOthers() {
    Architecture architecture = Architecture.of(linear().withDropout(SHARE));
    float[] y = constant(0);
    Weights weights = diagonal(architecture, 1, 0);
    try (Bptt bptt = new Bptt(weights, STEPS, BATCH, 1L)) {
      bptt.forward(constant(1), STEPS, y);
      checkShare(shareOf(y, 0));
      assertThat(shareOf(y, 0) + shareOf(y, 1 / (1 - SHARE))).isEqualTo(1);
      float[] rows = y.clone();
      for (int row = 1; row < STEPS * BATCH; row++) {
        assertThat(Arrays.copyOfRange(rows, row * SIZE, (row + 1) * SIZE))
            .isNotEqualTo(Arrays.copyOfRange(rows, (row - 1) * SIZE, row * SIZE));
      }
    }
  }

  /** The same units of h' at every step, so that what is left grows from step to step. */
  @Example
  void recurrentDropoutHidesTheSameUnitsThroughoutASequence() {
    Architecture architecture = Architecture.of(linear().withRecurrentDropout(SHARE));
    float[] y = constant(0);
    float[] ones = new float[SIZE];
    Arrays.fill(ones, 1);
    Weights weights = diagonal(architecture, 0, 1 - SHARE);
    try (Bptt bptt = new Bptt(weights, STEPS, BATCH, 1L)) {
      for (int b = 0; b < BATCH; b++) {
        bptt.initialState(b, ones);
      }
      bptt.forward(constant(0), STEPS, y);
      float[] first = Arrays.copyOf(y, BATCH * SIZE);
      assertThat(shareOf(first, 0)).isBetween(SHARE - 0.1, SHARE + 0.1);
      for (int i = 0; i < y.length; i++) {
        float expected = first[i % first.length] == 0 ? 0 : 1;
        assertThat(Math.abs(y[i] - expected)).isLessThan(1e-4f);
      }
    }
  }

  @Example
  void zoneoutKeepsItsShareOfUnitsAnewAtEveryStep() {
    Architecture architecture = Architecture.of(linear().withZoneout(SHARE));
    float[] x = constant(0);
    for (int i = 0; i < x.length; i++) {
      x[i] = 1 + i / (BATCH * SIZE);
    }
    float[] y = constant(0);
    Weights weights = diagonal(architecture, 1, 0);
    try (Bptt bptt = new Bptt(weights, STEPS, BATCH, 1L)) {
      bptt.forward(x, STEPS, y);
      int kept = 0;
      for (int i = 0; i < y.length; i++) {
        float before = i < BATCH * SIZE ? 0 : y[i - BATCH * SIZE];
        assertThat(y[i]).isIn(x[i], before);
        kept += y[i] == before ? 1 : 0;
      }
      checkShare((double) kept / y.length);
    }
  }

  private static Layer noisy(Cell cell) {
    return new Layer(cell, Layer.Direction.FORWARD, Layer.Merge.CONCAT, SHARE, SHARE, SHARE, false);
  }

  @Property(tries = 30)
  void noiseIsThatOfItsSeedAndNewInEveryPass(
      @ForAll Cells kind, @ForAll @IntRange(min = 8, max = 40) int hidden, @ForAll long seed) {
    Architecture architecture = Architecture.of(noisy(kind.near(9, hidden)));
    Feed feed = Feed.random(architecture, 6, 3, seed);
    float[] dy = Floats.random(feed.newOutput().length, seed);
    Weights weights = Training.weights(architecture, seed);
    try (Bptt one = new Bptt(weights, 6, 3, seed);
        Bptt same = new Bptt(weights, 6, 3, seed);
        Bptt other = new Bptt(weights, 6, 3, seed + 1)) {
      float[] y = Training.forward(one, feed);
      assertThat(Training.forward(same, feed)).isEqualTo(y);
      assertThat(Training.forward(other, feed)).isNotEqualTo(y);
      one.backward(dy);
      same.backward(dy);
      Training.checkSame(one.gradients(), same.gradients());
      float[] next = Training.forward(one, feed);
      assertThat(next).isNotEqualTo(y);
      assertThat(Training.forward(same, feed)).isEqualTo(next);
    }
  }

  /** Without zoneout, which has an expectation, a network in use is one without noise. */
  @Property(tries = 30)
  void thereIsNoDropoutOutsideOfTraining(
      @ForAll Cells kind, @ForAll @IntRange(min = 1, max = 30) int hidden, @ForAll long seed) {
    Architecture plain = new Architecture(new Input.Dense(5), kind.stack(5, hidden, 7), 3);
    List<Layer> layers = plain.layers().stream().map(l -> noisy(l.cell()).withZoneout(0)).toList();
    Architecture noisy = new Architecture(plain.input(), layers, Readout.linear(3));
    Feed feed = Feed.random(plain, 7, 1, seed);
    try (Network network = Nets.network(plain, seed);
        Stream stream = network.newStream();
        Network noisyNetwork = Nets.network(noisy, seed);
        Stream noisyStream = noisyNetwork.newStream();
        Bptt evaluated = new Bptt(noisyNetwork.weights(), 7, 1)) {
      float[] y = feed.run(stream);
      assertThat(feed.run(noisyStream)).isEqualTo(y);
      assertThat(Training.forward(evaluated, feed)).isEqualTo(y);
    }
  }

  /** As untied layers with the same numbers, whose gradients add up. */
  @Property(tries = 60)
  void tiedLayersShareParametersAndAddUpGradients(
      @ForAll Cells kind,
      @ForAll Layer.Direction direction,
      @ForAll @IntRange(min = 1, max = 30) int hidden,
      @ForAll @IntRange(min = 1, max = 5) int steps,
      @ForAll long seed) {
    Cell square = kind.of(hidden, hidden);
    Cell cell = kind.of(square.outputSize(), hidden);
    Layer layer = Layer.of(cell);
    if (!cell.readsMemoryBelow()) {
      layer = layer.with(direction, Layer.Merge.MEAN);
    }
    Input input = new Input.Dense(cell.inputSize());
    Architecture tied =
        new Architecture(
            input,
            List.of(layer, layer.withTiedWeights(), layer.withTiedWeights()),
            Readout.linear(2));
    Architecture free = new Architecture(input, List.of(layer, layer, layer), Readout.linear(2));
    Map<String, float[]> values = Nets.values(tied, seed);
    Map<String, float[]> copies = new LinkedHashMap<>();
    for (var parameter : free.parameters()) {
      copies.put(parameter.name(), values.get(owner(parameter.name())));
    }
    Feed feed = Feed.random(tied, steps, 2, seed);
    float[] dy = Floats.random(feed.newOutput().length, seed);
    Weights shared = Weights.of(tied, values);
    Weights own = Weights.of(free, copies);
    try (Bptt one = new Bptt(shared, steps, 2);
        Bptt other = new Bptt(own, steps, 2)) {
      assertThat(Training.forward(one, feed)).isEqualTo(Training.forward(other, feed));
      one.backward(dy);
      other.backward(dy);
      assertThat(one.inputGradient()).isEqualTo(other.inputGradient());
      Map<String, double[]> sums = new LinkedHashMap<>();
      other
          .gradients()
          .forEach(
              (name, g) ->
                  sums.merge(
                      owner(name),
                      Floats.toDouble(g),
                      (a, b) -> {
                        double[] sum = a.clone();
                        Arrays.setAll(sum, i -> a[i] + b[i]);
                        return sum;
                      }));
      Map<String, float[]> gradients = one.gradients();
      assertThat(gradients.keySet()).isEqualTo(sums.keySet());
      Tolerance tolerance = Tolerance.backward(3 * 2, steps);
      sums.forEach(
          (name, sum) -> {
            double scale = Math.max(1, Arrays.stream(sum).map(Math::abs).max().orElse(0));
            for (int i = 0; i < sum.length; i++) {
              tolerance.check(gradients.get(name)[i], sum[i], scale, name);
            }
          });
    }
  }

  private static String owner(String name) {
    return name.replace("_l1", "_l0").replace("_l2", "_l0");
  }
}
