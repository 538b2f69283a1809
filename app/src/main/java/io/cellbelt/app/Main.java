package io.cellbelt.app;

import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.models.ModelFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.Spec;

/** The command {@code cellbelt}. */
@Command(
    name = "cellbelt",
    description = "Recurrent neural networks at the speed of the CPU: train, run, check, measure.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Done, also where the reader of a pipe, such as head, has read enough.",
      "1:It could not be done or not all be printed, or a check failed.",
      "2:The command line is wrong.",
      "130:Stopped by Ctrl-C; training was saved."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  cellbelt demo",
      "  cellbelt train --text book.txt --out book.safetensors",
      "  cellbelt generate book.safetensors --prompt \"Once upon\"",
      "  cellbelt run amp.json --input di.wav --output amp.wav",
      "  cellbelt check --cell lstm",
      "  cellbelt bench --quick",
      "",
      "Options of the JVM begin with -J, as in 'cellbelt -J-Xmx8g train ...'.",
      "'cellbelt help COMMAND' tells more."
    },
    // In the order of a newcomer's day.
    subcommands = {
      DemoCommand.class,
      TrainCommand.class,
      GenerateCommand.class,
      InspectCommand.class,
      RunCommand.class,
      ConvertCommand.class,
      VerifyCommand.class,
      ExampleCommand.class,
      CheckCommand.class,
      GradientFlowCommand.class,
      BenchCommand.class,
      HelpCommand.class
    })
public final class Main implements Callable<Integer> {
  /** Shows where an error comes from. */
  private static final boolean STACK_TRACE = Boolean.getBoolean("cellbelt.stacktrace");

  @Spec private CommandSpec spec;

  Main() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Environment.settle();
    StandardStream out = StandardStream.out();
    StandardStream err = StandardStream.err();
    int exitCode = run(out.writer(), err.writer(), arguments);
    Optional<String> failure = out.failure();
    if (failure.isPresent()) {
      Console.create(out.writer(), err.writer())
          .error("Not all could be written to standard output: " + sentence(failure.get()));
      exitCode = Math.max(exitCode, CommandLine.ExitCode.SOFTWARE);
    }
    err.writer().flush();
    System.exit(exitCode);
  }

  /** Runs a command and returns its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    Console console = Console.create(out, err);
    Environment.unknownProperties().ifPresent(console::error);
    Optional<String> unreadable = Environment.unreadable(arguments);
    if (unreadable.isPresent()) {
      console.error(unreadable.get());
      return CommandLine.ExitCode.USAGE;
    }
    CommandLine commandLine =
        new CommandLine(new Main())
            .setOut(out)
            .setErr(err)
            .setColorScheme(
                CommandLine.Help.defaultColorScheme(console.colors() ? Ansi.ON : Ansi.OFF))
            .setAbbreviatedOptionsAllowed(false)
            // A prompt may begin with @.
            .setExpandAtFiles(false)
            .registerConverter(Double.class, Usage::decimal)
            .registerConverter(double.class, Usage::decimal)
            .registerConverter(Integer.class, Usage::whole)
            .registerConverter(int.class, Usage::whole)
            .registerConverter(Long.class, Usage::wholeLong)
            .registerConverter(long.class, Usage::wholeLong)
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
    if (command.getCommandSpec().helpCommand()) {
      command.getCommandSpec().usageMessage().header("Shows this help, or that of a command.");
      return;
    }
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
    boolean help =
        last.isUsageHelpRequested()
            || last.isVersionHelpRequested()
            || last.commandSpec().helpCommand();
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
    console.error(Usage.sentence(e));
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
                  + " option -J-Xmx8g.";
          case Failure known -> known.getMessage();
          case ModelFileException known -> known.getMessage();
          case IllegalArgumentException known -> sentence(known.getMessage());
          case IllegalStateException known -> sentence(known.getMessage());
          case ArithmeticException known -> sentence(known.getMessage());
          default ->
              String.format(
                      Locale.ROOT,
                      "An error of Cellbelt itself: %s. Please report it with what the option",
                      e)
                  + " -J-Dcellbelt.stacktrace=true adds to the output.";
        });
    printStackTrace(console, e);
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static void printStackTrace(Console console, Throwable e) {
    if (STACK_TRACE) {
      console.stackTrace(e);
    }
  }

  /** The message with a full stop. */
  static String sentence(String message) {
    String text = String.valueOf(message).strip();
    return text.endsWith(".") || text.endsWith("!") || text.endsWith("?") ? text : text + ".";
  }

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(),
        "Name a command, one of "
            + String.join(", ", spec.subcommands().keySet())
            + ", or see 'cellbelt help'.");
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
