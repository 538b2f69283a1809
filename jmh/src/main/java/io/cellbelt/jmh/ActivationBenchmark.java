package io.cellbelt.jmh;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Activations in place over a block in the L1 cache, with the copy that refreshes it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class ActivationBenchmark {
  private static final int COUNT = 1024;

  /** Which. */
  @Param({"copy", "sigmoid", "tanh", "exp", "Math.tanh"})
  public String function;

  private final float[] values = Matrix.random(COUNT);
  private Matrix matrix;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    matrix = new Matrix(COUNT, 1, 1, 1);
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    matrix.close();
  }

  /** 1024 floats. */
  @Benchmark
  public void activate() {
    matrix.x.put(0, values, 0, COUNT);
    switch (function) {
      case "sigmoid" -> Sigmoid.apply(matrix.x.address(), COUNT);
      case "tanh" -> Tanh.apply(matrix.x.address(), COUNT);
      case "exp" -> Exp.apply(matrix.x.address(), COUNT);
      case "Math.tanh" -> {
        for (int i = 0; i < COUNT; i++) {
          matrix.x.set(i, (float) Math.tanh(values[i]));
        }
      }
      default -> {
        // the copy alone
      }
    }
  }
}
