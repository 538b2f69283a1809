package io.cellbelt.vad;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.cellbelt.graphs.Carry;
import io.cellbelt.graphs.ReadyGraph;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * ONNX Runtime as the peer: one session for all streams, whose states are passed in and out, or a
 * session for each. A stream has tensors over memory that is made once, and its states alternate
 * between two places, so that no step copies them. A step runs on the thread that asks for it.
 */
final class OnnxRuntimeEngine implements Engine {
  /** Streams that are opened to find out what one takes. */
  private static final int SAMPLE = 8;

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final ReadyGraph ready;
  private final Path file;

  /** Null where each stream has its own. */
  private final OrtSession shared;

  private final Map<Integer, Bound> streams = new ConcurrentHashMap<>();
  private final AtomicInteger next = new AtomicInteger();
  private final long bytes;

  /** What is bound for steps that read the first place of the states, and for those between. */
  private static final class Bound {
    private final OrtSession session;
    private final List<Map<String, OnnxTensor>> inputs = List.of(new HashMap<>(), new HashMap<>());
    private final List<Map<String, OnnxTensor>> outputs = List.of(new HashMap<>(), new HashMap<>());
    private final List<OnnxTensor> tensors = new ArrayList<>();
    private FloatBuffer x;
    private FloatBuffer y;
    private long bytes;
    private int current;

    Bound(OrtSession session) {
      this.session = session;
    }
  }

  /**
   * Opens the model's file.
   *
   * @param model says shapes and states
   * @param perStream whether each stream has a session of its own
   */
  OnnxRuntimeEngine(Model model, boolean perStream) {
    ready = model.ready();
    file = model.file();
    try {
      shared = perStream ? null : session();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
    bytes = measure();
  }

  private OrtSession session() throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      options.addConfigEntry("session.inter_op.allow_spinning", "0");
      return environment.createSession(file.toString(), options);
    }
  }

  /** A session does not say what it takes, so the process is asked before and after some. */
  private long measure() {
    long before = ProcessUse.residentBytes();
    List<Integer> opened = new ArrayList<>();
    float[] y = new float[1];
    for (int i = 0; i < SAMPLE; i++) {
      opened.add(open());
      step(opened.getLast(), new float[Windows.SIZE], y);
    }
    long buffers = streams.get(opened.getFirst()).bytes;
    long grown = (ProcessUse.residentBytes() - before) / SAMPLE;
    opened.forEach(this::close);
    return shared != null ? buffers : Math.max(buffers, grown);
  }

  private Bound bind(OrtSession session) throws OrtException {
    Bound bound = new Bound(session);
    String input = ready.inputs().keySet().iterator().next();
    bound.x = buffer(bound, ready.inputs().get(input));
    String output = ready.results().getFirst();
    bound.y = buffer(bound, ready.outputs().get(output));
    OnnxTensor x = tensor(bound, bound.x, ready.inputs().get(input));
    OnnxTensor y = tensor(bound, bound.y, ready.outputs().get(output));
    bound.inputs.forEach(map -> map.put(input, x));
    bound.outputs.forEach(map -> map.put(output, y));
    for (Carry state : ready.states()) {
      List<Integer> shape = ready.outputs().get(state.output());
      OnnxTensor first = tensor(bound, buffer(bound, shape), shape);
      OnnxTensor second = tensor(bound, buffer(bound, shape), shape);
      bound.inputs.get(0).put(state.input(), first);
      bound.outputs.get(0).put(state.output(), second);
      bound.inputs.get(1).put(state.input(), second);
      bound.outputs.get(1).put(state.output(), first);
    }
    if (session.getInputNames().contains(Model.RATE_INPUT)) {
      OnnxTensor rate =
          OnnxTensor.createTensor(
              environment, LongBuffer.wrap(new long[] {Model.RATE}), new long[0]);
      bound.tensors.add(rate);
      bound.inputs.forEach(map -> map.put(Model.RATE_INPUT, rate));
    }
    return bound;
  }

  private static FloatBuffer buffer(Bound bound, List<Integer> shape) {
    int floats = shape.stream().reduce(1, Math::multiplyExact);
    // Zeros, aligned to the cache lines that the engine's own memory starts at.
    ByteBuffer memory = ByteBuffer.allocateDirect(Float.BYTES * floats + 128);
    bound.bytes += memory.capacity();
    return memory.alignedSlice(64).order(ByteOrder.nativeOrder()).asFloatBuffer().slice(0, floats);
  }

  private OnnxTensor tensor(Bound bound, FloatBuffer buffer, List<Integer> shape)
      throws OrtException {
    long[] sizes = shape.stream().mapToLong(Integer::longValue).toArray();
    OnnxTensor tensor = OnnxTensor.createTensor(environment, buffer, sizes);
    bound.tensors.add(tensor);
    return tensor;
  }

  @Override
  public int open() {
    try {
      int stream = next.getAndIncrement();
      streams.put(stream, bind(shared != null ? shared : session()));
      return stream;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void step(int stream, float[] x, float[] y) {
    step(stream, x, 0, y, 0);
  }

  private void step(int stream, float[] x, int from, float[] y, int to) {
    Bound bound = streams.get(stream);
    bound.x.put(0, x, from, Windows.SIZE);
    try {
      int current = bound.current;
      bound.session.run(bound.inputs.get(current), bound.outputs.get(current)).close();
      bound.current = 1 - current;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
    y[to] = bound.y.get(0);
  }

  @Override
  public void advance(int[] streams, float[] x, float[] y) {
    for (int i = 0; i < streams.length; i++) {
      step(streams[i], x, i * Windows.SIZE, y, i);
    }
  }

  @Override
  public void close(int stream) {
    Bound bound = streams.remove(stream);
    bound.tensors.forEach(OnnxTensor::close);
    if (shared == null) {
      close(bound.session);
    }
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long bytesPerStream() {
    return bytes;
  }

  @Override
  public void close() {
    List.copyOf(streams.keySet()).forEach(this::close);
    if (shared != null) {
      close(shared);
    }
  }
}
