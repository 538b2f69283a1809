package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.models.SafetensorsHeader.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * The tensors of a model on disk, in one safetensors file or in several with an index. What they
 * are is known at once; their numbers are read for those that are wanted, from files that stay open
 * meanwhile, so that a file that is replaced does not mix two models.
 */
final class TensorFiles implements AutoCloseable {
  private final Path path;
  private final boolean sharded;
  private final List<SafetensorsReader> readers = new ArrayList<>();
  private final Map<String, String> metadata = new TreeMap<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private TensorFiles(Path path, boolean sharded) {
    this.path = path;
    this.sharded = sharded;
  }

  /**
   * Opens a safetensors file, or all files that an index names.
   *
   * @throws ModelFileException if a file is missing or breaks the format, or index and files do not
   *     belong together
   */
  static TensorFiles open(Path path) throws ModelFileException {
    Objects.requireNonNull(path, "A model is read from a file, but got null.");
    boolean sharded = ForeignFile.isJson(path);
    TensorFiles files = new TensorFiles(path, sharded);
    try {
      if (sharded) {
        files.addAll(ShardIndex.read(path));
      } else {
        files.add(path);
      }
      return files;
    } catch (ModelFileException | RuntimeException | Error e) {
      files.close();
      throw e;
    }
  }

  private void add(Path file) throws ModelFileException {
    SafetensorsReader reader = SafetensorsReader.open(file, Runtime.getRuntime().maxMemory());
    readers.add(reader);
    reader.header().metadata().forEach(metadata::putIfAbsent);
    for (Entry entry : reader.header().entries()) {
      if (entries.put(entry.name(), entry) != null) {
        throw refused(
            "the tensor " + quote(entry.name()) + " is in " + file + " and in a file before it.");
      }
    }
  }

  private void addAll(ShardIndex index) throws ModelFileException {
    Map<String, Path> found = new HashMap<>();
    for (Path file : new LinkedHashSet<>(index.shards().values())) {
      try {
        add(file);
      } catch (ModelFileException e) {
        throw refused("one of the files that it names is of no use. " + e.getMessage(), e);
      }
      readers.getLast().header().entries().forEach(entry -> found.put(entry.name(), file));
    }
    for (String name : index.shards().keySet()) {
      if (!index.shards().get(name).equals(found.get(name))) {
        throw refused(
            "it says that the tensor "
                + quote(name)
                + " is in "
                + index.shards().get(name)
                + ", but it is not.");
      }
    }
    Set<String> unlisted = new HashSet<>(found.keySet());
    unlisted.removeAll(index.shards().keySet());
    if (!unlisted.isEmpty()) {
      String name = Collections.min(unlisted);
      throw refused(
          "the tensor " + quote(name) + " is in " + found.get(name) + ", but not in the index.");
    }
  }

  private ModelFileException refused(String sentence) {
    return refused(sentence + " Index and files must be of one model: save it again.", null);
  }

  private ModelFileException refused(String sentence, Throwable cause) {
    return ModelFileException.unreadable(path, sentence, cause);
  }

  /** The file that was named: a safetensors file or an index. */
  Path path() {
    return path;
  }

  /** Whether it is an index. */
  boolean sharded() {
    return sharded;
  }

  /** The metadata of all files; the first counts. */
  Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  /** All tensors by name, in the order of the files. */
  Map<String, Entry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /**
   * Reads tensors, once.
   *
   * @param wanted names of tensors that there are
   * @param rounded whether values that are no floats become the nearest one
   * @throws ModelFileException if one cannot be read, is no float, or is not finite
   */
  Map<String, Tensor> read(Set<String> wanted, boolean rounded) throws ModelFileException {
    Map<String, Tensor> tensors = new HashMap<>();
    for (SafetensorsReader reader : readers) {
      tensors.putAll(reader.read(wanted, rounded));
    }
    SafetensorsFile.requireFinite(path, tensors.values());
    return tensors;
  }

  @Override
  public void close() throws ModelFileException {
    for (SafetensorsReader reader : readers) {
      reader.close();
    }
  }
}
