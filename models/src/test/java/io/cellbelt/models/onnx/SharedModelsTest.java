package io.cellbelt.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Models of others: what is in them, and whether it survives being written. */
final class SharedModelsTest {
  /** Operators whose models all lie here; of others, the table counts models elsewhere too. */
  private static final Set<String> COUNTED =
      Set.of(
          "BatchNormalization",
          "ConvTranspose",
          "DequantizeLinear",
          "GlobalAveragePool",
          "PRelu",
          "QLinearConv",
          "QuantizeLinear",
          "RNN",
          "Range",
          "Scan",
          "ScatterND",
          "Where");

  @TempDir Path folder;

  @TestFactory
  List<DynamicTest> readsWhatItWrites() {
    return SharedOnnx.each(path -> true, this::roundTrip);
  }

  private void roundTrip(Path path) throws IOException {
    OnnxModel model = OnnxReader.read(path);
    Graph graph = model.graph();
    assertThat(graph.nodes()).as("nodes").isNotEmpty();
    assertThat(graph.inputs()).as("inputs").allMatch(input -> input.type() != null);
    assertThat(model.irVersion()).as("version of the format").isBetween(3L, 12L);
    assertSorted(graph, Set.of());

    Path copy = folder.resolve("copy.onnx");
    OnnxWriter.write(copy, graph, model.opsets().get(""));
    OnnxModel again = OnnxReader.read(copy);
    assertThat(Plain.of(again.graph())).isEqualTo(Plain.of(graph));
    assertThat(again.opsets()).containsEntry("", model.opsets().get(""));
  }

  private static void assertSorted(Graph graph, Set<String> around) {
    Set<String> given = new HashSet<>(around);
    given.addAll(graph.constants().keySet());
    graph.inputs().forEach(input -> given.add(input.name()));
    given.add("");
    for (Node node : graph.nodes()) {
      assertThat(given).as("what %s needs", node.describe()).containsAll(node.inputs());
      bodies(node).forEach(body -> assertSorted(body, given));
      given.addAll(node.outputs());
    }
  }

  private static List<Graph> bodies(Node node) {
    return node.attributes().values().stream()
        .filter(Attribute.Body.class::isInstance)
        .map(attribute -> ((Attribute.Body) attribute).value())
        .toList();
  }

  /** The table was counted by another reader; its numbers count models that are not here too. */
  @Test
  void findsTheOperatorsOfTheTable() throws IOException {
    Map<String, Set<String>> table = new TreeMap<>();
    Map<String, Integer> numbers = new TreeMap<>();
    for (String line : Files.readAllLines(SharedOnnx.file("models/OPERATORS.md"))) {
      String[] cells = line.split(" *\\| *", -1);
      if (cells.length == 7 && cells[3].matches("\\d+")) {
        table.put(cells[1], new TreeSet<>(List.of(cells[5].split(", "))));
        numbers.put(cells[1], Integer.valueOf(cells[3]));
      }
    }
    Map<String, Set<String>> found = new TreeMap<>();
    Map<String, Integer> counts = new TreeMap<>();
    for (Path model : SharedOnnx.countedModels()) {
      Map<String, Integer> here = counts(OnnxReader.read(model).graph());
      here.forEach((operator, count) -> counts.merge(operator, count, Integer::sum));
      here.keySet()
          .forEach(
              operator ->
                  found
                      .computeIfAbsent(operator, none -> new TreeSet<>())
                      .add(SharedOnnx.name(model)));
    }
    assertThat(found).isEqualTo(table);
    numbers.keySet().retainAll(COUNTED);
    assertThat(numbers).as("rows of the table").hasSameSizeAs(COUNTED);
    assertThat(counts).containsAllEntriesOf(numbers);
  }

  @Test
  void countsAsOthersDo() throws IOException {
    assertThat(counts("models/silero_vad_v5/model.onnx"))
        .containsEntry("If", 25)
        .containsEntry("LSTM", 4)
        .containsEntry("Constant", 341)
        .containsEntry("Identity", 34);
    assertThat(counts("models/quant_sentinel_lstm_v1/model.onnx"))
        .containsEntry("Loop", 3)
        .containsEntry("Gemm", 5);
    assertThat(counts("models/gtcrn_dynamic/model.onnx"))
        .containsEntry("Constant", 538)
        .containsEntry("GRU", 14);
  }

  private static Map<String, Integer> counts(String name) throws IOException {
    return counts(OnnxReader.read(SharedOnnx.file(name)).graph());
  }

  private static Map<String, Integer> counts(Graph graph) {
    Map<String, Integer> counts = new HashMap<>();
    count(graph, counts);
    return counts;
  }

  private static void count(Graph graph, Map<String, Integer> counts) {
    for (Node node : graph.nodes()) {
      counts.merge(node.operator(), 1, Integer::sum);
      bodies(node).forEach(body -> count(body, counts));
    }
  }

  @TestFactory
  List<DynamicTest> dataFitsTheSignatures() {
    return SharedOnnx.each(
        path -> !SharedOnnx.tensors(path, "output").isEmpty(), SharedModelsTest::data);
  }

  private static void data(Path path) throws IOException {
    Graph graph = OnnxReader.read(path).graph();
    data(SharedOnnx.tensors(path, "input"), graph.inputs());
    data(SharedOnnx.tensors(path, "output"), graph.outputs());
  }

  private static void data(List<Path> files, List<Port> ports) throws IOException {
    assertThat(files).as("tensors for %s", ports).hasSizeGreaterThanOrEqualTo(ports.size());
    for (Path file : files) {
      String name = file.getFileName().toString();
      int index = Integer.parseInt(name.replaceAll("\\D", ""));
      Tensor tensor = OnnxTensors.read(file).tensor();
      Port port = ports.get(index);
      assertThat(tensor.type()).as("elements of %s", file).isEqualTo(port.type());
      assertThat(fits(tensor.shape(), port.shape()))
          .as("%s: %s for %s", file, tensor, port)
          .isTrue();
    }
  }

  /** Whether a shape is as declared; a signature may leave it open, or only single dimensions. */
  private static boolean fits(int[] shape, List<Dimension> declared) {
    if (declared == null) {
      return true;
    }
    if (shape.length != declared.size()) {
      return false;
    }
    for (int i = 0; i < shape.length; i++) {
      if (!declared.get(i).isOpen() && declared.get(i).size() != shape[i]) {
        return false;
      }
    }
    return true;
  }
}
