package io.cellbelt.models;

import io.cellbelt.cells.Weights;
import java.nio.file.Path;
import java.util.Map;

/**
 * {@link ModelFiles} for models that also have cells of the caller's: {@link ModelFiles#withCells}.
 *
 * <p>Immutable, thread-safe.
 */
public final class CustomCellFiles {
  private final ArchitectureJson kinds;

  CustomCellFiles(ArchitectureJson kinds) {
    this.kinds = kinds;
  }

  /**
   * Reads and fully checks a model, as {@link ModelFiles#read}.
   *
   * @throws ModelFileException as there
   * @throws IllegalStateException if this JVM would run the kernels slowly
   */
  public Model read(Path path) throws ModelFileException {
    return ModelFiles.read(path, kinds);
  }

  /**
   * Writes a model, as {@link ModelFiles#write}.
   *
   * @param weights stay the caller's
   * @param extraMetadata anything but the key {@code cellbelt.architecture}
   * @throws ModelFileException if the file cannot be written
   * @throws IllegalArgumentException as there
   */
  public void write(Path file, Weights weights, Map<String, String> extraMetadata)
      throws ModelFileException {
    ModelFiles.write(file, weights, extraMetadata, kinds);
  }
}
