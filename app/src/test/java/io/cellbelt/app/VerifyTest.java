package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Weights;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.OnnxExport;
import io.cellbelt.models.data.ValueFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cellbelt verify} on a model that is 0.01 from what was recorded. */
class VerifyTest {
  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void record() throws Exception {
    Path one =
        Files.createDirectory(folder.resolve("a-model-whose-name-is-longer-than-any-column"));
    model = one.resolve("model.onnx");
    Layer both = Layer.of(new Lstm(2, 3)).with(Layer.Direction.BIDIRECTIONAL);
    Weights weights = Weights.random(Architecture.of(both), 1);
    OnnxExport.write(model, weights);
    Graph graph = OnnxExport.graph(weights);
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 1, 2);
    try (GraphNetwork network = new GraphNetwork(graph)) {
      String input = graph.inputs().getFirst().name();
      float[] y = network.run(Map.of(input, x)).values().iterator().next().floats();
      y[0] += 0.01f;
      ValueFiles.write(
          one.resolve("io.safetensors"), Map.of("input", x, "expected", Tensor.of(y, 2, 1, 6)));
    }
  }

  private void table(String tolerance) throws Exception {
    Files.writeString(
        folder.resolve("SOURCES.md"),
        "| folder | tolerance |\n|---|---|\n| "
            + model.getParent().getFileName()
            + " | "
            + tolerance
            + " |\n");
  }

  @Test
  void anOptionWinsOverTheTable() throws Exception {
    assertThat(Cellbelt.run("verify", folder).exitCode()).isEqualTo(1);
    table("1e-1");
    assertThat(Cellbelt.done("verify", folder)).contains("1.0e-01  passed");
    Cellbelt strict = Cellbelt.run("verify", folder, "--tolerance", "1e-3");
    assertThat(strict.out()).contains("1.0e-03  FAILED");
    assertThat(strict.exitCode()).isEqualTo(1);
    table("exact");
    assertThat(Cellbelt.done("verify", folder, "--tolerance", "0.1")).contains("passed");
    assertThat(Cellbelt.refused("verify", folder, "--tolerance", "-1"))
        .isEqualTo("cellbelt: The tolerance is 0 or more, but got -1.0.");
  }

  @Test
  void columnsAreAsWideAsTheirNames() {
    List<String> lines =
        Cellbelt.done("verify", model.getParent(), "--tolerance", "0.1").lines().toList();
    assertThat(lines.get(0)).startsWith("  model ");
    assertThat(lines.get(0).indexOf(" output")).isEqualTo(lines.get(1).indexOf(" expected"));
    assertThat(lines.get(0).indexOf(" result")).isEqualTo(lines.get(1).indexOf(" passed"));
    assertThat(lines.get(2)).isEqualTo("1 comparisons, 1 passed, 0 left out, 0 failed.");
  }

  @Test
  void saysThatItWantsAFolderAndPrintsNoTable() {
    for (Path wrong : List.of(model, folder.resolve("none"))) {
      Cellbelt refused = Cellbelt.run("verify", wrong);
      assertThat(refused.out()).isEmpty();
      assertThat(refused.exitCode()).isEqualTo(1);
    }
    assertThat(Cellbelt.refused("verify", folder, model))
        .isEqualTo(
            "cellbelt: "
                + model
                + " is a file, but verify takes the folder of a model with its recorded inputs and"
                + " outputs; name that, such as "
                + model.getParent()
                + ".");
  }
}
