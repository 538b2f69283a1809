package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/** One stream has one result, bit for bit, however it is driven. */
@Tag("any-width")
class SameBitsProperties {
  /** Beside short sequences, those that end around a chunk of 64 rows or 32 steps. */
  @Provide
  Arbitrary<Integer> steps() {
    return Arbitraries.frequencyOf(
        Tuple.of(2, Arbitraries.integers().between(0, 9)),
        Tuple.of(1, Arbitraries.of(31, 32, 33, 40, 63, 64, 65, 70)));
  }

  @Provide
  Arbitrary<Integer> batches() {
    return Arbitraries.frequencyOf(
        Tuple.of(4, Arbitraries.integers().between(1, 9)), Tuple.of(1, Arbitraries.just(33)));
  }

  private static float[] state(Stream stream) {
    float[] state = new float[stream.stateSize()];
    stream.saveState(state);
    return state;
  }

  private static float[] state(Streams streams, int stream) {
    float[] state = new float[streams.stateSize()];
    streams.saveState(stream, state);
    return state;
  }

  @Property(tries = 40)
  void stepsOneByOneAreARun(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll("steps") int steps,
      @ForAll long seed) {
    Feed feed = Feed.random(architecture, steps, 1, seed);
    try (Network network = Nets.network(architecture, seed);
        Stream stepped = network.newStream();
        Stream run = network.newStream()) {
      assertThat(feed.run(run)).isEqualTo(feed.stepped(stepped));
      assertThat(state(run)).isEqualTo(state(stepped));
    }
  }

  @Property(tries = 40)
  void aRunInPiecesIsARun(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 0, max = 40) int first,
      @ForAll @IntRange(min = 0, max = 40) int second,
      @ForAll long seed) {
    Feed feed = Feed.random(architecture, first + second, 1, seed);
    try (Network network = Nets.network(architecture, seed);
        Stream whole = network.newStream();
        Stream pieces = network.newStream()) {
      float[] y = feed.run(whole);
      assertThat(feed.part(0, first).run(pieces)).isEqualTo(feed.outputs(y, 0, first));
      assertThat(feed.part(first, first + second).run(pieces))
          .isEqualTo(feed.outputs(y, first, first + second));
    }
  }

  @Property(tries = 40)
  void aBatchIsItsStreams(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll("batches") int batch,
      @ForAll @IntRange(min = 1, max = 5) int steps,
      @ForAll boolean asRun,
      @ForAll long seed) {
    Feed feed = Feed.random(architecture, steps, batch, seed);
    try (Network network = Nets.network(architecture, seed);
        Streams together = network.newStreams(batch)) {
      float[] y = asRun ? feed.run(together) : feed.stepped(together);
      for (int b = 0; b < batch; b++) {
        try (Stream alone = network.newStream()) {
          assertThat(feed.column(y, b, architecture.outputSize()))
              .isEqualTo(feed.sequence(b).stepped(alone));
          assertThat(state(together, b)).isEqualTo(state(alone));
        }
      }
    }
  }

  @Property(tries = 30)
  void aRestoredStateContinuesAndAResetOneBeginsAgain(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 1, max = 9) int steps,
      @ForAll long seed) {
    Feed before = Feed.random(architecture, steps, 1, seed);
    Feed after = Feed.random(architecture, steps, 1, seed + 1);
    try (Network network = Nets.network(architecture, seed);
        Stream original = network.newStream();
        Stream copy = network.newStream()) {
      float[] fresh = before.run(original);
      float[] saved = state(original);
      float[] expected = after.run(original);

      after.run(copy);
      copy.restoreState(saved);
      assertThat(state(copy)).isEqualTo(saved);
      assertThat(after.run(copy)).isEqualTo(expected);

      copy.reset();
      assertThat(state(copy)).containsOnly(0f);
      assertThat(before.run(copy)).isEqualTo(fresh);
    }
  }

  @Property(tries = 20)
  void resettingOneStreamOfABatchLeavesTheOthers(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll @IntRange(min = 2, max = 6) int batch,
      @ForAll long seed) {
    int reset = (int) Math.floorMod(seed, (long) batch);
    Feed feed = Feed.random(architecture, 3, batch, seed);
    try (Network network = Nets.network(architecture, seed);
        Streams one = network.newStreams(batch);
        Streams other = network.newStreams(batch)) {
      feed.run(one);
      feed.run(other);
      one.reset(reset);
      for (int b = 0; b < batch; b++) {
        float[] expected = b == reset ? new float[one.stateSize()] : state(other, b);
        assertThat(state(one, b)).isEqualTo(expected);
      }
    }
  }

  /** NaN reaches the padding too, where zero times NaN is NaN: it must not come back. */
  @Property(tries = 20)
  void nothingIsLeftOfNaNAfterResetOrRestore(
      @ForAll Cells kind, @ForAll @IntRange(min = 1, max = 40) int hidden, @ForAll long seed) {
    Architecture architecture =
        new Architecture(new Input.Dense(2), kind.stack(2, hidden, hidden), 3);
    Feed feed = Feed.random(architecture, 5, 1, seed);
    float[] y = new float[3];
    try (Network network = Nets.network(architecture, seed);
        Stream stream = network.newStream()) {
      float[] expected = feed.run(stream);
      stream.reset(); // at its first step, a clock lets all units run
      stream.step(new float[] {Float.NaN, Float.POSITIVE_INFINITY}, y);
      assertThat(y).containsOnly(Float.NaN);
      stream.reset();
      assertThat(feed.stepped(stream)).isEqualTo(expected);
      stream.step(new float[] {Float.NaN, 0}, y);
      stream.restoreState(new float[stream.stateSize()]);
      assertThat(feed.run(stream)).isEqualTo(expected);
    }
  }

  @Property(tries = 30)
  void segmentsOfEveryKindGiveTheBitsOfArrays(
      @ForAll Cells kind,
      @ForAll @IntRange(min = 1, max = 20) int size,
      @ForAll @IntRange(min = 1, max = 40) int steps,
      @ForAll long seed) {
    Cell cell = kind.near(size, size + 3);
    Architecture architecture = Architecture.of(cell);
    Feed feed = Feed.random(architecture, steps, 1, seed);
    int outputs = steps * architecture.outputSize();
    try (Network network = Nets.network(architecture, seed);
        Stream stream = network.newStream();
        Arena arena = Arena.ofConfined()) {
      final float[] expected = feed.run(stream);
      long xBytes = (long) Float.BYTES * feed.x().length;
      long yBytes = (long) Float.BYTES * outputs;
      List<MemorySegment> xs =
          List.of(
              MemorySegment.ofArray(feed.x()),
              MemorySegment.ofArray(feed.x()).asReadOnly(),
              MemorySegment.ofArray(new double[feed.x().length]),
              arena.allocate(xBytes + 64, 64),
              arena.allocate(xBytes + 1, 64).asSlice(1),
              MemorySegment.ofArray(new byte[(int) xBytes + 3]).asSlice(3));
      List<MemorySegment> ys =
          List.of(
              MemorySegment.ofArray(new float[outputs]),
              MemorySegment.ofArray(new int[outputs + 5]),
              MemorySegment.ofArray(new byte[(int) yBytes + 1]).asSlice(1),
              arena.allocate(yBytes, 64),
              arena.allocate(yBytes + 2, 64).asSlice(2),
              arena.allocate(yBytes, 64));
      for (int i = 0; i < xs.size(); i++) {
        MemorySegment x = xs.get(i);
        MemorySegment y = ys.get(i);
        if (!x.isReadOnly()) {
          MemorySegment.copy(MemorySegment.ofArray(feed.x()), 0, x, 0, xBytes);
        }
        stream.reset();
        stream.run(x, steps, y);
        assertThat(y.asSlice(0, yBytes).mismatch(MemorySegment.ofArray(expected))).isEqualTo(-1);
      }
    }
  }

  @Example
  void stepsOverSegmentsTouchNothingBehindTheOutput() {
    Architecture architecture = Architecture.of(Cells.LSTM.of(3, 5));
    try (Network network = Nets.network(architecture, 1);
        Streams streams = network.newStreams(2)) {
      float[] x = Floats.random(6, 2);
      float[] expected = new float[10];
      streams.step(x, expected);
      streams.reset();
      MemorySegment y = MemorySegment.ofArray(new float[12]);
      y.fill((byte) 7);
      float behind = y.getAtIndex(ValueLayout.JAVA_FLOAT, 11);
      streams.step(MemorySegment.ofArray(x), y);
      assertThat(y.asSlice(0, 40).toArray(ValueLayout.JAVA_FLOAT)).isEqualTo(expected);
      assertThat(y.asSlice(40).toArray(ValueLayout.JAVA_FLOAT)).containsOnly(behind);
    }
  }

  @Property(tries = 5)
  void aStreamMayMoveBetweenThreads(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture, @ForAll long seed)
      throws Exception {
    Feed feed = Feed.random(architecture, 60, 1, seed);
    try (Network network = Nets.network(architecture, seed);
        Stream still = network.newStream();
        Stream moving = network.newStream();
        ExecutorService platform = Executors.newFixedThreadPool(2);
        ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
      float[] expected = feed.stepped(still);
      for (int t = 0; t < feed.steps(); t++) {
        Feed step = feed.part(t, t + 1);
        float[] y = (t % 2 == 0 ? platform : virtual).submit(() -> step.run(moving)).get();
        assertThat(y).isEqualTo(feed.outputs(expected, t, t + 1));
      }
    }
  }
}
