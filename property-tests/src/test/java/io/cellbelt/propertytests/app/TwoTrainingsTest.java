package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of two trainings of one model, the second is refused; one that was killed is in nobody's way. */
@Tag("process")
final class TwoTrainingsTest {
  private static final String[] LONG = {
    "train",
    "--text",
    "text.txt",
    "--out",
    "m.safetensors",
    "--hidden",
    "24",
    "--batch",
    "8",
    "--window",
    "16",
    "--epochs",
    "100000",
    "--checkpoint-every",
    "0"
  };
  private static final String[] RESUME = {
    "train", "--text", "text.txt", "--out", "m.safetensors", "--resume", "--plot", "m.csv"
  };

  @TempDir Path folder;

  @Test
  void theSecondIsRefusedWhileTheFirstRuns() throws Exception {
    Files.writeString(
        folder.resolve("text.txt"), "Once upon a time there was a king.\n".repeat(99));
    Files.createSymbolicLink(folder.resolve("link.safetensors"), Path.of("m.safetensors"));
    Process first = Cellbelt.start(folder, List.of(), LONG);
    awaitEpoch(first);
    refused("m.safetensors", "--force");
    refused("m.safetensors", "--resume");
    refused("link.safetensors", "--force");
    first.destroyForcibly().waitFor();
    assertThat(folder.resolve("m.safetensors.lock")).exists();

    Process second = Cellbelt.start(folder, List.of(), RESUME);
    awaitEpoch(second);
    second.destroy();
    assertThat(second.waitFor()).isEqualTo(143);
    assertThat(folder.resolve("m.safetensors.lock")).doesNotExist();
    assertThat(folder.resolve("m.safetensors.checkpoint")).exists();
  }

  private void refused(String out, String option) {
    Cellbelt refused = Cellbelt.run(folder, "train", "--text", "text.txt", "--out", out, option);
    assertThat(refused.errors()).hasSize(1);
    assertThat(refused.errors().getFirst())
        .startsWith("cellbelt: Another training is writing " + out);
    assertThat(refused.exitCode()).isEqualTo(1);
  }

  private static void awaitEpoch(Process process) throws Exception {
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    while (line != null && !line.contains("best, saved")) {
      line = out.readLine();
    }
    assertThat(line).as("the training has ended").isNotNull();
  }
}
