package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;

/**
 * A command that was run in this JVM.
 *
 * @param exitCode of the command
 * @param out what it printed
 * @param err what it said of errors
 */
record Cellbelt(int exitCode, String out, String err) {
  static Cellbelt run(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Main.run(
            new PrintWriter(out),
            new PrintWriter(err),
            Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
    return new Cellbelt(exitCode, out.toString(), err.toString());
  }

  /** Runs what must succeed. */
  static String done(Object... arguments) {
    Cellbelt done = run(arguments);
    assertThat(done.err()).isEmpty();
    assertThat(done.exitCode()).isZero();
    return done.out();
  }

  /** Runs what must be refused in a sentence, and returns it. */
  static String refused(Object... arguments) {
    Cellbelt refused = run(arguments);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).startsWith("cellbelt: ").doesNotContain("An error of Cellbelt");
    return refused.err().strip();
  }
}
