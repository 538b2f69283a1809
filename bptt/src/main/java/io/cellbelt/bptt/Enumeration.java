package io.cellbelt.bptt;

import java.util.Arrays;
import java.util.List;

/** Names or numbers in a sentence, such as {@code i, f and 3 more}. */
final class Enumeration {
  /** More are counted. */
  private static final int NAMED = 6;

  private Enumeration() {}

  static String of(int[] numbers) {
    return of(Arrays.stream(numbers).mapToObj(Integer::toString).toList());
  }

  static String of(List<String> names) {
    int more = names.size() - NAMED;
    List<String> first = names.subList(0, Math.min(NAMED, names.size()));
    if (more > 0) {
      return String.join(", ", first) + " and " + more + " more";
    }
    return names.size() < 2
        ? String.join("", first)
        : String.join(", ", first.subList(0, first.size() - 1)) + " and " + first.getLast();
  }
}
