package io.cellbelt.propertytests.extension;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Block;
import io.cellbelt.cells.CustomKernel;
import io.cellbelt.cells.Row;

/** {@link LeakyRnn} between its products: gate a, state h. */
record LeakyKernel(float keep) implements CustomKernel {
  @Override
  public void forward(int stage, Row row) {
    Block a = row.gate(0);
    a.apply(Activation.TANH);
    // At first h is h', so that this makes it keep h' + (1 - keep) tanh(a).
    row.next(0).scale(keep).addScaled(a, 1 - keep);
  }

  @Override
  public void backward(int stage, Row row) {
    Block a = row.gate(0);
    Block dh = row.dState(0);
    // da = dh (1 - keep) tanh'(a)
    a.derivative(Activation.TANH).multiply(dh).scale(1 - keep);
    // dh' = keep dh; what comes through U is added later, by the product.
    dh.scale(keep);
  }
}
