package io.cellbelt.cells;

import io.cellbelt.cells.engine.Connections;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.kernels.WeightFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The numbers of a network: a value on the heap, like a string. It need not be closed.
 *
 * <p>Immutable, so any number of threads and networks may share it. A {@link Network} packs a copy
 * for this CPU, and does not hold on to the weights that it was made from.
 */
public final class Weights implements AutoCloseable {
  private final Architecture architecture;
  private final WeightFormat format;

  /** Row-major, not rounded yet; null where {@link #packed} holds the numbers. */
  private final Map<String, float[]> values;

  /**
   * What a quantised network was found to hold, in its packed form: rounding int8 numbers once more
   * would change them.
   */
  private final List<float[]> packed;

  private Weights(
      Architecture architecture,
      WeightFormat format,
      Map<String, float[]> values,
      List<float[]> packed) {
    this.architecture = architecture;
    this.format = format;
    this.values = values;
    this.packed = packed;
  }

  /**
   * Weights from their row-major form, which is copied. Denormal values become zero.
   *
   * @param architecture what they belong to
   * @param values every parameter of {@link Architecture#parameters} by name, and no other
   * @throws IllegalArgumentException if a parameter is missing, unknown, of another size, or holds
   *     a NaN, an infinity, or something other than 0 where the cell has no connection
   */
  public static Weights of(Architecture architecture, Map<String, float[]> values) {
    Objects.requireNonNull(architecture, "Weights belong to an architecture, but got null.");
    Objects.requireNonNull(values, "Weights are arrays by name, but got null.");
    Map<String, float[]> copies = new LinkedHashMap<>();
    for (Parameter parameter : architecture.parameters()) {
      float[] copy = copy(parameter, values);
      Connections.check(architecture, parameter, copy);
      copies.put(parameter.name(), copy);
    }
    checkNothingElse(architecture, values);
    return new Weights(architecture, WeightFormat.F32, copies, null);
  }

  /** A copy of what a network holds. */
  static Weights of(ParameterSlab parameters) {
    boolean exact = parameters.format() == WeightFormat.F32;
    return new Weights(
        parameters.architecture(),
        parameters.format(),
        exact ? parameters.values() : null,
        exact ? null : parameters.copy());
  }

  /** A copy of a tensor, checked after it was taken. */
  private static float[] copy(Parameter parameter, Map<String, float[]> values) {
    String name = parameter.name();
    float[] tensor = values.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "The parameter '"
              + name
              + "' "
              + parameter.shape()
              + " is missing; there are "
              + values.keySet()
              + ".");
    }
    if (tensor.length != parameter.size()) {
      throw new IllegalArgumentException(
          "The parameter '"
              + name
              + "' has the shape "
              + parameter.shape()
              + ", "
              + parameter.size()
              + " floats, but got "
              + tensor.length
              + ".");
    }
    float[] copy = tensor.clone();
    for (int i = 0; i < copy.length; i++) {
      if (!Float.isFinite(copy[i])) {
        throw new IllegalArgumentException(
            "The parameter '"
                + name
                + "' holds "
                + copy[i]
                + " at index "
                + i
                + "; weights must be finite numbers.");
      }
      copy[i] = Math.abs(copy[i]) < Float.MIN_NORMAL ? 0 : copy[i];
    }
    return copy;
  }

  private static void checkNothingElse(Architecture architecture, Map<String, float[]> values) {
    if (values.size() > architecture.parameters().size()) {
      var unknown = new LinkedHashMap<>(values);
      architecture.parameters().forEach(p -> unknown.remove(p.name()));
      throw new IllegalArgumentException(
          "The parameters "
              + unknown.keySet()
              + " do not belong to "
              + architecture
              + "; leave them out.");
    }
  }

  /**
   * Random weights to start training from: matrices uniform in ±1/√H per layer as PyTorch draws
   * them, the rows of an embedding uniform in ±1, biases as {@link Cell#initialBias} says.
   *
   * @param seed the same seed gives the same weights, on every machine
   */
  public static Weights random(Architecture architecture, long seed) {
    return random(architecture, Initialiser.DEFAULT, seed);
  }

  /**
   * Random weights to start training from.
   *
   * @param initialiser how they are drawn
   * @param seed the same seed gives the same weights, on every machine
   */
  public static Weights random(Architecture architecture, Initialiser initialiser, long seed) {
    Objects.requireNonNull(architecture, "Weights belong to an architecture, but got null.");
    Objects.requireNonNull(initialiser, "Random weights need an initialiser, but got null.");
    return of(architecture, Initialisation.draw(architecture, initialiser, seed));
  }

  /**
   * The same weights for a network that holds its matrices in another format. Biases and tables
   * stay as they are. Costs nothing: numbers are rounded where they are needed.
   *
   * <p>Fewer bits make single streams of larger layers faster, from H = 128 or so, but neither
   * small layers nor batches: {@code cellbelt bench} says so for each shape, docs/performance.md
   * sums it up, docs/numerics.md says what rounding costs.
   *
   * @param other what the matrices are rounded to
   * @throws IllegalArgumentException if these weights are quantised already
   */
  public Weights to(WeightFormat other) {
    if (format != WeightFormat.F32) {
      throw new IllegalArgumentException(
          "The weights are "
              + format
              + " already, and rounding twice loses more; start from f32 ones.");
    }
    return new Weights(
        architecture,
        Objects.requireNonNull(other, "The format is F32, BF16 or INT8, but got null."),
        values,
        null);
  }

  /** How a network stores the matrices. */
  public WeightFormat format() {
    return format;
  }

  /** The architecture whose parameters these are. */
  public Architecture architecture() {
    return architecture;
  }

  /**
   * All parameters by name in their row-major form, as new arrays, in the order of the files: the
   * numbers that kernels calculate with, so rounded ones where the weights are quantised.
   */
  public Map<String, float[]> values() {
    if (format != WeightFormat.F32) {
      try (ParameterSlab rounded = pack()) {
        return rounded.values();
      }
    }
    Map<String, float[]> copies = new LinkedHashMap<>();
    values.forEach((name, tensor) -> copies.put(name, tensor.clone()));
    return copies;
  }

  /** The packed form, off-heap, which the caller closes. */
  ParameterSlab pack() {
    return packed == null
        ? ParameterSlab.of(architecture, format, values)
        : ParameterSlab.of(architecture, format, packed);
  }

  /**
   * Does nothing, and may be left out: weights hold no memory outside the heap. It is here so that
   * programs that closed them still compile.
   */
  @Override
  public void close() {}
}
