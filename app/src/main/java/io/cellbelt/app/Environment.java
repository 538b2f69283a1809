package io.cellbelt.app;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What surrounds the command line: the locale, the folder it runs in, the system properties. */
final class Environment {
  private static final String PREFIX = "cellbelt.";
  private static final List<String> PROPERTIES =
      List.of(
          "cellbelt.vectorBits",
          "cellbelt.checkedSegments",
          "cellbelt.allowSlow",
          "cellbelt.stacktrace");

  /** What Java makes of bytes that are no character of the locale. */
  private static final char REPLACEMENT = '\uFFFD';

  private Environment() {}

  /** Makes every library write numbers the same way everywhere. Call it before anything else. */
  static void settle() {
    Locale.setDefault(Locale.ROOT);
  }

  /** Refuses arguments and folders whose characters Java could not read. */
  static Optional<String> unreadable(String... arguments) {
    return Stream.concat(
            Stream.of(arguments).map(argument -> "The argument '" + argument + "'"),
            Stream.of("The current folder " + System.getProperty("user.dir")))
        .filter(what -> what.indexOf(REPLACEMENT) >= 0)
        .findFirst()
        .map(what -> what + " holds characters that " + advice());
  }

  private static String advice() {
    Charset locale = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    return locale.equals(StandardCharsets.UTF_8)
        ? "are not UTF-8, as the locale says they are; correct the name, or the environment"
            + " variable LC_ALL."
        : String.format(
            Locale.ROOT,
            "this locale (%s) cannot pass on; set the environment variable LC_ALL=C.UTF-8.",
            locale);
  }

  /** Properties that look like Cellbelt's and are not. */
  static Optional<String> unknownProperties() {
    List<String> unknown =
        System.getProperties().stringPropertyNames().stream()
            .filter(name -> name.startsWith(PREFIX) && !PROPERTIES.contains(name))
            .sorted()
            .toList();
    return unknown.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "There is no property %s, so it does nothing; Cellbelt knows %s.",
                String.join(", ", unknown),
                PROPERTIES.stream().collect(Collectors.joining(", "))));
  }
}
