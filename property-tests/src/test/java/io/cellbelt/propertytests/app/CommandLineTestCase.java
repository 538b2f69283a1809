package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder with a text, and commands that run there in processes. */
abstract class CommandLineTestCase {
  static final String[] TRAIN = {
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
    "12"
  };

  static final String[] RESUME = {
    "train", "--text", "text.txt", "--out", "m.safetensors", "--resume"
  };

  @TempDir Path folder;

  @BeforeEach
  void writeText() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 250; i++) {
      text.append("Le café n° ").append(i * i % 97).append(" est fermé \uD83C\uDFAD.\n");
    }
    Files.writeString(folder.resolve("text.txt"), text);
  }

  static String[] with(String[] arguments, String... more) {
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return all;
  }

  Cellbelt done(String... arguments) {
    Cellbelt done = Cellbelt.run(folder, arguments);
    assertThat(done.errors()).isEmpty();
    assertThat(done.exitCode()).isZero();
    assertThat(done.out()).doesNotContain("\u001b");
    return done;
  }

  /** A sentence, this exit code, and every file as it was. */
  void refuses(int exitCode, String sentence, String... arguments) {
    Folder.assertUnchanged(
        folder,
        () -> {
          Cellbelt refused = Cellbelt.run(folder, arguments);
          assertThat(refused.errors()).hasSize(1);
          assertThat(refused.errors().getFirst()).startsWith("cellbelt: ").contains(sentence);
          assertThat(refused.exitCode()).isEqualTo(exitCode);
        });
  }

  /** Reads what a training prints up to the end of its next epoch that is the best. */
  static void awaitEpoch(BufferedReader out) throws IOException {
    String line = out.readLine();
    while (line != null && !line.contains("best, saved")) {
      line = out.readLine();
    }
    assertThat(line).as("the training has ended").isNotNull();
  }
}
