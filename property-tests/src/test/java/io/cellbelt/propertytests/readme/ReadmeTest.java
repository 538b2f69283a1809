package io.cellbelt.propertytests.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README shows code that compiles and runs: that of {@link Embedding}, line by line. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");

  @Test
  void theReadmeShowsTheExampleThatIsCompiledHere() throws IOException {
    String example =
        Files.readString(Path.of("src/test/java/io/cellbelt/propertytests/readme/Embedding.java"));
    String body = example.substring(example.indexOf("public final class Embedding"));
    assertThat(Files.readString(ROOT.resolve("README.md"))).contains(body.strip());
  }

  @Test
  void theExampleRuns() {
    Embedding.main(new String[0]);
  }
}
