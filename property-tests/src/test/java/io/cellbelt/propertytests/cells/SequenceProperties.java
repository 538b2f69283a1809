package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Readout.Attention;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.reference.ReferenceNetwork;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.AnyStack;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import io.cellbelt.propertytests.support.Tolerance;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/** Sequences that end at different times, directions, attention, clocks. */
@Tag("any-width")
class SequenceProperties {
  /** Beside short sequences, those that end around a chunk of 64 rows or 32 steps. */
  @Provide
  Arbitrary<Integer> steps() {
    return Arbitraries.frequencyOf(
        Tuple.of(2, Arbitraries.integers().between(1, 9)),
        Tuple.of(1, Arbitraries.of(31, 32, 33, 63, 64, 65, 70)));
  }

  private static int[] lengths(int batch, int steps, long seed) {
    return new SplittableRandom(seed).ints(batch, 0, steps + 1).toArray();
  }

  private static float[] state(Streams streams, int stream) {
    float[] state = new float[streams.stateSize()];
    streams.saveState(stream, state);
    return state;
  }

  @Property(tries = 60)
  void raggedSequencesOfStacksThatRunForwardAreTheSequencesAlone(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll("steps") int steps,
      @ForAll @IntRange(min = 1, max = 6) int batch,
      @ForAll long seed) {
    checkRagged(architecture, steps, batch, seed);
  }

  @Property(tries = 120)
  void raggedSequencesOfAnyStackAreTheSequencesAlone(
      @ForAll(supplier = AnyStack.class) Architecture architecture,
      @ForAll("steps") int steps,
      @ForAll @IntRange(min = 1, max = 6) int batch,
      @ForAll long seed) {
    checkRagged(architecture, steps, batch, seed);
  }

  /** Behind the ends, outputs are 0, and what is fed there does not count. */
  private static void checkRagged(Architecture architecture, int steps, int batch, long seed) {
    Feed feed = Feed.random(architecture, steps, batch, seed);
    int[] lengths = lengths(batch, steps, seed);
    int size = architecture.outputSize();
    boolean perSequence = architecture.readout().perSequence();
    if (feed.x() != null) {
      int inputs = architecture.input().size();
      for (int row = 0; row < steps * batch; row++) {
        if (row / batch >= lengths[row % batch]) {
          Arrays.fill(feed.x(), row * inputs, (row + 1) * inputs, Float.NaN);
        }
      }
    }
    try (Network network = Nets.network(architecture, seed);
        Streams together = network.newStreams(batch)) {
      for (int b = 0; b < batch; b++) {
        together.restoreState(b, Nets.state(architecture, seed + b));
      }
      float[] y = feed.run(together, lengths);
      for (int b = 0; b < batch; b++) {
        int length = lengths[b];
        if (length == 0 && perSequence) {
          assertThat(state(together, b)).isEqualTo(Nets.state(architecture, seed + b));
          continue;
        }
        try (Streams alone = network.newStreams(1)) {
          alone.restoreState(0, Nets.state(architecture, seed + b));
          float[] expected = feed.sequence(b).part(0, length).run(alone);
          if (perSequence) {
            assertThat(Arrays.copyOfRange(y, b * size, (b + 1) * size)).isEqualTo(expected);
          } else {
            float[] padded = Arrays.copyOf(expected, steps * size);
            assertThat(feed.column(y, b, size)).isEqualTo(padded);
          }
          assertThat(state(together, b)).isEqualTo(state(alone, 0));
        }
      }
    }
  }

  @Property(tries = 100)
  void anyStackFollowsTheEquations(
      @ForAll(supplier = AnyStack.class) Architecture architecture,
      @ForAll @IntRange(min = 1, max = 6) int steps,
      @ForAll long seed) {
    Feed feed = Feed.random(architecture, steps, 1, seed);
    try (Network network = Nets.network(architecture, seed);
        Stream stream = network.newStream()) {
      float[] initial = Nets.state(architecture, seed);
      stream.restoreState(initial);
      float[] y = feed.run(stream);
      var reference =
          new ReferenceNetwork(architecture, ReferenceNetwork.widened(network.weights().values()));
      double[] x = feed.x() == null ? null : Floats.toDouble(feed.x());
      double[] expected = reference.forward(feed.tokens(), x, steps, Floats.toDouble(initial));
      float[] last = new float[stream.stateSize()];
      stream.saveState(last);
      // Layers magnify the errors of those below, and norms all of them.
      Tolerance tolerance = new Tolerance(64 * Tolerance.forward(64, steps).relative());
      tolerance.check(y, expected, "output of " + architecture);
      tolerance.check(last, reference.finalState(), "state of " + architecture);
    }
  }

  private static Map<String, float[]> direction(Map<String, float[]> values, boolean reverse) {
    Map<String, float[]> own = new LinkedHashMap<>();
    values.forEach(
        (name, tensor) -> {
          if (name.endsWith("_reverse") == reverse) {
            own.put(name.replace("_reverse", ""), tensor);
          }
        });
    return own;
  }

  private static float[] reversed(float[] rows, int size) {
    int count = rows.length / size;
    float[] turned = new float[rows.length];
    for (int row = 0; row < count; row++) {
      System.arraycopy(rows, row * size, turned, (count - 1 - row) * size, size);
    }
    return turned;
  }

  private static float[] concat(float[] a, float[] b) {
    float[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** The same bits as two networks, one of which is fed and read backwards. */
  @Property(tries = 80)
  void directionsAreTwoNetworks(
      @ForAll Cells kind,
      @ForAll Merge merge,
      @ForAll boolean both,
      @ForAll @IntRange(min = 1, max = 20) int hidden,
      @ForAll @IntRange(min = 1, max = 40) int steps,
      @ForAll long seed) {
    Cell cell = kind.near(3, hidden);
    if (cell.readsMemoryBelow()) {
      return;
    }
    Direction direction = both ? Direction.BIDIRECTIONAL : Direction.REVERSE;
    Architecture architecture = Architecture.of(Layer.of(cell).with(direction, merge));
    Feed feed = Feed.random(architecture, steps, 1, seed);
    int size = cell.outputSize();
    Architecture plain = Architecture.of(cell);
    Map<String, float[]> values = Nets.values(architecture, seed);
    try (Network network = new Network(Weights.of(architecture, values));
        Streams stream = network.newStreams(1);
        Network backward = new Network(Weights.of(plain, direction(values, true)));
        Streams back = backward.newStreams(1)) {
      final float[] actual = feed.run(stream);
      float[] turned = new float[steps * size];
      back.run(reversed(feed.x(), 3), steps, turned);
      float[] second = reversed(turned, size);
      if (!both) {
        assertThat(actual).isEqualTo(second);
        assertThat(state(stream, 0)).isEqualTo(state(back, 0));
        return;
      }
      try (Network forward = new Network(Weights.of(plain, direction(values, false)));
          Streams there = forward.newStreams(1)) {
        float[] first = new float[steps * size];
        there.run(feed.x(), steps, first);
        assertThat(actual).isEqualTo(merged(merge, first, second, size));
        assertThat(state(stream, 0)).isEqualTo(concat(state(there, 0), state(back, 0)));
      }
    }
  }

  private static float[] merged(Merge merge, float[] first, float[] second, int size) {
    float[] merged = new float[merge == Merge.CONCAT ? 2 * first.length : first.length];
    for (int i = 0; i < first.length; i++) {
      switch (merge) {
        case CONCAT -> {
          int at = i / size * 2 * size + i % size;
          merged[at] = first[i];
          merged[at + size] = second[i];
        }
        case SUM -> merged[i] = first[i] + second[i];
        case MEAN -> merged[i] = (first[i] + second[i]) * 0.5f;
        case PRODUCT -> merged[i] = first[i] * second[i];
      }
    }
    return merged;
  }

  /** Without training, a unit keeps the expected share of its state. */
  @Property(tries = 60)
  void zoneoutKeepsItsShareOfTheStates(
      @ForAll Cells kind,
      @ForAll @IntRange(min = 1, max = 40) int hidden,
      @ForAll("shares") float share,
      @ForAll long seed) {
    Cell cell = kind.near(4, hidden);
    Architecture plain = Architecture.of(cell);
    Architecture zoned = Architecture.of(Layer.of(cell).withZoneout(share));
    Map<String, float[]> values = Nets.values(plain, seed);
    try (Network network = new Network(Weights.of(plain, values));
        Stream stream = network.newStream();
        Network zonedNetwork = new Network(Weights.of(zoned, values));
        Stream zonedStream = zonedNetwork.newStream()) {
      float[] y = new float[plain.outputSize()];
      float[] before = Nets.state(plain, seed);
      float[] after = before.clone();
      zonedStream.restoreState(before);
      for (int t = 0; t < 5; t++) {
        float[] x = Floats.random(4, seed + t);
        stream.restoreState(before);
        stream.step(x, y);
        stream.saveState(after);
        int states = before.length - (cell.clock() > 0 ? 1 : 0);
        for (int i = 0; i < states; i++) {
          float mixed = Math.fma(before[i] - after[i], share, after[i]);
          after[i] = Math.abs(mixed) < 1e-30f ? 0 : mixed;
        }
        zonedStream.step(x, y);
        float[] actual = new float[before.length];
        zonedStream.saveState(actual);
        assertThat(actual).isEqualTo(after);
        before = after.clone();
      }
    }
  }

  @Provide
  Arbitrary<Float> shares() {
    return Arbitraries.of(0.1f, 0.5f, 0.9f);
  }

  @Property(tries = 20)
  void aClockGoesOnFromWhereItWas(
      @ForAll @IntRange(min = 0, max = 9) int first,
      @ForAll @IntRange(min = 1, max = 70) int second,
      @ForAll @IntRange(min = 1, max = 12) int groupsOfThree,
      @ForAll long seed) {
    Architecture architecture =
        new Architecture(
            new Input.Dense(2), Cells.CLOCKWORK.stack(2, 3 * groupsOfThree, 2 * groupsOfThree), 2);
    Feed feed = Feed.random(architecture, first + second, 1, seed);
    try (Network network = Nets.network(architecture, seed);
        Stream whole = network.newStream();
        Streams others = network.newStreams(3)) {
      float[] y = feed.run(whole);
      float[] state = new float[whole.stateSize()];
      whole.reset();
      feed.part(0, first).run(whole);
      whole.saveState(state);
      assertThat(state[3 * groupsOfThree]).isEqualTo(first % 4);
      // Beside streams at other phases of the clock.
      others.restoreState(1, state);
      state[3 * groupsOfThree] = (first + 1) % 4;
      others.restoreState(2, state);
      Feed rest = feed.part(first, first + second);
      float[] x = new float[second * 3 * 2];
      for (int t = 0; t < second; t++) {
        for (int b = 0; b < 3; b++) {
          System.arraycopy(rest.x(), t * 2, x, (t * 3 + b) * 2, 2);
        }
      }
      float[] all = new float[second * 3 * 2];
      others.run(x, second, all);
      Feed three = new Feed(architecture, second, 3, x, null);
      assertThat(three.column(all, 1, 2)).isEqualTo(feed.outputs(y, first, first + second));
    }
  }

  @Property(tries = 30)
  void tokensAndSegmentsOfRaggedSequencesAreTheSame(
      @ForAll Cells kind, @ForAll @IntRange(min = 1, max = 40) int steps, @ForAll long seed) {
    Architecture architecture = Architecture.of(kind.near(3, 6));
    Feed feed = Feed.random(architecture, steps, 3, seed);
    int[] lengths = lengths(3, steps, seed);
    try (Network network = Nets.network(architecture, seed);
        Streams streams = network.newStreams(3)) {
      float[] expected = feed.run(streams, lengths);
      streams.reset();
      float[] y = new float[expected.length];
      Arrays.fill(y, Float.NaN);
      streams.run(MemorySegment.ofArray(feed.x()), steps, lengths, MemorySegment.ofArray(y));
      assertThat(y).isEqualTo(expected);
    }
  }

  @Example
  void singleStepsOfNetworksThatNeedWholeSequencesAreRefused() {
    String sentence =
        "The outputs of this network depend on later steps, by a reverse direction or attention;"
            + " give it whole sequences by run.";
    Rnn cell = new Rnn(2, 3);
    for (Architecture architecture :
        List.of(
            Architecture.of(Layer.of(cell).with(Direction.REVERSE)),
            Architecture.of(Layer.of(cell).with(Direction.BIDIRECTIONAL)),
            new Architecture(
                new Input.Dense(2), List.of(Layer.of(cell)), new Readout(Attention.DOT, 0)))) {
      try (Network network = Nets.network(architecture, 1);
          Stream stream = network.newStream();
          Streams streams = network.newStreams(2)) {
        float[] y = new float[24];
        assertThatIllegalStateException()
            .isThrownBy(() -> stream.step(new float[2], y))
            .withMessage(sentence);
        assertThatIllegalStateException()
            .isThrownBy(() -> streams.step(new float[4], y))
            .withMessage(sentence);
        streams.run(new float[8], 2, y);
      }
    }
  }
}
