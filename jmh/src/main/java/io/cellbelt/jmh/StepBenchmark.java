package io.cellbelt.jmh;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.WeightFormat;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** One step of one stream of an LSTM, through the public interface. */
public class StepBenchmark extends Microseconds {
  /** Input size and hidden size. */
  @Param({"32x32", "64x128", "256x256", "512x512", "1024x1024"})
  public String shape;

  /** How the weights are stored. */
  @Param public WeightFormat weights;

  private Network network;
  private Stream stream;
  private float[] x;
  private float[] y;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    System.out.println("# Cellbelt: " + SimdEnvironment.current().summary());
    String[] sizes = shape.split("x", 2);
    int input = Integer.parseInt(sizes[0]);
    int hidden = Integer.parseInt(sizes[1]);
    Weights f32 = Weights.random(Architecture.of(new Lstm(input, hidden)), 1);
    network = new Network(f32.to(weights));
    stream = network.newStream();
    x = Matrix.random(input);
    y = new float[hidden];
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    stream.close();
    network.close();
  }

  /** One step. */
  @Benchmark
  public void step() {
    stream.step(x, y);
  }
}
