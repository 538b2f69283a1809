package io.cellbelt.peers;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.WeightFormat;
import java.util.Map;

/** Cellbelt through its public interface, arrays in and out. */
final class CellbeltEngine implements Engine {
  private final WeightFormat format;

  /** With its weights stored like this. */
  CellbeltEngine(WeightFormat format) {
    this.format = format;
  }

  @Override
  public String name() {
    return "cellbelt";
  }

  @Override
  public String version() {
    return SimdEnvironment.current().vectorBits() + "-bit vectors";
  }

  @Override
  public String weights() {
    return format.label();
  }

  @Override
  public boolean peer() {
    return false;
  }

  @Override
  public boolean supports(Mode mode) {
    return format == WeightFormat.F32 || mode != Mode.TRAIN;
  }

  @Override
  public double tolerance() {
    return format == WeightFormat.BF16 ? 2e-2 : 1e-1;
  }

  @Override
  public Task prepare(Problem problem) {
    Architecture architecture = Architecture.of(new Lstm(problem.input(), problem.hidden()));
    Weights weights =
        Weights.of(
            architecture,
            Map.of(
                architecture.inputWeight(0), problem.w(),
                architecture.recurrentWeight(0), problem.u(),
                architecture.bias(0), problem.b()));
    float[] y = new float[problem.dy().length];
    if (problem.mode() == Mode.TRAIN) {
      return new Training(problem, weights, y);
    }
    return new Inference(problem, new Network(weights.to(format)), y);
  }

  private static final class Inference implements Task {
    private final Problem problem;
    private final Network network;
    private final Streams streams;
    private final float[] y;

    Inference(Problem problem, Network network, float[] y) {
      this.problem = problem;
      this.network = network;
      this.y = y;
      streams = network.newStreams(problem.batch());
    }

    @Override
    public void run() {
      if (problem.steps() == 1) {
        streams.step(problem.x(), y);
      } else {
        streams.run(problem.x(), problem.steps(), y);
      }
    }

    @Override
    public Results results() {
      int size = problem.hidden();
      float[] h = new float[problem.batch() * size];
      float[] c = new float[h.length];
      float[] state = new float[streams.stateSize()];
      for (int stream = 0; stream < problem.batch(); stream++) {
        streams.saveState(stream, state);
        System.arraycopy(state, 0, h, stream * size, size);
        System.arraycopy(state, size, c, stream * size, size);
      }
      return new Results().with("y", y.clone()).with("h", h).with("c", c);
    }

    @Override
    public void close() {
      streams.close();
      network.close();
    }
  }

  private static final class Training implements Task {
    private final Problem problem;
    private final Weights weights;
    private final Bptt bptt;
    private final float[] y;

    Training(Problem problem, Weights weights, float[] y) {
      this.problem = problem;
      this.weights = weights;
      this.y = y;
      bptt = new Bptt(weights, problem.steps(), problem.batch());
    }

    @Override
    public void run() {
      bptt.forward(problem.x(), problem.steps(), y);
      bptt.backward(problem.dy());
    }

    @Override
    public Results results() {
      Architecture architecture = weights.architecture();
      Map<String, float[]> gradients = bptt.gradients();
      return new Results()
          .with("y", y.clone())
          .with("dW", gradients.get(architecture.inputWeight(0)))
          .with("dU", gradients.get(architecture.recurrentWeight(0)))
          .with("db", gradients.get(architecture.bias(0)))
          .with("dx", bptt.inputGradient());
    }

    @Override
    public void close() {
      bptt.close();
    }
  }
}
