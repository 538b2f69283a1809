package io.cellbelt.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch's {@code lstm}, by the path it takes by default, which is oneDNN's LSTM, or by its own,
 * which multiplies with BLAS.
 */
final class TorchEngine implements Engine {
  private final boolean oneDnn;

  TorchEngine(boolean oneDnn) {
    this.oneDnn = oneDnn;
    torch.set_num_threads(1);
  }

  @Override
  public String name() {
    return oneDnn ? "torch" : "torch-blas";
  }

  @Override
  public String version() {
    String math = oneDnn ? torch.get_mkldnn_version().getString() : "without oneDNN, OpenBLAS";
    try {
      return Loader.getVersion("org.bytedeco", "pytorch") + ", " + math;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Task prepare(Problem problem) {
    return problem.mode() == Mode.TRAIN
        ? new Training(problem, oneDnn)
        : new Inference(problem, oneDnn);
  }

  private static Tensor tensor(float[] values, long... sizes) {
    return Tensor.create(values, sizes);
  }

  private static float[] array(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    new FloatPointer(tensor.contiguous().data_ptr()).get(values);
    return values;
  }

  /** W, U, and the two biases that are added. */
  private static TensorVector parameters(Problem p) {
    int rows = Problem.GATES * p.hidden();
    return new TensorVector(
        tensor(p.w(), rows, p.input()),
        tensor(p.u(), rows, p.hidden()),
        tensor(p.b(), rows),
        tensor(new float[rows], rows));
  }

  /** Zero h and c. */
  private static TensorVector states(Problem p) {
    float[] zeros = new float[p.batch() * p.hidden()];
    return new TensorVector(
        tensor(zeros, 1, p.batch(), p.hidden()), tensor(zeros, 1, p.batch(), p.hidden()));
  }

  private static T_TensorTensorTensor_T lstm(
      Tensor x, TensorVector states, TensorVector parameters, boolean train) {
    return torch.lstm(x, states, parameters, true, 1, 0, train, false, false);
  }

  private static final class Inference implements Task {
    private final boolean oneDnn;
    private final InferenceMode mode = new InferenceMode();
    private final Tensor x;
    private final TensorVector states;
    private final TensorVector parameters;
    private T_TensorTensorTensor_T last;

    Inference(Problem p, boolean oneDnn) {
      this.oneDnn = oneDnn;
      x = tensor(p.x(), p.steps(), p.batch(), p.input());
      states = states(p);
      parameters = parameters(p);
    }

    @Override
    public void run() {
      torch.globalContext().setUserEnabledMkldnn(oneDnn);
      if (last != null) {
        last.close();
      }
      last = lstm(x, states, parameters, false);
      states.put(0, last.get1());
      states.put(1, last.get2());
    }

    @Override
    public Results results() {
      return new Results()
          .with("y", array(last.get0()))
          .with("h", array(last.get1()))
          .with("c", array(last.get2()));
    }

    @Override
    public void close() {
      if (last != null) {
        last.close();
      }
      mode.close();
    }
  }

  private static final class Training implements Task {
    private static final List<String> GRADIENTS = List.of("dx", "dW", "dU", "db");

    private final boolean oneDnn;
    private final Tensor x;
    private final TensorVector states;
    private final TensorVector parameters;
    private final TensorVector inputs;
    private final TensorVector dy;
    private final TensorVector outputs = new TensorVector(1);
    private final BoolOptional freeGraph = new BoolOptional(false);
    private TensorVector gradients;

    Training(Problem p, boolean oneDnn) {
      this.oneDnn = oneDnn;
      x = tensor(p.x(), p.steps(), p.batch(), p.input());
      states = states(p);
      parameters = parameters(p);
      inputs = new TensorVector(x, parameters.get(0), parameters.get(1), parameters.get(2));
      for (int i = 0; i < inputs.size(); i++) {
        inputs.get(i).set_requires_grad(true);
      }
      dy = new TensorVector(tensor(p.dy(), p.steps(), p.batch(), p.hidden()));
    }

    @Override
    public void run() {
      torch.globalContext().setUserEnabledMkldnn(oneDnn);
      if (gradients != null) {
        gradients.close();
      }
      try (T_TensorTensorTensor_T result = lstm(x, states, parameters, true)) {
        outputs.put(0, result.get0());
      }
      gradients = torch.grad(outputs, inputs, dy, freeGraph, false, false);
    }

    @Override
    public Results results() {
      Results results = new Results().with("y", array(outputs.get(0)));
      for (int i = 0; i < GRADIENTS.size(); i++) {
        results.with(GRADIENTS.get(i), array(gradients.get(i)));
      }
      return results;
    }

    @Override
    public void close() {
      if (gradients != null) {
        gradients.close();
      }
      outputs.close();
    }
  }
}
