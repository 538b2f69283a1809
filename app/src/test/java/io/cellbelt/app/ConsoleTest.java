package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class ConsoleTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private Console console(boolean interactive, boolean colors) {
    return Console.create(new PrintWriter(out), new PrintWriter(err), interactive, colors);
  }

  @Test
  void boldIsForTerminalsThatAllowIt() {
    assertThat(console(true, true).bold("x")).isEqualTo("\u001b[1mx\u001b[0m");
    assertThat(console(true, false).bold("x")).isEqualTo("x");
    assertThat(console(false, true).bold("x")).isEqualTo("x");
  }

  @Test
  void errorsAreOneLine() {
    console(false, false).error("First.\n Second.\n");
    assertThat(err.toString()).isEqualTo("cellbelt: First. Second." + System.lineSeparator());
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void linesToCopyStayLines() {
    console(false, false).error("Write:\n  a line\nThat is all.\n");
    assertThat(err.toString())
        .isEqualTo("cellbelt: Write:\n  a line\nThat is all." + System.lineSeparator());
  }

  @Test
  void logsGetNoBar() {
    try (Progress progress = console(false, true).progress("task", 3)) {
      progress.message("message");
      progress.step(3);
    }
    assertThat(out.toString()).doesNotContain("\r", "\u001b");
  }

  @Test
  void terminalsGetABarThatFitsAndGoesAway() {
    try (Progress progress = console(true, false).progress("task", 3)) {
      progress.step(3);
    }
    assertThat(out.toString()).contains("task").endsWith("\r");
    assertThat(out.toString().split("\r")).allSatisfy(l -> assertThat(l).hasSizeLessThan(80));
  }

  @Test
  void commandLinesThatAreWrongGetASentence() {
    int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), "train", "--hidden", "x");
    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString()).startsWith("cellbelt: ").hasLineCount(1);
  }
}
