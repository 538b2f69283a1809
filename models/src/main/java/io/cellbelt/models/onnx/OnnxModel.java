package io.cellbelt.models.onnx;

import io.cellbelt.graphs.Graph;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an ONNX file holds. Immutable, thread-safe.
 *
 * @param graph with functions of the model's own inlined
 * @param irVersion version of the file format
 * @param producer name and version of what wrote the file; may be empty
 * @param opsets versions of the operators by their domain, which is empty for ONNX's own
 * @param metadata texts by key, sorted
 */
public record OnnxModel(
    Graph graph,
    long irVersion,
    String producer,
    Map<String, Integer> opsets,
    Map<String, String> metadata) {
  /** Copies the maps. */
  public OnnxModel {
    opsets = Collections.unmodifiableMap(new TreeMap<>(opsets));
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }
}
