package io.cellbelt.jmh;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.SimdEnvironment;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A whole update of an LSTM: forward, loss, backward, clipping and Adam. With more than one thread
 * the process must have as many cores.
 */
public class TrainerBenchmark extends Microseconds {
  private static final int STEPS = 50;
  private static final int BATCH = 32;
  private static final double LEARNING_RATE = 1e-3;

  /** Input size and hidden size. */
  @Param({"64x128", "256x256"})
  public String shape;

  /** Parts of the batch. */
  @Param({"1", "2", "4"})
  public int parts;

  /** Threads that share them, the caller's included. */
  @Param({"1", "2"})
  public int threads;

  private ExecutorService helpers;
  private Trainer trainer;
  private Batch batch;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    System.out.println("# Cellbelt: " + SimdEnvironment.current().summary());
    String[] sizes = shape.split("x", 2);
    int input = Integer.parseInt(sizes[0]);
    int hidden = Integer.parseInt(sizes[1]);
    helpers = threads == 1 ? null : Executors.newFixedThreadPool(threads - 1);
    Weights weights = Weights.random(Architecture.of(new Lstm(input, hidden)), 1);
    trainer =
        new Trainer(
            weights,
            new Trainer.Options(BATCH, STEPS, Loss.MEAN_SQUARED_ERROR, Adam.of(LEARNING_RATE), 1)
                .withParts(parts),
            helpers);
    batch =
        Batch.ofVectors(
            STEPS,
            true,
            Matrix.random(STEPS * BATCH * input),
            Matrix.random(STEPS * BATCH * hidden));
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    trainer.close();
    if (helpers != null) {
      helpers.shutdown();
    }
  }

  /** T = 50, B = 32, targets that cannot all be met, so that the gradient lasts. */
  @Benchmark
  public double update() {
    return trainer.update(batch);
  }
}
