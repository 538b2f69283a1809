package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.RecomputingBptt;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.Slab;
import io.cellbelt.propertytests.support.AnyStack;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The memory that is told beforehand is what is allocated, to the byte. */
class MemoryProperties {
  @Property(tries = 150)
  void backpropagation(
      @ForAll(supplier = AnyStack.class) Architecture architecture,
      @ForAll @IntRange(min = 1, max = 9) int steps,
      @ForAll @IntRange(min = 1, max = 7) int batch,
      @ForAll boolean masks) {
    Weights weights = Weights.random(architecture, 1);
    long before = Slab.allocated();
    try (Bptt bptt = new Bptt(weights, steps, batch, masks ? 1L : null)) {
      assertThat(bptt.stateSize()).isEqualTo(architecture.stateSize());
      assertThat(Slab.allocated() - before)
          .isEqualTo(Bptt.bytes(architecture, steps, batch, masks));
    }
    assertThat(Slab.allocated()).isEqualTo(before);
  }

  @Property(tries = 100)
  void trainers(
      @ForAll(supplier = AnyStack.class) Architecture architecture,
      @ForAll Optimisers kind,
      @ForAll @IntRange(min = 1, max = 9) int steps,
      @ForAll @IntRange(min = 1, max = 4) int parts) {
    Options options =
        new Options(5, steps, Loss.MEAN_SQUARED_ERROR, kind.get(), 1).withParts(parts);
    Weights weights = Weights.random(architecture, 1);
    long before = Slab.allocated();
    try (Trainer trainer = new Trainer(weights, options)) {
      assertThat(trainer.updates()).isZero();
      assertThat(Slab.allocated() - before).isEqualTo(Trainer.bytes(architecture, options));
    }
    assertThat(Slab.allocated()).isEqualTo(before);
  }

  /** A tape of S steps instead of T, and states between segments on the heap. */
  @Example
  void recomputation() {
    Architecture architecture = Architecture.of(new Lstm(16, 32));
    long segment = Bptt.bytes(architecture, 16, 4, false);
    long told = RecomputingBptt.bytes(architecture, 256, 16, 4, false);
    assertThat(told).isEqualTo(segment + 18L * 4 * 64 * Float.BYTES);
    assertThat(told).isLessThan(Bptt.bytes(architecture, 256, 4, false) / 4);
    Weights weights = Weights.random(architecture, 1);
    long before = Slab.allocated();
    try (RecomputingBptt bptt = new RecomputingBptt(weights, 256, 16, 4, null)) {
      assertThat(bptt).isNotNull();
      assertThat(Slab.allocated() - before).isEqualTo(segment);
    }
  }
}
