package io.cellbelt.models;

import io.cellbelt.cells.Weights;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The content of a model file. Immutable, thread-safe.
 *
 * @param weights the numbers and, with them, the architecture; whoever read the model closes them,
 *     or closes the network they are given to
 * @param metadata what else the file says, without the architecture; unmodifiable, sorted by key
 */
public record Model(Weights weights, Map<String, String> metadata) {
  /** Copies the metadata. */
  public Model {
    Objects.requireNonNull(weights, "A model has weights, but got null.");
    Objects.requireNonNull(metadata, "A model has metadata, or an empty map, but got null.");
    if (metadata.keySet().stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("Metadata have names, but one of them is null.");
    }
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }
}
