package io.cellbelt.cells;

import io.cellbelt.kernels.JitState;
import io.cellbelt.kernels.Settling;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/**
 * How a {@link Network#warmUp} went. Immutable, thread-safe.
 *
 * @param finished whether the JVM had compiled all; if not, the time was over
 * @param took how long it took
 * @param steps steps that were run, each of B streams counted once
 * @param first what the first step of a single stream took, with the loading of classes
 * @param last what such a step took in the end
 * @param uncompiled where it was not finished: ways of stepping that still allocated, methods that
 *     the compiler had in hand, and kernels that have no optimised code yet
 */
public record WarmUp(
    boolean finished,
    Duration took,
    long steps,
    Duration first,
    Duration last,
    List<String> uncompiled) {

  /** How long a warm-up lasts at most where nothing else is said. */
  static final Duration LIMIT = Duration.ofSeconds(30);

  private static final double QUIET_SECONDS = 0.2;

  /**
   * Streams in a batch, and steps in a run: a tile of rows in the products (four or six), and two
   * that are left, and one.
   */
  private static final int ROWS = 7;

  /** Of those streams, some in another order. */
  private static final int[] SOME = {5, 0, 3};

  /** One way of stepping. */
  private record Way(String name, int steps, Runnable call) {}

  /** Copies the list. */
  public WarmUp {
    Objects.requireNonNull(uncompiled, "What is not compiled is a list, but got null.");
    if (uncompiled.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("What is not compiled has a name, but one is null.");
    }
    uncompiled = List.copyOf(uncompiled);
  }

  static WarmUp of(Network network, Duration atMost) {
    Objects.requireNonNull(atMost, "A warm-up has a duration, but got null.");
    if (!atMost.isPositive()) {
      throw new IllegalArgumentException(
          "A warm-up takes more than no time, but got " + atMost + ".");
    }
    try (Stream stream = network.newStream();
        Streams streams = network.newStreams(ROWS);
        Arena arena = Arena.ofConfined()) {
      List<Way> ways = ways(network.architecture(), stream, streams, arena);
      double seconds = 1e-9 * atMost.toNanos();
      Settling settling =
          Settling.of(QUIET_SECONDS, seconds, true, ways.stream().map(Way::call).toList());
      return of(settling, ways);
    }
  }

  private static List<Way> ways(
      Architecture architecture, Stream stream, Streams streams, Arena arena) {
    float[] y = new float[2 * ROWS * architecture.outputSize()];
    List<Way> ways = new ArrayList<>();
    boolean steps = !architecture.needsWholeSequences();
    if (architecture.input().tokens() > 0) {
      int[] tokens = new int[2 * ROWS];
      int[] few = new int[ROWS];
      Arrays.setAll(tokens, i -> i % architecture.input().tokens());
      if (steps) {
        ways.add(new Way("step of a token", 1, () -> stream.step(tokens[0], y)));
        ways.add(new Way("step of streams", 1, () -> streams.step(tokens, y)));
        ways.add(new Way("advance of streams", 1, () -> streams.advance(SOME, tokens, y)));
      }
      ways.add(new Way("run of tokens", ROWS, () -> stream.run(few, y)));
      ways.add(new Way("run of streams", 2, () -> streams.run(tokens, 2, y)));
    } else {
      float[] x = new float[2 * ROWS * architecture.input().size()];
      Arrays.fill(x, 0.5f);
      MemorySegment in = arena.allocate((long) Float.BYTES * x.length);
      MemorySegment out = arena.allocate((long) Float.BYTES * y.length);
      MemorySegment heapIn = MemorySegment.ofArray(x);
      MemorySegment heapOut = MemorySegment.ofArray(y);
      if (steps) {
        ways.add(new Way("step", 1, () -> stream.step(x, y)));
        ways.add(
            new Way(
                "step of segments",
                2,
                () -> {
                  stream.step(heapIn, out);
                  stream.step(in, heapOut);
                }));
        ways.add(new Way("step of streams", 1, () -> streams.step(x, y)));
        ways.add(new Way("advance of streams", 1, () -> streams.advance(SOME, x, y)));
      }
      ways.add(new Way("run", ROWS, () -> stream.run(x, ROWS, y)));
      ways.add(new Way("run of streams", 2, () -> streams.run(x, 2, y)));
    }
    ways.add(new Way("reset", 0, stream::reset));
    return ways;
  }

  private static WarmUp of(Settling settling, List<Way> ways) {
    TreeSet<String> uncompiled = new TreeSet<>();
    long steps = 0;
    for (int i = 0; i < ways.size(); i++) {
      steps += ways.get(i).steps * settling.calls(i);
      if (settling.allocates(i)) {
        uncompiled.add(ways.get(i).name);
      }
    }
    if (!settling.settled()) {
      JitState jit = JitState.now();
      uncompiled.addAll(jit.compiling());
      uncompiled.addAll(jit.queued());
      JitState.levels().entrySet().stream()
          .filter(kernel -> kernel.getValue() > 1 && kernel.getValue() < JitState.C2)
          .forEach(kernel -> uncompiled.add(kernel.getKey()));
    }
    return new WarmUp(
        settling.settled(),
        duration(settling.seconds()),
        steps,
        duration(settling.first(0)),
        duration(settling.last(0)),
        List.copyOf(uncompiled));
  }

  private static Duration duration(double seconds) {
    return Duration.ofNanos(Math.round(1e9 * seconds));
  }
}
