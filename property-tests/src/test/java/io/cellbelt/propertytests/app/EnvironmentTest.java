package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line gives the same output in every environment, or a sentence. */
@Tag("process")
final class EnvironmentTest {
  private static final String[] TRAIN = {
    "train",
    "--text",
    "text.txt",
    "--out",
    "m.safetensors",
    "--plot",
    "loss.csv",
    "--hidden",
    "300",
    "--batch",
    "8",
    "--window",
    "4",
    "--back",
    "4",
    "--epochs",
    "1",
    "--lr",
    "0.001"
  };
  private static final String[] FLOW = {
    "gradient-flow", "--cell", "rnn", "--steps", "4", "--updates", "1", "--out", "flow.png"
  };
  private static final String[] GENERATE = {
    "generate", "m.safetensors", "--prompt", "Le ", "--length", "30", "--seed", "3"
  };
  private static final String[] CHECK = {"check", "--cell", "rnn"};

  /**
   * For commands that hardly compute: the kernels are slow with them, with the same bits, and the
   * JVM's own compiler takes less time.
   */
  private static final List<String> QUICK =
      List.of("-XX:TieredStopAtLevel=1", "-Dcellbelt.allowSlow=true");

  /** What differs from run to run: how long it took, and how often it said how far it is. */
  private static final String TIMES = " +[0-9,]+ +[0-9:]+   best, saved|  epoch [^\\n]* left\\n";

  @TempDir static Path plain;
  @TempDir Path folder;

  private static String expected;

  private static void writeText(Path folder) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      text.append("Le café n° ").append(i * i % 97).append(" est fermé.\n");
    }
    Files.writeString(folder.resolve("text.txt"), text);
  }

  @BeforeAll
  static void runPlainly() throws Exception {
    writeText(plain);
    expected = runAll(plain, List.of(), Map.of());
    assertThat(expected).contains("chars/s", "flow.png", "Le ");
  }

  /** Trains, generates, checks and plots; what was printed, without times. */
  private static String runAll(Path folder, List<String> options, Map<String, String> environment)
      throws Exception {
    StringBuilder out = new StringBuilder();
    for (String[] command : new String[][] {small(TRAIN), GENERATE, FLOW}) {
      String printed = run(folder, options, environment, command);
      assertThat(printed.chars().filter(Character::isDigit)).allMatch(digit -> digit < 128);
      out.append(printed.replaceAll(TIMES, "")).append('\n');
    }
    return out.toString();
  }

  private static String run(
      Path folder, List<String> options, Map<String, String> environment, String... command)
      throws Exception {
    List<String> all = Stream.concat(QUICK.stream(), options.stream()).toList();
    ProcessBuilder prepared = Cellbelt.prepare(folder, all, command);
    prepared.environment().putAll(environment);
    Cellbelt done = Cellbelt.await(prepared.start());
    assertThat(done.errors()).isEmpty();
    assertThat(done.exitCode()).isZero();
    return done.out();
  }

  private static String[] small(String[] training) {
    return Stream.of(training)
        .map(argument -> argument.equals("300") ? "24" : argument)
        .toArray(String[]::new);
  }

  private void sameAsPlain(List<String> options, Map<String, String> environment) throws Exception {
    writeText(folder);
    assertThat(runAll(folder, options, environment)).isEqualTo(expected);
    for (String file : new String[] {"m.safetensors", "loss.csv", "flow.png"}) {
      assertThat(Files.readAllBytes(folder.resolve(file)))
          .as(file)
          .isEqualTo(Files.readAllBytes(plain.resolve(file)));
    }
  }

  /** By properties of the JVM, as few machines have these locales installed. */
  @ParameterizedTest
  @ValueSource(strings = {"ar-EG-u-nu-arab"})
  void theLocaleChangesNothing(String locale) throws Exception {
    sameAsPlain(locale);
  }

  @ParameterizedTest
  @Tag("slow")
  @ValueSource(strings = {"de-DE", "tr-TR", "hi-IN-u-nu-deva"})
  void otherLocalesChangeNothing(String locale) throws Exception {
    sameAsPlain(locale);
  }

  private void sameAsPlain(String locale) throws Exception {
    String[] parts = locale.split("-", 3);
    List<String> options = new ArrayList<>();
    options.add("-Duser.language=" + parts[0]);
    options.add("-Duser.country=" + parts[1]);
    if (parts.length == 3) {
      options.add("-Duser.extensions=" + parts[2]);
    }
    sameAsPlain(options, Map.of("LC_ALL", parts[0] + "_" + parts[1] + ".UTF-8"));
  }

  /** Tables of numbers, and help, where digits are others. */
  @Test
  void otherDigitsChangeNoTable() throws Exception {
    List<String> arabic =
        List.of("-Duser.language=ar", "-Duser.country=EG", "-Duser.extensions=u-nu-arab");
    for (String[] command : new String[][] {CHECK, {"help"}}) {
      assertThat(run(folder, arabic, Map.of(), command))
          .isEqualTo(run(folder, List.of(), Map.of(), command));
    }
  }

  @Test
  @Tag("slow")
  void aDisplayThatIsNotThereChangesNothing() throws Exception {
    sameAsPlain(List.of("-Djava.awt.headless=false"), Map.of("DISPLAY", ":99"));
  }

  @Test
  @Tag("slow")
  void theCLocaleChangesNothing() throws Exception {
    sameAsPlain(List.of(), Map.of("LC_ALL", "C"));
  }

  /** The launcher takes a locale with all characters; {@link LauncherTest} runs it. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void theCLocaleSaysThatItCannotPassCharactersOn() throws Exception {
    for (String[] command :
        new String[][] {
          {"generate", "m.safetensors", "--prompt", "café"},
          {"train", "--text", "café.txt", "--out", "m.safetensors"},
        }) {
      ProcessBuilder prepared = Cellbelt.prepare(folder, List.of(), command);
      prepared.environment().put("LC_ALL", "C");
      Cellbelt refused = Cellbelt.await(prepared.start());
      assertThat(refused.exitCode()).isEqualTo(2);
      assertThat(refused.errors()).hasSize(1);
      assertThat(refused.errors().getFirst()).contains("LC_ALL=C.UTF-8");
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDeviceBehindStandardOutputIsAFailure() throws Exception {
    writeText(folder);
    for (String[] command :
        new String[][] {{"--version"}, {"help"}, {"train", "--help"}, small(TRAIN), GENERATE}) {
      ProcessBuilder prepared = Cellbelt.prepare(folder, QUICK, command);
      Process process = prepared.redirectOutput(new File("/dev/full")).start();
      Cellbelt failed = Cellbelt.await(process);
      assertThat(failed.errors()).as(command[0]).hasSize(1);
      assertThat(failed.errors().getFirst())
          .startsWith("cellbelt: Not all could be written to standard output: ");
      assertThat(failed.exitCode()).isEqualTo(1);
    }
    assertThat(folder.resolve("m.safetensors")).exists();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFileSystemOfOneMegabyteIsASentence() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    if (new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "none", disk.toString())
            .redirectErrorStream(true)
            .start()
            .waitFor()
        != 0) {
      abort("NOT TESTED: this user may not mount a file system of 1 MB with unshare -rm.");
    }
    writeText(folder);
    String script =
        "mount -t tmpfs -o size=1m none disk && cp text.txt disk && cd disk || exit 99\n"
            + quoted(Cellbelt.prepare(folder, List.of(), TRAIN).command())
            + "; echo \"exit code $?\"; ls -A; cat /dev/zero > fill 2>/dev/null\n"
            + quoted(Cellbelt.prepare(folder, List.of(), "help").command())
            + " > help.txt; echo \"exit code $?\"";
    Process process =
        new ProcessBuilder("unshare", "-rm", "sh", "-c", script)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(output)
        .containsPattern("cellbelt: Cannot write m.safetensors[^\n]*: the system reported .*\n")
        .contains("exit code 1\ntext.txt\n")
        .contains("cellbelt: Not all could be written to standard output: ")
        .endsWith("exit code 1\n")
        .doesNotContain("Exception");
  }

  private static String quoted(List<String> command) {
    return String.join(
        " ", command.stream().map(word -> "'" + word.replace("'", "'\\''") + "'").toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cellbelt.vectorBits=99",
        "cellbelt.checkedSegments=yes",
        "cellbelt.allowSlow=maybe"
      })
  void aPropertyWithAWrongValueIsASentence(String property) {
    Cellbelt refused = Cellbelt.run(folder, List.of("-D" + property), CHECK);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.errors()).hasSize(1);
    assertThat(refused.errors().getFirst())
        .contains(property.split("=")[0] + " is ", "'" + property.split("=")[1] + "'");
  }

  @Test
  void aPropertyThatIsNoneIsToldOnce() {
    Cellbelt done = Cellbelt.run(folder, List.of("-Dcellbelt.vectorbits=128"), "--version");
    assertThat(done.exitCode()).isZero();
    assertThat(done.errors()).hasSize(1);
    assertThat(done.errors().getFirst()).contains("no property cellbelt.vectorbits");
  }

  @Test
  void theClassPathWithoutTheModuleOfTheVectorApiIsASentence() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("jdk.module.path")));
    command.add("io.cellbelt.app.Main");
    command.addAll(List.of(CHECK));
    Cellbelt refused = Cellbelt.await(new ProcessBuilder(command).start());
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.errors()).hasSize(1);
    assertThat(refused.errors().getFirst()).contains("--add-modules jdk.incubator.vector");
    command.set(command.size() - CHECK.length, "--version");
    command.removeLast();
    command.removeLast();
    assertThat(Cellbelt.await(new ProcessBuilder(command).start()).exitCode()).isZero();
  }
}
