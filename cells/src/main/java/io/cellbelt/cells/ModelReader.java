package io.cellbelt.cells;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads model files for {@link Network#open}; a service that {@code io.cellbelt:cellbelt-models}
 * provides. Thread-safe.
 */
public interface ModelReader {
  /**
   * The weights of a model file.
   *
   * @throws IOException if the file cannot be read or is no model, with a sentence that says why
   */
  Weights read(Path file) throws IOException;
}
