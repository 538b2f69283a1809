package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.engine.Layer;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;

/**
 * The reverse time loop over a tape: backpropagation through time (Werbos 1990).
 *
 * <p>Per layer, from the top: through the steps backwards, the pointwise kernel turns the gates on
 * the tape into the gradients of their pre-activations, and {@code dh' = dG Uᵀ}. After that, all
 * steps together in one product each: {@code dW = Xᵀ dG}, {@code dU = H'ᵀ dG}, and {@code dX = dG
 * Wᵀ}, which is what the layer below starts from. Allocates nothing after construction.
 */
final class Backward implements AutoCloseable {
  private final Unrolled tape;
  private final int depth;
  private final boolean inputGradient;
  private final PanelMatrix[] inputTransposes;
  private final PanelMatrix[] recurrentTransposes;
  private final Layer[] gradients;
  private final PanelMatrix dHead;
  private final PanelMatrix dHeadBias;
  private final PanelMatrix dEmbedding;
  private final PanelMatrix head;
  private final PanelMatrix headTranspose;

  /** Gradients of the states of every layer, at the step the loop has come to. */
  private final Slab[] dStates;

  /** Gradients of all outputs of a layer, and of all its inputs; the two take turns. */
  private final Slab[] dOutputs = new Slab[2];

  private final long dRow;

  /**
   * Buffers for a tape.
   *
   * @param weights those of the tape
   * @param gradients what {@link #run} adds to
   * @param inputGradient whether the gradient of a vector input is wanted
   */
  Backward(ParameterSlab weights, ParameterSlab gradients, Unrolled tape, boolean inputGradient) {
    this.tape = tape;
    Architecture architecture = tape.architecture();
    depth = architecture.layers().size();
    this.inputGradient = inputGradient || architecture.input() instanceof Input.Embedding;
    inputTransposes = new PanelMatrix[depth];
    recurrentTransposes = new PanelMatrix[depth];
    dStates = new Slab[depth];
    this.gradients = new Layer[depth];
    int widest = 0;
    for (int l = 0; l < depth; l++) {
      Layer layer = tape.layer(l);
      this.gradients[l] = Layer.of(gradients, l, 0);
      recurrentTransposes[l] = transposed(layer.u());
      if (l > 0 || this.inputGradient) {
        inputTransposes[l] = transposed(layer.w());
        widest = Math.max(widest, inputTransposes[l].shape().columns());
      }
      widest = Math.max(widest, recurrentTransposes[l].shape().columns());
      dStates[l] = Slab.allocate(tape.batch() * tape.rows(l).stateRow() / Float.BYTES);
    }
    dHead = gradients.matrix(Architecture.HEAD);
    dHeadBias = gradients.matrix(Architecture.HEAD_BIAS);
    dEmbedding = gradients.matrix(Architecture.EMBEDDING);
    head = weights.matrix(Architecture.HEAD);
    headTranspose = head == null ? null : transposed(head);
    int stride = Slab.rowStride(widest);
    dRow = (long) Float.BYTES * stride;
    for (int i = 0; i < 2; i++) {
      dOutputs[i] = Slab.allocate((long) tape.maxSteps() * tape.batch() * stride);
    }
    refresh();
  }

  private static PanelMatrix transposed(PanelMatrix matrix) {
    return PanelMatrix.allocate(PanelMatrix.transposed(matrix.shape()));
  }

  /** Packs the transposes again, after the weights have changed. */
  void refresh() {
    for (int l = 0; l < depth; l++) {
      recurrentTransposes[l].transposeOf(tape.layer(l).u());
      if (inputTransposes[l] != null) {
        inputTransposes[l].transposeOf(tape.layer(l).w());
      }
    }
    if (head != null) {
      headTranspose.transposeOf(head);
    }
  }

  /**
   * Adds the gradients of the last forward pass. The outputs on the tape hold the gradients of the
   * outputs, if there is a head; if not, {@link #outputGradient} does. The gates on the tape are
   * overwritten.
   */
  void run(int steps) {
    int all = steps * tape.batch();
    long above = dOutputs[0].address();
    long below = dOutputs[1].address();
    if (head != null) {
      headGradient(all, above);
    }
    for (int l = depth - 1; l >= 0; l--) {
      throughTime(l, steps, above);
      weightGradients(l, all);
      if (inputTransposes[l] != null) {
        Rows rows = tape.rows(l);
        product(tape.gates(l, 0), rows.gateRow(), all, inputTransposes[l], below);
        long swapped = above;
        above = below;
        below = swapped;
      }
    }
    if (tape.architecture().input() instanceof Input.Embedding) {
      for (int row = 0; row < all; row++) {
        Products.outerRow(dEmbedding, tape.tokens()[row], above + row * dRow);
      }
    }
  }

  private void headGradient(int all, long above) {
    int top = depth - 1;
    long dy = tape.output();
    long dyRow = tape.outputRow();
    Products.outer(tape.states(top, 1), tape.rows(top).stateRow(), dy, dyRow, all, dHead);
    RowLoops.add(dy, dyRow, dHeadBias.address(), 0, head.shape().columns(), all);
    product(dy, dyRow, all, headTranspose, above);
  }

  /** {@code dX = dG Wᵀ} into rows of {@link #dOutputs}. */
  private void product(long g, long gRow, int rows, PanelMatrix transpose, long dx) {
    RowLoops.zero(dx, dRow, transpose.shape().columns(), rows);
    Products.accumulate(g, gRow, rows, transpose, dx, dRow, 0);
  }

  private void throughTime(int l, int steps, long dOutput) {
    Rows rows = tape.rows(l);
    int batch = tape.batch();
    long d = dStates[l].address();
    RowLoops.zero(d, rows.stateRow(), (int) (rows.stateRow() / Float.BYTES), batch);
    for (int t = steps - 1; t >= 0; t--) {
      long gates = tape.gates(l, t);
      RowLoops.add(
          dOutput + (long) t * batch * dRow, dRow, d, rows.stateRow(), rows.width(), batch);
      tape.layer(l).pointwise().backward(rows, gates, tape.states(l, t), tape.states(l, t + 1), d);
      Products.accumulate(
          gates, rows.gateRow(), batch, recurrentTransposes[l], d, rows.stateRow(), 0);
    }
  }

  private void weightGradients(int l, int all) {
    Rows rows = tape.rows(l);
    Layer d = gradients[l];
    long gates = tape.gates(l, 0);
    if (l == 0 && tape.architecture().input() instanceof Input.OneHot) {
      for (int row = 0; row < all; row++) {
        Products.outerRow(d.w(), tape.tokens()[row], gates + row * rows.gateRow());
      }
    } else {
      Products.outer(tape.input(l), tape.inputRow(l), gates, rows.gateRow(), all, d.w());
    }
    Products.outer(tape.states(l, 0), rows.stateRow(), gates, rows.gateRow(), all, d.u());
    RowLoops.add(gates, rows.gateRow(), d.b().address(), 0, d.b().shape().columns(), all);
  }

  /** Raw address of the gradients of all outputs, for a network without a head. */
  long outputGradient() {
    return dOutputs[0].address();
  }

  /** Index in its slab of a row of the gradient of the network's vector input. */
  long inputGradientIndex(int row) {
    return row * dRow / Float.BYTES;
  }

  /** Where the gradient of the network's vector input is after {@link #run}. */
  Slab inputGradient() {
    return dOutputs[depth % 2];
  }

  /** The slab of {@link #outputGradient}. */
  Slab outputGradientSlab() {
    return dOutputs[0];
  }

  /** Bytes from a row of an output gradient to the next. */
  long outputGradientRow() {
    return dRow;
  }

  /** Gradients of the states at step 0, after {@link #run}, laid out like the states. */
  Slab stateGradient(int l) {
    return dStates[l];
  }

  @Override
  public void close() {
    for (int l = 0; l < depth; l++) {
      recurrentTransposes[l].slab().close();
      if (inputTransposes[l] != null) {
        inputTransposes[l].slab().close();
      }
      dStates[l].close();
    }
    if (head != null) {
      headTranspose.slab().close();
    }
    dOutputs[0].close();
    dOutputs[1].close();
  }
}
