package io.cellbelt.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Models that others have trained and exported. */
final class SharedModelsTest {
  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> dataHasTheTypesAndShapesOfThePorts() throws IOException {
    return each(
        model -> {
          Graph graph = OnnxReader.read(model).graph();
          int sets = 0;
          try (DirectoryStream<Path> folders =
              Files.newDirectoryStream(model.getParent(), "test_data_set_*")) {
            for (Path set : folders) {
              fit(graph.inputs(), SharedFolder.numbered(set, "input_"));
              fit(graph.outputs(), SharedFolder.numbered(set, "output_"));
              sets++;
            }
          }
          assertThat(sets).isPositive();
        });
  }

  @TestFactory
  Stream<DynamicTest> readsWhatItHasWritten() throws IOException {
    return each(
        model -> {
          OnnxModel read = OnnxReader.read(model);
          Path copy = folder.resolve("copy.onnx");
          OnnxWriter.write(copy, read.graph(), read.opsets().get(""));
          assertThat(GraphText.of(OnnxReader.read(copy).graph()))
              .isEqualTo(GraphText.of(read.graph()));
        });
  }

  /** The table was counted by another reader. Its numbers count models that are not here too. */
  @Test
  void operatorsAreThoseOfTheTable() throws IOException {
    Map<String, Set<String>> table = new TreeMap<>();
    for (String line : Files.readAllLines(SharedFolder.find("models/OPERATORS.md"))) {
      String[] cells = line.split("\\|");
      if (line.startsWith("## Attributes")) {
        break;
      }
      if (cells.length == 6 && cells[2].strip().matches("[0-9]+")) {
        table.put(cells[1].strip(), new TreeSet<>(List.of(cells[5].strip().split(", "))));
      }
    }
    Map<String, Set<String>> found = new TreeMap<>();
    for (Path model : SharedFolder.models()) {
      String name = name(model);
      if (table.values().stream().anyMatch(models -> models.contains(name))) {
        GraphText.operators(OnnxReader.read(model).graph())
            .forEach(
                (operator, count) ->
                    found.computeIfAbsent(operator, none -> new TreeSet<>()).add(name));
      }
    }
    assertThat(found).isEqualTo(table);
  }

  @Test
  void nodesAndConstantsAreCounted() throws IOException {
    Graph dynamic = graph("models/gtcrn_dynamic/model.onnx");
    assertThat(dynamic.nodes()).hasSize(1786);
    assertThat(GraphText.operators(dynamic))
        .containsEntry("Gather", 166)
        .containsEntry("Add", 75)
        .containsEntry("GRU", 14);
    Graph branches = graph("models/silero_vad_v5/model.onnx");
    assertThat(branches.nodes()).hasSize(5);
    assertThat(branches.constants()).isEmpty();
    assertThat(GraphText.operators(branches)).containsEntry("If", 25).containsEntry("LSTM", 4);
    Graph loops = graph("models/quant_sentinel_lstm_v1/model.onnx");
    assertThat(GraphText.operators(loops)).containsEntry("Loop", 3).containsEntry("Add", 9);
    Graph early = graph("conformance/onnx-pytorch-operator/test_operator_lstm/model.onnx");
    assertThat(early.inputs()).extracting(Port::name).containsExactly("0");
    assertThat(early.constants()).hasSize(8);
  }

  private static Graph graph(String name) throws IOException {
    return OnnxReader.read(SharedFolder.find(name)).graph();
  }

  private static void fit(List<Port> ports, List<Path> files) throws IOException {
    assertThat(files).hasSameSizeAs(ports);
    for (int i = 0; i < files.size(); i++) {
      Port port = ports.get(i);
      Tensor tensor = OnnxTensors.read(files.get(i)).tensor();
      assertThat(tensor.type()).as("%s", port).isEqualTo(port.type());
      if (port.shape() != null) {
        assertThat(Arrays.stream(tensor.shape()).boxed().toList())
            .as("%s", port)
            .isEqualTo(fixed(port.shape(), tensor.shape()));
      }
    }
  }

  /** A declared shape with sizes for its open dimensions. */
  private static List<Integer> fixed(List<Dimension> declared, int[] sizes) {
    return Stream.iterate(0, i -> i + 1)
        .limit(declared.size())
        .map(i -> declared.get(i).isOpen() && i < sizes.length ? sizes[i] : declared.get(i).size())
        .collect(Collectors.toList());
  }

  private static Stream<DynamicTest> each(Check check) throws IOException {
    List<Path> models = SharedFolder.models();
    if (models.isEmpty()) {
      // A test that aborts is reported; a factory that does is not.
      return Stream.of(DynamicTest.dynamicTest("models", () -> SharedFolder.find("models")));
    }
    return models.stream()
        .filter(model -> !model.getParent().endsWith("real"))
        .map(model -> DynamicTest.dynamicTest(name(model), () -> check.check(model)));
  }

  private static String name(Path model) {
    String file = model.getFileName().toString();
    return file.equals("model.onnx")
        ? model.getParent().getFileName().toString()
        : file.replace(".onnx", "");
  }

  private interface Check {
    void check(Path model) throws IOException;
  }
}
