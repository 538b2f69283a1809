package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;

/**
 * The minimal gated unit (Zhou et al. 2016); gates f n, one state h, saved q, its gradient, and the
 * part of the gradient of f that does not come from q.
 *
 * <pre>
 *   f = σ(af)   q = f h'; an += Un q   n = tanh(an)
 *   h = (1 - f) h' + f n
 * </pre>
 */
public final class MinimalGatedPointwise implements Pointwise {
  /** The one instance; it has no state. */
  public static final MinimalGatedPointwise INSTANCE = new MinimalGatedPointwise();

  private static final int F = 0;
  private static final int N = 1;
  private static final int PRODUCT = 2;
  private static final int PRODUCT_GRADIENT = 3;
  private static final int SHARE_GRADIENT = 4;

  private MinimalGatedPointwise() {}

  @Override
  public int stages() {
    return 2;
  }

  @Override
  public int saved() {
    return 3;
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    int width = rows.width();
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long previous = step.previous + row * rows.stateRow();
      long f = gates + rows.block(F);
      long n = gates + rows.block(N);
      if (stage == 0) {
        Sigmoid.apply(f, width);
        Blocks.multiply(f, previous, gates + rows.block(PRODUCT), width);
      } else {
        Tanh.apply(n, width);
        Blocks.mix(f, n, previous, step.next + row * rows.stateRow(), width);
      }
    }
  }

  @Override
  public void backward(int stage, Rows rows, Step step) {
    long bytes = rows.bytes();
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long previous = step.previous + row * rows.stateRow();
      long dh = step.dStates + row * rows.stateRow();
      long f = gates + rows.block(F);
      long share = gates + rows.block(SHARE_GRADIENT);
      if (stage == 1) {
        Gating.renew(f, gates + rows.block(N), previous, dh, share, bytes);
      } else {
        Gating.reset(f, gates + rows.block(PRODUCT_GRADIENT), previous, dh, bytes);
        Blocks.add(share, f, rows.width());
      }
    }
  }
}
