package io.cellbelt.propertytests.misuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cellbelt.propertytests.support.Jvm;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that once ended in a crash, read where they lie and never copied. */
@Tag("process")
class CasesTest {
  private static final Path FOLDER =
      Path.of("..").resolve(System.getProperty("cases", "../shared/cases"));

  @ParameterizedTest
  @CsvSource({
    "TrainerAfterClose, update-tokens",
    "TrainerAfterClose, evaluate-tokens",
    "TrainerAfterClose, update-vectors",
    "TrainerAfterClose, evaluate-vectors",
    "TransposeAfterClose, source",
    "TransposeAfterClose, target"
  })
  void whatIsClosedIsRefused(String program, String argument) {
    Path source = FOLDER.resolve(program + ".java");
    assumeTrue(
        Files.exists(source),
        () -> "Not run: there is no " + source.toAbsolutePath().normalize() + ".");
    Jvm jvm = argument.equals("source") ? Jvm.run(source) : Jvm.run(source, argument);
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    assertThat(jvm.output()).contains("right: The ");
  }
}
