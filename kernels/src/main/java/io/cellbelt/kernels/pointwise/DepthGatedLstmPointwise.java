package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.activation.Tanh;

/**
 * The depth-gated LSTM (Yao et al. 2015): a gate d between c and the memory cl of the layer below;
 * gates in the order i f g o, next to each other, and d; states h c; vectors pi pf po pd pl; saved
 * tanh(c) and c.
 *
 * <pre>
 *   i = σ(ai + pi c')   f = σ(af + pf c')   g = tanh(ag)   o = σ(ao + po c)
 *   d = σ(ad + pd c' + pl cl)
 *   c = f c' + i g + d cl
 *   h = o tanh(c)
 * </pre>
 */
public final class DepthGatedLstmPointwise implements Pointwise {
  /** The one instance; it has no state. */
  public static final DepthGatedLstmPointwise INSTANCE = new DepthGatedLstmPointwise();

  private static final Activation SIGMOID = new Activation.Sigmoid();

  private static final int I = 0;
  private static final int F = 1;
  private static final int G = 2;
  private static final int O = 3;
  private static final int D = 4;
  private static final int TANH_C = 5;
  private static final int C = 6;

  private static final int PI = 0;
  private static final int PF = 1;
  private static final int PO = 2;
  private static final int PD = 3;
  private static final int PL = 4;

  private DepthGatedLstmPointwise() {}

  @Override
  public int saved() {
    return 2;
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    int width = rows.width();
    long peepholes = step.vectors[0];
    for (int row = 0; row < rows.count(); row++) {
      long base = step.gates + row * rows.gateRow();
      long cPrevious = step.previous + row * rows.stateRow() + rows.plane();
      long h = step.next + row * rows.stateRow();
      long c = h + rows.plane();
      long below = step.below + row * step.belowRow;
      long i = base + rows.block(I);
      long f = base + rows.block(F);
      long g = base + rows.block(G);
      long o = base + rows.block(O);
      long d = base + rows.block(D);
      long tanhC = base + rows.block(TANH_C);
      Blocks.multiplyAdd(peepholes + PI * rows.bytes(), cPrevious, i, width);
      Blocks.multiplyAdd(peepholes + PF * rows.bytes(), cPrevious, f, width);
      Blocks.multiplyAdd(peepholes + PD * rows.bytes(), cPrevious, d, width);
      Blocks.multiplyAdd(peepholes + PL * rows.bytes(), below, d, width);
      SIGMOID.apply(i, 2 * width);
      Tanh.apply(g, width);
      SIGMOID.apply(d, width);
      Blocks.multiply(i, g, tanhC, width);
      Blocks.multiplyAdd(f, cPrevious, tanhC, width);
      Blocks.multiplyAdd(d, below, tanhC, width);
      Blocks.copy(tanhC, c, width);
      Blocks.copy(c, base + rows.block(C), width);
      Blocks.copy(c, tanhC, width);
      Tanh.apply(tanhC, width);
      Blocks.multiplyAdd(peepholes + PO * rows.bytes(), c, o, width);
      SIGMOID.apply(o, width);
      LstmPointwise.gatedOutput(o, tanhC, h, rows.bytes());
    }
  }

  /**
   * With dc the gradient of c, {@code po dao} in it:
   *
   * <pre>
   *   dad = dc cl d (1 - d)   dcl += dc d + pl dad   dc' = dc f + pi dai + pf daf + pd dad
   * </pre>
   *
   * <p>and for each peephole the gradient of its gate times what it sees; the others are the
   * LSTM's.
   */
  @Override
  public void backward(int stage, Rows rows, Step step) {
    int width = rows.width();
    for (int row = 0; row < rows.count(); row++) {
      long base = step.gates + row * rows.gateRow();
      long cPrevious = step.previous + row * rows.stateRow() + rows.plane();
      long dh = step.dStates + row * rows.stateRow();
      long dc = dh + rows.plane();
      long below = step.below + row * step.belowRow;
      long dBelow = step.dBelow + row * step.dBelowRow;
      long i = base + rows.block(I);
      long d = base + rows.block(D);
      long tanhC = base + rows.block(TANH_C);
      LstmPointwise.outputGradient(i, rows.bytes(), tanhC, dh, rows.plane());
      LstmPointwise.peepholeGradient(
          rows, step, PO, base + rows.block(O), base + rows.block(C), dc);
      Blocks.multiplyAdd(dc, d, dBelow, width);
      SIGMOID.derivative(d, width);
      Blocks.multiply(d, below, d, width);
      Blocks.multiply(d, dc, d, width);
      LstmPointwise.inputGradient(i, rows.bytes(), cPrevious, dc);
      LstmPointwise.peepholeGradient(rows, step, PI, i, cPrevious, dc);
      LstmPointwise.peepholeGradient(rows, step, PF, base + rows.block(F), cPrevious, dc);
      LstmPointwise.peepholeGradient(rows, step, PD, d, cPrevious, dc);
      LstmPointwise.peepholeGradient(rows, step, PL, d, below, dBelow);
    }
  }
}
