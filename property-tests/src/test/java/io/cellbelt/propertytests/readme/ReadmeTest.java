package io.cellbelt.propertytests.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The README shows code that compiles and runs: that of {@link Steps} and {@link Speech}. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"Steps", "Speech"})
  void theReadmeShowsTheExampleThatIsCompiledHere(String name) throws IOException {
    Path folder = Path.of("src/test/java/io/cellbelt/propertytests/readme");
    String example = Files.readString(folder.resolve(name + ".java"));
    String body = example.substring(example.indexOf("import "));
    assertThat(Files.readString(ROOT.resolve("README.md"))).contains(body.strip());
  }

  @Test
  void theExampleRuns() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Architecture architecture =
        new Architecture(new Input.Dense(3), List.of(new Lstm(3, 16), new Lstm(16, 8)), 1);
    ModelFiles.write(file, Weights.random(architecture, 42), Map.of());
    Steps.main(new String[] {file.toString()});
  }

  @Test
  void theExampleOfSpeechRuns() throws IOException {
    Path model = Path.of("../../shared/conformance/real/silero_vad_16k.onnx");
    assumeTrue(Files.exists(model), "There is no " + model + ", so the example is not run.");
    Speech.main(new String[] {model.toString()});
  }
}
