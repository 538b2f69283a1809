package io.cellbelt.graphs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Copies of what callers give, without nulls. */
final class Given {
  private Given() {}

  /** A copy of a list. */
  static <T> List<T> list(String what, List<T> list) {
    Objects.requireNonNull(list, () -> "A list of " + what + " may be empty, but got null.");
    List<T> copy = new ArrayList<>(list);
    for (int i = 0; i < copy.size(); i++) {
      int index = i;
      Objects.requireNonNull(
          copy.get(i), () -> "A list of " + what + " holds no null, but does at " + index + ".");
    }
    return Collections.unmodifiableList(copy);
  }

  /** A copy of a map in its order. */
  static <K, V> Map<K, V> map(String what, Map<K, V> map) {
    Objects.requireNonNull(map, () -> "A map of " + what + " may be empty, but got null.");
    Map<K, V> copy = new LinkedHashMap<>(map);
    copy.forEach(
        (key, value) -> {
          Objects.requireNonNull(key, () -> "Names of " + what + " are texts, but one is null.");
          Objects.requireNonNull(
              value, () -> "A map of " + what + " holds no null, but does for '" + key + "'.");
        });
    return Collections.unmodifiableMap(copy);
  }

  /** The value, which must not be null. */
  static <T> T value(String what, T value) {
    return Objects.requireNonNull(value, () -> "There must be " + what + ", but got null.");
  }
}
