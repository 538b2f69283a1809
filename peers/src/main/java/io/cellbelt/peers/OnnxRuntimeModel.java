package io.cellbelt.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.cellbelt.graphs.Carry;
import io.cellbelt.graphs.ReadyGraph;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model file in ONNX Runtime: one session, and for each stream tensors over memory that is made
 * once. States alternate between two places, so that no call copies them.
 */
final class OnnxRuntimeModel implements Runnable, AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final List<OnnxTensor> tensors = new ArrayList<>();
  private final List<Stream> streams = new ArrayList<>();

  /** What is bound for calls that read the first place of the states, and for those in between. */
  private record Stream(
      List<Map<String, OnnxTensor>> inputs,
      List<Map<String, OnnxTensor>> outputs,
      Map<String, FloatBuffer> results) {}

  private int current;

  /**
   * Opens a model.
   *
   * @param ready says the shapes and states
   * @param x the input of each stream, by name
   */
  OnnxRuntimeModel(Path file, ReadyGraph ready, List<Map<String, float[]>> x) throws OrtException {
    try (OrtSession.SessionOptions options = OnnxRuntimeEngine.options()) {
      session = environment.createSession(file.toString(), options);
    }
    for (Map<String, float[]> inputs : x) {
      streams.add(stream(ready, inputs));
    }
  }

  private Stream stream(ReadyGraph ready, Map<String, float[]> x) throws OrtException {
    Map<String, OnnxTensor> fed = new LinkedHashMap<>();
    for (Map.Entry<String, List<Integer>> input : ready.inputs().entrySet()) {
      FloatBuffer buffer = OnnxRuntimeEngine.buffer(size(input.getValue()));
      buffer.put(0, x.get(input.getKey()));
      fed.put(input.getKey(), tensor(buffer, input.getValue()));
    }
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    Map<String, FloatBuffer> results = new LinkedHashMap<>();
    for (String output : ready.results()) {
      List<Integer> shape = ready.outputs().get(output);
      FloatBuffer buffer = OnnxRuntimeEngine.buffer(size(shape));
      results.put(output, buffer);
      given.put(output, tensor(buffer, shape));
    }
    List<Map<String, OnnxTensor>> inputs = List.of(copy(fed), copy(fed));
    List<Map<String, OnnxTensor>> outputs = List.of(copy(given), copy(given));
    for (Carry state : ready.states()) {
      if (state.axis() >= 0) {
        throw new IllegalArgumentException(
            "The state " + state + " is a part of an output; this comparison binds whole ones.");
      }
      List<Integer> shape = ready.outputs().get(state.output());
      OnnxTensor first = tensor(OnnxRuntimeEngine.buffer(size(shape)), shape);
      OnnxTensor second = tensor(OnnxRuntimeEngine.buffer(size(shape)), shape);
      inputs.get(0).put(state.input(), first);
      outputs.get(0).put(state.output(), second);
      inputs.get(1).put(state.input(), second);
      outputs.get(1).put(state.output(), first);
    }
    return new Stream(inputs, outputs, results);
  }

  private static Map<String, OnnxTensor> copy(Map<String, OnnxTensor> tensors) {
    return new LinkedHashMap<>(tensors);
  }

  private static int size(List<Integer> shape) {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  private OnnxTensor tensor(FloatBuffer buffer, List<Integer> shape) throws OrtException {
    OnnxTensor tensor =
        OnnxTensor.createTensor(
            environment, buffer, shape.stream().mapToLong(Integer::longValue).toArray());
    tensors.add(tensor);
    return tensor;
  }

  /** One call for each stream. */
  @Override
  public void run() {
    try {
      for (int i = 0; i < streams.size(); i++) {
        Stream stream = streams.get(i);
        session.run(stream.inputs().get(current), stream.outputs().get(current)).close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
    current = 1 - current;
  }

  /** The outputs of the last call of each stream. */
  Results results() {
    Results all = new Results();
    for (int i = 0; i < streams.size(); i++) {
      int stream = i;
      streams
          .get(i)
          .results()
          .forEach(
              (output, buffer) -> all.with(name(stream, output), OnnxRuntimeEngine.array(buffer)));
    }
    return all;
  }

  /** What an output of a stream is called among all results. */
  static String name(int stream, String output) {
    return output + " of stream " + stream;
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
