package io.cellbelt.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OnnxWriterTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("written.onnx");
  }

  @Test
  void keepsAGraphWithSomethingOfEachKind() throws IOException {
    Graph graph = OnnxReader.read(Protos.save(folder, RichModel.build())).graph();
    OnnxWriter.write(file, graph, 18);
    assertThat(Plain.of(OnnxReader.read(file).graph())).isEqualTo(Plain.of(graph));
  }

  @Test
  void keepsElementsOfEachType() throws IOException {
    Map<String, Tensor> constants = new LinkedHashMap<>();
    for (ElementType type : ElementType.values()) {
      constants.put(
          type.name(),
          switch (type.storage()) {
            case FLOAT ->
                Tensor.wrap(
                    type, new float[] {1.5f, -0f, Float.NEGATIVE_INFINITY, Float.NaN}, 2, 2);
            case DOUBLE -> Tensor.of(new double[] {Math.PI, Double.NaN}, 2);
            case LONG -> Tensor.wrap(type, new long[] {0, type.wrapped(1), type.wrapped(-1)}, 3, 1);
          });
    }
    constants.put("scalar", Tensor.of(new float[] {7}));
    constants.put("empty", Tensor.of(new long[0], 0, 4));
    List<Dimension> open = List.of(Dimension.of(0), Dimension.open("n"), Dimension.open(null));
    Graph graph =
        new Graph(
            "",
            List.of(new Port("x", ElementType.BOOL, open), new Port("F32", ElementType.F32, null)),
            List.of(new Port("x", null, List.of()), new Port("F64", null, null)),
            constants,
            List.of());
    OnnxWriter.write(file, graph, 7);
    OnnxModel read = OnnxReader.read(file);
    assertThat(Plain.of(read.graph())).isEqualTo(Plain.of(graph));
    assertThat(read.irVersion()).isEqualTo(10);
    assertThat(read.opsets()).containsExactly(Map.entry("", 7));
  }

  @Test
  void importsTheDomainsOfAllNodes() throws IOException {
    Graph body = graph(node("own.inner", 4));
    Node outer =
        new Node(
            "", "If", "", 13, List.of("x"), List.of("y"), Map.of("b", new Attribute.Body(body)));
    OnnxWriter.write(file, graph(outer), 13);
    assertThat(OnnxReader.read(file).opsets())
        .containsExactly(Map.entry("", 13), Map.entry("own.inner", 4));
  }

  @Test
  void writesTheSameFileForTheSameGraph() throws IOException {
    Graph graph = OnnxReader.read(Protos.save(folder, RichModel.build())).graph();
    OnnxWriter.write(file, graph, 18);
    byte[] first = Files.readAllBytes(file);
    OnnxWriter.write(file, OnnxReader.read(file).graph(), 18);
    assertThat(file).hasBinaryContent(first);
  }

  @Test
  void refusesOtherVersionsOfADomain() throws IOException {
    Files.writeString(file, "old");
    assertThatThrownBy(() -> OnnxWriter.write(file, graph(node("", 12)), 13))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("here 13, but the node")
        .hasMessageEndingWith(".");
    assertThatThrownBy(() -> OnnxWriter.write(file, graph(node("own", 1), node("own", 2)), 13))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("here 1, but the node");
    assertThatThrownBy(() -> OnnxWriter.write(file, graph(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("count from 1, but got 0");
    assertThat(file).hasContent("old");
  }

  @Test
  void refusesAFolderThatIsMissing() {
    assertThatThrownBy(() -> OnnxWriter.write(folder.resolve("no").resolve("m"), graph(), 13))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("there is no folder");
  }

  private static Graph graph(Node... nodes) {
    Port x = new Port("x", ElementType.F32, null);
    return new Graph("g", List.of(x), List.of(x), Map.of(), List.of(nodes));
  }

  private static Node node(String domain, int version) {
    return new Node("", "Abs", domain, version, List.of("x"), List.of("y" + version), Map.of());
  }
}
