package io.cellbelt.jmh;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.SimdEnvironment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** An LSTM as services and trainers use it, through the public interface. */
public class NetworkBenchmark extends Microseconds {
  private static final int SEQUENCE = 100;
  private static final int STEPS = 50;
  private static final int BATCH = 32;

  /** Input size and hidden size. */
  @Param({"32x32", "64x128", "256x256", "512x512", "1024x1024"})
  public String shape;

  private Network network;
  private Stream stream;
  private Streams streams;
  private Bptt bptt;
  private float[] x;
  private float[] y;
  private float[] batchX;
  private float[] batchY;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    System.out.println("# Cellbelt: " + SimdEnvironment.current().summary());
    String[] sizes = shape.split("x", 2);
    int input = Integer.parseInt(sizes[0]);
    int hidden = Integer.parseInt(sizes[1]);
    network = new Network(Weights.random(Architecture.of(new Lstm(input, hidden)), 1));
    stream = network.newStream();
    streams = network.newStreams(BATCH);
    bptt = new Bptt(network.weights(), STEPS, BATCH);
    x = Matrix.random(SEQUENCE * input);
    y = new float[SEQUENCE * hidden];
    batchX = Matrix.random(STEPS * BATCH * input);
    batchY = new float[STEPS * BATCH * hidden];
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    bptt.close();
    streams.close();
    stream.close();
    network.close();
  }

  /** T = 100, B = 1. */
  @Benchmark
  public void sequence() {
    stream.run(x, SEQUENCE, y);
  }

  /** T = 50, B = 32. */
  @Benchmark
  public void batch() {
    streams.run(batchX, STEPS, batchY);
  }

  /** T = 50, B = 32, forward and backward. */
  @Benchmark
  public void train() {
    bptt.forward(batchX, STEPS, batchY);
    bptt.backward(batchY);
  }
}
