package io.cellbelt.app;

import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.models.ModelFileException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.Spec;

/** The command {@code cellbelt}. */
@Command(
    name = "cellbelt",
    description =
        "Recurrent neural networks at the speed of the CPU: train, generate, check, measure.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Done.",
      "1:It could not be done, or a check failed.",
      "2:The command line is wrong.",
      "130:Stopped by Ctrl-C; training was saved."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt demo",
      "  cellbelt train --text book.txt --out book.safetensors",
      "  cellbelt generate book.safetensors --prompt \"Once upon\"",
      "  cellbelt check --cell lstm",
      "  cellbelt bench --quick",
      "",
      "'cellbelt COMMAND --help' tells more."
    },
    subcommands = {
      DemoCommand.class,
      TrainCommand.class,
      GenerateCommand.class,
      InspectCommand.class,
      CheckCommand.class,
      BenchCommand.class,
      GradientFlowCommand.class
    })
public final class Main implements Callable<Integer> {
  /** Shows where an error comes from. */
  private static final boolean STACK_TRACE = Boolean.getBoolean("cellbelt.stacktrace");

  @Spec private CommandSpec spec;

  Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    PrintWriter out = writer(FileDescriptor.out, System.out.charset());
    PrintWriter err = writer(FileDescriptor.err, System.err.charset());
    int exitCode = run(out, err, arguments);
    out.flush();
    err.flush();
    System.exit(exitCode);
  }

  /** Texts are UTF-8, and so is what goes to files and pipes; a terminal gets what it shows. */
  private static PrintWriter writer(FileDescriptor descriptor, Charset terminal) {
    boolean utf8 = !Console.atTerminal() || terminal.equals(StandardCharsets.US_ASCII);
    Charset charset = utf8 ? StandardCharsets.UTF_8 : terminal;
    // A PrintStream, unlike the file itself, can tell that its reader has gone.
    PrintStream stream = new PrintStream(new FileOutputStream(descriptor), false, charset);
    return new PrintWriter(stream, false, charset);
  }

  /** Runs a command and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    Console console = Console.create(out, err);
    CommandLine commandLine =
        new CommandLine(new Main())
            .setOut(out)
            .setErr(err)
            .setColorScheme(
                CommandLine.Help.defaultColorScheme(console.colors() ? Ansi.ON : Ansi.OFF))
            .setAbbreviatedOptionsAllowed(false)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOverwrittenOptionsAllowed(true)
            .setExecutionStrategy(Main::execute)
            .setParameterExceptionHandler((e, args) -> usage(console, e))
            .setExecutionExceptionHandler((e, command, result) -> failure(console, e));
    commandLine.getSubcommands().values().forEach(Main::addHelp);
    try {
      return commandLine.execute(arguments);
    } catch (OutOfMemoryError e) {
      return failure(console, e);
    }
  }

  private static void addHelp(CommandLine command) {
    if (!command.getCommandSpec().mixinStandardHelpOptions()) {
      command.getCommandSpec().mixinStandardHelpOptions(true);
    }
    command.getCommandSpec().versionProvider(new Version());
  }

  private static int execute(ParseResult result) {
    ParseResult last = result;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    boolean help = last.isUsageHelpRequested() || last.isVersionHelpRequested();
    if (result.hasSubcommand() && !help) {
      try {
        SimdEnvironment.require();
      } catch (IllegalStateException e) {
        throw new ExecutionException(last.commandSpec().commandLine(), e.getMessage(), e);
      }
    }
    return new RunLast().execute(result);
  }

  private static int usage(Console console, ParameterException e) {
    console.error(
        String.format(
            Locale.ROOT,
            "%s Try '%s --help'.",
            sentence(e.getMessage()),
            e.getCommandLine().getCommandSpec().qualifiedName()));
    printStackTrace(console, e);
    return CommandLine.ExitCode.USAGE;
  }

  private static int failure(Console console, Throwable e) {
    console.error(
        switch (e) {
          case OutOfMemoryError memory ->
              String.format(
                      Locale.ROOT,
                      "There is not enough memory (%s). Take smaller sizes, or give the heap more with the",
                      memory.getMessage())
                  + " environment variable JDK_JAVA_OPTIONS=-Xmx8g.";
          case Failure known -> known.getMessage();
          case ModelFileException known -> known.getMessage();
          case IllegalArgumentException known -> sentence(known.getMessage());
          case IllegalStateException known -> sentence(known.getMessage());
          case ArithmeticException known -> sentence(known.getMessage());
          default ->
              String.format(
                      Locale.ROOT,
                      "An error of Cellbelt itself: %s. Please report it with the output of the environment",
                      e)
                  + " variable JDK_JAVA_OPTIONS=-Dcellbelt.stacktrace=true.";
        });
    printStackTrace(console, e);
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static void printStackTrace(Console console, Throwable e) {
    if (STACK_TRACE) {
      console.stackTrace(e);
    }
  }

  private static String sentence(String message) {
    String text = String.valueOf(message).strip();
    return text.endsWith(".") || text.endsWith("!") || text.endsWith("?") ? text : text + ".";
  }

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "Name a command: demo, train, generate," + " check or bench.");
  }

  /** The version of the build, and what it runs on. */
  static final class Version implements IVersionProvider {
    private static final String PROPERTIES =
        "/META-INF/maven/io.cellbelt/cellbelt-app/pom.properties";

    @Override
    public String[] getVersion() throws IOException {
      Properties properties = new Properties();
      try (InputStream in = Main.class.getResourceAsStream(PROPERTIES)) {
        if (in != null) {
          properties.load(in);
        }
      }
      return new String[] {
        "cellbelt " + properties.getProperty("version", "(not packaged)"),
        SimdEnvironment.current().summary()
      };
    }
  }
}
