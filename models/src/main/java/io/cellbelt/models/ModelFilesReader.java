package io.cellbelt.models;

import io.cellbelt.cells.ModelReader;
import io.cellbelt.cells.Weights;
import java.nio.file.Path;

/** What {@link io.cellbelt.cells.Network#open} reads model files with. Thread-safe. */
public final class ModelFilesReader implements ModelReader {
  /** For {@link java.util.ServiceLoader}; everyone else calls {@link ModelFiles#read}. */
  public ModelFilesReader() {}

  @Override
  public Weights read(Path file) throws ModelFileException {
    return ModelFiles.read(file).weights();
  }
}
