package io.cellbelt.app;

import java.io.PrintWriter;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a command prints: results and progress on standard output, errors on standard error. Bold
 * text and progress bars appear only on a terminal, bold text only if {@code NO_COLOR} is unset.
 *
 * <p>Safe to share between threads as its writers are; progress bars must be closed before other
 * lines are printed.
 */
final class Console {
  private static final Pattern INDENTED = Pattern.compile("\\R  \\S");

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean interactive;
  private final boolean colors;

  private Console(PrintWriter out, PrintWriter err, boolean interactive, boolean colors) {
    this.out = out;
    this.err = err;
    this.interactive = interactive;
    this.colors = colors;
  }

  /** The console of a command, on the writers that picocli gives it. */
  static Console of(CommandSpec spec) {
    return create(spec.commandLine().getOut(), spec.commandLine().getErr());
  }

  /** A console that is interactive if this process is at a terminal. */
  static Console create(PrintWriter out, PrintWriter err) {
    boolean interactive = atTerminal() && !"dumb".equals(System.getenv("TERM"));
    String noColor = System.getenv("NO_COLOR");
    return create(out, err, interactive, noColor == null || noColor.isEmpty());
  }

  /** Whether standard input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // it is null in JDK 25 where there is no terminal
  static boolean atTerminal() {
    java.io.Console terminal = System.console();
    return terminal != null && terminal.isTerminal();
  }

  static Console create(
      PrintWriter out, PrintWriter err, boolean interactive, boolean colorsAllowed) {
    return new Console(out, err, interactive, interactive && colorsAllowed);
  }

  /** Whether somebody is watching: standard input and output are a terminal. */
  boolean interactive() {
    return interactive;
  }

  /** Whether escape codes for colours and weight may be printed. */
  boolean colors() {
    return colors;
  }

  /** The text, bold where that can be shown. */
  String bold(String text) {
    return colors ? "\u001b[1m" + text + "\u001b[0m" : text;
  }

  /** Prints to standard output at once, without a line break. */
  void print(String text) {
    out.print(text);
    out.flush();
  }

  /** Prints a line to standard output at once. */
  void println(String line) {
    out.println(line);
    out.flush();
  }

  /** Prints an empty line. */
  void println() {
    println("");
  }

  /**
   * Prints to standard error, with the program's name, as for a failure: one line, unless some of
   * the text is indented, as lists and lines to be copied are.
   */
  void error(String sentence) {
    boolean isList = INDENTED.matcher(sentence).find();
    String text = sentence.strip();
    err.println("cellbelt: " + (isList ? text : text.replaceAll("\\s*\\R\\s*", " ")));
    err.flush();
  }

  /** Prints where an error comes from, to standard error. */
  void stackTrace(Throwable error) {
    error.printStackTrace(err);
    err.flush();
  }

  /** Whether standard output is gone, for example because {@code head} has read enough. */
  boolean closed() {
    return out.checkError();
  }

  /**
   * Shows how far a task is, until it is closed: a bar on a terminal, else a line now and then.
   *
   * @param task one or a few words, such as {@code training}
   * @param max how many steps there will be; 0 or more
   */
  Progress progress(String task, long max) {
    return interactive ? new Progress.Bar(out, task, max) : new Progress.Lines(out, task, max);
  }
}
