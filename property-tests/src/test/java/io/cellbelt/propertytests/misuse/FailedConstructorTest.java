package io.cellbelt.propertytests.misuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Bptt;
import io.cellbelt.bptt.Clipping;
import io.cellbelt.bptt.LearningRate;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.RecomputingBptt;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.Kernels;
import io.cellbelt.kernels.MachineLimits;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.checks.AllocationFailures;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whichever allocation fails, what was allocated before it is given back. */
class FailedConstructorTest {
  private static final int MOST = 500;

  private static Architecture attentive() {
    Layer both = Layer.of(new Lstm(3, 5)).with(Direction.BIDIRECTIONAL).withZoneout(0.1f);
    return new Architecture(
        new Input.Dense(3), List.of(both), new Readout(Readout.Attention.ADDITIVE, 2));
  }

  @AfterEach
  void allocationsSucceedAgain() {
    AllocationFailures.end();
  }

  private static void leaksNothing(Supplier<? extends AutoCloseable> opened) throws Exception {
    long open = Slab.open();
    long bytes = Slab.allocated();
    int failures = 0;
    for (boolean failed = true; failed; failures++) {
      assertThat(failures).isLessThan(MOST);
      AllocationFailures.after(failures);
      try {
        opened.get().close();
        failed = false;
      } catch (OutOfMemoryError e) {
        assertThat(e).hasMessageStartingWith("There is no room for ").hasMessageEndingWith(".");
      } finally {
        AllocationFailures.end();
      }
      assertThat(Slab.open()).isEqualTo(open);
      assertThat(Slab.allocated()).isEqualTo(bytes);
    }
    assertThat(failures).isGreaterThan(1);
  }

  @Test
  void trainers() throws Exception {
    Weights weights = Weights.random(attentive(), 1);
    Trainer.Options options =
        new Trainer.Options(
            4,
            3,
            Loss.MEAN_SQUARED_ERROR,
            new Adam(0.01, 0.9, 0.999, 1e-8),
            Clipping.NONE,
            LearningRate.CONSTANT,
            3);
    leaksNothing(() -> new Trainer(weights, options));
  }

  @Test
  void backpropagation() throws Exception {
    Weights weights = Weights.random(attentive(), 1);
    Weights forward = Weights.random(Architecture.of(new Lstm(3, 5)), 1);
    leaksNothing(() -> new Bptt(weights, 3, 4, 7L));
    leaksNothing(() -> new RecomputingBptt(forward, 5, 2, 4, null));
  }

  @Test
  void networksAndStreams() throws Exception {
    leaksNothing(() -> new Network(Weights.random(attentive(), 1)));
    try (Network network = new Network(Weights.random(attentive(), 1))) {
      leaksNothing(() -> network.newStreams(3));
      leaksNothing(network::newStream);
    }
  }

  @Test
  void kernels() throws Exception {
    leaksNothing(() -> new Kernels(1000));
    leaksNothing(MachineLimits::multiplying);
    leaksNothing(() -> MachineLimits.reading(1000));
    leaksNothing(() -> PanelMatrix.allocate(new PanelShape(3, 1, 5)));
  }

  @Test
  void streamsWithoutRoomForSeveralSteps() {
    float[] x = {1, 2, 3, 4, 5, 6};
    float[] y = new float[10];
    float[] before = new float[10];
    float[] after = new float[10];
    try (Network network = new Network(Weights.random(Architecture.of(new Lstm(3, 5)), 1));
        Streams streams = network.newStreams(1)) {
      streams.step(x, y);
      streams.saveState(0, before);
      AllocationFailures.after(0);
      try {
        streams.run(x, 2, y);
        assertThat(true).as("there was room").isFalse();
      } catch (OutOfMemoryError e) {
        assertThat(e).hasMessageStartingWith("There is no room for ");
      } finally {
        AllocationFailures.end();
      }
      streams.saveState(0, after);
      assertThat(after).isEqualTo(before);
      streams.run(x, 2, y);
    }
  }
}
