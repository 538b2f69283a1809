package io.cellbelt.kernels;

import static io.cellbelt.kernels.PanelShape.WIDTH;

import io.cellbelt.kernels.simd.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A matrix packed into panels; see {@link PanelShape} for the layout.
 *
 * <p>Ownership: a matrix that was {@linkplain #allocate allocated} is closed by whoever did that;
 * any other is a view of the slab it was carved from, alive as long as that is, and closing it does
 * nothing. Thread safety: any number of readers, or one writer.
 */
public final class PanelMatrix implements AutoCloseable {
  private final PanelShape shape;
  private final Slab slab;
  private final long offset;

  /** Index in the slab of the scales of an int8 matrix, and behind them of their inverses. */
  private final long scales;

  private final int scaled;

  /** Whether closing it closes the slab. */
  private final boolean owner;

  /**
   * A matrix in a slab.
   *
   * @param shape its shape
   * @param slab where its floats lie; they must be zero or already packed
   * @param offset index of its first float in the slab, a multiple of {@link Slab#LINE}
   * @throws IllegalArgumentException if the matrix does not fit into the slab there
   */
  public PanelMatrix(PanelShape shape, Slab slab, long offset) {
    this(shape, slab, offset, false);
  }

  private PanelMatrix(PanelShape shape, Slab slab, long offset, boolean owner) {
    Objects.requireNonNull(shape, "A panel matrix needs a shape, but got null.");
    Objects.requireNonNull(slab, "A panel matrix lies in a slab, but got null.");
    if (offset < 0
        || offset % Slab.LINE != 0
        || offset > slab.byteSize() / Float.BYTES - shape.floats()) {
      throw new IllegalArgumentException(
          "A panel matrix of "
              + shape.floats()
              + " floats was placed at float "
              + offset
              + " of a slab of "
              + slab.byteSize() / Float.BYTES
              + "; give a multiple of "
              + Slab.LINE
              + " that leaves room for it.");
    }
    this.shape = shape;
    this.slab = slab;
    this.offset = offset;
    this.owner = owner;
    scales = offset + shape.scales();
    scaled = shape.columns();
  }

  private PanelMatrix(PanelMatrix whole, PanelShape shape) {
    this.shape = shape;
    slab = whole.slab;
    offset = whole.offset;
    scales = whole.scales;
    scaled = whole.scaled;
    owner = false;
  }

  /**
   * The panels that hold the first columns of a matrix of one block, as a view.
   *
   * @param columns how many, 1 to all
   * @throws IllegalArgumentException if it is out of range, or there are several blocks
   */
  public PanelMatrix prefix(int columns) {
    if (shape.blocks() != 1 || columns < 1 || columns > shape.blockSize()) {
      throw new IllegalArgumentException(
          "A prefix is the first 1 to all columns of a matrix of one block, but got "
              + columns
              + " of "
              + shape
              + ".");
    }
    int whole = Math.ceilDiv(columns, WIDTH) * WIDTH;
    int size = Math.min(whole, shape.blockSize());
    return new PanelMatrix(this, new PanelShape(shape.inputs(), 1, size, shape.format()));
  }

  /** A zeroed matrix with memory that {@link #close} gives back. */
  public static PanelMatrix allocate(PanelShape shape) {
    Objects.requireNonNull(shape, "A panel matrix needs a shape, but got null.");
    return new PanelMatrix(shape, Slab.allocate(shape.floats()), 0, true);
  }

  /** Inputs, blocks and columns, and the format of the weights. */
  public PanelShape shape() {
    return shape;
  }

  /** The slab that the matrix lies in, perhaps beside others. */
  public Slab slab() {
    return slab;
  }

  /** Raw address of its first float. */
  public long address() {
    return slab.address(offset);
  }

  /**
   * Packs a row-major matrix whose rows are the outputs: {@code [blocks * blockSize, inputs]}.
   * Denormal values become zero.
   */
  public void pack(float[] source) {
    copy(source, shape.inputs(), 1, true);
  }

  /** The matrix as {@link #pack} takes it. */
  public void unpack(float[] target) {
    copy(target, shape.inputs(), 1, false);
  }

  /** Packs a row-major table whose rows are the inputs: {@code [inputs, blocks * blockSize]}. */
  public void packTable(float[] source) {
    copy(source, 1, shape.blocks() * shape.blockSize(), true);
  }

  /** The matrix as {@link #packTable} takes it. */
  public void unpackTable(float[] target) {
    copy(target, 1, shape.blocks() * shape.blockSize(), false);
  }

  /** Raw address of the scales of all columns, of an int8 matrix. */
  public long scales() {
    return slab.address(scales);
  }

  /** Raw address of one over the scales of all columns, of an int8 matrix. */
  public long inverseScales() {
    return slab.address(scales + scaled);
  }

  /** Copies between a dense array, with the given strides, and the panels. */
  private void copy(float[] dense, int outputStride, int inputStride, boolean in) {
    Objects.requireNonNull(dense, "A matrix is copied from or to an array, but got null.");
    checkSize(dense.length);
    slab.acquire();
    try {
      copyHeld(dense, outputStride, inputStride, in);
    } finally {
      slab.release();
    }
  }

  /** Panel by panel through an array: an access of a segment is slow until it is compiled. */
  private void copyHeld(float[] dense, int outputStride, int inputStride, boolean in) {
    float[] weights = new float[shape.inputs()];
    int[] panel = new int[shape.words() * WIDTH];
    int at = -1;
    for (int block = 0; block < shape.blocks(); block++) {
      for (int j = 0; j < shape.blockSize(); j++) {
        int column = shape.column(block, j);
        int output = (block * shape.blockSize() + j) * outputStride;
        if (column / WIDTH != at) {
          if (in && at >= 0) {
            write(panel, at);
          }
          at = column / WIDTH;
          MemorySegment.copy(
              slab.segment(), ValueLayout.JAVA_INT, panelOffset(at), panel, 0, panel.length);
        }
        if (in) {
          for (int k = 0; k < weights.length; k++) {
            weights[k] = flushed(dense[output + k * inputStride]);
          }
          encode(column, weights, panel);
        } else {
          decode(column, weights, panel);
          for (int k = 0; k < weights.length; k++) {
            dense[output + k * inputStride] = weights[k];
          }
        }
      }
    }
    if (in && at >= 0) {
      write(panel, at);
    }
  }

  private long panelOffset(int panel) {
    return Float.BYTES * (offset + shape.index(0, panel * WIDTH));
  }

  private void write(int[] panel, int at) {
    MemorySegment.copy(
        panel, 0, slab.segment(), ValueLayout.JAVA_INT, panelOffset(at), panel.length);
  }

  private void encode(int column, float[] weights, int[] panel) {
    int[] words = new int[shape.words()];
    float scale = shape.format().encode(weights, words);
    for (int word = 0; word < words.length; word++) {
      panel[word * WIDTH + column % WIDTH] = words[word];
    }
    if (shape.format() == WeightFormat.INT8) {
      long index = scales + column;
      slab.set(index, scale);
      slab.set(index + scaled, 1 / scale);
    }
  }

  private void decode(int column, float[] weights, int[] panel) {
    WeightFormat format = shape.format();
    float scale = format == WeightFormat.INT8 ? slab.get(scales + column) : 1;
    for (int k = 0; k < weights.length; k++) {
      int word = panel[k / format.perWord() * WIDTH + column % WIDTH];
      weights[k] = format.decode(word, k % format.perWord()) * scale;
    }
  }

  /**
   * Fills this matrix with the transpose of another, padding included, so that a row of the other's
   * outputs is a row of this one's inputs.
   *
   * @throws IllegalArgumentException if this shape is not {@link #transposed} of the other's, or
   *     both are in one place
   * @throws IllegalStateException if one of them is closed
   */
  public void transposeOf(PanelMatrix other) {
    Objects.requireNonNull(other, "The transpose is that of a matrix, but got null.");
    boolean fits =
        shape.format() == WeightFormat.F32
            && other.shape.format() == WeightFormat.F32
            && shape.inputs() == other.shape.columns()
            && shape.blocks() == 1
            && shape.blockSize() == other.shape.inputs();
    if (!fits) {
      throw new IllegalArgumentException(
          "The transpose of "
              + other.shape
              + " is "
              + transposed(other.shape)
              + ", but this matrix is "
              + shape
              + ".");
    }
    if (slab == other.slab
        && offset < other.offset + other.shape.floats()
        && other.offset < offset + shape.floats()) {
      throw new IllegalArgumentException(
          "A matrix cannot be overwritten by the transpose of what lies in the same place; give the"
              + " transpose memory of its own.");
    }
    slab.acquire();
    try {
      other.slab.acquire();
      try {
        transposeHeld(other);
      } finally {
        other.slab.release();
      }
    } finally {
      slab.release();
    }
  }

  private void transposeHeld(PanelMatrix other) {
    long step = (long) Float.BYTES * WIDTH;
    for (int column = 0; column < other.shape.columns(); column++) {
      long from = Lanes.base(other.address() + Float.BYTES * other.shape.index(0, column));
      for (int k = 0; k < other.shape.inputs(); k++, from += step) {
        Lanes.set(Lanes.base(address() + Float.BYTES * shape.index(column, k)), Lanes.get(from));
      }
    }
  }

  /** The shape of the transpose: its inputs are all columns, padded ones too. */
  public static PanelShape transposed(PanelShape shape) {
    Objects.requireNonNull(shape, "The shape of a transpose follows from a shape, not from null.");
    return new PanelShape(shape.columns(), 1, shape.inputs());
  }

  /**
   * The value, or zero where it is denormal: one of them in an FMA costs over a hundred cycles, and
   * Java cannot switch that off.
   */
  private static float flushed(float value) {
    return Math.abs(value) < Float.MIN_NORMAL ? 0 : value;
  }

  private void checkSize(int floats) {
    long expected = (long) shape.blocks() * shape.blockSize() * shape.inputs();
    if (floats != expected) {
      throw new IllegalArgumentException(
          "A matrix of " + shape + " has " + expected + " floats, but got " + floats + ".");
    }
  }

  /**
   * Gives the memory of an {@linkplain #allocate allocated} matrix back. Closing again does
   * nothing.
   *
   * @throws IllegalStateException if a kernel is using it
   */
  @Override
  public void close() {
    if (owner) {
      slab.close();
    }
  }
}
