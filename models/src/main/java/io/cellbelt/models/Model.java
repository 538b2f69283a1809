package io.cellbelt.models;

import io.cellbelt.cells.Weights;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The content of a model file. Immutable, thread-safe.
 *
 * @param weights the numbers and, with them, the architecture
 * @param metadata what else the file says, without the architecture; unmodifiable, sorted by key
 * @param remarks sentences for the user about what the file did not tell and was guessed, and about
 *     tensors that were skipped; empty for files of this library
 */
public record Model(Weights weights, Map<String, String> metadata, List<String> remarks) {
  /** Copies metadata and remarks. */
  public Model {
    Objects.requireNonNull(weights, "A model has weights, but got null.");
    Objects.requireNonNull(metadata, "A model has metadata, or an empty map, but got null.");
    if (metadata.keySet().stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("Metadata have names, but one of them is null.");
    }
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    Objects.requireNonNull(remarks, "A model has remarks, or an empty list, but got null.");
    if (remarks.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("Remarks are sentences, but one of them is null.");
    }
    remarks = List.copyOf(remarks);
  }

  /** A model without remarks. */
  public Model(Weights weights, Map<String, String> metadata) {
    this(weights, metadata, List.of());
  }
}
