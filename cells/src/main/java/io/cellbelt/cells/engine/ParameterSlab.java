package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Parameter;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All parameters of a network, packed side by side into one slab; zeros at first.
 *
 * <p>Weights, their gradients and the moments of an optimiser all have this one layout, so that an
 * update is one loop over floats. Padding is zero and stays zero. Ownership: closing it gives the
 * memory back. Thread safety: any number of readers, or one writer.
 */
public final class ParameterSlab implements AutoCloseable {
  private final Architecture architecture;
  private final WeightFormat format;
  private final Slab slab;
  private final long floats;
  private final Map<String, PanelMatrix> matrices = new LinkedHashMap<>();

  /** Zeroed parameters of an architecture, as 32-bit floats. */
  public ParameterSlab(Architecture architecture) {
    this(architecture, WeightFormat.F32);
  }

  /**
   * Zeroed parameters of an architecture.
   *
   * @param format of the matrices; biases and tables, of which a step reads one row, are 32-bit
   *     floats
   */
  public ParameterSlab(Architecture architecture, WeightFormat format) {
    this.architecture = architecture;
    this.format = format;
    floats = architecture.parameters().stream().mapToLong(p -> shape(p).floats()).sum();
    slab = Slab.allocate(floats);
    long offset = 0;
    for (Parameter parameter : architecture.parameters()) {
      PanelMatrix matrix = new PanelMatrix(shape(parameter), slab, offset);
      matrices.put(parameter.name(), matrix);
      offset += matrix.shape().floats();
    }
  }

  private PanelShape shape(Parameter p) {
    return switch (p.form()) {
      case MATRIX, VECTOR ->
          new PanelShape(p.columns(), p.gates(), p.rows() / p.gates(), format(p));
      case TABLE -> new PanelShape(p.rows(), 1, p.columns());
    };
  }

  /** What the parameters belong to. */
  public Architecture architecture() {
    return architecture;
  }

  /** How the matrices are stored. */
  public WeightFormat format() {
    return format;
  }

  /** That of a matrix, unless a step reads but one row of it, for a one-hot input. */
  private WeightFormat format(Parameter p) {
    boolean lookedUp =
        architecture.input() instanceof Input.OneHot
            && p.name().equals(architecture.inputWeight(0));
    return p.form() == Parameter.Form.MATRIX && !lookedUp ? format : WeightFormat.F32;
  }

  /** The packed parameter of that name, one of {@link Architecture#parameters}. */
  public PanelMatrix matrix(String name) {
    return matrices.get(name);
  }

  /** Packs a parameter from its row-major form. */
  public void put(Parameter parameter, float[] values) {
    PanelMatrix matrix = matrix(parameter.name());
    if (parameter.form() == Parameter.Form.TABLE) {
      matrix.packTable(values);
    } else {
      matrix.pack(values);
    }
  }

  /** A parameter in its row-major form, a new array. */
  public float[] get(Parameter parameter) {
    float[] values = new float[parameter.size()];
    PanelMatrix matrix = matrix(parameter.name());
    if (parameter.form() == Parameter.Form.TABLE) {
      matrix.unpackTable(values);
    } else {
      matrix.unpack(values);
    }
    return values;
  }

  /** Overwrites all parameters with those of another slab of the same architecture and format. */
  public void copyFrom(ParameterSlab other) {
    if (other.format != format) {
      throw new IllegalArgumentException(
          "Training needs f32 weights, but got "
              + other.format
              + "; give those that the quantised ones were made from.");
    }
    slab.segment().copyFrom(other.slab.segment());
  }

  /** Sets everything to zero. */
  public void clear() {
    slab.segment().fill((byte) 0);
  }

  /** The memory of them all. */
  public Slab slab() {
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
