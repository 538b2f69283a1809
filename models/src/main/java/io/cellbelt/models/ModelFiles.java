package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.PyTorchNames.Slot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Reads and writes models as safetensors files with PyTorch's names, shapes and gate order.
 *
 * <p>Each layer has {@code lstm.weight_ih_l0} {@code [gates * H, I]}, {@code lstm.weight_hh_l0}
 * {@code [gates * H, H]} and, as PyTorch has it, two biases {@code lstm.bias_ih_l0} and {@code
 * lstm.bias_hh_l0} {@code [gates * H]}, which are summed on reading; the second is written as
 * zeros. The n of a {@code gru} that resets after the product needs both. Cells that PyTorch does
 * not have keep the names of {@link Architecture#parameters}, with one bias. The second direction
 * of a layer has names with {@code _reverse}. An embedding is {@code embedding.weight}, the head
 * {@code head.weight} and {@code head.bias}. The metadata hold the architecture as JSON.
 *
 * <p>A file without that entry is read too, if only one network can be meant: the state dict of a
 * PyTorch module with one recurrent member of any name, or of that member itself, and beside it at
 * most an {@code embedding} and a {@code head}. Kind, sizes, directions, projections and biases
 * then come from names and shapes. {@link Model#remarks} tells what was guessed or skipped. For all
 * others there is {@link PyTorch}, and the message says which call to write.
 *
 * <p>Safe to use from many threads.
 */
public final class ModelFiles {
  /** The metadata key of the architecture. */
  static final String ARCHITECTURE = "cellbelt.architecture";

  private ModelFiles() {}

  /**
   * Reads and fully checks a model.
   *
   * @param path a safetensors file, or the index of several, {@code model.safetensors.index.json}
   * @throws ModelFileException if the file cannot be read, is no safetensors file, does not tell
   *     one architecture, with what it holds and what to write instead, or misses a tensor, has one
   *     of another shape or with a value that is not finite, or, if it is of this library, has an
   *     unknown one
   */
  public static Model read(Path path) throws ModelFileException {
    return read(path, ArchitectureJson.LIBRARY);
  }

  static Model read(Path path, ArchitectureJson kinds) throws ModelFileException {
    try (TensorFiles files = TensorFiles.open(path)) {
      try {
        String json = files.metadata().get(ARCHITECTURE);
        if (json != null) {
          return read(files, ownParameters(files, json, kinds));
        }
        StateDict content = new StateDict(files.entries());
        return only(files, content).read(files, content);
      } catch (IllegalArgumentException e) {
        throw ModelFileException.unreadable(path, e.getMessage(), e);
      }
    }
  }

  private static Model read(TensorFiles files, ParameterPlan parameters) throws ModelFileException {
    Map<String, String> metadata = new TreeMap<>(files.metadata());
    metadata.remove(ARCHITECTURE);
    return new Model(parameters.read(files, false), metadata);
  }

  /** The parameters of a file of this library, in which no other tensor may be. */
  static ParameterPlan ownParameters(TensorFiles files, String json, ArchitectureJson kinds) {
    ParameterPlan parameters = ParameterPlan.of(architecture(json, kinds));
    parameters.check(files.entries());
    TreeSet<String> unknown = new TreeSet<>(files.entries().keySet());
    unknown.removeAll(parameters.tensors());
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "it holds %d tensor(s) that its architecture does not have, such as %s. Remove them,"
                  + " or give the architecture they belong to.",
              unknown.size(),
              quote(unknown.first())));
    }
    return parameters;
  }

  private static Architecture architecture(String json, ArchitectureJson kinds) {
    try {
      return kinds.parse(json);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "its metadata entry '"
              + ARCHITECTURE
              + "' cannot be used. "
              + e.getMessage()
              + " Save the model again, or remove the entry and let the sizes come from the"
              + " tensors.",
          e);
    }
  }

  /** How to open a file that does not tell its architecture, if there is only one way. */
  static PyTorch only(TensorFiles files, StateDict content) {
    Optional<String> shard = ShardIndex.remark(files.path());
    if (shard.isPresent()) {
      throw new IllegalArgumentException("it is only a part of a model. " + shard.get());
    }
    try {
      return content.only();
    } catch (StateDict.Undecided e) {
      throw new IllegalArgumentException(
          "it has no metadata entry '"
              + ARCHITECTURE
              + "', and the names and shapes of its tensors do not tell the architecture: "
              + e.getMessage(),
          e);
    }
  }

  /**
   * Writes a model. A file that is already there is replaced in one step at the very end, and
   * untouched after any failure.
   *
   * @param extraMetadata anything but the key {@code cellbelt.architecture}
   * @throws ModelFileException if the file cannot be written
   * @throws IllegalArgumentException if the metadata have that key or unpaired surrogates, or a
   *     cell is none of this library; see {@link #withCells}
   */
  public static void write(Path file, Weights weights, Map<String, String> extraMetadata)
      throws ModelFileException {
    write(file, weights, extraMetadata, ArchitectureJson.LIBRARY);
  }

  static void write(
      Path file, Weights weights, Map<String, String> extraMetadata, ArchitectureJson kinds)
      throws ModelFileException {
    Objects.requireNonNull(file, "A model is written to a file, but got null.");
    Objects.requireNonNull(weights, "A model has weights, but got null.");
    Objects.requireNonNull(extraMetadata, "A model has metadata, or an empty map, but got null.");
    if (extraMetadata.keySet().stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("Metadata have names, but one of them is null.");
    }
    Map<String, String> metadata = new TreeMap<>(extraMetadata);
    if (metadata.put(ARCHITECTURE, kinds.write(weights.architecture())) != null) {
      throw new IllegalArgumentException(
          "The metadata entry '" + ARCHITECTURE + "' is written by the library; leave it out.");
    }
    Map<String, float[]> values = weights.values();
    List<Tensor> tensors = new ArrayList<>();
    for (Slot slot : PyTorchNames.slots(weights.architecture())) {
      List<float[]> parts = slot.split(values.get(slot.parameter().name()));
      int[] shape = slot.shape().stream().mapToInt(Integer::intValue).toArray();
      for (int i = 0; i < parts.size(); i++) {
        tensors.add(Tensor.of(slot.tensors().get(i), parts.get(i), shape));
      }
    }
    SafetensorsFile.of(metadata, tensors).write(file);
  }

  /**
   * The same for models that also have cells of the caller's: they are saved by the name of their
   * record and its components, as the library's cells are.
   *
   * @param cells public records with components that JSON holds: numbers, truth values, texts,
   *     enums, and lists and records of these
   * @throws IllegalArgumentException if one is no such record, or is called like another cell
   */
  @SafeVarargs
  public static CustomCellFiles withCells(Class<? extends CustomCell>... cells) {
    List<Class<? extends CustomCell>> kinds = new ArrayList<>();
    for (Class<? extends CustomCell> cell : cells) {
      kinds.add(cell);
    }
    return new CustomCellFiles(ArchitectureJson.with(kinds));
  }

  /**
   * Tells what a file holds, without reading its numbers.
   *
   * @param path a safetensors file, or the index of several
   * @throws ModelFileException if the file cannot be read or is no safetensors file
   */
  public static FileContents inspect(Path path) throws ModelFileException {
    return FileContents.of(path);
  }
}
