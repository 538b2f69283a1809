package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.ModelFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands as users meet them: real processes, files, pipes and signals. */
@Tag("process")
final class CommandLineTest extends CommandLineTestCase {
  @Test
  void trainsGeneratesAndChecks() throws IOException {
    String log = done(with(TRAIN, "--plot", "loss.png")).out();
    assertThat(log).contains("validation", "bits/char", "best, saved", "Best validation loss");
    assertThat(Files.readAllBytes(folder.resolve("loss.png"))).startsWith(0x89, 'P', 'N', 'G');
    assertThat(folder.resolve("m.safetensors.checkpoint")).doesNotExist();

    String[] generate = {
      "generate", "m.safetensors", "--prompt", "Le café", "--length", "100", "--seed", "3"
    };
    String text = done(generate).out();
    assertThat(text).startsWith("Le café");
    assertThat(text.codePointCount(0, text.length())).isEqualTo(107);
    assertThat(done(generate).out()).isEqualTo(text);
    assertThat(done(with(generate, "--temperature", "0")).out()).contains("est fermé");
    assertThat(done("generate", "m.safetensors", "--length", "0").out()).isEmpty();

    assertThat(done("check", "m.safetensors").out())
        .contains("lstm.weight_hh_l0", "head.bias", "All gradients are right.");
    String[] onText = {"check", "--model", "m.safetensors", "--data", "text.txt"};
    assertThat(done(onText).out()).contains("T = 8, B = 2", "All gradients are right.");
    assertThat(done(with(onText, "--steps", "13")).out())
        .contains("T = 13, B = 2", "All gradients are right.");
    Files.writeString(folder.resolve("short.txt"), "Le");
    assertThat(done("check", "m.safetensors", "--data", "short.txt").out())
        .contains("T = 2, B = 1", "All gradients are right.");
  }

  /** A model of vectors of 3 numbers. */
  private void writeVectorModel() throws IOException {
    Architecture architecture = new Architecture(new Input.Dense(3), List.of(new Lstm(3, 5)), 2);
    Weights weights = Weights.random(architecture, 1);
    ModelFiles.write(folder.resolve("vectors.safetensors"), weights, Map.of());
  }

  @Test
  void checksGradientsOnLinesOfNumbers() throws IOException {
    writeVectorModel();
    Files.writeString(folder.resolve("data.csv"), "a,b,c\n" + "0.5, -1,2e-1\n\n".repeat(20));
    assertThat(done("check", "--model", "vectors.safetensors", "--data", "data.csv").out())
        .contains("T = 8, B = 2", "initial state", "All gradients are right.");
  }

  @Test
  void refusesDataThatDoesNotFit() throws IOException {
    writeVectorModel();
    Files.writeString(folder.resolve("narrow.csv"), "1,2,3\n1,2\n");
    Files.writeString(folder.resolve("nan.csv"), "1,2,NaN\n");
    Files.writeString(folder.resolve("words.csv"), "1,2,3\n1,2,three\n");
    Files.writeString(folder.resolve("header.csv"), "a,b,c\n");
    String model = "vectors.safetensors";
    refuses(1, "There is no text none.csv", "check", model, "--data", "none.csv");
    refuses(1, "Line 2 of narrow.csv has 2 numbers", "check", model, "--data", "narrow.csv");
    refuses(1, "Line 1 of nan.csv has 'NaN'", "check", model, "--data", "nan.csv");
    refuses(1, "Line 2 of words.csv has 'three'", "check", model, "--data", "words.csv");
    refuses(1, "header.csv has no line of numbers", "check", model, "--data", "header.csv");
    refuses(2, "--steps must be 1 or more", "check", model, "--steps", "0");
    refuses(2, "--data is for models", "check", "--cell", "lstm", "--data", "text.txt");
    refuses(2, "Try 'cellbelt check --help'.", "check", "--data", "text.txt");
    done(with(TRAIN, "--epochs", "1"));
    Files.writeString(folder.resolve("other.txt"), "LeXY");
    refuses(1, "never seen 'X', 'Y'", "check", "m.safetensors", "--data", "other.txt");
  }

  @Test
  @Tag("slow")
  void checksGradientsOfAllCells() {
    assertThat(done("check", "--cell", "all").out())
        .contains("clockwork", "bidirectional-concat", "attention-dot", "All gradients are right.")
        .doesNotContain("FAILED");
  }

  @Test
  void checksGradientsOfACell() {
    assertThat(done("check", "--cell", "lstm").out())
        .contains("lstm.bias_l0", "initial state", "All gradients are right.");
  }

  @Test
  void trainsAnotherCell() {
    trainsACell("gru-after");
  }

  @ParameterizedTest
  @Tag("slow")
  @ValueSource(strings = {"grid-lstm-tied", "layernorm-lstm", "lstm-projection"})
  void trainsEvenMoreCells(String cell) {
    trainsACell(cell);
  }

  private void trainsACell(String cell) {
    done(with(TRAIN, "--cell", cell, "--layers", "2", "--epochs", "2"));
    assertThat(done("generate", "m.safetensors", "--length", "20").out()).hasSizeGreaterThan(9);
    assertThat(done("check", "m.safetensors").out()).contains("All gradients are right.");
  }

  @Test
  void refusesWhatTheMachineHasNoMemoryFor() {
    String[] large = TRAIN.clone();
    large[Arrays.asList(large).indexOf("--hidden") + 1] = "16384";
    refuses(1, "This training needs", with(large, "--layers", "64"));
  }

  @Test
  void aClosedPipeEndsTheTextQuietly() throws Exception {
    done(with(TRAIN, "--epochs", "1"));
    Process process =
        Cellbelt.start(folder, List.of(), "generate", "m.safetensors", "--length", "1000000000");
    assertThat(process.getInputStream().readNBytes(20)).hasSize(20);
    process.getInputStream().close();
    Cellbelt ended = new Cellbelt(process.waitFor(), "", process.errorReader().lines().toList());
    assertThat(ended.exitCode()).isZero();
    assertThat(ended.errors()).noneMatch(line -> line.contains("Exception"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "demo", "train", "generate", "check", "bench"})
  void everyCommandHasHelpWithExamples(String command) {
    String[] arguments =
        command.isEmpty() ? new String[] {"--help"} : new String[] {command, "--help"};
    assertThat(done(arguments).out()).contains("Usage: cellbelt", "Examples:");
  }

  @Test
  void tellsItsVersion() {
    assertThat(done("--version").out()).startsWith("cellbelt ").contains("-bit vectors");
  }

  @Test
  void refusesAJvmWithoutSimd() {
    Cellbelt slow =
        Cellbelt.run(folder, List.of("-XX:TieredStopAtLevel=1"), "check", "--cell", "lstm");
    assertThat(slow.exitCode()).isEqualTo(1);
    assertThat(slow.errors()).hasSize(1);
    assertThat(slow.errors().getFirst()).startsWith("cellbelt: Cellbelt needs HotSpot's C2");
  }

  @Test
  void refusesTextsThatAreNone() throws IOException {
    Files.write(
        folder.resolve("latin1.txt"),
        "Caf\u00e9".repeat(999).getBytes(StandardCharsets.ISO_8859_1));
    Files.write(folder.resolve("cut.txt"), new byte[] {'a', '\n', (byte) 0xE2, (byte) 0x82});
    Files.writeString(folder.resolve("empty.txt"), "");
    Files.writeString(folder.resolve("short.txt"), "To be");
    refusesText("none.txt", "There is no text none.txt");
    refusesText(".", "is not a regular file");
    refusesText("empty.txt", "is empty");
    refusesText("short.txt", "The text has 5 characters, but with --batch 16 at least 170");
    refusesText("latin1.txt", "not valid UTF-8: the byte 0xE9 at offset 3 (line 1)");
    refusesText("cut.txt", "not valid UTF-8: the byte 0xE2 at offset 2 (line 2)");
  }

  private void refusesText(String text, String sentence) {
    refuses(1, sentence, "train", "--text", text, "--out", "m.safetensors");
  }

  @Test
  void refusesTargetsThatCannotBeWritten() throws IOException {
    Files.writeString(folder.resolve("precious.safetensors"), "precious");
    refusesTarget("precious.safetensors", "is already there. Start again with --force");
    refusesTarget("none/m.safetensors", "There is no folder");
    refusesTarget(".", "is a folder");
    refusesTarget("/dev/null", "is a device");
    refuses(1, "is the text itself", "train", "--text", "text.txt", "--out", "text.txt", "--force");
    refuses(1, "no checkpoint m.safetensors.checkpoint to resume", with(TRAIN, "--resume"));
    Files.writeString(folder.resolve("m.safetensors.checkpoint"), "not a checkpoint");
    refuses(1, "Cannot read m.safetensors.checkpoint", with(TRAIN, "--resume"));
  }

  private void refusesTarget(String target, String sentence) {
    refuses(1, sentence, "train", "--text", "text.txt", "--out", target);
  }

  /** Some of many; the others run in the JVM of the tests of the command line. */
  @ParameterizedTest
  @ValueSource(strings = {"--hidden=0", "--momentum=1 --optimiser=sgd", "--resume --force"})
  void refusesOptionsOutOfRange(String option) {
    refuses(2, option.split("[ =]")[0], with(TRAIN, option.split(" ")));
  }

  @Test
  void refusesCommandsThatAreNone() {
    refuses(2, "Name a command", new String[0]);
    refuses(2, "Try 'cellbelt --help'.", "fly");
    refuses(2, "Try 'cellbelt check --help'.", "check");
    refuses(2, "--cell is one of", "check", "--cell", "gru");
    refuses(2, "it is one of sgd, nesterov,", with(TRAIN, "--optimiser", "lion"));
    refuses(2, "Try 'cellbelt generate --help'.", "generate");
  }

  @Test
  void refusesPromptsTemperaturesAndModelsThatAreNone() throws IOException {
    done(with(TRAIN, "--epochs", "1"));
    byte[] model = Files.readAllBytes(folder.resolve("m.safetensors"));
    Files.write(folder.resolve("cut.safetensors"), Arrays.copyOf(model, model.length - 1));
    refuses(1, "never seen 'X', 'Y'", "generate", "m.safetensors", "--prompt", "LeXYX");
    refuses(2, "is -1.0", "generate", "m.safetensors", "--temperature", "-1");
    refuses(2, "is NaN", "generate", "m.safetensors", "--temperature", "NaN");
    refuses(2, "is Infinity", "generate", "m.safetensors", "--temperature", "Infinity");
    refuses(2, "--length must be 0", "generate", "m.safetensors", "--length", "-1");
    for (String command : List.of("generate", "check")) {
      refuses(1, "Cannot read none.safetensors", command, "none.safetensors");
      refuses(1, "Cannot read cut.safetensors", command, "cut.safetensors");
      refuses(1, "Cannot read text.txt", command, "text.txt");
    }
  }
}
