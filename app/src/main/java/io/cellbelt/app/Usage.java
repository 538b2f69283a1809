package io.cellbelt.app;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with a command line, told so that it can be put right. */
final class Usage {
  private static final Pattern UNKNOWN_SUBCOMMAND = Pattern.compile("Unknown subcommand '(.*)'");

  private Usage() {}

  /** The sentence; what is unknown comes before what is missing, as it may be the same. */
  static String sentence(ParameterException e) {
    String message =
        e instanceof UnmatchedArgumentException || e instanceof MissingParameterException
            ? unknown(e.getCommandLine()).orElse(e.getMessage())
            : helpFor(e).orElse(e.getMessage());
    return String.format(
        Locale.ROOT,
        "%s Try '%s --help'.",
        Main.sentence(message),
        e.getCommandLine().getCommandSpec().qualifiedName());
  }

  /** What picocli's help command says of a command that is none. */
  private static Optional<String> helpFor(ParameterException e) {
    Matcher named = UNKNOWN_SUBCOMMAND.matcher(e.getMessage());
    return named.lookingAt()
        ? Optional.of(no("command", named.group(1), e.getCommandLine().getSubcommands().keySet()))
        : Optional.empty();
  }

  /** The first argument that is no option and no command, from the outermost command on. */
  private static Optional<String> unknown(CommandLine innermost) {
    Deque<CommandLine> commands = new ArrayDeque<>();
    for (CommandLine command = innermost; command != null; command = command.getParent()) {
      commands.push(command);
    }
    for (CommandLine command : commands) {
      List<String> unmatched = command.getUnmatchedArguments();
      if (!unmatched.isEmpty() && !command.getSubcommands().isEmpty() && !isOption(unmatched)) {
        return Optional.of(no("command", unmatched.getFirst(), command.getSubcommands().keySet()));
      }
      Optional<String> option = unmatched.stream().filter(Usage::isOption).findFirst();
      if (option.isPresent()) {
        return Optional.of(
            no(
                "option",
                option.get().replaceFirst("=.*", ""),
                command.getCommandSpec().optionsMap().keySet()));
      }
    }
    return Optional.empty();
  }

  private static boolean isOption(List<String> arguments) {
    return isOption(arguments.getFirst());
  }

  private static boolean isOption(String argument) {
    return argument.length() > 1 && argument.startsWith("-");
  }

  private static String no(String kind, String name, Collection<String> names) {
    return String.format(
            Locale.ROOT,
            "There is no %s '%s'%s.",
            kind,
            name,
            nearest(name, names).map(near -> "; did you mean '" + near + "'?").orElse(""))
        .replace("?.", "?");
  }

  /** The name that is meant, if one is near: begun rightly, or with one letter in three wrong. */
  static Optional<String> nearest(String name, Collection<String> names) {
    return names.stream()
        .filter(
            other ->
                other.startsWith(name) && name.length() > 2
                    || distance(name, other) <= Math.max(1, other.length() / 3))
        .min(Comparator.comparingInt(other -> distance(name, other)));
  }

  /** Letters to insert, leave out, replace or swap with the next. */
  private static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int replaced = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        edits[i][j] = Math.min(replaced, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
      }
    }
    return edits[a.length()][b.length()];
  }

  /** A number as an option has it, whatever the locale. */
  static double decimal(String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new TypeConversionException(
          "'" + value + "' is not a number; write it with a point, such as 0.5");
    }
  }

  static int whole(String value) {
    return Math.toIntExact(whole(value, Integer.MIN_VALUE, Integer.MAX_VALUE));
  }

  static long wholeLong(String value) {
    return whole(value, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  private static long whole(String value, long least, long most) {
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new TypeConversionException(
        String.format(Locale.ROOT, "'%s' is not a whole number from %d to %d", value, least, most));
  }
}
