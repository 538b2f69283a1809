package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Nets;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Streams that come and go, and advance in any company, are what each is alone. */
@Tag("any-width")
class StreamsProperties {
  private static final int CALLS = 40;

  /** So many are more than one pass. */
  private static final int MANY = 150;

  /** Streams together, and each of them alone. */
  private static final class Pair implements AutoCloseable {
    private final Architecture architecture;
    private final Network network;
    private final Streams together;
    private final Map<Integer, Stream> alone = new TreeMap<>();
    private final SplittableRandom random;

    Pair(Architecture architecture, int count, long seed) {
      this.architecture = architecture;
      random = new SplittableRandom(seed);
      network = Nets.network(architecture, seed);
      together = network.newStreams(count);
      for (int stream = 0; stream < count; stream++) {
        alone.put(stream, network.newStream());
      }
    }

    void call() {
      int count = alone.size();
      switch (random.nextInt(count == 0 ? 1 : 8)) {
        case 0 -> open();
        case 1 -> closeOne();
        case 2 -> restore();
        case 3 -> advanceAll(1 + random.nextInt(3));
        case 4 -> advanceAll(1);
        default -> advance(some(1 + random.nextInt(count)));
      }
      assertThat(together.count()).isEqualTo(alone.size());
    }

    void open() {
      int stream = together.open();
      assertThat(alone).doesNotContainKey(stream);
      assertThat(together.isOpen(stream)).isTrue();
      alone.put(stream, network.newStream());
    }

    void closeOne() {
      int stream = some(1)[0];
      together.close(stream);
      assertThat(together.isOpen(stream)).isFalse();
      alone.remove(stream).close();
    }

    /** One goes on from where another is, or anywhere. */
    private void restore() {
      float[] state = Nets.state(architecture, random.nextLong());
      if (random.nextBoolean()) {
        alone.get(some(1)[0]).saveState(state);
      }
      int stream = some(1)[0];
      together.restoreState(stream, state);
      alone.get(stream).restoreState(state);
    }

    /** Some that are open, in any order. */
    int[] some(int count) {
      int[] open = alone.keySet().stream().mapToInt(Integer::intValue).toArray();
      for (int i = 0; i < count; i++) {
        int other = random.nextInt(i, open.length);
        int swapped = open[i];
        open[i] = open[other];
        open[other] = swapped;
      }
      return Arrays.copyOf(open, count);
    }

    void advance(int... streams) {
      Feed feed = Feed.random(architecture, 1, streams.length, random.nextLong());
      float[] y = feed.newOutput();
      if (feed.tokens() != null) {
        together.advance(streams, feed.tokens(), y);
      } else if (random.nextBoolean()) {
        together.advance(streams, feed.x(), y);
      } else {
        MemorySegment out = MemorySegment.ofArray(y);
        together.advance(streams, MemorySegment.ofArray(feed.x()), out);
      }
      check(streams, feed, y);
    }

    private void advanceAll(int steps) {
      int[] all = alone.keySet().stream().mapToInt(Integer::intValue).toArray();
      Feed feed = Feed.random(architecture, steps, all.length, random.nextLong());
      check(all, feed, feed.run(together));
    }

    private void check(int[] streams, Feed feed, float[] y) {
      for (int i = 0; i < streams.length; i++) {
        Stream own = alone.get(streams[i]);
        float[] expected = feed.sequence(i).run(own);
        assertThat(feed.column(y, i, architecture.outputSize())).isEqualTo(expected);
        assertThat(state(streams[i])).isEqualTo(state(own));
      }
    }

    private float[] state(int stream) {
      float[] state = new float[together.stateSize()];
      together.saveState(stream, state);
      return state;
    }

    private static float[] state(Stream stream) {
      float[] state = new float[stream.stateSize()];
      stream.saveState(state);
      return state;
    }

    void checkStates() {
      alone.forEach((stream, own) -> assertThat(state(stream)).isEqualTo(state(own)));
    }

    @Override
    public void close() {
      alone.values().forEach(Stream::close);
      together.close();
      network.close();
    }
  }

  @Property(tries = 40)
  void ofAnyArchitecture(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture, @ForAll long seed) {
    check(architecture, (int) Math.floorMod(seed, 6L), seed);
  }

  @Property(tries = 60)
  void ofAnyCell(@ForAll Cells kind, @ForAll long seed) {
    check(new Architecture(new Input.Dense(9), kind.stack(9, 20, 6), 0), 3, seed);
  }

  /** States without gaps, which single steps read where they lie. */
  @Property(tries = 30)
  void ofWholePanels(@ForAll Cells kind, @ForAll long seed) {
    check(new Architecture(new Input.Dense(64), kind.stack(64, 64, 64), 3), 2, seed);
  }

  private static void check(Architecture architecture, int count, long seed) {
    try (Pair pair = new Pair(architecture, count, seed)) {
      for (int call = 0; call < CALLS; call++) {
        pair.call();
      }
      pair.checkStates();
    }
  }

  @Property(tries = 5)
  void inSeveralPasses(@ForAll Cells kind, @ForAll long seed) {
    List<Cells> kinds = List.of(kind, Cells.CLOCKWORK);
    Architecture architecture =
        new Architecture(new Input.Dense(5), Cells.stack(5, kinds, 5, 6), 2);
    try (Pair pair = new Pair(architecture, MANY, seed)) {
      for (int call = 0; call < 4; call++) {
        pair.advance(pair.some(MANY - call));
        pair.advanceAll(2);
        pair.closeOne();
        pair.closeOne();
        pair.open();
      }
      pair.checkStates();
    }
  }
}
