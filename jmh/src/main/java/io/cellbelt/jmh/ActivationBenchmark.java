package io.cellbelt.jmh;

import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.activation.Erf;
import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Log;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Activations in place over a block in the L1 cache, with the copy that refreshes it, and what to
 * measure them against.
 */
public class ActivationBenchmark extends Microseconds {
  private static final int COUNT = 1024;
  private static final int SPREAD = 2;

  /** Which. */
  @Param({
    "copy",
    "VectorOperators.TANH",
    "rational tanh",
    "tanh",
    "rational sigmoid",
    "sigmoid",
    "exp",
    "log",
    "erf",
    "elu",
    "softplus",
    "softsign",
    "scaled tanh",
    "hard sigmoid",
    "Math.tanh"
  })
  public String function;

  private final float[] values = new float[COUNT];
  private Slab slab;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    System.out.println("# Cellbelt: " + SimdEnvironment.current().summary());
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < COUNT; i++) {
      values[i] = (float) random.nextGaussian(0, SPREAD);
    }
    slab = Slab.allocate(COUNT);
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    slab.close();
  }

  /** 1024 floats. */
  @Benchmark
  public void activate() {
    slab.put(0, values, 0, COUNT);
    long address = slab.address();
    switch (function) {
      case "VectorOperators.TANH" -> Yardsticks.tanh(address, COUNT);
      case "rational tanh" -> Yardsticks.rationalTanh(address, COUNT);
      case "tanh" -> Tanh.apply(address, COUNT);
      case "rational sigmoid" -> Yardsticks.rationalSigmoid(address, COUNT);
      case "sigmoid" -> Sigmoid.apply(address, COUNT);
      case "exp" -> Exp.apply(address, COUNT);
      case "log" -> Log.apply(address, COUNT);
      case "erf" -> Erf.apply(address, COUNT);
      case "elu" -> new Activation.Elu().apply(address, COUNT);
      case "softplus" -> new Activation.Softplus().apply(address, COUNT);
      case "softsign" -> new Activation.Softsign().apply(address, COUNT);
      case "scaled tanh" -> new Activation.ScaledTanh().apply(address, COUNT);
      case "hard sigmoid" -> new Activation.HardSigmoid().apply(address, COUNT);
      case "Math.tanh" -> {
        for (int i = 0; i < COUNT; i++) {
          slab.set(i, (float) Math.tanh(values[i]));
        }
      }
      default -> {
        // the copy alone
      }
    }
  }
}
