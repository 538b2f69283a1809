package io.cellbelt.propertytests.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.models.SafetensorsFile;
import io.cellbelt.models.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/pytorch.md shows code that compiles and runs: that of {@link FromPyTorch}. */
class PyTorchPageTest {
  @TempDir Path folder;

  @Test
  void thePageShowsTheExampleThatIsCompiledHere() throws IOException {
    String source =
        Files.readString(
            Path.of("src/test/java/io/cellbelt/propertytests/readme/FromPyTorch.java"));
    String method =
        source.substring(
            source.indexOf("  public static float"), source.indexOf("  private FromPyTorch()"));
    assertThat(Files.readString(Path.of("../docs/pytorch.md")))
        .contains(method.stripTrailing().stripIndent().strip());
  }

  /** One unit and one output, so that the recorded values can be told by hand. */
  @Test
  void theExampleRuns() throws IOException {
    Path model = folder.resolve("model.safetensors");
    Path recorded = folder.resolve("recorded.safetensors");
    float[] x = {0.5f, -1, 2};
    float[] y = new float[3];
    double h = 0;
    for (int t = 0; t < 3; t++) {
      h = Math.tanh(0.5 * x[t] + 0.25 * h + 0.125);
      y[t] = (float) (2 * h - 1);
    }
    SafetensorsFile.of(
            Map.of(),
            List.of(
                Tensor.of("encoder.rnn.weight_ih_l0", new float[] {0.5f}, 1, 1),
                Tensor.of("encoder.rnn.weight_hh_l0", new float[] {0.25f}, 1, 1),
                Tensor.of("encoder.rnn.bias_ih_l0", new float[] {0.5f}, 1),
                Tensor.of("encoder.rnn.bias_hh_l0", new float[] {-0.375f}, 1),
                Tensor.of("fc.weight", new float[] {2}, 1, 1),
                Tensor.of("fc.bias", new float[] {-1}, 1)))
        .write(model);
    SafetensorsFile.of(Map.of(), List.of(Tensor.of("x", x, 3, 1), Tensor.of("y", y, 3, 1)))
        .write(recorded);
    assertThat(FromPyTorch.largestDifference(model, recorded)).isLessThan(1e-6f);
  }
}
