package io.cellbelt.kernels;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.pointwise.LstmPointwise;
import io.cellbelt.kernels.pointwise.Pointwise;
import io.cellbelt.kernels.pointwise.RnnPointwise;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.pointwise.Step;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The kernels over callers' memory, with full checking.
 *
 * <p>Segments are of any kind and alignment and hold floats in native order, row-major; their first
 * floats are used. They are checked first, then copied into a workspace of the kernels' own, so
 * that a wrong size, a closed arena or another thread's segment is an exception before anything was
 * written. Methods throw {@link IllegalArgumentException} for sizes and read-only results, {@link
 * IllegalStateException} for what is closed or in use, {@link WrongThreadException} for another
 * thread's segment. They allocate nothing.
 *
 * <p>Thread safety: one user at a time, which is checked; give each thread its own. Ownership:
 * closed by whoever opened it; matrices stay the caller's.
 */
public final class Kernels implements AutoCloseable {
  private static final int MAX_FLOATS = 1 << 28;

  private final ExclusiveUse use = new ExclusiveUse("kernels' workspace");
  private final Slab workspace;
  private final int capacity;
  private final Step step = new Step();
  private Rows last = new Rows(0, 0, 0, 0, 0, 0);

  /**
   * Kernels with a workspace.
   *
   * @param floats how many floats a call may take in and give out together, rows padded to {@link
   *     Slab#rowStride}; activations take any number
   * @throws IllegalArgumentException if there are less than 1 or more than 2^28
   * @throws IllegalStateException if this JVM would run the kernels slowly
   */
  public Kernels(int floats) {
    SimdEnvironment.require();
    if (floats < 1 || floats > MAX_FLOATS) {
      throw new IllegalArgumentException(
          "A workspace holds 1 to " + MAX_FLOATS + " floats, but got " + floats + ".");
    }
    capacity = Slab.pad(floats);
    workspace = Slab.allocate((long) capacity + Products.SCRATCH);
  }

  /** {@code y = σ(x)}, elementwise; x and y may be the same. */
  public void sigmoid(MemorySegment x, MemorySegment y, long count) {
    activate(Activation.SIGMOID, x, y, count);
  }

  /** {@code y = tanh(x)}, elementwise; x and y may be the same. */
  public void tanh(MemorySegment x, MemorySegment y, long count) {
    activate(Activation.TANH, x, y, count);
  }

  /** {@code y = exp(x)}, elementwise; x and y may be the same. */
  public void exp(MemorySegment x, MemorySegment y, long count) {
    activate(Activation.EXP, x, y, count);
  }

  private enum Activation {
    SIGMOID,
    TANH,
    EXP
  }

  private void activate(Activation activation, MemorySegment x, MemorySegment y, long count) {
    use.enter();
    try {
      if (count < 0) {
        throw new IllegalArgumentException(
            "The number of floats is 0 or more, but got " + count + ".");
      }
      Segments.checkRead("x", count, x);
      Segments.checkWrite("y", count, y);
      for (long from = 0; from < count; from += capacity) {
        int floats = (int) Math.min(capacity, count - from);
        workspace.put(0, x, from, floats);
        switch (activation) {
          case SIGMOID -> Sigmoid.apply(workspace.address(), Slab.pad(floats));
          case TANH -> Tanh.apply(workspace.address(), Slab.pad(floats));
          case EXP -> Exp.apply(workspace.address(), Slab.pad(floats));
        }
        workspace.get(0, y, from, floats);
      }
    } finally {
      use.exit();
    }
  }

  /**
   * {@code Y += X W}, with sums over k in increasing order.
   *
   * @param x {@code [rows, inputs]}
   * @param y {@code [rows, blocks * blockSize]}
   */
  public void multiply(MemorySegment x, int rows, PanelMatrix w, MemorySegment y) {
    enter(w);
    try {
      checkRows(rows);
      PanelShape shape = w.shape();
      int outputs = shape.blocks() * shape.blockSize();
      Segments.checkRead("x", (long) rows * shape.inputs(), x);
      Segments.checkWrite("y", (long) rows * outputs, y);
      int xRow = Slab.rowStride(shape.inputs());
      int yRow = Slab.rowStride(shape.columns());
      long yStart = (long) rows * xRow;
      prepare(yStart + (long) rows * yRow);
      copy(true, x, rows, 1, shape.inputs(), 0, xRow, xRow);
      copy(true, y, rows, shape.blocks(), shape.blockSize(), yStart, yRow, shape.column(1, 0));
      Products.accumulate(
          workspace.address(),
          bytes(xRow),
          rows,
          w,
          workspace.address(yStart),
          bytes(yRow),
          workspace.address(capacity));
      copy(false, y, rows, shape.blocks(), shape.blockSize(), yStart, yRow, shape.column(1, 0));
    } finally {
      exit(w);
    }
  }

  /**
   * {@code W += Xᵀ G}: the sum over the rows of their outer products.
   *
   * @param x {@code [rows, inputs]}
   * @param g {@code [rows, blocks * blockSize]}
   */
  public void outer(MemorySegment x, MemorySegment g, int rows, PanelMatrix w) {
    enter(w);
    try {
      checkRows(rows);
      PanelShape shape = w.shape();
      if (shape.format() != WeightFormat.F32) {
        throw new IllegalArgumentException(
            "Outer products are summed in an f32 matrix, but got " + shape.format() + ".");
      }
      Segments.checkRead("x", (long) rows * shape.inputs(), x);
      Segments.checkRead("g", (long) rows * shape.blocks() * shape.blockSize(), g);
      int xRow = Slab.rowStride(shape.inputs());
      int gRow = Slab.rowStride(shape.columns());
      long gStart = (long) rows * xRow;
      prepare(gStart + (long) rows * gRow);
      copy(true, x, rows, 1, shape.inputs(), 0, xRow, xRow);
      copy(true, g, rows, shape.blocks(), shape.blockSize(), gStart, gRow, shape.column(1, 0));
      Products.outer(
          workspace.address(), bytes(xRow), workspace.address(gStart), bytes(gRow), rows, w);
    } finally {
      exit(w);
    }
  }

  /**
   * What an LSTM cell does in a step after its products: {@code c = f c' + i g; h = o tanh(c)}.
   *
   * @param gates {@code [rows, 5, H]}: in: pre-activations of i f g o, and anything; out: their
   *     activations, and tanh(c), as {@link #lstmBackward} wants them
   * @param states {@code [rows, 2, H]}: in: h and c at t-1; out: those at t
   */
  public void lstmForward(MemorySegment gates, MemorySegment states, int rows, int hidden) {
    pointwise(LstmPointwise.INSTANCE, 5, 2, gates, states, null, false, rows, hidden);
  }

  /**
   * The gradient of {@link #lstmForward}.
   *
   * @param gates {@code [rows, 5, H]}: in: as forward left them; out: gradients of the
   *     pre-activations of i f g o, and tanh(c)
   * @param previous {@code [rows, 2, H]}: h and c at t-1
   * @param dStates {@code [rows, 2, H]}: in: gradients of h and c at t; out: zero, because h at t-1
   *     counts only through U, and the gradient of c at t-1
   */
  public void lstmBackward(
      MemorySegment gates, MemorySegment previous, MemorySegment dStates, int rows, int hidden) {
    pointwise(LstmPointwise.INSTANCE, 5, 2, gates, previous, dStates, true, rows, hidden);
  }

  /**
   * What a plain recurrent cell does in a step after its products: {@code h = tanh(a)}.
   *
   * @param gates {@code [rows, H]}: in: pre-activations; out: activations
   * @param states {@code [rows, H]}: out: h at t
   */
  public void rnnForward(MemorySegment gates, MemorySegment states, int rows, int hidden) {
    pointwise(RnnPointwise.INSTANCE, 1, 1, gates, states, null, false, rows, hidden);
  }

  /**
   * The gradient of {@link #rnnForward}.
   *
   * @param gates {@code [rows, H]}: in: as forward left them; out: gradients of the pre-activations
   * @param previous {@code [rows, H]}: h at t-1
   * @param dStates {@code [rows, H]}: in: gradients of h at t; out: zero, because h at t-1 counts
   *     only through U
   */
  public void rnnBackward(
      MemorySegment gates, MemorySegment previous, MemorySegment dStates, int rows, int hidden) {
    pointwise(RnnPointwise.INSTANCE, 1, 1, gates, previous, dStates, true, rows, hidden);
  }

  /** Forward on the states in place, or backward, where there are gradients of the states. */
  private void pointwise(
      Pointwise kernel,
      int blocks,
      int planes,
      MemorySegment gates,
      MemorySegment states,
      MemorySegment dStates,
      boolean backward,
      int rows,
      int hidden) {
    use.enter();
    try {
      if (hidden < 1 || hidden > capacity) {
        throw new IllegalArgumentException(
            "The hidden size is 1 to the workspace's "
                + capacity
                + " floats, but got "
                + hidden
                + ".");
      }
      checkRows(rows);
      long stateFloats = (long) rows * planes * hidden;
      Segments.checkWrite("gates", (long) rows * blocks * hidden, gates);
      if (backward) {
        Segments.checkRead("previous", stateFloats, states);
        Segments.checkWrite("dStates", stateFloats, dStates);
      } else {
        Segments.checkWrite("states", stateFloats, states);
      }
      int width = Slab.pad(hidden);
      int gateRow = Slab.rowStride(blocks * width);
      int stateRow = Slab.rowStride(planes * width);
      long stateStart = (long) rows * gateRow;
      long gradientStart = stateStart + (long) rows * stateRow;
      prepare(gradientStart + (long) rows * stateRow);
      Rows layout = rows(rows, hidden, blocks, bytes(gateRow), bytes(stateRow));
      copy(true, gates, rows, blocks, hidden, 0, gateRow, width);
      copy(true, states, rows, planes, hidden, stateStart, stateRow, width);
      step.gates = workspace.address();
      step.previous = workspace.address(stateStart);
      step.next = step.previous;
      step.dStates = workspace.address(gradientStart);
      if (backward) {
        copy(true, dStates, rows, planes, hidden, gradientStart, stateRow, width);
        kernel.backward(0, layout, step);
        copy(false, dStates, rows, planes, hidden, gradientStart, stateRow, width);
      } else {
        kernel.forward(0, layout, step);
        copy(false, states, rows, planes, hidden, stateStart, stateRow, width);
      }
      copy(false, gates, rows, blocks, hidden, 0, gateRow, width);
    } finally {
      use.exit();
    }
  }

  private void enter(PanelMatrix w) {
    Objects.requireNonNull(w, "A product is one with a matrix, but got null.");
    w.slab().acquire();
    try {
      use.enter();
    } catch (IllegalStateException e) {
      w.slab().release();
      throw e;
    }
  }

  private void exit(PanelMatrix w) {
    use.exit();
    w.slab().release();
  }

  /**
   * Most calls in a row have the same shape, and new rows each would be garbage. Rows of more
   * blocks are longer, so their number need not be compared.
   */
  private Rows rows(int count, int size, int blocks, long gateRow, long stateRow) {
    if (last.count() != count
        || last.size() != size
        || last.gateRow() != gateRow
        || last.stateRow() != stateRow) {
      int width = Slab.pad(size);
      long[] offsets = new long[blocks];
      for (int block = 0; block < blocks; block++) {
        offsets[block] = bytes(block * width);
      }
      last = new Rows(count, size, width, gateRow, stateRow, bytes(width), offsets);
    }
    return last;
  }

  private static void checkRows(int rows) {
    if (rows < 0) {
      throw new IllegalArgumentException("The number of rows is 0 or more, but got " + rows + ".");
    }
  }

  /** Zeroes as much of the workspace as a call needs, so that padding is zero. */
  private void prepare(long floats) {
    if (floats > capacity) {
      throw new IllegalArgumentException(
          "The call needs a workspace of "
              + floats
              + " floats, but these kernels were opened with "
              + capacity
              + "; open some with more.");
    }
    RowLoops.zero(workspace.address(), 0, Slab.pad((int) floats), 1);
  }

  /** Copies {@code [rows, blocks, size]} to its place in the workspace, or back. */
  private void copy(
      boolean in,
      MemorySegment segment,
      int rows,
      int blocks,
      int size,
      long start,
      int rowStride,
      int blockStride) {
    for (int row = 0; row < rows; row++) {
      for (int block = 0; block < blocks; block++) {
        long dense = ((long) row * blocks + block) * size;
        long padded = start + (long) row * rowStride + (long) block * blockStride;
        if (in) {
          workspace.put(padded, segment, dense, size);
        } else {
          workspace.get(padded, segment, dense, size);
        }
      }
    }
  }

  private static long bytes(int floats) {
    return (long) Float.BYTES * floats;
  }

  /**
   * Gives the workspace back. Closing again does nothing.
   *
   * @throws IllegalStateException if another thread is using the kernels
   */
  @Override
  public void close() {
    if (use.close()) {
      workspace.close();
    }
  }
}
