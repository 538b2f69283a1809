package io.cellbelt.jmh;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.LayerNormLstm;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.MinimalGated;
import io.cellbelt.cells.Mut;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.WeightFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a JVM has run before: steps, runs, batches and training of many shapes, cells and formats, a
 * few calls of each at a time, so that the profiles from which the compiler works are nobody's own.
 */
final class Pollution {
  private static final int NETWORKS = 40;
  private static final int MAX_SIZE = 200;
  private static final int MAX_STEPS = 12;
  private static final int MAX_BATCH = 40;
  private static final int ROUNDS = 2000;
  private static final int CALLS = 20;

  private final SplittableRandom random = new SplittableRandom(1);
  private final List<Runnable> calls = new ArrayList<>();
  private final List<Runnable> closers = new ArrayList<>();

  private Pollution() {}

  /** Runs it all and frees the memory again. */
  static void run() {
    Pollution pollution = new Pollution();
    for (int i = 0; i < NETWORKS; i++) {
      pollution.add();
    }
    for (int round = 0; round < ROUNDS; round++) {
      Runnable call = pollution.calls.get(pollution.random.nextInt(pollution.calls.size()));
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
    }
    pollution.closers.reversed().forEach(Runnable::run);
  }

  private Cell cell(int input, int hidden) {
    return switch (random.nextInt(9)) {
      case 0 -> new Rnn(input, hidden);
      case 1 -> new Gru(input, hidden, Gru.Reset.BEFORE);
      case 2 -> new Gru(input, hidden, Gru.Reset.AFTER);
      case 3 -> new MinimalGated(input, hidden);
      case 4 -> new Mut(input, hidden, 3);
      case 5 -> new LayerNormLstm(input, hidden);
      case 6 -> new Lstm(input, hidden, Lstm.Options.DEFAULT.withPeepholes());
      default -> new Lstm(input, hidden);
    };
  }

  private void add() {
    int input = random.nextInt(1, MAX_SIZE);
    int hidden = random.nextInt(1, MAX_SIZE);
    Cell cell = cell(input, hidden);
    Weights weights = Weights.random(Architecture.of(cell), 1);
    Network network =
        new Network(
            switch (random.nextInt(3)) {
              case 0 -> weights.to(WeightFormat.BF16);
              case 1 -> weights.to(WeightFormat.INT8);
              default -> weights;
            });
    int steps = random.nextInt(1, MAX_STEPS);
    int batch = random.nextInt(1, MAX_BATCH);
    float[] x = Matrix.random(steps * batch * input);
    float[] y = new float[steps * batch * hidden];
    Stream stream = network.newStream();
    Streams streams = network.newStreams(batch);
    Bptt bptt = new Bptt(weights, steps, batch);
    closers.addAll(List.of(network::close, stream::close, streams::close, bptt::close));
    calls.add(() -> stream.step(x, y));
    calls.add(() -> stream.run(x, steps, y));
    calls.add(() -> streams.step(x, y));
    calls.add(() -> streams.run(x, steps, y));
    calls.add(
        () -> {
          bptt.forward(x, steps, y);
          bptt.backward(y);
        });
  }
}
