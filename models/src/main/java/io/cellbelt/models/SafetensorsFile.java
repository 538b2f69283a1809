package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The content of a safetensors file: metadata and named tensors in order. It knows nothing of
 * networks.
 *
 * <p>The format is an eight-byte little-endian header length, a JSON header with the dtype, shape
 * and byte range of each tensor, and the bytes of all tensors without a gap.
 *
 * <p>Immutable and safe to share between threads.
 */
public final class SafetensorsFile {
  /** The header key that holds the metadata, and so cannot name a tensor. */
  static final String METADATA_KEY = "__metadata__";

  /** The longest header in bytes: the limit of the format's reference implementation. */
  static final int MAX_HEADER_BYTES = 100_000_000;

  private final SortedMap<String, String> metadata;
  private final Map<String, Tensor> tensors;

  private SafetensorsFile(SortedMap<String, String> metadata, Map<String, Tensor> tensors) {
    this.metadata = metadata;
    this.tensors = tensors;
  }

  /**
   * Creates the content of a file.
   *
   * @param metadata keys and values, each well-formed Unicode; kept sorted by key, so that equal
   *     content gives equal bytes
   * @param tensors in the order in which they are to be written; names must differ, and must not be
   *     {@code __metadata__}
   * @throws IllegalArgumentException if a name is taken twice or is reserved, or metadata has
   *     unpaired surrogates
   */
  public static SafetensorsFile of(Map<String, String> metadata, List<Tensor> tensors) {
    Objects.requireNonNull(metadata, "A file has metadata, or an empty map, but got null.");
    Objects.requireNonNull(tensors, "A file has tensors, but got null.");
    metadata.forEach(
        (key, value) -> {
          if (key == null || value == null) {
            throw new IllegalArgumentException(
                "Metadata are texts by name, but the entry " + key + " has " + value + ".");
          }
          if (!Tensor.isWellFormed(key) || !Tensor.isWellFormed(value)) {
            throw new IllegalArgumentException(
                "Metadata must be well-formed Unicode, but the entry "
                    + quote(key)
                    + " has an unpaired surrogate.");
          }
        });
    Map<String, Tensor> byName = new LinkedHashMap<>();
    for (Tensor tensor : tensors) {
      Objects.requireNonNull(tensor, "A file has tensors, but one of them is null.");
      if (tensor.name().equals(METADATA_KEY) || byName.put(tensor.name(), tensor) != null) {
        throw new IllegalArgumentException(
            "The tensor name "
                + quote(tensor.name())
                + " is reserved or was given twice; every tensor needs its own name.");
      }
    }
    return new SafetensorsFile(
        Collections.unmodifiableSortedMap(new TreeMap<>(metadata)),
        Collections.unmodifiableMap(byName));
  }

  /**
   * Reads and fully checks a file. Values are converted to float exactly: F32, F16 and BF16 always,
   * F64 and integers where each value is a float. Tensors keep the order of the header.
   *
   * @throws ModelFileException if the file cannot be read, breaks the format in any way, holds
   *     another dtype or a value that is no float, a NaN or an infinity, a tensor of more than 2
   *     GB, or more than the memory of this JVM
   */
  public static SafetensorsFile read(Path file) throws ModelFileException {
    SafetensorsFile content = readAnyValues(file);
    requireFinite(file, content.tensors.values());
    return content;
  }

  /** Refuses a NaN or an infinity that was read. */
  static void requireFinite(Path file, Collection<Tensor> tensors) throws ModelFileException {
    Optional<String> complaint = nonFiniteComplaint(tensors);
    if (complaint.isPresent()) {
      throw ModelFileException.unreadable(
          file, complaint.get() + " Every value must be finite: export the model again.");
    }
  }

  /**
   * Reads and checks a file like {@link #read}, but lets NaN and infinities through, for looking
   * into a model that diverged.
   *
   * @throws ModelFileException as {@link #read}, except for values that are not finite
   */
  public static SafetensorsFile readAnyValues(Path file) throws ModelFileException {
    return SafetensorsReader.read(file, Runtime.getRuntime().maxMemory(), false);
  }

  /**
   * Reads and checks a file like {@link #read}, but values of F64 and of integers become the
   * nearest float.
   *
   * @throws ModelFileException as {@link #read}, except for values that are no floats; one over the
   *     range of floats becomes an infinity, and is refused as that
   */
  public static SafetensorsFile readRounded(Path file) throws ModelFileException {
    SafetensorsFile content = SafetensorsReader.read(file, Runtime.getRuntime().maxMemory(), true);
    requireFinite(file, content.tensors.values());
    return content;
  }

  /**
   * Writes the file, every tensor as F32. Equal content gives equal bytes. A file that is already
   * there is replaced in one step at the very end, and untouched after any failure.
   *
   * @throws ModelFileException if a value is NaN or infinite, or the file cannot be written
   */
  public void write(Path file) throws ModelFileException {
    Objects.requireNonNull(file, "Tensors are written to a file, but got null.");
    Optional<String> complaint = nonFiniteComplaint(tensors.values());
    if (complaint.isPresent()) {
      throw new ModelFileException(
          "Will not write "
              + file
              + ": "
              + complaint.get()
              + " Every value must be finite; the training has probably diverged. Nothing was"
              + " changed on disk.");
    }
    SafetensorsWriter.write(
        file, metadata, tensors.values().stream().map(SafetensorsWriter.Named::of).toList());
  }

  /** Returns the metadata, unmodifiable and sorted by key. */
  public SortedMap<String, String> metadata() {
    return metadata;
  }

  /** Returns the tensors in order, unmodifiable. */
  public List<Tensor> tensors() {
    return List.copyOf(tensors.values());
  }

  /** Returns the tensor of that name, if there is one. */
  public Optional<Tensor> find(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  private static Optional<String> nonFiniteComplaint(Collection<Tensor> tensors) {
    for (Tensor tensor : tensors) {
      OptionalInt index = tensor.firstNonFinite();
      if (index.isPresent()) {
        return Optional.of(
            String.format(
                Locale.ROOT,
                "tensor %s holds %s at index %s.",
                quote(tensor.name()),
                tensor.sharedValues()[index.getAsInt()],
                Tensor.position(tensor.shape(), index.getAsInt())));
      }
    }
    return Optional.empty();
  }
}
