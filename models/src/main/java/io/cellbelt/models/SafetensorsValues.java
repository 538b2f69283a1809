package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.SafetensorsWriter.Named;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Tensors of any element type in a safetensors file: what a graph is fed, and what it gives. The
 * files of models, whose tensors are floats, are {@link SafetensorsFile}.
 *
 * <p>Thread-safe.
 */
public final class SafetensorsValues {
  private SafetensorsValues() {}

  /**
   * Reads all tensors, in the order of the header; values may be NaN and infinite. They take up to
   * 8 times the size of the file in memory.
   *
   * @return tensors by name; unmodifiable
   * @throws ModelFileException if the file cannot be read, breaks the format in any way, holds a
   *     type that {@link io.cellbelt.graphs.ElementType} has not, a tensor of 2^29 elements or
   *     more, or more than the memory of this JVM
   */
  public static Map<String, Tensor> read(Path file) throws ModelFileException {
    try (SafetensorsReader reader =
        SafetensorsReader.open(file, Runtime.getRuntime().maxMemory())) {
      return reader.readAny();
    }
  }

  /**
   * Writes tensors as they are, in the order of the map. A file that is already there is replaced
   * in one step at the very end, and untouched after any failure.
   *
   * @param tensors by names that are well-formed Unicode, and not {@code __metadata__}
   * @throws IllegalArgumentException if a name is not
   * @throws ModelFileException if the file cannot be written
   */
  public static void write(Path file, Map<String, Tensor> tensors) throws ModelFileException {
    Objects.requireNonNull(file, "Tensors are written to a file, but got null.");
    Objects.requireNonNull(tensors, "A file has tensors, but got null.");
    List<Named> named = new ArrayList<>();
    tensors.forEach(
        (name, tensor) -> {
          Objects.requireNonNull(name, "A tensor has a name, but got null.");
          Objects.requireNonNull(tensor, "A file has tensors, but one of them is null.");
          if (name.equals(SafetensorsFile.METADATA_KEY)
              || !io.cellbelt.models.Tensor.isWellFormed(name)) {
            throw new IllegalArgumentException(
                "The tensor name "
                    + quote(name)
                    + " is reserved or has an unpaired surrogate; give another.");
          }
          named.add(new Named(name, tensor));
        });
    SafetensorsWriter.write(file, Map.of(), named);
  }
}
