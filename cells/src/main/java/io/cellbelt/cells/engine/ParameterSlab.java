package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.product.RowLoops;
import io.cellbelt.kernels.simd.LibrarySlab;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * All parameters of a network, packed side by side into one slab; zeros at first.
 *
 * <p>Weights, their gradients and the moments of an optimiser all have this one layout, so that an
 * update is one loop over floats. Padding is zero and stays zero. Ownership: closing it gives the
 * memory back. Thread safety: any number of readers, or one writer.
 */
public final class ParameterSlab implements AutoCloseable {
  private static final int BLOCK = 1 << 20;

  private final Architecture architecture;
  private final WeightFormat format;
  private final LibrarySlab slab;
  private final long floats;
  private final Map<String, List<PanelMatrix>> matrices = new LinkedHashMap<>();

  /** Zeroed parameters of an architecture, as 32-bit floats. */
  public ParameterSlab(Architecture architecture) {
    this(architecture, WeightFormat.F32);
  }

  /**
   * Zeroed parameters of an architecture.
   *
   * @param format of the matrices; biases and tables, of which a step reads one row, are 32-bit
   *     floats
   * @throws IllegalStateException if this JVM would run the kernels slowly
   */
  public ParameterSlab(Architecture architecture, WeightFormat format) {
    SimdEnvironment.require();
    this.architecture = architecture;
    this.format = format;
    floats = floats(architecture, format);
    slab = new LibrarySlab(floats);
    try {
      carve();
    } catch (Throwable e) {
      slab.close();
      throw e;
    }
  }

  private void carve() {
    long offset = 0;
    for (Parameter parameter : architecture.parameters()) {
      List<PanelMatrix> parts = new ArrayList<>();
      for (PanelShape shape : shapes(architecture, parameter, format)) {
        parts.add(new PanelMatrix(shape, slab, offset));
        offset += shape.floats();
      }
      matrices.put(parameter.name(), List.copyOf(parts));
    }
  }

  /**
   * Parameters packed from their row-major forms.
   *
   * @param values every parameter by name, of the right size
   */
  public static ParameterSlab of(
      Architecture architecture, WeightFormat format, Map<String, float[]> values) {
    return filled(
        new ParameterSlab(architecture, format),
        packed -> architecture.parameters().forEach(p -> packed.put(p, values.get(p.name()))));
  }

  /** Parameters from the {@link #copy} of others of this architecture and format. */
  public static ParameterSlab of(
      Architecture architecture, WeightFormat format, List<float[]> copy) {
    return filled(
        new ParameterSlab(architecture, format),
        packed -> {
          long at = 0;
          for (float[] block : copy) {
            packed.slab.put(at, block, 0, block.length);
            at += block.length;
          }
        });
  }

  /** Closes the slab where filling it fails. */
  private static ParameterSlab filled(ParameterSlab empty, Consumer<ParameterSlab> fill) {
    try {
      fill.accept(empty);
      return empty;
    } catch (Throwable e) {
      empty.close();
      throw e;
    }
  }

  /**
   * Parameters to be trained, which start from a copy of the weights.
   *
   * @throws IllegalArgumentException if the weights are quantised
   */
  public static ParameterSlab trainable(Weights weights) {
    if (weights.format() != WeightFormat.F32) {
      throw new IllegalArgumentException(
          "Training needs f32 weights, but got "
              + weights.format()
              + "; give those that the quantised ones were made from.");
    }
    return of(weights.architecture(), WeightFormat.F32, weights.values());
  }

  /** Bytes that the parameters of an architecture hold off-heap, as 32-bit floats. */
  public static long bytes(Architecture architecture) {
    return Slab.bytes(floats(architecture, WeightFormat.F32));
  }

  /** Columns of the widest matrix. */
  public static int widest(Architecture architecture) {
    return architecture.parameters().stream()
        .flatMap(parameter -> shapes(architecture, parameter, WeightFormat.F32).stream())
        .mapToInt(PanelShape::columns)
        .max()
        .orElse(0);
  }

  private static long floats(Architecture architecture, WeightFormat format) {
    return architecture.parameters().stream()
        .flatMap(parameter -> shapes(architecture, parameter, format).stream())
        .mapToLong(PanelShape::floats)
        .sum();
  }

  /** Of the parts of a parameter. */
  private static List<PanelShape> shapes(
      Architecture architecture, Parameter p, WeightFormat format) {
    // A step with a one-hot input reads but one row.
    boolean packed = p.form() == Parameter.Form.MATRIX && !isLookedUp(architecture, p);
    WeightFormat stored = packed ? format : WeightFormat.F32;
    return p.form() == Parameter.Form.TABLE
        ? List.of(new PanelShape(p.rows(), 1, p.columns()))
        : p.parts().stream()
            .map(part -> new PanelShape(p.columns(), part.gates(), part.size(), stored))
            .toList();
  }

  /** What the parameters belong to. */
  public Architecture architecture() {
    return architecture;
  }

  /** How the matrices are stored. */
  public WeightFormat format() {
    return format;
  }

  private static boolean isLookedUp(Architecture architecture, Parameter p) {
    return architecture.input() instanceof Input.OneHot
        && IntStream.range(0, architecture.layers().getFirst().directions())
            .anyMatch(d -> p.name().equals(architecture.name(0, d, "weight_ih")));
  }

  /** The parts of a packed parameter, one of {@link Architecture#parameters}. */
  public List<PanelMatrix> parts(String name) {
    return matrices.get(name);
  }

  /** A packed parameter in one part, or null if there is none of the name. */
  public PanelMatrix matrix(String name) {
    List<PanelMatrix> parts = matrices.get(name);
    return parts == null ? null : parts.getFirst();
  }

  /** All parts of all parameters, in the order in which they are stored. */
  public List<PanelMatrix> all() {
    return matrices.values().stream().flatMap(List::stream).toList();
  }

  /**
   * Refuses what {@link #put} does not take.
   *
   * @throws IllegalArgumentException if an entry is not 0 where the cell has no connection
   */
  public void check(Parameter parameter, float[] values) {
    Connections.check(architecture, parameter, values);
  }

  /**
   * Packs a parameter from its row-major form.
   *
   * @throws IllegalArgumentException if an entry is not 0 where the cell has no connection
   */
  public void put(Parameter parameter, float[] values) {
    if (parameter.form() == Parameter.Form.TABLE) {
      matrix(parameter.name()).packTable(values);
      return;
    }
    List<PanelMatrix> parts = parts(parameter.name());
    Connections.check(architecture, parameter, values);
    int from = 0;
    for (PanelMatrix part : parts) {
      int to = from + part.shape().blocks() * part.shape().blockSize() * parameter.columns();
      part.pack(parts.size() == 1 ? values : Arrays.copyOfRange(values, from, to));
      from = to;
    }
  }

  /** A parameter in its row-major form, a new array. */
  public float[] get(Parameter parameter) {
    float[] values = new float[parameter.size()];
    if (parameter.form() == Parameter.Form.TABLE) {
      matrix(parameter.name()).unpackTable(values);
      return values;
    }
    int at = 0;
    for (PanelMatrix part : parts(parameter.name())) {
      float[] rows =
          new float[part.shape().blocks() * part.shape().blockSize() * parameter.columns()];
      part.unpack(rows);
      System.arraycopy(rows, 0, values, at, rows.length);
      at += rows.length;
    }
    return values;
  }

  /** All parameters by name in their row-major form, as new arrays, in the order of the files. */
  public Map<String, float[]> values() {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : architecture.parameters()) {
      values.put(parameter.name(), get(parameter));
    }
    return values;
  }

  /** A copy of the packed form on the heap, in blocks. */
  public List<float[]> copy() {
    List<float[]> blocks = new ArrayList<>();
    for (long at = 0; at < floats; at += BLOCK) {
      float[] block = new float[(int) Math.min(BLOCK, floats - at)];
      slab.get(at, block, 0, block.length);
      blocks.add(block);
    }
    return blocks;
  }

  /** Adds those of another slab of the same architecture, as 32-bit floats. */
  public void add(ParameterSlab other) {
    for (long at = 0; at < floats; at += BLOCK) {
      int count = (int) Math.min(BLOCK, floats - at);
      RowLoops.add(other.slab.address(at), 0, slab.address(at), 0, count, 1);
    }
  }

  /** Sets everything to zero. */
  public void clear() {
    slab.segment().fill((byte) 0);
  }

  /** The memory of them all. */
  public LibrarySlab slab() {
    return slab;
  }

  /** Raw address of the first float. */
  public long address() {
    return slab.address();
  }

  /** Number of floats, padding included. */
  public long floats() {
    return floats;
  }

  /** Bytes held off-heap. */
  public long byteSize() {
    return slab.byteSize();
  }

  @Override
  public void close() {
    slab.close();
  }
}
