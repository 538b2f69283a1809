package io.cellbelt.jmh;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.WeightFormat;
import java.util.Arrays;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Steps, ten thousand in a row, of a state that is fed, or that fades away until nothing is left: a
 * library that let it become denormal would become slow on the way.
 */
@BenchmarkMode(Mode.SampleTime) // a phase in which steps are slow shows in the percentiles
public class DecayBenchmark extends Microseconds {
  private static final int STEPS = 10_000;
  private static final int INPUTS = 64;
  private static final int HIDDEN = 128;

  /** Forget gates of 0.989: the state falls under 1e-30 after some 7,000 steps. */
  private static final float FORGET_BIAS = 4.5f;

  /** Whether the input lasts, or is zero after the first step. */
  @Param({"lively", "decayed"})
  public String state;

  /** How the weights are stored. */
  @Param({"F32", "BF16", "INT8"})
  public WeightFormat format;

  private Network network;
  private Stream stream;
  private float[] first;
  private float[] others;
  private float[] y;
  private long steps;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    Architecture architecture = Architecture.of(new Lstm(INPUTS, HIDDEN));
    float[] bias = new float[4 * HIDDEN];
    Arrays.fill(bias, HIDDEN, 2 * HIDDEN, FORGET_BIAS);
    float[] recurrent = Matrix.random(4 * HIDDEN * HIDDEN);
    for (int i = 0; i < recurrent.length; i++) {
      recurrent[i] *= 0.01f;
    }
    Weights weights =
        Weights.of(
            architecture,
            Map.of(
                architecture.inputWeight(0),
                Matrix.random(4 * HIDDEN * INPUTS),
                architecture.recurrentWeight(0),
                recurrent,
                architecture.bias(0),
                bias));
    network = new Network(weights.to(format));
    stream = network.newStream();
    first = new float[INPUTS];
    Arrays.fill(first, 1);
    others = state.equals("lively") ? first : new float[INPUTS];
    y = new float[HIDDEN];
    System.out.println("# Cellbelt: " + network.warmUp());
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    stream.close();
    network.close();
  }

  /** A step; every ten thousand the stream begins anew. */
  @Benchmark
  public void step() {
    if (steps % STEPS == 0) {
      stream.reset();
    }
    stream.step(steps++ % STEPS == 0 ? first : others, y);
  }
}
