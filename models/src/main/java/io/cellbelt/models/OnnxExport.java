package io.cellbelt.models;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Weights;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.onnx.OnnxWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes networks as ONNX models, with ONNX's operators LSTM, GRU and RNN (opset 17).
 *
 * <p>The model takes {@code input} {@code [time, batch, I]}, or {@code tokens} {@code [time,
 * batch]} as 64-bit integers, and gives {@code output} {@code [time, batch, O]}. A network whose
 * layers all run forward also takes the states {@code layer0.h} and, of an LSTM, {@code layer0.c},
 * {@code [1, batch, H]}, and gives {@code layer0.h_next} and {@code layer0.c_next}: whoever starts
 * with zeros and feeds them back has a stream. {@link Models#open} gives the network again.
 *
 * <p>The clip of an LSTM is written as ONNX has it, for the input of every activation; ONNX Runtime
 * does not clip c. Weights that are quantised are written as the 32-bit floats that they stand for.
 * Dropout is left out, as it is of training only.
 *
 * <p>Safe to use from many threads.
 */
public final class OnnxExport {
  /** Old enough for what has been in use for years, and new enough for all that is written. */
  private static final int OPSET = 17;

  private static final Dimension TIME = Dimension.open("time");
  private static final Dimension BATCH = Dimension.open("batch");

  private final Architecture architecture;
  private final Map<String, float[]> values;
  private final List<Port> inputs = new ArrayList<>();
  private final List<Port> outputs = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private OnnxExport(Weights weights) {
    architecture = weights.architecture();
    values = weights.values();
  }

  /**
   * Writes a network. A file that is already there is replaced in one step at the very end, and
   * untouched after any failure.
   *
   * @throws ModelFileException if the file cannot be written
   * @throws IllegalArgumentException if ONNX has no operator for one of the layers, or for
   *     attention
   */
  public static void write(Path file, Weights weights) throws ModelFileException {
    Objects.requireNonNull(file, "A model is written to a file, but got null.");
    OnnxWriter.write(file, graph(weights), OPSET);
  }

  /**
   * Writes a graph, in the version of ONNX's operators that its nodes have. A file that is already
   * there is replaced in one step at the very end, and untouched after any failure.
   *
   * @throws ModelFileException if the file cannot be written
   * @throws IllegalArgumentException if the graph has operators that are this library's own, or of
   *     several versions, or its constants have 2^31 bytes or more
   */
  public static void write(Path file, Graph graph) throws ModelFileException {
    Objects.requireNonNull(file, "A model is written to a file, but got null.");
    Objects.requireNonNull(graph, "What is written is a graph, but got null.");
    List<Node> own = graph.nodes().stream().filter(n -> n.domain().equals(Node.OWN)).toList();
    if (!own.isEmpty()) {
      throw new IllegalArgumentException(
          "ONNX has no operator for "
              + own.getFirst().describe()
              + ", so this graph cannot be written as ONNX.");
    }
    int opset =
        graph.nodes().stream()
            .filter(node -> node.domain().isEmpty())
            .mapToInt(Node::version)
            .findFirst()
            .orElse(OPSET);
    OnnxWriter.write(file, graph, opset);
  }

  /**
   * The graph that {@link #write(Path, Weights)} writes of a network.
   *
   * @throws IllegalArgumentException if ONNX has no operator for one of the layers, or for
   *     attention
   */
  public static Graph graph(Weights weights) {
    Objects.requireNonNull(weights, "A model has weights, but got null.");
    return new OnnxExport(weights).graph();
  }

  private Graph graph() {
    if (architecture.readout().perSequence()) {
      throw new IllegalArgumentException(
          "ONNX has no operator for attention over a sequence, so this network is not written as"
              + " ONNX; save it as safetensors.");
    }
    String value = input();
    outputs.add(floats("output", TIME, BATCH, Dimension.of(architecture.outputSize())));
    for (int l = 0; l < architecture.layers().size(); l++) {
      value = layer(l, value);
    }
    if (architecture.outputs() > 0) {
      int outs = architecture.outputs();
      float[] rows = values.get(Architecture.HEAD);
      int ins = rows.length / outs;
      float[] columns = new float[rows.length];
      for (int i = 0; i < rows.length; i++) {
        columns[i % ins * outs + i / ins] = rows[i];
      }
      constants.put(Architecture.HEAD, Tensor.of(columns, ins, outs));
      constants.put(Architecture.HEAD_BIAS, Tensor.of(values.get(Architecture.HEAD_BIAS), outs));
      value = node("MatMul", "head", Map.of(), value, Architecture.HEAD);
      value = node("Add", "output", Map.of(), value, Architecture.HEAD_BIAS);
    } else {
      value = node("Identity", "output", Map.of(), value);
    }
    return new Graph("cellbelt", inputs, outputs, constants, nodes);
  }

  /** What the first layer is fed. */
  private String input() {
    return switch (architecture.input()) {
      case Input.Dense(int size) -> {
        inputs.add(floats("input", TIME, BATCH, Dimension.of(size)));
        yield "input";
      }
      case Input.Embedding(int vocabulary, int size) -> {
        inputs.add(new Port("tokens", ElementType.I64, List.of(TIME, BATCH)));
        constants.put(
            Architecture.EMBEDDING,
            Tensor.of(values.get(Architecture.EMBEDDING), vocabulary, size));
        yield node("Gather", "embedding", Map.of(), Architecture.EMBEDDING, "tokens");
      }
      case Input.OneHot(int vocabulary) -> {
        inputs.add(new Port("tokens", ElementType.I64, List.of(TIME, BATCH)));
        constants.put("vocabulary", Tensor.of(new long[] {vocabulary}, 1));
        constants.put("zero and one", Tensor.of(new float[] {0, 1}, 2));
        yield node("OneHot", "one-hot", Map.of(), "tokens", "vocabulary", "zero and one");
      }
    };
  }

  private static Port floats(String name, Dimension... shape) {
    return new Port(name, ElementType.F32, List.of(shape));
  }

  private String layer(int l, String below) {
    Layer layer = architecture.layers().get(l);
    ExportedLayer exported = ExportedLayer.of(architecture, l, values);
    String name = "layer" + l;
    List<String> takes = new ArrayList<>(List.of(below, "", "", "", "", ""));
    exported
        .weights()
        .forEach(
            (input, tensor) -> {
              String constant = name + "." + input;
              constants.put(constant, tensor);
              int index = ExportedLayer.INPUTS.indexOf(input);
              while (takes.size() <= index) {
                takes.add("");
              }
              takes.set(index, constant);
            });
    List<String> gives = new ArrayList<>(List.of(name + ".steps"));
    if (!architecture.needsWholeSequences()) {
      Dimension hidden = Dimension.of(layer.cell().hiddenSize());
      for (String state : layer.cell() instanceof Lstm ? List.of("h", "c") : List.of("h")) {
        String input = name + "." + state;
        inputs.add(floats(input, Dimension.of(1), BATCH, hidden));
        outputs.add(floats(input + "_next", Dimension.of(1), BATCH, hidden));
        int index = ExportedLayer.INPUTS.indexOf("initial_" + state);
        while (takes.size() <= index) {
          takes.add("");
        }
        takes.set(index, input);
        gives.add(input + "_next");
      }
    }
    while (takes.getLast().isEmpty()) {
      takes.removeLast();
    }
    nodes.add(new Node(name, exported.operator(), "", OPSET, takes, gives, exported.attributes()));
    return merged(layer, name, gives.getFirst());
  }

  /** From {@code [time, directions, batch, H]} to what the layer hands up. */
  private String merged(Layer layer, String name, String steps) {
    Map<String, Attribute> directions =
        Map.of("axes", new Attribute.Wholes(List.of(1L)), "keepdims", new Attribute.Whole(0));
    if (layer.direction() != Direction.BIDIRECTIONAL) {
      return node("Squeeze", name + ".output", Map.of(), steps, axis());
    }
    return switch (layer.merge()) {
      case SUM ->
          node(
              "ReduceSum",
              name + ".output",
              Map.of("keepdims", new Attribute.Whole(0)),
              steps,
              axis());
      case MEAN -> node("ReduceMean", name + ".output", directions, steps);
      case PRODUCT -> node("ReduceProd", name + ".output", directions, steps);
      case CONCAT -> {
        List<Long> order = List.of(0L, 2L, 1L, 3L);
        String beside =
            node("Transpose", name + ".beside", Map.of("perm", new Attribute.Wholes(order)), steps);
        constants.put("side by side", Tensor.of(new long[] {0, 0, -1}, 3));
        yield node("Reshape", name + ".output", Map.of(), beside, "side by side");
      }
    };
  }

  /** The axis of directions. */
  private String axis() {
    constants.put("directions", Tensor.of(new long[] {1}, 1));
    return "directions";
  }

  private String node(
      String operator, String output, Map<String, Attribute> attributes, String... takes) {
    nodes.add(new Node(output, operator, "", OPSET, List.of(takes), List.of(output), attributes));
    return output;
  }
}
