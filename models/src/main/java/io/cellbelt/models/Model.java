package io.cellbelt.models;

import io.cellbelt.cells.Weights;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The content of a model file. Immutable, thread-safe.
 *
 * @param weights the numbers and, with them, the architecture
 * @param metadata what else the file says, without the architecture; unmodifiable, sorted by key
 */
public record Model(Weights weights, Map<String, String> metadata) {
  /** Copies the metadata. */
  public Model {
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }
}
