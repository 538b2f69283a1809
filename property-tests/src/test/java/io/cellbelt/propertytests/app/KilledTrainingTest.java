package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.SafetensorsFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A training whose process is killed again and again, without a chance to save, ends with the same
 * model bit for bit as one that is left alone. It writes a checkpoint after every update, and half
 * of the kills wait for the next one to be half written.
 */
@Tag("process")
@Tag("slow")
final class KilledTrainingTest {
  /** After which the training may end in peace. */
  private static final int KILLS = 25;

  /** Epochs between two kills, and milliseconds after them, at most and less one. */
  private static final int MOST_EPOCHS = 5;

  private static final int MOST_MILLIS = 200;

  /** Other moments each time; {@code -Dcellbelt.killSeed} repeats those of a failure roughly. */
  private static final long SEED = Long.getLong("cellbelt.killSeed", System.nanoTime());

  private static final String MODEL = "m.safetensors";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--epochs=40",
        "--epochs=200 --optimiser=rmsprop --lr=0.05 --schedule=plateau --patience=8"
      })
  void endsWithTheSameModel(String options) throws Exception {
    writeText();
    Path model = folder.resolve(MODEL);
    run(training(options));
    byte[] expected = Files.readAllBytes(model);
    Files.delete(model);

    Random random = new Random(SEED);
    int kills = 0;
    float updates = 0;
    int writing = 0;
    boolean killed = true;
    while (killed && kills < KILLS) {
      killed = killed(random, next(options));
      kills += killed ? 1 : 0;
      killed &= !isComplete();
      writing += writing() ? 1 : 0;
      updates = checkReadable(updates);
    }
    System.out.printf(
        "%s, seed %d: %d kills in %.0f updates, %d of them while writing%n",
        options, SEED, kills, updates, writing);
    if (killed) {
      run(next(options));
    }
    assertThat(kills).as("the training is too short").isGreaterThan(5);
    assertThat(Files.readAllBytes(model)).as("seed %d", SEED).isEqualTo(expected);
    assertThat(files()).containsExactly(MODEL, "text.txt");
  }

  /** Whether a kill came after the end, where a training deletes its checkpoint. */
  private boolean isComplete() {
    return Files.exists(folder.resolve(MODEL))
        && !Files.exists(folder.resolve(MODEL + ".checkpoint"));
  }

  private void writeText() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 250; i++) {
      text.append(i * i % 97).append(" times ").append(i % 13).append(" is something.\n");
    }
    Files.writeString(folder.resolve("text.txt"), text);
  }

  private static List<String> training(String options) {
    List<String> arguments =
        new ArrayList<>(List.of("train", "--text", "text.txt", "--out", MODEL));
    arguments.addAll(List.of("--hidden=24", "--batch=16", "--window=16", "--threads=2"));
    arguments.addAll(List.of(options.split(" ")));
    return arguments;
  }

  /** What a user would run after a kill. */
  private List<String> next(String options) {
    String every = "--checkpoint-every=0";
    if (Files.exists(folder.resolve(MODEL + ".checkpoint"))) {
      return List.of("train", "--text", "text.txt", "--out", MODEL, "--resume", every);
    }
    List<String> arguments = training(options);
    arguments.addAll(List.of("--force", every));
    return arguments;
  }

  private void run(List<String> arguments) {
    Cellbelt done = Cellbelt.run(folder, arguments.toArray(String[]::new));
    assertThat(done.errors()).as("seed %d", SEED).isEmpty();
    assertThat(done.exitCode()).isZero();
  }

  /** Starts a training and kills it; false if it was complete before. */
  private boolean killed(Random random, List<String> arguments) throws Exception {
    Process process = Cellbelt.start(folder, List.of(), arguments.toArray(String[]::new));
    // Some are killed while they start, most in one of their first epochs.
    if (random.nextInt(8) > 0) {
      awaitEpoch(process, random.nextInt(MOST_EPOCHS));
    }
    process.waitFor(random.nextInt(MOST_MILLIS), TimeUnit.MILLISECONDS);
    boolean whileWriting = random.nextBoolean();
    while (process.isAlive() && whileWriting && !writing()) {
      Thread.onSpinWait();
    }
    if (process.isAlive()) {
      process.destroyForcibly().waitFor();
      return true;
    }
    assertThat(process.exitValue())
        .as(() -> String.join("\n", process.errorReader().lines().toList()))
        .isZero();
    return false;
  }

  /** Waits for the heading of the table of epochs, and so many lines of it. */
  private static void awaitEpoch(Process process, int epochs) throws IOException {
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    while (line != null && !line.startsWith("epoch ")) {
      line = out.readLine();
    }
    for (int i = 0; i < epochs && line != null; i++) {
      line = out.readLine();
    }
  }

  /** Whether a file is half written. */
  private boolean writing() throws IOException {
    return files().stream().anyMatch(file -> file.endsWith(".tmp"));
  }

  /** Reads both files where they are there; the updates of the checkpoint, never fewer. */
  private float checkReadable(float before) throws IOException {
    Path model = folder.resolve(MODEL);
    if (Files.exists(model)) {
      ModelFiles.read(model);
    }
    Path checkpoint = folder.resolve(MODEL + ".checkpoint");
    if (!Files.exists(checkpoint)) {
      return before;
    }
    float updates = SafetensorsFile.read(checkpoint).find("updates").orElseThrow().values()[1];
    assertThat(updates).as("seed %d", SEED).isGreaterThanOrEqualTo(before);
    return updates;
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
