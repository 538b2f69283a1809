package io.cellbelt.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Texts from files as a terminal may see them, whatever they hold. */
final class Printable {
  /** Controls, directions and separators of lines. */
  private static final Pattern HARMFUL = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

  private Printable() {}

  /** Text from a file, short, and without what a terminal would obey. */
  static String text(String text, int most) {
    boolean whole = text.codePointCount(0, text.length()) <= most;
    String first = whole ? text : text.substring(0, text.offsetByCodePoints(0, most)) + "...";
    return HARMFUL
        .matcher(first)
        .replaceAll(c -> String.format(Locale.ROOT, "(U+%04X)", c.group().codePointAt(0)));
  }

  /** JSON that means the same, in which no character but a line break does anything. */
  static String json(String text) {
    return HARMFUL
        .matcher(text)
        .replaceAll(
            c ->
                c.group().equals("\n")
                    ? "\n"
                    : c.group()
                        .chars()
                        .mapToObj(unit -> String.format(Locale.ROOT, "\\\\u%04x", unit))
                        .collect(Collectors.joining()));
  }

  /** A literal of Java. */
  static String literal(String text) {
    StringBuilder literal = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (unit == '"' || unit == '\\') {
        literal.append('\\').append(unit);
      } else if (HARMFUL.matcher(String.valueOf(unit)).matches()) {
        // Control characters not as four digits after a 'u': the compiler would see the control.
        literal.append(String.format(Locale.ROOT, unit < 256 ? "\\%03o" : "\\u%04x", (int) unit));
      } else {
        literal.append(unit);
      }
    }
    return literal.append('"').toString();
  }

  /** Columns as wide as their widest cell; those that are numbers are flushed right. */
  static List<String> table(List<List<String>> rows, Set<Integer> numbers) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String gap = " ".repeat(widths[i] - row.get(i).length());
        line.append("  ").append(numbers.contains(i) ? gap + row.get(i) : row.get(i) + gap);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
