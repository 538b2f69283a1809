package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;

/**
 * The three mutants of Jozefowicz, Zaremba and Sutskever 2015; gates z r n, one state h, saved q
 * and its gradient, and for MUT3 also p and its gradient.
 *
 * <pre>
 *   r = σ(ar), for MUT2 σ(ar + x)      q = r h'; an += Un q
 *   z = σ(az), for MUT3 after p = tanh(h'); az += Uz p
 *   n = tanh(an), for MUT1 tanh(an + tanh(x))
 *   h = z n + (1 - z) h'
 * </pre>
 *
 * <p>Until q's gradient is there, MUT1 keeps tanh(x) in its place. Rows of x are as long as h, with
 * zeros in the padding.
 */
public final class MutPointwise implements Pointwise {
  private static final int Z = 0;
  private static final int R = 1;
  private static final int N = 2;
  private static final int PRODUCT = 3;
  private static final int PRODUCT_GRADIENT = 4;
  private static final int SQUASHED = 5;
  private static final int SQUASHED_GRADIENT = 6;

  private static final Activation TANH = new Activation.Tanh();

  private final int number;

  /**
   * A kernel.
   *
   * @param number 1, 2 or 3
   */
  public MutPointwise(int number) {
    this.number = number;
  }

  @Override
  public int stages() {
    return 2;
  }

  @Override
  public int saved() {
    return number == 3 ? 4 : 2;
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long previous = step.previous + row * rows.stateRow();
      long x = step.x + row * step.xRow;
      if (stage == 0) {
        reset(rows, gates, previous, x);
      } else {
        update(rows, gates, previous, x, step.next + row * rows.stateRow());
      }
    }
  }

  private void reset(Rows rows, long gates, long previous, long x) {
    int width = rows.width();
    long r = gates + rows.block(R);
    if (number == 2) {
      Blocks.add(x, r, width);
    }
    Sigmoid.apply(r, width);
    Blocks.multiply(r, previous, gates + rows.block(PRODUCT), width);
    if (number == 3) {
      long squashed = gates + rows.block(SQUASHED);
      Blocks.copy(previous, squashed, width);
      Tanh.apply(squashed, width);
    }
  }

  private void update(Rows rows, long gates, long previous, long x, long next) {
    int width = rows.width();
    long z = gates + rows.block(Z);
    long n = gates + rows.block(N);
    if (number == 1) {
      long tanhX = gates + rows.block(PRODUCT_GRADIENT);
      Blocks.copy(x, tanhX, width);
      Tanh.apply(tanhX, width);
      Blocks.add(tanhX, n, width);
    }
    Sigmoid.apply(z, width);
    Tanh.apply(n, width);
    Blocks.mix(z, n, previous, next, width);
  }

  @Override
  public void backward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long previous = step.previous + row * rows.stateRow();
      long dh = step.dStates + row * rows.stateRow();
      long dx = step.dx == 0 ? 0 : step.dx + row * step.dxRow;
      if (stage == 1) {
        updateGradient(rows, gates, previous, dh, dx);
      } else {
        resetGradient(rows, gates, previous, dh, dx);
      }
    }
  }

  private void updateGradient(Rows rows, long gates, long previous, long dh, long dx) {
    int width = rows.width();
    long z = gates + rows.block(Z);
    long n = gates + rows.block(N);
    Gating.renew(z, n, previous, dh, z, rows.bytes());
    if (number == 1 && dx != 0) {
      long tanhX = gates + rows.block(PRODUCT_GRADIENT);
      TANH.derivative(tanhX, width);
      Blocks.multiplyAdd(n, tanhX, dx, width);
    }
  }

  private void resetGradient(Rows rows, long gates, long previous, long dh, long dx) {
    int width = rows.width();
    long r = gates + rows.block(R);
    long productGradient = gates + rows.block(PRODUCT_GRADIENT);
    Gating.reset(r, productGradient, previous, dh, rows.bytes());
    if (number == 2 && dx != 0) {
      Blocks.add(r, dx, width);
    }
    if (number == 3) {
      Blocks.copy(gates + rows.block(SQUASHED), productGradient, width);
      TANH.derivative(productGradient, width);
      Blocks.multiplyAdd(gates + rows.block(SQUASHED_GRADIENT), productGradient, dh, width);
    }
  }
}
