package io.cellbelt.propertytests.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Commands with {@code -Dtest=NAME} in the project's documents name tests that exist. */
@Tag("process")
class DocumentedTestsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern NAME = Pattern.compile("-Dtest='?([\\w*]+)");

  @Test
  void everyTestThatADocumentNamesExists() throws IOException {
    List<Path> tests = files(Path.of("src/test/java"), "**/*{Test,Properties}.java");
    for (Path document : documents()) {
      for (String name : namesIn(document)) {
        PathMatcher matcher = matcher("**/" + name + ".java");
        assertThat(tests).as("%s says -Dtest=%s", document, name).anyMatch(matcher::matches);
      }
    }
  }

  @Test
  void contributingShowsSuchACommand() throws IOException {
    assertThat(namesIn(ROOT.resolve("CONTRIBUTING.md"))).isNotEmpty();
  }

  private static List<Path> documents() throws IOException {
    return Stream.concat(
            Stream.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")),
            files(ROOT.resolve("docs"), "**/*.md").stream())
        .toList();
  }

  private static List<String> namesIn(Path document) throws IOException {
    return NAME.matcher(Files.readString(document))
        .results()
        .map((MatchResult result) -> result.group(1))
        .toList();
  }

  private static List<Path> files(Path folder, String glob) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(matcher(glob)::matches).sorted().toList();
    }
  }

  private static PathMatcher matcher(String glob) {
    return FileSystems.getDefault().getPathMatcher("glob:" + glob);
  }
}
