package io.cellbelt.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** ONNX Runtime's CPU provider, with tensors over memory that is made once. */
final class OnnxRuntimeEngine implements Engine {
  private final OrtEnvironment environment =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING);

  @Override
  public String name() {
    return "onnxruntime";
  }

  @Override
  public String version() {
    return environment.getVersion();
  }

  @Override
  public boolean supports(Mode mode) {
    return mode != Mode.TRAIN;
  }

  @Override
  public Task prepare(Problem problem) {
    try {
      return new Inference(environment, problem);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One thread, which does not spin, and all optimisations. */
  static OrtSession.SessionOptions options() throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    options.addConfigEntry("session.intra_op.allow_spinning", "0");
    options.addConfigEntry("session.inter_op.allow_spinning", "0");
    return options;
  }

  static FloatBuffer buffer(int floats) {
    // Zeros, aligned to the cache lines that the engine's own memory starts at.
    return ByteBuffer.allocateDirect(Float.BYTES * floats + 128)
        .alignedSlice(64)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer()
        .slice(0, floats);
  }

  static float[] array(FloatBuffer buffer) {
    float[] values = new float[buffer.capacity()];
    buffer.get(0, values);
    return values;
  }

  private static final class Inference implements Task {
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final List<OnnxTensor> tensors = new ArrayList<>();
    private final List<Map<String, OnnxTensor>> inputs;
    private final List<Map<String, OnnxTensor>> outputs;
    private final FloatBuffer y;
    private final FloatBuffer[] h;
    private final FloatBuffer[] c;

    /** Which of two places the states are in: calls read one and write the other, in turn. */
    private int current;

    Inference(OrtEnvironment environment, Problem p) throws OrtException {
      this.environment = environment;
      boolean sequence = p.steps() > 1;
      try (OrtSession.SessionOptions options = options()) {
        session = environment.createSession(OnnxLstm.model(p, sequence), options);
      }
      int state = p.batch() * p.hidden();
      h = new FloatBuffer[] {buffer(state), buffer(state)};
      c = new FloatBuffer[] {buffer(state), buffer(state)};
      OnnxTensor x =
          tensor(buffer(p.x().length).put(p.x()).flip(), p.steps(), p.batch(), p.input());
      long[] states = {1, p.batch(), p.hidden()};
      OnnxTensor[] hs = {tensor(h[0], states), tensor(h[1], states)};
      OnnxTensor[] cs = {tensor(c[0], states), tensor(c[1], states)};
      inputs =
          List.of(
              Map.of(OnnxLstm.X, x, OnnxLstm.H_IN, hs[0], OnnxLstm.C_IN, cs[0]),
              Map.of(OnnxLstm.X, x, OnnxLstm.H_IN, hs[1], OnnxLstm.C_IN, cs[1]));
      if (sequence) {
        y = buffer(p.dy().length);
        OnnxTensor all = tensor(y, p.steps(), 1, p.batch(), p.hidden());
        outputs =
            List.of(
                Map.of(OnnxLstm.Y, all, OnnxLstm.H_OUT, hs[1], OnnxLstm.C_OUT, cs[1]),
                Map.of(OnnxLstm.Y, all, OnnxLstm.H_OUT, hs[0], OnnxLstm.C_OUT, cs[0]));
      } else {
        y = null;
        outputs =
            List.of(
                Map.of(OnnxLstm.H_OUT, hs[1], OnnxLstm.C_OUT, cs[1]),
                Map.of(OnnxLstm.H_OUT, hs[0], OnnxLstm.C_OUT, cs[0]));
      }
    }

    private OnnxTensor tensor(FloatBuffer buffer, long... sizes) throws OrtException {
      OnnxTensor tensor = OnnxTensor.createTensor(environment, buffer, sizes);
      tensors.add(tensor);
      return tensor;
    }

    @Override
    public void run() {
      try {
        session.run(inputs.get(current), outputs.get(current)).close();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
      current = 1 - current;
    }

    @Override
    public Results results() {
      return new Results()
          .with("y", array(y == null ? h[current] : y))
          .with("h", array(h[current]))
          .with("c", array(c[current]));
    }

    @Override
    public void close() {
      tensors.forEach(OnnxTensor::close);
      try {
        session.close();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
