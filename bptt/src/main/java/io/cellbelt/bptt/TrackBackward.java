package io.cellbelt.bptt;

import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.cells.engine.Op;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.RowLayout;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.pointwise.Pointwise;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.pointwise.Step;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;
import java.util.List;

/**
 * The way back through one direction of one layer.
 *
 * <p>Through the steps backwards, the pointwise kernel turns the gates on the tape into the
 * gradients of their pre-activations, and the transposed products carry those to the states before.
 * After some steps of that, those steps together in one product each: {@code dM += sourceᵀ dG}.
 * Rows are those of the track, in its order. Allocates nothing after construction.
 */
final class TrackBackward {
  /**
   * Rows whose gradients of weights and x are computed at once: so few that their dG is still in
   * the L2 cache, and as many as that allows, because each time all gradients of weights are read
   * and written.
   */
  private static final int ROWS_BACK = 192;

  private final Track track;
  private final Unrolled tape;
  private final boolean oneHot;
  private final int batch;

  /** Steps whose gradients of weights and x are computed at once. */
  private final int stepsBack;

  private final Rows rows;
  private final Step step = new Step();
  private final Op[] ops;
  private final PanelMatrix[] transposes;
  private final PanelMatrix[] gradients;
  private final PanelMatrix[] biasGradients;

  /** Gradients of the states at the step the loop has come to, laid out like the states. */
  private final Slab dStates;

  /** Gradients of the states after each sequence's last step. */
  private final Slab dFinal;

  private boolean hasFinal;

  /** What zoneout carries past the cell. */
  private final Slab kept;

  /** A product before its mask, or what nobody wants. */
  private final Slab aside;

  /**
   * Buffers for a track.
   *
   * @param owned closes them
   * @param inputGradient whether the gradient of x is wanted
   */
  TrackBackward(
      Owned owned,
      Track track,
      Unrolled tape,
      ParameterSlab gradients,
      boolean oneHot,
      boolean inputGradient) {
    this.track = track;
    this.tape = tape;
    this.oneHot = oneHot;
    batch = tape.batch();
    stepsBack = Math.max(1, ROWS_BACK / batch);
    rows = track.rows();
    ops = track.ops().toArray(Op[]::new);
    transposes = new PanelMatrix[ops.length];
    this.gradients = new PanelMatrix[ops.length];
    biasGradients = new PanelMatrix[ops.length];
    List<PanelMatrix[]> all = track.gradientsOf(gradients);
    for (int i = 0; i < ops.length; i++) {
      boolean needed = inputGradient || !(ops[i].source() instanceof Source.X);
      transposes[i] = needed ? owned.transposed(ops[i].matrix()) : null;
      this.gradients[i] = all.get(i)[0];
      biasGradients[i] = all.get(i)[1];
    }
    long floats = batch * rows.stateRow() / Float.BYTES;
    dStates = owned.slab(floats + PanelShape.WIDTH);
    dFinal = owned.slab(floats);
    aside = owned.slab(floats + PanelShape.WIDTH);
    kept = owned.slab(track.zone(0, 0) == 0 ? 0 : floats);
    step.vectors = track.step().vectors;
    step.dVectors = track.vectorsOf(gradients);
    step.clocks = track.step().clocks;
  }

  /** Packs the transposes again, after the weights have changed. */
  void refresh() {
    for (int i = 0; i < ops.length; i++) {
      if (transposes[i] != null) {
        transposes[i].transposeOf(ops[i].matrix());
      }
    }
  }

  /**
   * Goes back through the last forward pass and adds to the gradients.
   *
   * @param dOutput raw address of the gradients of the track's output at row 0
   * @param x raw address of what the track was fed, at row 0
   * @param dx raw address of the gradients of x, which are added to; 0 for none
   * @param dAbove raw address of the gradients of the memory that the layer above read; 0 for none
   * @param below raw address of the memory of the layer below at row 0; 0 for none
   * @param dBelow raw address of its gradients, which are added to
   */
  void run(
      int steps,
      long dOutput,
      long dOutputRow,
      long x,
      long xRow,
      long dx,
      long dxRow,
      long dAbove,
      long dAboveRow,
      long below,
      long belowRow,
      long dBelow,
      long dBelowRow) {
    RowLoops.zero(dStates.address(), rows.stateRow(), stateFloats(), batch);
    step.xRow = xRow;
    step.dxRow = dxRow;
    step.belowRow = below == 0 ? 0 : belowRow;
    step.dBelowRow = below == 0 ? 0 : dBelowRow;
    for (int t = steps - 1; t >= 0; t--) {
      long row = (long) t * batch;
      addOutputs(dOutput + row * dOutputRow, dOutputRow, track.schedule().output());
      if (dAbove != 0) {
        addOutputs(dAbove + row * dAboveRow, dAboveRow, track.schedule().memory());
      }
      if (hasFinal) {
        addFinal(t);
      }
      step.gates = track.gates(t);
      step.previous = track.states(t);
      step.next = track.states(t + 1);
      step.dStates = dStates.address();
      step.x = x + row * xRow;
      step.dx = dx == 0 ? 0 : dx + row * dxRow;
      step.below = below == 0 ? tape.zeros() : below + row * belowRow;
      step.dBelow = below == 0 ? aside.address() : dBelow + row * dBelowRow;
      step.time = t;
      back(t);
      if (t % stepsBack == 0) {
        int count = Math.min(stepsBack, steps - t);
        weightGradients(t, count, step.x, xRow);
        if (dx != 0) {
          inputGradients(t, count, step.dx, dxRow);
        }
      }
    }
    if (hasFinal) {
      for (int b = 0; b < batch; b++) {
        if (tape.lengths()[b] == 0) {
          addFinalRow(b);
        }
      }
    }
  }

  private int stateFloats() {
    return (int) (rows.stateRow() / Float.BYTES);
  }

  private void addOutputs(long from, long fromRow, int state) {
    long to = dStates.address() + state * rows.plane();
    int width = Slab.pad(track.schedule().states().get(state));
    RowLoops.add(from, fromRow, to, rows.stateRow(), width, batch);
  }

  private void addFinal(int t) {
    for (int b = 0; b < batch; b++) {
      if (tape.lengths()[b] - 1 == t) {
        addFinalRow(b);
      }
    }
  }

  private void addFinalRow(int b) {
    long row = b * rows.stateRow();
    RowLoops.add(dFinal.address() + row, 0, dStates.address() + row, 0, stateFloats(), 1);
  }

  /** One step back. */
  private void back(int t) {
    if (track.zone(t, 0) != 0) {
      splitZoneout(t);
    }
    Pointwise pointwise = track.pointwise();
    for (int stage = pointwise.stages() - 1; stage >= 0; stage--) {
      pointwise.backward(stage, rows, step);
      for (int i = 0; i < ops.length; i++) {
        if (ops[i].stage() == stage && !(ops[i].source() instanceof Source.X)) {
          product(i);
        }
      }
    }
    if (track.zone(t, 0) != 0) {
      RowLoops.add(
          kept.address(),
          rows.stateRow(),
          dStates.address(),
          rows.stateRow(),
          stateFloats(),
          batch);
    }
  }

  /** {@code kept = m d}, {@code d = (1 - m) d} on the carried states. */
  private void splitZoneout(int t) {
    int floats = (int) (track.schedule().carried() * rows.plane() / Float.BYTES);
    for (int b = 0; b < batch; b++) {
      long row = b * rows.stateRow();
      Blocks.multiply(track.zone(t, b), dStates.address() + row, kept.address() + row, floats);
      Blocks.subtract(
          dStates.address() + row, kept.address() + row, dStates.address() + row, floats);
    }
  }

  /** {@code dSource += dG Mᵀ}. */
  private void product(int i) {
    Op op = ops[i];
    long g = step.gates + op.block();
    boolean masked = op.masked() >= 0;
    if (op.source() instanceof Source.Saved(int saved, int gradient)) {
      long to = step.gates + track.savedBlock(gradient);
      RowLoops.zero(to, rows.gateRow(), rows.width(), batch);
      Products.accumulate(g, rows.gateRow(), batch, transposes[i], to, rows.gateRow(), 0);
      if (masked) {
        RowLoops.multiply(
            track.recurrentMask(), rows.stateRow(), to, rows.gateRow(), rows.width(), batch);
      }
      return;
    }
    long plane = ((Source.State) op.source()).index() * rows.plane();
    long to = dStates.address() + plane;
    if (!masked) {
      Products.accumulate(g, rows.gateRow(), batch, transposes[i], to, rows.stateRow(), 0);
      return;
    }
    int floats = (int) (rows.plane() / Float.BYTES);
    RowLoops.zero(aside.address(), rows.stateRow(), floats, batch);
    Products.accumulate(
        g, rows.gateRow(), batch, transposes[i], aside.address(), rows.stateRow(), 0);
    RowLoops.multiply(
        track.recurrentMask(), rows.stateRow(), aside.address(), rows.stateRow(), floats, batch);
    RowLoops.add(aside.address(), rows.stateRow(), to, rows.stateRow(), floats, batch);
  }

  /**
   * {@code dM += sourceᵀ dG}, over some steps.
   *
   * @param x raw address of what the track was fed, at the first of them
   */
  private void weightGradients(int from, int steps, long x, long xRow) {
    int all = steps * batch;
    for (int i = 0; i < ops.length; i++) {
      Op op = ops[i];
      long g = track.gates(from) + op.block();
      if (!(op.source() instanceof Source.X)) {
        Products.outer(
            track.source(op, from), track.sourceRow(op), g, rows.gateRow(), all, gradients[i]);
      } else if (oneHot) {
        for (int row = 0; row < all; row++) {
          int own = track.source(from + row / batch, row % batch, tape.lengths());
          Products.outerRow(gradients[i], tape.inputs().tokens()[own], g + row * rows.gateRow());
        }
      } else {
        Products.outer(x, xRow, g, rows.gateRow(), all, gradients[i]);
      }
      if (biasGradients[i] != null) {
        RowLoops.add(
            g,
            rows.gateRow(),
            biasGradients[i].address(),
            0,
            biasGradients[i].shape().columns(),
            all);
      }
    }
  }

  /** {@code dX += dG Wᵀ}, over some steps. */
  private void inputGradients(int from, int steps, long dx, long dxRow) {
    for (int i = 0; i < ops.length; i++) {
      if (ops[i].source() instanceof Source.X) {
        long g = track.gates(from) + ops[i].block();
        Products.accumulate(g, rows.gateRow(), steps * batch, transposes[i], dx, dxRow, 0);
      }
    }
  }

  /** Bytes held off-heap for a direction of a layer. */
  static long bytes(Layer layer, int batch, boolean inputGradient) {
    long floats = batch * RowLayout.stateRow(layer.checkedCell()) / Float.BYTES;
    long bytes =
        2 * Slab.bytes(floats + PanelShape.WIDTH)
            + Slab.bytes(floats)
            + Slab.bytes(layer.zoneout() == 0 ? 0 : floats);
    Schedule schedule = layer.checkedCell().schedule();
    for (Schedule.Group group : schedule.groups()) {
      for (Schedule.Product product : group.products()) {
        if (inputGradient || !(product.source() instanceof Source.X)) {
          int inputs = schedule.length(product.source(), layer.checkedCell());
          PanelShape shape = new PanelShape(inputs, group.gates().length(), group.size());
          bytes += Slab.bytes(PanelMatrix.transposed(shape).floats());
        }
      }
    }
    return bytes;
  }

  /** Gradients of the states at step 0, after {@link #run}, laid out like the states. */
  Slab stateGradient() {
    return dStates;
  }

  /** Gradients of the states after each sequence's last step, to be set before {@link #run}. */
  Slab finalGradient() {
    hasFinal = true;
    return dFinal;
  }

  /** Forgets the gradients of the last states. */
  void clearFinal() {
    if (hasFinal) {
      RowLoops.zero(dFinal.address(), rows.stateRow(), stateFloats(), batch);
      hasFinal = false;
    }
  }
}
