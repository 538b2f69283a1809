package io.cellbelt.propertytests.support;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.kernels.WeightFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Every way to advance one network, and to train it. */
public final class Driver implements AutoCloseable {
  private final Network network;
  private final Stream stream;
  private final Streams streams;
  private final Bptt bptt;
  private final Arena arena = Arena.ofShared();
  private final List<Way> ways = new ArrayList<>();

  /** One way, to be called over and over. */
  public record Way(String name, Runnable call) {
    /** Fails unless it comes to allocate nothing. */
    public void checkNoAllocation() {
      Allocations.checkNone(name, call);
    }
  }

  /**
   * Architectures with one layer and with two, with and without head; of LSTM and RNN on every
   * input, of the other kinds on vectors and one-hot tokens.
   */
  public static List<Architecture> architectures(Cells kind) {
    Architecture two = new Architecture(new Input.Dense(32), kind.stack(32, 64, 20), 10);
    Architecture oneHot = new Architecture(new Input.OneHot(30), kind.stack(30, 17), 30);
    return kind == Cells.LSTM || kind == Cells.RNN
        ? List.of(
            Architecture.of(kind.of(7, 33)),
            two,
            oneHot,
            new Architecture(new Input.Embedding(50, 9), kind.stack(9, 40), 0))
        : List.of(two, oneHot);
  }

  /**
   * Opens everything that it takes.
   *
   * @param steps of a run
   * @param count streams that are advanced together
   */
  public Driver(Architecture architecture, WeightFormat format, int steps, int count) {
    network = Nets.network(architecture, format, 1);
    stream = network.newStream();
    streams = network.newStreams(count);
    bptt = format == WeightFormat.F32 ? new Bptt(network.weights(), steps, count) : null;
    Feed run = Feed.random(architecture, steps, 1, 1);
    Feed all = Feed.random(architecture, steps, count, 2);
    String where = " through " + format + " " + architecture + ", T=" + steps + ", B=" + count;
    if (run.x() == null) {
      tokens(where, run, all);
    } else {
      vectors(where, run, all);
    }
  }

  private void tokens(String where, Feed run, Feed all) {
    float[] y = all.newOutput();
    add("step of a token" + where, () -> stream.step(run.tokens()[0], y));
    add("run of tokens" + where, () -> stream.run(run.tokens(), y));
    add("step of streams" + where, () -> streams.step(all.tokens(), y));
    int[] some = {streams.count() - 1};
    add("advance of streams" + where, () -> streams.advance(some, all.tokens(), y));
    add("run of streams" + where, () -> streams.run(all.tokens(), all.steps(), y));
    if (bptt != null) {
      add(
          "training" + where,
          () -> {
            bptt.forward(all.tokens(), all.steps(), y);
            bptt.backward(y);
          });
    }
  }

  private void vectors(String where, Feed run, Feed all) {
    float[] y = all.newOutput();
    MemorySegment heap = MemorySegment.ofArray(run.x());
    MemorySegment output = arena.allocate((long) Float.BYTES * y.length);
    add("step of an array" + where, () -> stream.step(run.x(), y));
    add("step of a heap and a native segment" + where, () -> stream.step(heap, output));
    add("run" + where, () -> stream.run(run.x(), run.steps(), y));
    add("step of streams" + where, () -> streams.step(all.x(), y));
    int[] some = {streams.count() - 1};
    add("advance of streams" + where, () -> streams.advance(some, all.x(), y));
    add("run of streams" + where, () -> streams.run(all.x(), all.steps(), y));
    if (bptt != null) {
      add(
          "training" + where,
          () -> {
            bptt.forward(all.x(), all.steps(), y);
            bptt.backward(y);
          });
    }
  }

  private void add(String name, Runnable call) {
    ways.add(new Way(name, call));
  }

  /** The network that is driven. */
  public Network network() {
    return network;
  }

  /** All ways. */
  public List<Way> ways() {
    return ways;
  }

  @Override
  public void close() {
    if (bptt != null) {
      bptt.close();
    }
    stream.close();
    streams.close();
    network.close();
    arena.close();
  }
}
