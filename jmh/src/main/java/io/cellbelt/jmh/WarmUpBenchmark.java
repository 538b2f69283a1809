package io.cellbelt.jmh;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.WarmUp;
import io.cellbelt.cells.Weights;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** How long a warm-up takes in a fresh JVM. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(
    value = 5,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class WarmUpBenchmark extends Microseconds {
  /** Input size and hidden size. */
  @Param({"64x128", "256x256", "1024x1024"})
  public String shape;

  private Network network;
  private WarmUp result;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    String[] sizes = shape.split("x", 2);
    network =
        new Network(
            Weights.random(
                Architecture.of(new Lstm(Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]))),
                1));
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    System.out.println("# Cellbelt: " + result);
    network.close();
  }

  /** {@link Network#warmUp}. */
  @Benchmark
  public void warmUp() {
    result = network.warmUp();
  }
}
