package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cellbelt.models.SafetensorsFile;
import io.cellbelt.models.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cellbelt inspect} in a process, on names that no terminal should meet. */
@Tag("process")
class InspectCommandTest {
  @TempDir Path folder;

  @Test
  void tellsWhatAFileHoldsAndHowToOpenIt() throws IOException {
    SafetensorsFile.of(
            Map.of("format", "pt", "\u001b[2J", "a\nb"),
            List.of(
                Tensor.of("\u001b[31m.weight_ih_l0", new float[60], 20, 3),
                Tensor.of("\u001b[31m.weight_hh_l0", new float[100], 20, 5),
                Tensor.of("fc.weight", new float[10], 2, 5),
                Tensor.of("\u202escale", new float[1])))
        .write(folder.resolve("model.safetensors"));

    Cellbelt shown = Cellbelt.run(folder, "inspect", "model.safetensors");
    assertThat(shown.errors()).isEmpty();
    assertThat(shown.exitCode()).isZero();
    assertThat(shown.out())
        .doesNotContain("\u001b", "\u202e")
        .contains(
            "model.safetensors: 4 tensors, 684 bytes",
            "(U+001B)[31m.weight_ih_l0  F32    [20, 3]    240  an LSTM from 3 inputs to 5 outputs",
            "fc.weight                  F32    [2, 5]      40  a linear layer from 5 to 2",
            "(U+202E)scale              F32    []           4\n",
            "format = pt",
            "(U+001B)[2J = a(U+000A)b",
            "besides the recurrent module there are other layers, such as \"fc\"",
            "  Model model = PyTorch.module(\"\\033[31m\").head(\"fc\")"
                + ".read(Path.of(\"model.safetensors\"));");

    Cellbelt json = Cellbelt.run(folder, "inspect", "--json", "model.safetensors");
    assertThat(json.errors()).isEmpty();
    JsonObject all = JsonParser.parseString(json.out()).getAsJsonObject();
    assertThat(all.getAsJsonArray("tensors").get(0).getAsJsonObject().get("name").getAsString())
        .isEqualTo("\u001b[31m.weight_ih_l0");
    assertThat(all.getAsJsonObject("metadata").get("\u001b[2J").getAsString()).isEqualTo("a\nb");
    assertThat(all.has("architecture")).isFalse();
  }

  @Test
  void refusesOtherFilesInOneLine() throws IOException {
    Files.writeString(folder.resolve("model.pt"), "\u0000HDF");
    Files.write(folder.resolve("model.h5"), new byte[] {(byte) 0x89, 'H', 'D', 'F', '\r', '\n'});
    for (String file : List.of("none.safetensors", "model.pt", "model.h5")) {
      Cellbelt refused = Cellbelt.run(folder, "inspect", file);
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.out()).isEmpty();
      assertThat(refused.errors())
          .singleElement()
          .asString()
          .startsWith("cellbelt: Cannot read " + file + ": ");
    }
  }
}
