package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Nets;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;

/** Networks with bf16 and int8 weights. */
@Tag("any-width")
class QuantisedProperties {
  @Property(tries = 30)
  void stepsRunsAndBatchesHaveTheSameBits(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll WeightFormat format,
      @ForAll @IntRange(min = 1, max = 40) int steps,
      @ForAll @IntRange(min = 1, max = 7) int batch,
      @ForAll long seed) {
    Feed feed = Feed.random(architecture, steps, batch, seed);
    try (Network network = Nets.network(architecture, format, seed);
        Streams together = network.newStreams(batch)) {
      float[] y = feed.run(together);
      for (int b = 0; b < batch; b++) {
        Feed own = feed.sequence(b);
        try (Stream stepped = network.newStream();
            Stream run = network.newStream()) {
          float[] expected = own.stepped(stepped);
          assertThat(own.run(run)).isEqualTo(expected);
          assertThat(feed.column(y, b, architecture.outputSize())).isEqualTo(expected);
        }
      }
    }
  }

  @Property(tries = 30)
  void bf16IsTheNetworkWithTheRoundedWeights(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture, @ForAll long seed) {
    Feed feed = Feed.random(architecture, 9, 1, seed);
    try (Network bf16 = Nets.network(architecture, WeightFormat.BF16, seed);
        Network rounded = new Network(Weights.of(architecture, bf16.weights().values()));
        Stream first = bf16.newStream();
        Stream second = rounded.newStream()) {
      assertThat(feed.run(first)).isEqualTo(feed.run(second));
    }
  }

  @Property(tries = 20)
  void int8IsNearTheNetworkWithTheRoundedWeights(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture, @ForAll long seed) {
    Feed feed = Feed.random(architecture, 9, 1, seed);
    try (Network int8 = Nets.network(architecture, WeightFormat.INT8, seed);
        Network rounded = new Network(Weights.of(architecture, int8.weights().values()));
        Stream first = int8.newStream();
        Stream second = rounded.newStream()) {
      float[] expected = feed.run(second);
      float[] actual = feed.run(first);
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], Offset.offset(1e-4f));
      }
    }
  }

  /** Rounding int8 weights once more would change them, so those of a network keep their words. */
  @Property(tries = 30)
  void theWeightsOfANetworkMakeTheSameNetwork(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll WeightFormat format,
      @ForAll long seed) {
    Feed feed = Feed.random(architecture, 9, 1, seed);
    Weights exact = Weights.of(architecture, Nets.values(architecture, seed));
    try (Network network = new Network(exact.to(format));
        Network again = new Network(network.weights());
        Stream first = network.newStream();
        Stream second = again.newStream()) {
      assertThat(network.weights().format()).isEqualTo(format);
      assertThat(again.byteSize()).isEqualTo(network.byteSize());
      for (Weights same : List.of(exact.to(format), again.weights())) {
        same.values()
            .forEach((name, v) -> assertThat(network.weights().values().get(name)).isEqualTo(v));
      }
      assertThat(feed.run(second)).isEqualTo(feed.run(first));
    }
  }

  /** Words reach beyond an odd hidden size, into padding that NaN has reached. */
  @Property(tries = 20)
  void nothingIsLeftOfNaNAfterRestore(
      @ForAll WeightFormat format,
      @ForAll @IntRange(min = 1, max = 21) int hidden,
      @ForAll long seed) {
    Architecture architecture = Architecture.of(Cells.LSTM.of(3, hidden));
    Feed feed = Feed.random(architecture, 4, 1, seed);
    try (Network network = Nets.network(architecture, format, seed);
        Stream stream = network.newStream()) {
      final float[] expected = feed.run(stream);
      stream.step(new float[] {Float.NaN, 0, 0}, new float[hidden]);
      stream.restoreState(new float[stream.stateSize()]);
      assertThat(feed.stepped(stream)).isEqualTo(expected);
    }
  }

  @Example
  void roundedWeightsAreNotRoundedAgainNorTrained() {
    Architecture architecture = Architecture.of(Cells.LSTM.of(3, 5));
    Weights weights = Weights.random(architecture, 1);
    Weights bf16 = weights.to(WeightFormat.BF16);
    long before = Slab.allocated();
    assertThat(weights.format()).isEqualTo(WeightFormat.F32);
    assertThat(bf16.format()).isEqualTo(WeightFormat.BF16);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> bf16.to(WeightFormat.INT8))
        .withMessageContaining("BF16 already");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Bptt(bf16, 3, 1))
        .withMessageContaining("Training needs f32 weights, but got BF16");
    assertThat(Slab.allocated()).isEqualTo(before);
  }

  @Example
  void roundedWeightsTakeLessMemory() {
    Architecture architecture = Architecture.of(Cells.LSTM.of(256, 256));
    Weights weights = Weights.random(architecture, 1);
    try (Network f32 = new Network(weights);
        Network bf16 = new Network(weights.to(WeightFormat.BF16));
        Network int8 = new Network(weights.to(WeightFormat.INT8))) {
      assertThat(f32.byteSize()).isGreaterThan(8L * 256 * 256 * Float.BYTES);
      assertThat(bf16.byteSize()).isLessThan(f32.byteSize() * 51 / 100);
      assertThat(int8.byteSize()).isLessThan(f32.byteSize() * 27 / 100);
    }
  }
}
