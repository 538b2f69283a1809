package io.cellbelt.propertytests.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Activation.Function;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Gru.Reset;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Lstm.Coupling;
import io.cellbelt.cells.Lstm.Options;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Streams;
import io.cellbelt.cells.Weights;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.OnnxExport;
import io.cellbelt.propertytests.support.Ort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks that are written as ONNX give the same numbers in ONNX Runtime. */
class ExportedNetworkTest {
  private static final Offset<Float> CLOSE = Offset.offset(1e-5f);
  private static final int STEPS = 9;
  private static final int BATCH = 3;

  @TempDir Path folder;

  static List<Architecture> architectures() {
    List<Architecture> all = new ArrayList<>();
    Options lstm = Options.DEFAULT;
    for (Cell cell :
        List.of(
            new Lstm(5, 6),
            new Lstm(5, 6, lstm.withPeepholes()),
            new Lstm(5, 6, lstm.with(Coupling.FORGET_FROM_INPUT)),
            new Lstm(
                5,
                6,
                lstm.withActivations(
                    new Activation(Function.HARD_SIGMOID, 0.3f, 0.4f),
                    new Activation(Function.AFFINE, 0.5f, 0.25f),
                    Activation.of(Function.SOFTSIGN))),
            new Gru(5, 6, Reset.AFTER),
            new Gru(5, 6, Reset.BEFORE),
            new Gru(5, 6, Reset.AFTER, Activation.SIGMOID, Activation.TANH, 0.5f),
            new Rnn(5, 6),
            new Rnn(5, 6, Activation.TANH, 0.5f),
            new Rnn(5, 6, Activation.RELU),
            new Rnn(5, 6, Activation.of(Function.LEAKY_RELU)))) {
      all.add(Architecture.of(cell));
      all.add(Architecture.of(Layer.of(cell).with(Direction.REVERSE)));
      all.add(Architecture.of(Layer.of(cell).with(Direction.BIDIRECTIONAL)));
    }
    for (Merge merge : Merge.values()) {
      all.add(
          new Architecture(
              new Input.Dense(5),
              List.of(
                  Layer.of(new Gru(5, 6, Reset.AFTER)).with(Direction.BIDIRECTIONAL, merge),
                  Layer.of(new Lstm(merge == Merge.CONCAT ? 12 : 6, 4))),
              Readout.linear(3)));
    }
    all.add(
        new Architecture(
            new Input.Embedding(7, 3), List.of(new Lstm(3, 4), new Gru(4, 5, Reset.AFTER)), 6));
    all.add(new Architecture(new Input.OneHot(7), List.of(new Rnn(7, 4), new Rnn(4, 4)), 2));
    return all;
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void givesTheSameAsAWholeAndStepByStep(Architecture architecture)
      throws IOException, OrtException {
    Weights weights = Weights.random(architecture, 11);
    Path file = folder.resolve("model.onnx");
    OnnxExport.write(file, weights);
    Graph graph = OnnxExport.graph(weights);
    int inputs = architecture.input() instanceof Input.Dense(int size) ? size : 1;
    Random random = new Random(5);
    float[] x = new float[STEPS * BATCH * inputs];
    int[] tokens = new int[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
      tokens[i] = random.nextInt(7);
    }
    boolean dense = architecture.input() instanceof Input.Dense;
    float[] expected = new float[STEPS * BATCH * architecture.outputSize()];
    try (Network network = new Network(weights);
        Streams streams = network.newStreams(BATCH)) {
      if (dense) {
        streams.run(x, STEPS, expected);
      } else {
        streams.run(tokens, STEPS, expected);
      }
    }
    try (Ort runtime = new Ort(file)) {
      Map<String, Tensor> whole = feed(graph, dense, x, tokens, 0, STEPS, inputs);
      assertThat(runtime.run(whole).get("output").floats()).containsExactly(expected, CLOSE);
      if (!architecture.needsWholeSequences()) {
        float[] steps = new float[expected.length];
        Map<String, Tensor> states = Map.of();
        for (int t = 0; t < STEPS; t++) {
          Map<String, Tensor> fed = feed(graph, dense, x, tokens, t, 1, inputs);
          states.forEach((name, state) -> fed.replace(name.replace("_next", ""), state));
          states = runtime.run(fed);
          float[] y = states.get("output").floats();
          System.arraycopy(y, 0, steps, t * y.length, y.length);
        }
        assertThat(steps).containsExactly(expected, CLOSE);
      }
    }
  }

  /** Some steps, and states of zeros. */
  private static Map<String, Tensor> feed(
      Graph graph, boolean dense, float[] x, int[] tokens, int from, int steps, int inputs) {
    int row = BATCH * inputs;
    float[] part = new float[steps * row];
    long[] ids = new long[steps * row];
    for (int i = 0; i < part.length; i++) {
      part[i] = x[from * row + i];
      ids[i] = tokens[from * row + i];
    }
    Map<String, Tensor> fed = new LinkedHashMap<>();
    String first = graph.inputs().getFirst().name();
    fed.put(first, dense ? Tensor.of(part, steps, BATCH, inputs) : Tensor.of(ids, steps, BATCH));
    for (Port port : graph.inputs().subList(1, graph.inputs().size())) {
      int hidden = port.shape().getLast().size();
      fed.put(port.name(), Tensor.of(new float[BATCH * hidden], 1, BATCH, hidden));
    }
    return fed;
  }
}
