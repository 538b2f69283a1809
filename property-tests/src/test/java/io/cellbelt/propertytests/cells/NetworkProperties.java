package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.NaiveNetwork;
import io.cellbelt.propertytests.support.Nets;
import io.cellbelt.propertytests.support.Tolerance;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Whole networks against the equations in double. */
@Tag("any-width")
class NetworkProperties {
  @Property(tries = 60)
  void outputsAndStateFollowTheEquations(
      @ForAll(supplier = AnyArchitecture.Textbook.class) Architecture architecture,
      @ForAll @IntRange(min = 1, max = 40) int steps,
      @ForAll long seed) {
    Feed feed = Feed.random(architecture, steps, 1, seed);
    try (Network network = Nets.network(architecture, seed);
        Stream stream = network.newStream()) {
      NaiveNetwork naive = new NaiveNetwork(network.weights());
      Tolerance tolerance = Tolerance.forward(longestSum(architecture), steps);
      tolerance.check(feed.run(stream), naive.run(feed), "output");
      float[] state = new float[stream.stateSize()];
      stream.saveState(state);
      tolerance.check(state, naive.state(), "state");
    }
  }

  private static int longestSum(Architecture architecture) {
    return architecture.layers().stream()
        .map(Layer::cell)
        .mapToInt(cell -> cell.inputSize() + cell.hiddenSize() + 1)
        .max()
        .orElseThrow();
  }

  @Property(tries = 40)
  void aStateThatDecaysEndsInZerosAndNotInDenormals(
      @ForAll("fading") Cells kind,
      @ForAll @IntRange(min = 1, max = 20) int hidden,
      @ForAll long seed) {
    Architecture architecture = Architecture.of(kind.near(1, hidden));
    Map<String, float[]> values = Nets.values(architecture, seed);
    values.replaceAll((name, tensor) -> scaled(tensor, name.contains("bias") ? 0 : 0.3f));
    try (Network network = new Network(Weights.of(architecture, values));
        Stream stream = network.newStream()) {
      Feed.random(architecture, 3, 1, seed).run(stream);
      float[] state = new float[stream.stateSize()];
      float[] y = new float[architecture.outputSize()];
      for (int t = 0; t < 400; t++) {
        stream.step(new float[1], y);
        stream.saveState(state);
        for (float value : state) {
          assertThat(value == 0 || Math.abs(value) >= Float.MIN_NORMAL).as("%s", value).isTrue();
        }
      }
      if (architecture.layers().getFirst().cell().clock() > 0) {
        state[state.length - 1] = 0;
      }
      assertThat(state).containsOnly(0f);
    }
  }

  @Provide
  Arbitrary<Cells> fading() {
    return Arbitraries.of(Cells.class).filter(Cells::fades);
  }

  private static float[] scaled(float[] tensor, float factor) {
    float[] scaled = tensor.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return scaled;
  }
}
