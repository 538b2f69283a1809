package io.cellbelt.propertytests.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.propertytests.conformance.ConformanceFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code cellbelt verify} over models of others, each at its tolerance. */
@Tag("process")
final class VerifyCommandTest {
  private static final Path LEFT_OUT =
      Path.of("src/test/resources/conformance-not-applicable.txt").toAbsolutePath();

  @TempDir Path folder;

  @Test
  void everyModelOfOthers() throws IOException {
    Path models = ConformanceFolder.file("../models");
    String table = passes(models, "--skip", LEFT_OUT.toString());
    try (Stream<Path> all = Files.list(models)) {
      List<String> names =
          all.filter(Files::isDirectory).map(one -> one.getFileName().toString()).toList();
      assertThat(table).contains(names);
    }
    assertThat(table.lines().filter(line -> line.contains("left out: ")))
        .hasSize(3)
        .allMatch(line -> line.contains("a state dictionary says no wiring: "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"real", "onnx-node", "onnx-pytorch-operator"})
  void everyFolderOfConformance(String name) {
    assertThat(passes(ConformanceFolder.file(name))).contains("0 left out");
  }

  @Test
  void tellsWhyAStateDictionaryIsLeftOut() {
    assertThat(passes(ConformanceFolder.file("../models/unitree_g1")))
        .contains("left out: a state dictionary says no wiring, so there is no graph to run");
  }

  private String passes(Path models, String... options) {
    String[] all = new String[2 + options.length];
    all[0] = "verify";
    all[1] = models.toAbsolutePath().normalize().toString();
    System.arraycopy(options, 0, all, 2, options.length);
    Cellbelt done = Cellbelt.run(folder, all);
    assertThat(done.errors()).isEmpty();
    assertThat(done.out()).contains(" 0 failed.").doesNotContain("FAILED");
    assertThat(done.exitCode()).isZero();
    return done.out();
  }
}
