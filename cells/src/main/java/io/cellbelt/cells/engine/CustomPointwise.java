package io.cellbelt.cells.engine;

import io.cellbelt.cells.Cell;
import io.cellbelt.cells.CustomKernel;
import io.cellbelt.kernels.pointwise.Pointwise;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.pointwise.Step;
import io.cellbelt.kernels.product.RowLoops;

/**
 * A custom kernel in the place of one of the library's: row by row, behind checks, with what the
 * library wants of states and gradients done for it. Belongs to one track.
 */
final class CustomPointwise implements Pointwise {
  private final CustomKernel kernel;
  private final int lastStage;
  private final int saved;
  private final int stateFloats;
  private final MemoryRow forward;
  private final MemoryRow backward;

  CustomPointwise(CustomKernel kernel, Cell cell, Rows rows) {
    this.kernel = kernel;
    lastStage = kernel.stages() - 1;
    saved = kernel.saved();
    stateFloats = (int) (rows.stateRow() / Float.BYTES);
    forward = new MemoryRow(cell, rows, false);
    backward = new MemoryRow(cell, rows, true);
  }

  @Override
  public int stages() {
    return lastStage + 1;
  }

  @Override
  public int saved() {
    return saved;
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    if (stage == 0) {
      RowLoops.copy(
          step.previous, rows.stateRow(), step.next, rows.stateRow(), stateFloats, rows.count());
    }
    forward.enter();
    try {
      for (int row = 0; row < rows.count(); row++) {
        forward.moveTo(row, step);
        kernel.forward(stage, forward);
        if (stage == lastStage) {
          forward.settleStates();
        }
      }
    } finally {
      forward.leave();
    }
  }

  @Override
  public void backward(int stage, Rows rows, Step step) {
    backward.enter();
    try {
      for (int row = 0; row < rows.count(); row++) {
        backward.moveTo(row, step);
        if (stage == lastStage) {
          backward.flushGradients();
        }
        kernel.backward(stage, backward);
        backward.clearPadding();
      }
    } finally {
      backward.leave();
    }
  }
}
