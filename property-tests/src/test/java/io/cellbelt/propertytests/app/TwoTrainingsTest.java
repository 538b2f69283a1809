package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Of two trainings of one model, the second is refused; one that was killed is in nobody's way. */
@Tag("process")
final class TwoTrainingsTest extends CommandLineTestCase {
  @Test
  void theSecondIsRefusedWhileTheFirstRuns() throws Exception {
    String[] endless = with(TRAIN, "--epochs", "100000", "--checkpoint-every", "0");
    Files.createSymbolicLink(folder.resolve("link.safetensors"), Path.of("m.safetensors"));
    Process first = Cellbelt.start(folder, List.of(), endless);
    awaitEpoch(first.inputReader(StandardCharsets.UTF_8));
    refused("m.safetensors", "--force");
    refused("m.safetensors", "--resume");
    refused("link.safetensors", "--force");
    first.destroyForcibly().waitFor();
    assertThat(folder.resolve("m.safetensors.lock")).exists();

    Process second = Cellbelt.start(folder, List.of(), with(RESUME, "--plot", "m.csv"));
    awaitEpoch(second.inputReader(StandardCharsets.UTF_8));
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
}
