package io.cellbelt.jmh;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Activations in place over a block in the L1 cache, with the copy that refreshes it. */
public class ActivationBenchmark extends Microseconds {
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
