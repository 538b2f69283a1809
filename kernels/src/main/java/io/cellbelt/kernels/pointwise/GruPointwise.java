package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Activation;

/**
 * The gated recurrent unit (Cho et al. 2014), resetting before the product of the candidate or
 * after it; one state, h.
 *
 * <pre>
 *   r = σ(ar)   z = σ(az)
 *   before: q = r h'; an += Un q     n = tanh(an)
 *   after:                           n = tanh(an + r m)
 *   h = z h' + (1 - z) n
 * </pre>
 *
 * <p>Gates r z n, saved q and its gradient, in two stages; or gates r z n m in one. Other
 * activations may take the place of σ and tanh, and what they are fed may be clipped; those
 * gradients take more passes, and two more saved blocks to work in.
 */
public final class GruPointwise implements Pointwise {
  private static final int R = 0;
  private static final int Z = 1;
  private static final int N = 2;
  private static final int M = 3;
  private static final int PRODUCT = 3;
  private static final int PRODUCT_GRADIENT = 4;

  private final ClippedActivation gate;
  private final ClippedActivation candidate;
  private final boolean before;
  private final boolean plain;

  /** The first of the blocks that passes work in. */
  private final int work;

  /**
   * A kernel.
   *
   * @param gate activation of r and z
   * @param candidate activation of n
   * @param before whether r is multiplied in before the product
   * @param clip limit of pre-activations, or {@link Float#MAX_VALUE}
   */
  public GruPointwise(Activation gate, Activation candidate, boolean before, float clip) {
    this.gate = ClippedActivation.of(gate, clip);
    this.candidate = ClippedActivation.of(candidate, clip);
    this.before = before;
    plain =
        gate instanceof Activation.Sigmoid
            && candidate instanceof Activation.Tanh
            && !this.gate.clips();
    work = before ? PRODUCT_GRADIENT + 1 : M + 1;
  }

  @Override
  public int stages() {
    return before ? 2 : 1;
  }

  @Override
  public int saved() {
    return (before ? 2 : 0) + (plain ? 0 : 2);
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    int width = rows.width();
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long previous = step.previous + row * rows.stateRow();
      long r = gates + rows.block(R);
      if (stage == 0) {
        gate.apply(r, 2 * width);
      }
      if (stage == 0 && before) {
        Blocks.multiply(r, previous, gates + rows.block(PRODUCT), width);
        continue;
      }
      long n = gates + rows.block(N);
      if (!before) {
        Blocks.multiplyAdd(r, gates + rows.block(M), n, width);
      }
      candidate.apply(n, width);
      if (candidate.movesZero()) {
        Blocks.clearPadding(n, rows.size(), width);
      }
      Blocks.mix(gates + rows.block(Z), previous, n, step.next + row * rows.stateRow(), width);
    }
  }

  @Override
  public void backward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long previous = step.previous + row * rows.stateRow();
      long dh = step.dStates + row * rows.stateRow();
      if (stage == stages() - 1) {
        updateGradient(rows, gates, previous, dh);
      }
      if (stage == 0) {
        resetGradient(rows, gates, previous, dh);
      }
    }
  }

  /** {@code dz = dh (h' - n) dn = dh (1 - z) dh' = dh z}, and on to daz and dan. */
  private void updateGradient(Rows rows, long gates, long previous, long dh) {
    int width = rows.width();
    long z = gates + rows.block(Z);
    long n = gates + rows.block(N);
    if (plain) {
      Gating.keep(z, n, previous, dh, rows.bytes());
      return;
    }
    long dz = gates + rows.block(work);
    long dn = gates + rows.block(work + 1);
    Blocks.copy(dh, dh, width);
    Blocks.subtract(previous, n, dz, width);
    Blocks.multiply(dz, dh, dz, width);
    Blocks.copy(dh, dn, width);
    Blocks.multiply(dh, z, dh, width);
    Blocks.subtract(dn, dh, dn, width);
    candidate.gradient(n, dn, width);
    gate.gradient(z, dz, width);
  }

  /**
   * Before: {@code dr = dq h' dh' += dq r}; after: {@code dr = dan m dm = dan r}; and on to dar.
   */
  private void resetGradient(Rows rows, long gates, long previous, long dh) {
    int width = rows.width();
    long r = gates + rows.block(R);
    if (before) {
      long dq = gates + rows.block(PRODUCT_GRADIENT);
      if (plain) {
        Gating.reset(r, dq, previous, dh, rows.bytes());
        return;
      }
      Blocks.multiplyAdd(dq, r, dh, width);
      Blocks.multiply(dq, previous, dq, width);
      gate.gradient(r, dq, width);
      return;
    }
    long n = gates + rows.block(N);
    long m = gates + rows.block(M);
    if (plain) {
      Gating.resetProduct(r, m, n, rows.bytes());
      return;
    }
    long dr = gates + rows.block(work);
    Blocks.multiply(n, m, dr, width);
    Blocks.multiply(n, r, m, width);
    gate.gradient(r, dr, width);
  }
}
