package io.cellbelt.propertytests.misuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.propertytests.support.Jvm;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing that is public crashes the JVM, hangs, leaks, or fails without a sentence. */
@Tag("process")
class MisuseTest {
  private static final String SECONDS = System.getProperty("misuse.seconds", "20");
  private static final String SEED = System.getProperty("misuse.seed", "1");

  @Test
  void everyPublicEntryEndsInAResultOrASentence(@TempDir Path folder) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(SEED, SECONDS, folder.toString()));
    Jvm.modules().forEach(module -> arguments.add(module.toString()));
    Jvm jvm =
        Jvm.run(
            MisuseDriver.class,
            List.of(
                "-Xmx400m",
                "-XX:MaxDirectMemorySize=400m",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + folder.resolve("hs_err.log")),
            arguments.toArray(String[]::new));
    String last =
        new String(Files.readAllBytes(folder.resolve("last-call")), StandardCharsets.UTF_8);
    List<String> found = jvm.output().lines().filter(line -> !line.startsWith("called ")).toList();
    assertThat(jvm.exitCode())
        .as("the last call was %s; %s", last.split("\0")[0], String.join("\n", found))
        .isZero();
    Set<String> called =
        jvm.output()
            .lines()
            .filter(line -> line.startsWith("called "))
            .map(line -> line.split(" ", 4)[3])
            .collect(Collectors.toSet());
    assertThat(called).containsAll(names(true)).doesNotContainAnyElementsOf(names(false));
  }

  @Test
  void everyEntryThatIsNotCalledHasItsReasonAndEveryReasonAnEntry() {
    List<Executable> all = PublicEntries.of(Jvm.modules().toArray(Path[]::new));
    assertThat(all).hasSizeGreaterThan(400);
    assertThat(PublicEntries.NOT_CALLED.keySet())
        .allMatch(
            start -> all.stream().anyMatch(entry -> PublicEntries.name(entry).startsWith(start)));
  }

  private static List<String> names(boolean called) {
    return PublicEntries.of(Jvm.modules().toArray(Path[]::new)).stream()
        .filter(entry -> (PublicEntries.reason(entry) == null) == called)
        .map(PublicEntries::name)
        .toList();
  }
}
