package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings that end before their last epoch, in real processes, and go on from a checkpoint. */
@Tag("process")
final class ResumedTrainingTest extends CommandLineTestCase {
  @Test
  void aStoppedTrainingGoesOnBitForBit() throws Exception {
    aStoppedTrainingGoesOnBitForBit("TERM");
  }

  @Test
  @Tag("slow")
  void anInterruptedTrainingGoesOnBitForBit() throws Exception {
    assumeFalse(
        interruptsAreIgnored(),
        "this JVM was started in the background, where Ctrl-C does not reach its children");
    aStoppedTrainingGoesOnBitForBit("INT");
  }

  private void aStoppedTrainingGoesOnBitForBit(String signal) throws Exception {
    done(with(TRAIN, "--embedding", "5", "--seed", "9"));
    Path model = folder.resolve("m.safetensors");
    byte[] expected = Files.readAllBytes(model);
    Files.delete(model);

    stopAfterAnEpoch(signal, with(TRAIN, "--embedding", "5", "--seed", "9"));
    done("generate", "m.safetensors", "--length", "5");

    refuses(1, "is already there. Go on with --resume", TRAIN);
    refuses(2, "--hidden (25, not 24)", with(TRAIN, "--resume", "--hidden", "25"));
    refuses(2, "--schedule (one-cycle, not warm-cosine)", with(RESUME, "--schedule", "one-cycle"));
    refuses(2, "--optimiser (nesterov, not adam)", with(RESUME, "--optimiser", "nesterov"));
    refuses(2, "--restarts (0.5, not 0.125)", with(RESUME, "--restarts", "0.5"));
    refuses(2, "--patience (3, not 0)", with(RESUME, "--patience", "3"));
    Files.writeString(
        folder.resolve("other.txt"), Files.readString(folder.resolve("text.txt")) + "\n");
    refuses(
        1,
        "was made with another text than other.txt",
        "train",
        "--text",
        "other.txt",
        "--out",
        "m.safetensors",
        "--resume");

    done(RESUME);
    assertThat(Files.readAllBytes(model)).isEqualTo(expected);
  }

  @ParameterizedTest
  @Tag("slow")
  @ValueSource(
      strings = {
        "--optimiser=rmsprop --lr=0.05 --schedule=plateau --patience=4 --epochs=200",
        "--optimiser=adagrad --schedule=one-cycle",
        "--optimiser=sgd --momentum=0.8 --schedule=step",
        "--optimiser=nesterov --weight-decay=0.001 --schedule=constant",
        "--optimiser=adamw --schedule=cosine"
      })
  void optimisersAndSchedulesGoOnBitForBit(String options) throws Exception {
    goesOnBitForBit(options);
  }

  private void goesOnBitForBit(String options) throws Exception {
    String[] training = with(TRAIN, options.split(" "));
    done(training);
    Path model = folder.resolve("m.safetensors");
    byte[] expected = Files.readAllBytes(model);
    Files.delete(model);
    stopAfterAnEpoch("TERM", with(training, "--checkpoint-every", "0"));
    done(RESUME);
    assertThat(Files.readAllBytes(model)).isEqualTo(expected);
    assertThat(folder.resolve("m.safetensors.checkpoint")).doesNotExist();
  }

  /** 17 sequences in two parts, windows that overlap, and a stop in between. */
  @Test
  @Tag("slow")
  void theNumberOfThreadsDoesNotMatter() throws Exception {
    String[] wide = with(TRAIN, "--back", "24", "--checkpoint-every", "0");
    wide[Arrays.asList(wide).indexOf("--batch") + 1] = "17";
    done(with(wide, "--threads", "1"));
    Path model = folder.resolve("m.safetensors");
    byte[] expected = Files.readAllBytes(model);
    done(with(wide, "--threads", "3", "--force"));
    assertThat(Files.readAllBytes(model)).isEqualTo(expected);
    Files.delete(model);
    stopAfterAnEpoch("TERM", with(wide, "--threads", "2"));
    done(with(RESUME, "--threads", "1"));
    assertThat(Files.readAllBytes(model)).isEqualTo(expected);
  }

  @Test
  void aTrainingThatDivergesKeepsModelAndCheckpoint() {
    String[] wild = {
      "--cell=rnn-relu", "--optimiser=sgd", "--momentum=0.9", "--schedule=one-cycle", "--clip=1e30"
    };
    Cellbelt diverged = Cellbelt.run(folder, with(with(TRAIN, wild), "--checkpoint-every=0"));
    assertThat(diverged.exitCode()).isEqualTo(1);
    assertThat(diverged.errors()).hasSize(1);
    String sentence = diverged.errors().getFirst();
    assertThat(sentence).contains(" at update ", "the weights are as before it");
    assertThat(done("generate", "m.safetensors", "--length", "5").out()).isNotEmpty();
    // The checkpoint is that of the update before, and stays.
    refuses(1, sentence, RESUME);
  }

  @Test
  void aTrainingThatGetsNoBetterIsComplete() {
    String[] noisy = {"--optimiser=rmsprop", "--lr=0.05", "--schedule=constant", "--epochs=200"};
    assertThat(done(with(with(TRAIN, noisy), "--patience", "1")).out())
        .contains("Stopped early: 1 validation(s) in a row", "Best validation loss");
    refuses(1, "no checkpoint m.safetensors.checkpoint to resume", RESUME);
  }

  /** Starts a training and stops it after its first epoch. */
  private void stopAfterAnEpoch(String signal, String... training) throws Exception {
    Process process = Cellbelt.start(folder, List.of(), training);
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    awaitEpoch(out);
    signal(process, signal);
    assertThat(String.join("\n", out.lines().toList())).contains("Stopped and saved", "--resume");
    assertThat(process.waitFor()).isEqualTo(signal.equals("INT") ? 130 : 143);
    assertThat(folder.resolve("m.safetensors.checkpoint")).exists();
  }

  private static void signal(Process process, String signal) throws Exception {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }

  /** Whether this process, and so its children, ignore SIGINT. */
  private static boolean interruptsAreIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }
}
