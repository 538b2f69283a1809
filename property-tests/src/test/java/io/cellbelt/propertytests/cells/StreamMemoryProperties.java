package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.propertytests.support.Allocations;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** A stream is its states and nothing more, and the memory of all is told beforehand. */
class StreamMemoryProperties {
  private static final int LINE = 64;
  private static final int MANY = 100_000;
  private static final int ROUNDS = 4;

  @Property(tries = 60)
  void whatStreamsTakeIsToldToTheByte(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll WeightFormat format,
      @ForAll @IntRange(min = 0, max = 150) int count) {
    try (Network network = Nets.network(architecture, format, 1)) {
      assertThat(network.streamBytes())
          .isEqualTo(Math.ceilDiv(4L * architecture.stateSize(), LINE) * LINE);
      long before = Slab.allocated();
      long told = count * network.streamBytes();
      told += count == 0 ? 0 : network.scratchBytes(Math.min(count, 64));
      try (Streams streams = network.newStreams(count)) {
        assertThat(streams.byteSize()).isEqualTo(told);
        assertThat(Slab.allocated() - before).isEqualTo(told);
        streams.open();
        assertThat(Slab.allocated() - before).isEqualTo(streams.byteSize());
      }
      assertThat(Slab.allocated()).isEqualTo(before);
    }
  }

  @Property(tries = 20)
  void singleStreamsAreTheirStates(@ForAll @IntRange(min = 1, max = 3000) int count) {
    try (Network network = Nets.network(Architecture.of(new Lstm(8, 100)), 1)) {
      long before = Slab.allocated();
      Stream[] streams = open(network, count);
      assertThat(streams[0].byteSize()).isEqualTo(network.streamBytes()).isEqualTo(832);
      assertThat(Slab.allocated() - before)
          .isGreaterThanOrEqualTo(count * network.streamBytes())
          .isLessThan(count * (network.streamBytes() + LINE));
      streams[count / 2].step(new float[8], new float[100]);
      long scratch = network.scratchBytes(1);
      assertThat(Slab.allocated() - before)
          .isLessThan(count * (network.streamBytes() + LINE) + scratch);
      for (Stream stream : streams) {
        stream.step(new float[8], new float[100]);
        stream.close();
      }
      assertThat(Slab.allocated() - before).isEqualTo(scratch);
    }
  }

  private static Stream[] open(Network network, int count) {
    Stream[] streams = new Stream[count];
    Arrays.setAll(streams, i -> network.newStream());
    return streams;
  }

  /** The object included, and what the chunks of memory take on the heap. */
  @Example
  void aHundredThousandTakeSixtyFourBytesMoreEach() {
    try (Network network = Nets.network(Architecture.of(new Gru(32, 64, Gru.Reset.AFTER)), 1)) {
      long before = Slab.allocated();
      long least = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) { // the first ones load classes, too
        Stream[] streams = new Stream[MANY];
        long heap = Allocations.bytes(() -> Arrays.setAll(streams, i -> network.newStream()));
        least = Math.min(least, heap + Slab.allocated() - before);
        for (Stream stream : streams) {
          stream.close();
        }
        assertThat(Slab.allocated()).isEqualTo(before);
      }
      assertThat(least).isLessThanOrEqualTo(MANY * (network.streamBytes() + LINE));
    }
  }

  /** Each has an input of its own, always the same, and steps of random company. */
  @Example
  @Tag("slow")
  void aHundredThousandStreamsAreEachTheirOwn() {
    Architecture architecture = Architecture.of(new Lstm(64, 128));
    SplittableRandom random = new SplittableRandom(1);
    int[] steps = new int[MANY];
    try (Network network = Nets.network(architecture, 1);
        Streams streams = network.newStreams(0);
        Stream alone = network.newStream()) {
      for (int i = 0; i < MANY; i++) {
        assertThat(streams.open()).isEqualTo(i);
      }
      int[] order = new int[MANY];
      Arrays.setAll(order, i -> i);
      float[] x = new float[2000 * 64];
      float[] y = new float[2000 * 128];
      for (int call = 0; call < 300; call++) {
        int count = 1 + random.nextInt(2000);
        int[] some = some(order, count, random);
        for (int i = 0; i < count; i++) {
          System.arraycopy(Floats.random(64, some[i]), 0, x, 64 * i, 64);
          steps[some[i]]++;
        }
        streams.advance(some, x, y);
      }
      float[] state = new float[streams.stateSize()];
      float[] expected = new float[streams.stateSize()];
      for (int i = 0; i < MANY; i++) {
        alone.reset();
        for (int t = 0; t < steps[i]; t++) {
          alone.step(Floats.random(64, i), y);
        }
        alone.saveState(expected);
        streams.saveState(i, state);
        assertThat(Arrays.equals(state, expected)).as("stream %s", i).isTrue();
      }
    }
  }

  private static int[] some(int[] all, int count, SplittableRandom random) {
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i, all.length);
      int swapped = all[i];
      all[i] = all[other];
      all[other] = swapped;
    }
    return Arrays.copyOf(all, count);
  }
}
