package io.cellbelt.app;

import com.sun.management.ThreadMXBean;
import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.MachineLimits;
import io.cellbelt.kernels.Timing;
import io.cellbelt.kernels.WeightFormat;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Times one cell in one mode, in turn with the loads that reach the limits of the machine.
 *
 * @param seconds how long each is timed, after a warm-up
 */
record Bench(double seconds) {
  /** What is called, with its T and B. */
  enum Mode {
    /** One step of a stream. */
    STEP(1, 1, 1),
    /** A stream run over a sequence. */
    SEQUENCE(100, 1, 1),
    /** Streams advanced together over a sequence. */
    BATCH(50, 32, 1),
    /** Forward and backward over a window of sequences; the way back is twice the arithmetic. */
    TRAIN(50, 32, 3);

    final int steps;
    final int batch;
    final int arithmetic;

    Mode(int steps, int batch, int arithmetic) {
      this.steps = steps;
      this.batch = batch;
      this.arithmetic = arithmetic;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What is timed, how often it is called to count what it allocates, and how it ends. */
  private record Subject(Runnable call, int countedCalls, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }

  /** What is compared: one format of the weights, and reading as many bytes as it has. */
  private record Candidate(
      WeightFormat format, Network network, Subject subject, MachineLimits.Load reading)
      implements AutoCloseable {
    @Override
    public void close() {
      subject.close();
      reading.close();
      network.close();
    }
  }

  /**
   * Times a cell with its weights in each of the formats, in turn.
   *
   * @param name of the cell
   * @param formats starts with f32, which the others are compared with
   */
  List<BenchResult> run(String name, Cell cell, Mode mode, List<WeightFormat> formats) {
    List<Candidate> candidates = new ArrayList<>();
    Weights weights = Weights.random(Architecture.of(cell), 1);
    try (MachineLimits.Load arithmetic = MachineLimits.multiplying()) {
      List<Runnable> tasks = new ArrayList<>(List.of(arithmetic));
      for (WeightFormat format : formats) {
        Network network = new Network(weights.to(format));
        Subject subject = subject(network, mode);
        MachineLimits.Load reading = MachineLimits.reading(weightsOfStep(cell, mode, format));
        candidates.add(new Candidate(format, network, subject, reading));
        tasks.add(subject.call);
        tasks.add(reading);
      }
      List<Timing> timings = Timing.interleaved(seconds, tasks);
      double peak = arithmetic.rate(timings.getFirst()).best();
      List<BenchResult> results = new ArrayList<>();
      for (int i = 0; i < candidates.size(); i++) {
        Candidate candidate = candidates.get(i);
        results.add(
            result(
                name,
                cell,
                mode,
                candidate,
                timings.get(2 * i + 1),
                timings.get(1).median(),
                candidate.reading.rate(timings.get(2 * i + 2)).best(),
                peak));
      }
      return results;
    } finally {
      candidates.forEach(Candidate::close);
    }
  }

  private static BenchResult result(
      String name,
      Cell cell,
      Mode mode,
      Candidate candidate,
      Timing timing,
      double f32Median,
      double bandwidth,
      double peak) {
    double flops = flops(cell, mode);
    double traffic = traffic(cell, mode, candidate.format);
    double limit = Math.max(traffic / bandwidth, flops / peak);
    return new BenchResult(
        name,
        candidate.format.label(),
        mode.label(),
        cell.inputSize(),
        cell.hiddenSize(),
        mode.steps,
        mode.batch,
        1e6 * timing.median(),
        1e6 * timing.best(),
        f32Median / timing.median(),
        allocated(candidate.subject),
        1e-9 * flops / timing.best(),
        1e-9 * traffic / timing.best(),
        1e-9 * bandwidth,
        1e-9 * peak,
        limit / timing.best());
  }

  /** Floating-point operations of the products of a call, a multiplication and an addition each. */
  private static double flops(Cell cell, Mode mode) {
    double weights = inputWeights(cell) + recurrentWeights(cell);
    return 2.0 * mode.arithmetic * mode.steps * mode.batch * weights;
  }

  /**
   * Bytes of weights that a call cannot avoid to read: U at each step, since a step needs the h
   * before, but W once for all of them; both again, transposed, on the way back.
   */
  private static double traffic(Cell cell, Mode mode, WeightFormat format) {
    double weights = (double) mode.steps * recurrentWeights(cell) + inputWeights(cell);
    return (mode == Mode.TRAIN ? 2 : 1) * weights * Float.BYTES / format.perWord();
  }

  /** Bytes of weights that are read at each step, and so should stay in a near cache. */
  private static long weightsOfStep(Cell cell, Mode mode, WeightFormat format) {
    long weights = recurrentWeights(cell) + (mode == Mode.STEP ? inputWeights(cell) : 0);
    return weights * Float.BYTES / format.perWord();
  }

  private static long inputWeights(Cell cell) {
    return weights(cell, true);
  }

  private static long recurrentWeights(Cell cell) {
    return weights(cell, false);
  }

  /**
   * Entries of the matrices that x is multiplied by, or of all others; of a cell with a clock as
   * many as a step uses on average.
   */
  private static long weights(Cell cell, boolean ofInput) {
    Schedule schedule = cell.schedule();
    long sum = 0;
    for (Schedule.Group group : schedule.groups()) {
      for (Schedule.Product product : group.products()) {
        if (product.source() instanceof Schedule.Source.X == ofInput) {
          long rows = (long) group.gates().length() * group.size();
          sum += rows * schedule.length(product.source(), cell);
        }
      }
    }
    return Math.round(sum * StepBench.active(cell));
  }

  private static Subject subject(Network network, Mode mode) {
    Architecture architecture = network.architecture();
    int rows = mode.steps * mode.batch;
    float[] x = random(rows * architecture.input().size());
    float[] y = new float[rows * architecture.outputSize()];
    return switch (mode) {
      case STEP -> {
        Stream stream = network.newStream();
        yield new Subject(() -> stream.step(x, y), 1000, stream::close);
      }
      case SEQUENCE -> {
        Stream stream = network.newStream();
        yield new Subject(() -> stream.run(x, mode.steps, y), 10, stream::close);
      }
      case BATCH -> {
        Streams streams = network.newStreams(mode.batch);
        yield new Subject(() -> streams.run(x, mode.steps, y), 2, streams::close);
      }
      case TRAIN -> {
        Bptt bptt = new Bptt(network.weights(), mode.steps, mode.batch);
        float[] dy = random(y.length);
        yield new Subject(
            () -> {
              bptt.forward(x, mode.steps, y);
              bptt.backward(dy);
            },
            2,
            bptt::close);
      }
    };
  }

  /** The same random numbers each time, within ±1. */
  static float[] random(int count) {
    SplittableRandom random = new SplittableRandom(2);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /** Bytes that a call allocates, rounded up. */
  private static long allocated(Subject subject) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < subject.countedCalls; i++) {
      subject.call.run();
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    return Math.ceilDiv(bytes, subject.countedCalls);
  }
}
