package io.cellbelt.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much the outputs of a model may differ: by default, or as a table says, such as {@code 1e-4 x
 * max}, {@code 1e-4 for output, 5e-4 for hn and cn}, or {@code exact}.
 *
 * @param text of the table; empty for the default
 * @param otherwise the default, times the largest expected value if that is over 1
 */
record Tolerances(String text, double otherwise) {
  /**
   * A cell state of 130 after 150 steps was 7 units in the last place from the exact one in ONNX
   * Runtime, whose outputs many recordings are.
   */
  private static final int PLACES = 16;

  private static final Pattern PART = Pattern.compile("([0-9.]+e-?[0-9]+)([^0-9]*)");

  /** Of a folder: from the table in SOURCES.md in it, or beside it. */
  static Tolerances of(Path folder, double otherwise) {
    for (Path place : List.of(folder, folder.getParent())) {
      Path table = place.resolve("SOURCES.md");
      if (Files.isRegularFile(table)) {
        String text = find(table, String.valueOf(folder.getFileName()));
        if (!text.isEmpty()) {
          return new Tolerances(text, otherwise);
        }
      }
    }
    return new Tolerances("", otherwise);
  }

  private static String find(Path table, String folder) {
    try {
      int column = -1;
      for (String line : Files.readAllLines(table)) {
        List<String> cells = Arrays.stream(line.split("\\|")).map(String::strip).toList();
        if (cells.contains("folder") && cells.contains("tolerance")) {
          column = cells.indexOf("tolerance");
        } else if (column >= 0 && cells.size() > column && cells.get(1).equals(folder)) {
          return cells.get(column);
        }
      }
      return "";
    } catch (IOException e) {
      throw new Failure("Cannot read " + table + ": " + Failure.reason(e) + ".", e);
    }
  }

  /**
   * The largest error of an output that passes: never less than some units in the last place of its
   * largest value, as two floats that were summed up in other orders differ by so much.
   */
  double of(String output, double largest) {
    double asTold = told(output, largest);
    return asTold == 0 ? 0 : Math.max(asTold, PLACES * Math.ulp((float) largest));
  }

  private double told(String output, double largest) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.startsWith("exact")) {
      return 0;
    }
    Matcher part = PART.matcher(lower);
    double first = Double.NaN;
    while (part.find()) {
      double value = Double.parseDouble(part.group(1));
      String names = part.group(2);
      value *= names.contains("x max") ? largest : 1;
      first = Double.isNaN(first) ? value : first;
      if (names.contains(" for ")
          && names.matches(".*\\b" + Pattern.quote(output.toLowerCase(Locale.ROOT)) + "\\b.*")) {
        return value;
      }
    }
    return Double.isNaN(first) ? otherwise * Math.max(1, largest) : first;
  }
}
