package io.cellbelt.cells;

import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.WeightFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The numbers of a network, packed for this CPU, off-heap.
 *
 * <p>Immutable and shared: any number of threads and streams read one copy. Ownership: whoever made
 * them closes them, or closes the {@link Network} they were given to. Closing is refused while a
 * stream is open, so that no kernel can ever run on memory that was given back.
 */
public final class Weights implements AutoCloseable {
  private final ParameterSlab parameters;

  private Weights(ParameterSlab parameters) {
    this.parameters = parameters;
  }

  /**
   * Packs weights from their row-major form. Denormal values become zero.
   *
   * @param architecture what they belong to
   * @param values every parameter of {@link Architecture#parameters} by name, and no other
   * @throws IllegalArgumentException if a parameter is missing, unknown, of another size, or holds
   *     a NaN or an infinity
   * @throws IllegalStateException if this JVM would run the kernels slowly
   */
  public static Weights of(Architecture architecture, Map<String, float[]> values) {
    SimdEnvironment.require();
    check(architecture, values);
    ParameterSlab parameters = new ParameterSlab(architecture);
    try {
      for (Parameter parameter : architecture.parameters()) {
        parameters.put(parameter, values.get(parameter.name()));
      }
    } catch (RuntimeException | Error e) {
      parameters.close();
      throw e;
    }
    return new Weights(parameters);
  }

  /**
   * The same weights in another format, as new memory. Biases and tables stay as they are.
   *
   * <p>Fewer bits make single streams of larger layers faster, from H = 128 or so, but neither
   * small layers nor batches: {@code cellbelt bench} says so for each shape, docs/performance.md
   * sums it up, docs/numerics.md says what rounding costs.
   *
   * @param format what the matrices are rounded to
   * @throws IllegalArgumentException if these weights are quantised already
   */
  public Weights to(WeightFormat format) {
    Objects.requireNonNull(format, "Weights are converted to a format, but got null.");
    if (format() != WeightFormat.F32) {
      throw new IllegalArgumentException(
          "The weights are "
              + format()
              + " already, and rounding twice loses more; start from f32 ones.");
    }
    ParameterSlab converted = new ParameterSlab(architecture(), format);
    try {
      for (Parameter parameter : architecture().parameters()) {
        converted.put(parameter, parameters.get(parameter));
      }
    } catch (RuntimeException | Error e) {
      converted.close();
      throw e;
    }
    return new Weights(converted);
  }

  /** How the matrices are stored. */
  public WeightFormat format() {
    return parameters.format();
  }

  private static void check(Architecture architecture, Map<String, float[]> values) {
    Objects.requireNonNull(architecture, "Weights belong to an architecture, but got null.");
    Objects.requireNonNull(values, "Weights are arrays by name, but got null.");
    for (Parameter parameter : architecture.parameters()) {
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
      for (int i = 0; i < tensor.length; i++) {
        if (!Float.isFinite(tensor[i])) {
          throw new IllegalArgumentException(
              "The parameter '"
                  + name
                  + "' holds "
                  + tensor[i]
                  + " at index "
                  + i
                  + "; weights must be finite numbers.");
        }
      }
    }
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

  /** What the weights belong to. */
  public Architecture architecture() {
    return parameters.architecture();
  }

  /**
   * All parameters by name in their row-major form, as new arrays, in the order of the files: the
   * numbers that kernels calculate with, so rounded ones where the weights are quantised.
   */
  public Map<String, float[]> values() {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : architecture().parameters()) {
      values.put(parameter.name(), parameters.get(parameter));
    }
    return values;
  }

  /** Bytes held off-heap. */
  public long byteSize() {
    return parameters.byteSize();
  }

  /** The packed form, for this library's own code. */
  @SuppressWarnings("exports")
  public ParameterSlab parameters() {
    return parameters;
  }

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if streams that read the weights are still open
   */
  @Override
  public void close() {
    parameters.close();
  }
}
