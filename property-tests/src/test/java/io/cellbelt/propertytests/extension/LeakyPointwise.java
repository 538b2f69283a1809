package io.cellbelt.propertytests.extension;

import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.pointwise.Pointwise;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.pointwise.Step;

/** Gate a, state h, and a block for what is the same in all lanes. */
record LeakyPointwise(float keep) implements Pointwise {
  private static final Activation TANH = new Activation.Tanh();

  @Override
  public int saved() {
    return 1;
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      long a = step.gates + row * rows.gateRow() + rows.block(0);
      long share = step.gates + row * rows.gateRow() + rows.block(1);
      long previous = step.previous + row * rows.stateRow();
      long next = step.next + row * rows.stateRow();
      TANH.apply(a, rows.width());
      Blocks.fill(share, rows.width(), keep);
      Blocks.mix(share, previous, a, next, rows.width());
    }
  }

  @Override
  public void backward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      long a = step.gates + row * rows.gateRow() + rows.block(0);
      long share = step.gates + row * rows.gateRow() + rows.block(1);
      long dh = step.dStates + row * rows.stateRow();
      // da = dh (1 - keep) (1 - tanh²); what is nearly nothing becomes 0 on the way.
      TANH.derivative(a, rows.width());
      Blocks.copy(dh, dh, rows.width());
      Blocks.multiply(a, dh, a, rows.width());
      Blocks.fill(share, rows.width(), 1 - keep);
      Blocks.multiply(a, share, a, rows.width());
      // dh' = keep dh, besides what comes through U, which is not the kernel's.
      Blocks.fill(share, rows.width(), keep);
      Blocks.multiply(dh, share, dh, rows.width());
    }
  }
}
