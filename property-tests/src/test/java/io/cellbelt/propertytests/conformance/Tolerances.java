package io.cellbelt.propertytests.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tolerances of a folder, for files that name none. They stand in its SOURCES.md, for example
 * {@code Tolerance: 1e-4 for case_one and case_two, 1e-5 elsewhere}.
 */
final class Tolerances {
  private static final Pattern SENTENCE = Pattern.compile("Tolerances?:?\\s[^\\n]*(\\n +[^\\n]*)*");
  private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?e-\\d+");
  private static final Pattern NAME = Pattern.compile("\\w+_\\w+");

  private final Map<String, Double> byName = new HashMap<>();
  private double elsewhere = Closeness.DEFAULT.atol();

  static Tolerances of(Path folder) throws IOException {
    Tolerances tolerances = new Tolerances();
    Path sources = folder.resolve("SOURCES.md");
    if (Files.exists(sources)) {
      Matcher sentence = SENTENCE.matcher(Files.readString(sources));
      if (sentence.find()) {
        tolerances.read(sentence.group());
      }
    }
    return tolerances;
  }

  private void read(String sentence) {
    Matcher numbers = NUMBER.matcher(sentence);
    int next = numbers.find() ? numbers.start() : sentence.length();
    while (next < sentence.length()) {
      double tolerance = Double.parseDouble(numbers.group());
      int start = numbers.end();
      next = numbers.find() ? numbers.start() : sentence.length();
      Matcher names = NAME.matcher(sentence.substring(start, next));
      boolean named = false;
      while (names.find()) {
        byName.put(names.group(), tolerance);
        named = true;
      }
      if (!named) {
        elsewhere = tolerance;
      }
    }
  }

  Closeness of(String name) {
    double tolerance = byName.getOrDefault(name, elsewhere);
    return new Closeness(tolerance, tolerance);
  }
}
