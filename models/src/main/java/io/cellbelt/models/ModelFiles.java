package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.PyTorchNames.TwoBiases;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
 * <p>A file without that entry is read too, if its tensors have these names, as a PyTorch module
 * with the members {@code lstm}, {@code gru} or {@code rnn} (with tanh), {@code embedding} and
 * {@code head} gives them: sizes, directions and projections then come from names and shapes.
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
   * @return a model whose weights the caller owns
   * @throws ModelFileException if the file cannot be read, is no safetensors file, holds no
   *     architecture of this library, or misses a tensor, has an unknown one, or one of another
   *     shape or with a value that is not finite
   * @throws IllegalStateException if this JVM would run the kernels slowly
   */
  public static Model read(Path file) throws ModelFileException {
    Objects.requireNonNull(file, "A model is read from a file, but got null.");
    SafetensorsFile content = SafetensorsFile.read(file);
    Map<String, String> metadata = new TreeMap<>(content.metadata());
    String json = metadata.remove(ARCHITECTURE);
    try {
      Architecture architecture =
          json == null ? PyTorchNames.architecture(content) : architecture(json);
      return new Model(Weights.of(architecture, values(content, architecture)), metadata);
    } catch (IllegalArgumentException e) {
      throw ModelFileException.unreadable(file, e.getMessage(), e);
    }
  }

  private static Architecture architecture(String json) {
    try {
      return ArchitectureJson.parse(json);
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

  /** The library's parameters out of the file's tensors, of which none may be left over. */
  private static Map<String, float[]> values(SafetensorsFile content, Architecture architecture) {
    Map<String, float[]> values = new LinkedHashMap<>();
    TreeSet<String> unknown = new TreeSet<>();
    content.tensors().forEach(tensor -> unknown.add(tensor.name()));
    List<Parameter> parameters = parameters(architecture);
    Map<String, TwoBiases> biases = PyTorchNames.biases(architecture);
    for (Parameter parameter : parameters) {
      String name = parameter.name();
      TwoBiases two = biases.get(name);
      if (two == null) {
        values.put(name, find(content, name, parameter.shape(), unknown));
      } else {
        List<Integer> shape = List.of(two.length());
        float[] ofInput = find(content, two.input(), shape, unknown);
        values.put(name, two.join(ofInput, find(content, two.recurrent(), shape, unknown)));
      }
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
                  Locale.ROOT,
                  "it holds %d tensor(s) that its architecture does not have, such as %s. Remove them, or",
                  unknown.size(),
                  quote(unknown.first()))
              + " give the architecture they belong to.");
    }
    return values;
  }

  private static List<Parameter> parameters(Architecture architecture) {
    try {
      List<Parameter> all = architecture.parameters();
      all.forEach(Parameter::rows);
      return all;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "its architecture has a layer whose gates together have 2^31 rows or more; that is"
              + " more than can be read.",
          e);
    }
  }

  /** The values of a tensor, which is no longer unknown. */
  private static float[] find(
      SafetensorsFile content, String name, List<Integer> shape, Set<String> unknown) {
    Tensor tensor =
        content
            .find(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        String.format(
                            Locale.ROOT,
                            "the tensor %s of shape %s is missing. Save the whole model again.",
                            quote(name),
                            shape)));
    if (!tensor.shape().equals(shape)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the tensor %s must have the shape %s, but has %s. Its sizes must fit its architecture.",
              quote(name),
              shape,
              tensor.shape()));
    }
    unknown.remove(name);
    return tensor.sharedValues();
  }

  /**
   * Writes a model. A file that is already there is replaced in one step at the very end, and
   * untouched after any failure.
   *
   * @param weights stay the caller's
   * @param extraMetadata anything but the key {@code cellbelt.architecture}
   * @throws ModelFileException if the file cannot be written
   * @throws IllegalArgumentException if the metadata have that key or unpaired surrogates, or a
   *     cell is none of this library
   */
  public static void write(Path file, Weights weights, Map<String, String> extraMetadata)
      throws ModelFileException {
    Objects.requireNonNull(file, "A model is written to a file, but got null.");
    Objects.requireNonNull(weights, "A model has weights, but got null.");
    Objects.requireNonNull(extraMetadata, "A model has metadata, or an empty map, but got null.");
    if (extraMetadata.keySet().stream().anyMatch(Objects::isNull)) {
      throw new IllegalArgumentException("Metadata have names, but one of them is null.");
    }
    Map<String, String> metadata = new TreeMap<>(extraMetadata);
    if (metadata.put(ARCHITECTURE, ArchitectureJson.write(weights.architecture())) != null) {
      throw new IllegalArgumentException(
          "The metadata entry '" + ARCHITECTURE + "' is written by the library; leave it out.");
    }
    Map<String, float[]> values = weights.values();
    Map<String, TwoBiases> biases = PyTorchNames.biases(weights.architecture());
    List<Tensor> tensors = new ArrayList<>();
    for (Parameter parameter : weights.architecture().parameters()) {
      float[] value = values.get(parameter.name());
      TwoBiases two = biases.get(parameter.name());
      if (two == null) {
        int[] shape = parameter.shape().stream().mapToInt(Integer::intValue).toArray();
        tensors.add(Tensor.of(parameter.name(), value, shape));
      } else {
        List<float[]> split = two.split(value);
        tensors.add(Tensor.of(two.input(), split.getFirst(), two.length()));
        tensors.add(Tensor.of(two.recurrent(), split.getLast(), two.length()));
      }
    }
    SafetensorsFile.of(metadata, tensors).write(file);
  }
}
