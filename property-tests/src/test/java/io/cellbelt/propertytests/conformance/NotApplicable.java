package io.cellbelt.propertytests.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The cases that cannot apply, each with its reason: lines {@code folder/case: reason}. */
final class NotApplicable {
  private static final String RESOURCE = "/conformance-not-applicable.txt";

  private final Map<String, String> reasons = new HashMap<>();

  NotApplicable() {
    try (InputStream lines = NotApplicable.class.getResourceAsStream(RESOURCE)) {
      for (String line :
          new String(lines.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        int colon = line.indexOf(':');
        if (!line.startsWith("#") && colon > 0) {
          reasons.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns why the case cannot apply, if it cannot. */
  Optional<String> reason(String id) {
    return Optional.ofNullable(reasons.get(id));
  }
}
