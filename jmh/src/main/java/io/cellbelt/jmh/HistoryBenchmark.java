package io.cellbelt.jmh;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A step in a JVM that has run nothing else, and in one that has run everything. */
@BenchmarkMode(Mode.SampleTime) // the median does not see neighbours that take the core away
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
    value = 5,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class HistoryBenchmark extends Microseconds {
  private static final int BATCH = 32;

  /** Input size and hidden size. */
  @Param({"64x128", "256x256"})
  public String shape;

  /** What the JVM has run before: nothing, or {@link Pollution}. */
  @Param({"clean", "polluted"})
  public String history;

  private Network network;
  private Stream stream;
  private Streams streams;
  private float[] x;
  private float[] y;

  /** Pollutes, allocates, warms up. */
  @Setup(Level.Trial)
  public void setUp() {
    if (history.equals("polluted")) {
      Pollution.run();
    }
    String[] sizes = shape.split("x", 2);
    int input = Integer.parseInt(sizes[0]);
    int hidden = Integer.parseInt(sizes[1]);
    network = new Network(Weights.random(Architecture.of(new Lstm(input, hidden)), 1));
    stream = network.newStream();
    streams = network.newStreams(BATCH);
    x = Matrix.random(BATCH * input);
    y = new float[BATCH * hidden];
    System.out.println("# Cellbelt: " + network.warmUp());
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    streams.close();
    stream.close();
    network.close();
  }

  /** One step of one stream. */
  @Benchmark
  public void step() {
    stream.step(x, y);
  }

  /** One step of 32 streams. */
  @Benchmark
  public void batch() {
    streams.step(x, y);
  }
}
