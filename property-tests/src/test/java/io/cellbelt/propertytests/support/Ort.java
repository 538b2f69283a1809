package io.cellbelt.propertytests.support;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model in ONNX Runtime, on one thread. */
public final class Ort implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  /** Opens a file. */
  public Ort(Path model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(model.toString(), options);
    }
  }

  /** Calls the model with 32-bit floats and 64-bit integers; the outputs are floats. */
  public Map<String, Tensor> run(Map<String, Tensor> inputs) throws OrtException {
    Map<String, OnnxTensor> fed = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        fed.put(input.getKey(), tensor(input.getValue()));
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(fed)) {
        for (var output : result) {
          OnnxTensor value = (OnnxTensor) output.getValue();
          float[] floats = new float[value.getFloatBuffer().remaining()];
          value.getFloatBuffer().get(floats);
          int[] shape =
              Arrays.stream(value.getInfo().getShape()).mapToInt(Math::toIntExact).toArray();
          outputs.put(output.getKey(), Tensor.of(floats, shape));
        }
      }
      return outputs;
    } finally {
      fed.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor tensor(Tensor tensor) throws OrtException {
    long[] shape = Arrays.stream(tensor.shape()).asLongStream().toArray();
    return tensor.type().storage() == Storage.LONG
        ? OnnxTensor.createTensor(environment, LongBuffer.wrap(tensor.longs()), shape)
        : OnnxTensor.createTensor(environment, FloatBuffer.wrap(tensor.floats()), shape);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
