package io.cellbelt.propertytests.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Gru.Reset;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.OnnxExport;
import io.cellbelt.models.PyTorch;
import io.cellbelt.models.SafetensorsFile;
import io.cellbelt.propertytests.support.Ort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks that are written as safetensors have PyTorch's names and order: put into ONNX's order by
 * PyTorch's rules alone, their tensors give the same numbers in ONNX Runtime.
 */
class PyTorchLayoutTest {
  private static final int INPUTS = 5;
  private static final int HIDDEN = 6;
  private static final int OUTPUTS = 3;
  private static final int STEPS = 8;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"lstm", "gru", "rnn"})
  void givesTheSameInOnnxRuntime(String kind) throws IOException, OrtException {
    Weights weights = Weights.random(architecture(kind), 2);
    Path file = folder.resolve("model.safetensors");
    ModelFiles.write(file, weights, Map.of());
    assertThat(PyTorch.module(kind).head("head").read(file).weights().values().keySet())
        .isEqualTo(weights.values().keySet());

    Path onnx = folder.resolve("model.onnx");
    OnnxExport.write(onnx, graph(kind, SafetensorsFile.read(file)));
    float[] x = new float[STEPS * INPUTS];
    Random random = new Random(3);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    float[] expected = new float[STEPS * OUTPUTS];
    try (Network network = new Network(weights);
        Stream stream = network.newStream()) {
      stream.run(x, STEPS, expected);
    }
    try (Ort runtime = new Ort(onnx)) {
      assertThat(runtime.run(Map.of("x", Tensor.of(x, STEPS, 1, INPUTS))).get("y").floats())
          .containsExactly(expected, Offset.offset(1e-5f));
    }
  }

  /** Two layers, of which the first goes both ways. */
  private static Architecture architecture(String kind) {
    return new Architecture(
        new Input.Dense(INPUTS),
        List.of(
            Layer.of(cell(kind, INPUTS)).with(Direction.BIDIRECTIONAL),
            Layer.of(cell(kind, 2 * HIDDEN)).with(Direction.BIDIRECTIONAL)),
        Readout.linear(OUTPUTS));
  }

  private static Cell cell(String kind, int inputs) {
    return switch (kind) {
      case "lstm" -> new Lstm(inputs, HIDDEN);
      case "gru" -> new Gru(inputs, HIDDEN, Reset.AFTER);
      default -> new Rnn(inputs, HIDDEN);
    };
  }

  /** Where ONNX's gates are among PyTorch's: i o f c of i f g o, and z r h of r z n. */
  private static int[] gates(String kind) {
    return switch (kind) {
      case "lstm" -> new int[] {0, 3, 1, 2};
      case "gru" -> new int[] {1, 0, 2};
      default -> new int[] {0};
    };
  }

  private static Graph graph(String kind, SafetensorsFile file) {
    Map<String, Tensor> constants = new LinkedHashMap<>();
    List<Node> nodes = new ArrayList<>();
    constants.put("beside", Tensor.of(new long[] {0, 0, -1}, 3));
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("hidden_size", new Attribute.Whole(HIDDEN));
    attributes.put("direction", new Attribute.Text("bidirectional"));
    if (kind.equals("gru")) {
      attributes.put("linear_before_reset", new Attribute.Whole(1));
    }
    String value = "x";
    for (int l = 0; l < 2; l++) {
      int inputs = l == 0 ? INPUTS : 2 * HIDDEN;
      int rows = gates(kind).length * HIDDEN;
      constants.put("W" + l, Tensor.of(both(kind, file, "weight_ih_l" + l), 2, rows, inputs));
      constants.put("R" + l, Tensor.of(both(kind, file, "weight_hh_l" + l), 2, rows, HIDDEN));
      constants.put(
          "B" + l, Tensor.of(both(kind, file, "bias_ih_l" + l, "bias_hh_l" + l), 2, 2 * rows));
      nodes.add(
          node(
              kind.toUpperCase(Locale.ROOT),
              attributes,
              "y" + l,
              value,
              "W" + l,
              "R" + l,
              "B" + l));
      List<Long> order = List.of(0L, 2L, 1L, 3L);
      nodes.add(node("Transpose", Map.of("perm", new Attribute.Wholes(order)), "t" + l, "y" + l));
      value = "h" + l;
      nodes.add(node("Reshape", Map.of(), value, "t" + l, "beside"));
    }
    float[] head = values(file, "head.weight");
    float[] columns = new float[head.length];
    for (int i = 0; i < head.length; i++) {
      columns[i % (2 * HIDDEN) * OUTPUTS + i / (2 * HIDDEN)] = head[i];
    }
    constants.put("head", Tensor.of(columns, 2 * HIDDEN, OUTPUTS));
    constants.put("bias", Tensor.of(values(file, "head.bias"), OUTPUTS));
    nodes.add(node("MatMul", Map.of(), "product", value, "head"));
    nodes.add(node("Add", Map.of(), "y", "product", "bias"));
    return new Graph(
        "test", List.of(port("x", INPUTS)), List.of(port("y", OUTPUTS)), constants, nodes);
  }

  private static Port port(String name, int size) {
    return new Port(
        name,
        ElementType.F32,
        List.of(Dimension.open("time"), Dimension.open("batch"), Dimension.of(size)));
  }

  private static Node node(
      String operator, Map<String, Attribute> attributes, String output, String... inputs) {
    return new Node(output, operator, "", 17, List.of(inputs), List.of(output), attributes);
  }

  /** Tensors of both directions one after the other, their gates in ONNX's order. */
  private static float[] both(String kind, SafetensorsFile file, String... names) {
    int[] gates = gates(kind);
    List<float[]> parts = new ArrayList<>();
    for (String direction : List.of("", "_reverse")) {
      for (String name : names) {
        float[] given = values(file, kind + "." + name + direction);
        float[] ordered = new float[given.length];
        int gate = given.length / gates.length;
        for (int g = 0; g < gates.length; g++) {
          System.arraycopy(given, gates[g] * gate, ordered, g * gate, gate);
        }
        parts.add(ordered);
      }
    }
    float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private static float[] values(SafetensorsFile file, String name) {
    return file.find(name).orElseThrow().values();
  }
}
