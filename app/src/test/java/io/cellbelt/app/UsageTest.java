package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.ModelFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line makes of its arguments. */
final class UsageTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
  }

  private static List<String> words(String text) {
    return List.of(text.split(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "trian, There is no command 'trian'; did you mean 'train'?",
    "tran --text x, There is no command 'tran'; did you mean 'train'?",
    "fly, There is no command 'fly'.",
    "help trian, There is no command 'trian'; did you mean 'train'?",
    "train --txt book.txt, There is no option '--txt'; did you mean '--text'?",
    "train --txt=book.txt, There is no option '--txt'; did you mean '--text'?",
    "train --optimizer adam, There is no option '--optimizer'; did you mean '--optimiser'?",
    "train --text a --out b --embed 3, There is no option '--embed'; did you mean '--embedding'?",
    "generate --temprature 1 m, There is no option '--temprature'; did you mean '--temperature'?",
    "check --cel lstm, There is no option '--cel'; did you mean '--cell'?",
    "--frobnicate train, There is no option '--frobnicate'.",
    "train, Missing required options"
  })
  void whatIsUnknownIsToldBeforeWhatIsMissing(String arguments, String sentence) {
    assertThat(run(words(arguments).toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString()).startsWith("cellbelt: " + sentence).contains("Try 'cellbelt");
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--lr 0,5", "--clip 1.000,5", "--hidden 3.5", "--hidden 99999999999"})
  void numbersHaveAPoint(String option) {
    assertThat(run(("train --text a --out b " + option).split(" "))).isEqualTo(2);
    assertThat(err.toString())
        .contains("'" + option.split(" ")[1] + "' is not a ", option.split(" ")[0])
        .doesNotContain("Exception");
    assertThat(err.toString().lines()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--hidden=0",
        "--hidden=x",
        "--layers=-1",
        "--batch=5000",
        "--window=0",
        "--back=15",
        "--back=-1",
        "--restarts=1.1",
        "--restarts=-0.1",
        "--restarts=NaN",
        "--threads=0",
        "--epochs=0",
        "--lr=NaN",
        "--lr=0",
        "--clip=0",
        "--cell=gru",
        "--momentum=0.9",
        "--momentum=1 --optimiser=sgd",
        "--momentum=0 --optimiser=nesterov",
        "--weight-decay=-1",
        "--schedule=linear",
        "--schedule=plateau --patience=2",
        "--patience=-1",
        "--checkpoint-every=-1",
        "--checkpoint-every=NaN",
        "--embedding=7 --cell=mut1",
        "--embedding=-1",
        "--plot=loss.txt",
        "--unknown",
        "--resume --force"
      })
  void refusesOptionsOutOfRange(String option) throws Exception {
    Path text = Files.writeString(folder.resolve("text.txt"), "Le café est fermé.\n".repeat(99));
    List<String> arguments =
        new ArrayList<>(words("train --hidden 24 --batch 8 --window 16 --epochs 12"));
    arguments.addAll(List.of("--text", text.toString()));
    arguments.addAll(List.of("--out", folder.resolve("m.safetensors").toString()));
    arguments.addAll(words(option));
    assertThat(run(arguments.toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString()).startsWith("cellbelt: ").contains(option.split("[ =]")[0]);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(folder.toFile().list()).containsExactly("text.txt");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@book.txt",
        "--length",
        "--length=3",
        "--help",
        "-h",
        "-x",
        "-1",
        "--",
        "train",
        "help",
        "\"quoted\"",
        "'quoted'",
        "${user.home}",
        "%s %n",
        "-J-Xmx1g",
        "\\n",
        " "
      })
  void aPromptIsTakenLiterally(String prompt) throws Exception {
    Path model = folder.resolve("model.safetensors");
    writeModel(model, prompt);
    assertThat(run("generate", model.toString(), "--prompt", prompt, "--length", "0")).isZero();
    assertThat(run("generate", "--prompt=" + prompt, model.toString(), "--length=0")).isZero();
    String line = prompt + System.lineSeparator();
    assertThat(out.toString()).isEqualTo(line + line);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void anEmptyPromptIsNone() throws Exception {
    Path model = folder.resolve("model.safetensors");
    writeModel(model, "ab");
    assertThat(run("generate", model.toString(), "--prompt", "", "--length", "0")).isZero();
    assertThat(run("generate", model.toString(), "--prompt=", "--length", "0")).isZero();
    assertThat(run("generate", model.toString(), "--seed", "-1", "--length", "0")).isZero();
    assertThat(out.toString()).isEqualTo(System.lineSeparator().repeat(3));
    assertThat(run("generate", model.toString(), "--prompt")).isEqualTo(2);
  }

  private static void writeModel(Path file, String characters) throws Exception {
    String vocabulary = Vocabulary.of(characters.codePoints().toArray()).toString();
    int size = vocabulary.length();
    Architecture architecture =
        new Architecture(
            new Input.OneHot(size), List.of(Layer.of(new Lstm(size, 2))), Readout.linear(size));
    Weights weights = Weights.random(architecture, 1);
    ModelFiles.write(file, weights, Map.of(Vocabulary.METADATA, vocabulary));
  }

  @Test
  void helpListsTheCommandsInTheOrderOfANewcomersDay() {
    assertThat(run("help")).isZero();
    String help = out.toString();
    List<String> commands =
        Pattern.compile("^  ([a-z-]+)  +\\S", Pattern.MULTILINE)
            .matcher(help)
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(commands)
        .containsSubsequence("demo", "train", "generate", "check", "gradient-flow", "bench");
    assertThat(help).contains("-J-Xmx8g", "cellbelt help COMMAND");
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).isEqualTo(help + help);
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "train", "generate", "check", "gradient-flow", "bench"})
  void helpTellsAboutACommand(String command) {
    assertThat(run("help", command)).isZero();
    String help = out.toString();
    assertThat(help).startsWith("Usage: cellbelt " + command).contains("Examples:");
    assertThat(run(command, "--help")).isZero();
    assertThat(out.toString()).isEqualTo(help + help);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void withoutACommandTheyAreNamed() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("cellbelt: Name a command, one of demo, train, generate,")
        .contains("cellbelt help");
  }

  @Test
  void charactersThatTheLocaleHasLostAreASentence() {
    assertThat(run("train", "--text", "b\uFFFDch.txt", "--out", "m")).isEqualTo(2);
    assertThat(err.toString()).contains("'b\uFFFDch.txt' holds characters that", "LC_ALL");
    assertThat(err.toString().lines()).hasSize(1);
  }
}
