package io.cellbelt.jmh;

import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.training.Ctc;
import io.cellbelt.kernels.training.Losses;
import io.cellbelt.kernels.training.MixtureDensity;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.function.IntToDoubleFunction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Losses of the outputs of a hundred steps and their gradients, with the copy that refreshes them.
 */
public class LossBenchmark extends Microseconds {
  private static final int ROWS = 100;
  private static final int LABELS = 25;
  private static final float SCALE = 1f / ROWS;
  private static final float DELTA = 1;
  private static final int SPREAD = 2;

  /** Which. */
  @Param({
    "copy",
    "softmax cross-entropy",
    "sigmoid cross-entropy",
    "squared error",
    "absolute error",
    "huber",
    "mixture density",
    "ctc"
  })
  public String loss;

  /** Outputs of a step; a mixture takes as many as make whole components. */
  @Param({"64", "1024"})
  public int outputs;

  private final int[] labels = new int[ROWS];
  private float[] values;
  private float[] targets;
  private Slab slab;
  private Slab scratch;
  private DoubleSupplier sum;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    System.out.println("# Cellbelt: " + SimdEnvironment.current().summary());
    SplittableRandom random = new SplittableRandom(1);
    values = new float[ROWS * outputs];
    targets = new float[ROWS * outputs];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian(0, SPREAD);
      targets[i] = (float) random.nextDouble();
    }
    for (int i = 0; i < ROWS; i++) {
      labels[i] = random.nextInt(1, outputs);
    }
    slab = Slab.allocate(values.length);
    scratch = Slab.allocate(outputs);
    sum = sum();
  }

  private DoubleSupplier sum() {
    MixtureDensity mixture = new MixtureDensity((outputs - 1) / 6);
    Ctc ctc = new Ctc(ROWS, outputs, 0);
    int[] sequence = Arrays.copyOf(labels, LABELS);
    return switch (loss) {
      case "softmax cross-entropy" ->
          ofRows(row -> Losses.softmaxCrossEntropy(at(row), outputs, outputs, labels[row], SCALE));
      case "sigmoid cross-entropy" ->
          ofRows(
              row ->
                  Losses.sigmoidCrossEntropy(
                      at(row), outputs, outputs, targets, row * outputs, scratch.address(), SCALE));
      case "squared error" ->
          ofRows(row -> Losses.squaredError(at(row), outputs, targets, row * outputs, SCALE));
      case "absolute error" ->
          ofRows(row -> Losses.absoluteError(at(row), outputs, targets, row * outputs, SCALE));
      case "huber" ->
          ofRows(row -> Losses.huber(at(row), outputs, targets, row * outputs, DELTA, SCALE));
      case "mixture density" ->
          ofRows(row -> mixture.apply(at(row), targets, row * outputs, SCALE));
      case "ctc" -> () -> ctc.apply(at(0), (long) Float.BYTES * outputs, ROWS, sequence, SCALE);
      default -> () -> 0; // the copy
    };
  }

  private static DoubleSupplier ofRows(IntToDoubleFunction ofRow) {
    return () -> {
      double all = 0;
      for (int row = 0; row < ROWS; row++) {
        all += ofRow.applyAsDouble(row);
      }
      return all;
    };
  }

  private long at(int row) {
    return slab.address((long) row * outputs);
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    scratch.close();
    slab.close();
  }

  /** A hundred rows. */
  @Benchmark
  public double apply() {
    slab.put(0, values, 0, values.length);
    return sum.getAsDouble();
  }
}
