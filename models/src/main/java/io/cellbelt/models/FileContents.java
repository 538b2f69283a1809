package io.cellbelt.models;

import io.cellbelt.models.SafetensorsHeader.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a model file, or several with an index, hold, as their headers tell: {@link
 * ModelFiles#inspect}. Names and metadata are as in the file, and may hold any character.
 *
 * <p>Immutable, thread-safe.
 *
 * @param tensors in the order of the file
 * @param metadata without the architecture, sorted by key
 * @param architecture of the network that {@link ModelFiles#read} gives, as JSON; empty if it gives
 *     none, as {@code remarks} then say
 * @param remarks sentences about what is guessed, skipped or wrong
 * @param calls Java expressions that open the file, such as {@code
 *     ModelFiles.read(Path.of("model.safetensors"))}; the likeliest first
 */
public record FileContents(
    List<TensorEntry> tensors,
    Map<String, String> metadata,
    Optional<String> architecture,
    List<String> remarks,
    List<String> calls) {
  /**
   * A tensor.
   *
   * @param name as in the file
   * @param dtype the element type as the file names it, such as F32
   * @param shape dimensions, the outermost first; empty for a scalar
   * @param bytes in the file
   * @param use what it is taken for, in a few words; empty if nothing is known
   */
  public record TensorEntry(
      String name, String dtype, List<Integer> shape, long bytes, String use) {
    /** Copies the shape. */
    public TensorEntry {
      Objects.requireNonNull(name, "A tensor has a name, but got null.");
      Objects.requireNonNull(dtype, "A tensor has an element type, but got null.");
      requireAll("A tensor has a shape", shape);
      Objects.requireNonNull(use, "A tensor has a use, which may be empty, but got null.");
      shape = List.copyOf(shape);
    }
  }

  /** Copies the lists. */
  public FileContents {
    requireAll("A file has tensors", tensors);
    Objects.requireNonNull(metadata, "A file has metadata, or an empty map, but got null.");
    if (metadata.keySet().stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("Metadata have names, but one of them is null.");
    }
    Objects.requireNonNull(architecture, "A file tells its architecture or not, but got null.");
    requireAll("There are remarks", remarks);
    requireAll("There are calls", calls);
    tensors = List.copyOf(tensors);
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    remarks = List.copyOf(remarks);
    calls = List.copyOf(calls);
  }

  private static void requireAll(String what, List<?> list) {
    Objects.requireNonNull(list, what + " or an empty list, but got null.");
    if (list.stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException(what + ", but one of the list is null.");
    }
  }

  static FileContents of(Path path) throws ModelFileException {
    try (TensorFiles files = TensorFiles.open(path)) {
      Map<String, String> metadata = new TreeMap<>(files.metadata());
      String json = metadata.remove(ModelFiles.ARCHITECTURE);
      StateDict content = new StateDict(files.entries());
      return json == null ? foreign(files, content, metadata) : own(files, content, metadata, json);
    }
  }

  /** A file of this library. */
  private static FileContents own(
      TensorFiles files, StateDict content, Map<String, String> metadata, String json) {
    List<String> remarks = new ArrayList<>();
    try {
      ModelFiles.ownParameters(files, json, ArchitectureJson.LIBRARY);
    } catch (IllegalArgumentException e) {
      remarks.add("It cannot be read as it is: " + e.getMessage());
    }
    List<String> calls = remarks.isEmpty() ? List.of(call("ModelFiles", files.path())) : List.of();
    List<TensorEntry> tensors = tensors(content, entry -> "");
    return new FileContents(tensors, metadata, Optional.of(json), remarks, calls);
  }

  /** A state dict. */
  private static FileContents foreign(
      TensorFiles files, StateDict content, Map<String, String> metadata) {
    List<String> remarks = new ArrayList<>(ShardIndex.remark(files.path()).stream().toList());
    if (remarks.isEmpty()) {
      try {
        return decided(files.path(), content, metadata);
      } catch (StateDict.Undecided e) {
        remarks.add("Which network it is cannot be told: " + e.reason());
      } catch (IllegalArgumentException e) {
        remarks.add("It cannot be read: " + e.getMessage());
      }
    }
    Suggestions suggestions = Suggestions.of(content);
    remarks.addAll(suggestions.remarks());
    List<String> calls =
        suggestions.calls().stream().map(one -> call(one.toString(), files.path())).toList();
    Map<String, String> uses = content.uses();
    return new FileContents(
        tensors(content, entry -> uses.getOrDefault(entry.name(), "")),
        metadata,
        Optional.empty(),
        remarks,
        calls);
  }

  private static FileContents decided(Path path, StateDict content, Map<String, String> metadata) {
    PyTorch only = content.only();
    PyTorchPlan plan = only.plan(content);
    Set<String> wanted = plan.parameters().tensors();
    List<String> remarks = new ArrayList<>(plan.remarks());
    String reader = "ModelFiles";
    if (plan.needsRounding(content)) {
      reader = only.rounded().toString();
      remarks.add(PyTorchPlan.ROUNDED);
    }
    Map<String, String> uses = content.uses();
    Function<Entry, String> use =
        entry -> wanted.contains(entry.name()) ? uses.getOrDefault(entry.name(), "") : "skipped";
    return new FileContents(
        tensors(content, use),
        metadata,
        Optional.of(ArchitectureJson.LIBRARY.write(plan.parameters().architecture())),
        remarks,
        List.of(call(reader, path)));
  }

  private static String call(String reader, Path path) {
    return reader + ".read(Path.of(" + JavaText.literal(path.toString()) + "))";
  }

  private static List<TensorEntry> tensors(StateDict content, Function<Entry, String> use) {
    return content.entries().values().stream()
        .map(e -> new TensorEntry(e.name(), e.dtype(), e.shape(), e.bytes(), use.apply(e)))
        .toList();
  }
}
