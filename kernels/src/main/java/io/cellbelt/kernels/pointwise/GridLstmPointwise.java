package io.cellbelt.kernels.pointwise;

/**
 * The two-dimensional Grid LSTM (Kalchbrenner et al. 2015): an LSTM of time and one of depth, side
 * by side; gates in the order i f g o I F G O, next to each other; states h c, and y C, which only
 * go up; saved tanh(c) and tanh(C).
 *
 * <pre>
 *   i f g o = σ σ tanh σ        I F G O = σ σ tanh σ
 *   c = f c' + i g              C = F cl + I G
 *   h = o tanh(c)               y = O tanh(C)
 * </pre>
 */
public final class GridLstmPointwise implements Pointwise {
  /** The one instance; it has no state. */
  public static final GridLstmPointwise INSTANCE = new GridLstmPointwise();

  private static final int TIME = 0;
  private static final int DEPTH = 4;
  private static final int TANH_TIME = 8;
  private static final int TANH_DEPTH = 9;

  private GridLstmPointwise() {}

  @Override
  public int saved() {
    return 2;
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    int width = rows.width();
    long plane = rows.plane();
    for (int row = 0; row < rows.count(); row++) {
      long base = step.gates + row * rows.gateRow();
      long c = step.previous + row * rows.stateRow() + plane;
      long below = step.below + row * step.belowRow;
      long h = step.next + row * rows.stateRow();
      long y = h + 2 * plane;
      LstmPointwise.advance(
          base + rows.block(TIME), width, c, h, plane, base + rows.block(TANH_TIME));
      LstmPointwise.advance(
          base + rows.block(DEPTH), width, below, y, plane, base + rows.block(TANH_DEPTH));
    }
  }

  /** That of two LSTMs, and {@code dcl += dC F}. */
  @Override
  public void backward(int stage, Rows rows, Step step) {
    long bytes = rows.bytes();
    long plane = rows.plane();
    for (int row = 0; row < rows.count(); row++) {
      long base = step.gates + row * rows.gateRow();
      long time = base + rows.block(TIME);
      long depth = base + rows.block(DEPTH);
      long c = step.previous + row * rows.stateRow() + plane;
      long below = step.below + row * step.belowRow;
      long dh = step.dStates + row * rows.stateRow();
      long dy = dh + 2 * plane;
      LstmPointwise.outputGradient(time, bytes, base + rows.block(TANH_TIME), dh, plane);
      LstmPointwise.inputGradient(time, bytes, c, dh + plane);
      LstmPointwise.outputGradient(depth, bytes, base + rows.block(TANH_DEPTH), dy, plane);
      LstmPointwise.inputGradient(depth, bytes, below, dy + plane);
      Blocks.add(dy + plane, step.dBelow + row * step.dBelowRow, rows.width());
      Blocks.fill(dy + plane, rows.width(), 0);
    }
  }
}
