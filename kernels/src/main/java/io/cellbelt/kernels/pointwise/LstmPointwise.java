package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * The long short-term memory cell (Hochreiter and Schmidhuber 1997, forget gate of Gers et al.
 * 2000); gates in the order i f g o, states h c, saved tanh(c).
 *
 * <pre>
 *   i = σ(ai)   f = σ(af)   g = tanh(ag)   o = σ(ao)
 *   c = f c' + i g
 *   h = o tanh(c)
 * </pre>
 */
public final class LstmPointwise implements Pointwise {
  /** The one instance; it has no state. */
  public static final LstmPointwise INSTANCE = new LstmPointwise();

  private static final Outlined CELL = Outlined.addresses(MethodHandles.lookup(), "cell", 5);
  private static final Outlined OUTPUT = Outlined.addresses(MethodHandles.lookup(), "output", 4);
  private static final Outlined CELL_GRADIENT =
      Outlined.addresses(MethodHandles.lookup(), "cellGradient", 5);
  private static final Outlined GRADIENT =
      Outlined.addresses(MethodHandles.lookup(), "gradient", 4);

  private LstmPointwise() {}

  @Override
  public int saved() {
    return 1;
  }

  @Override
  public void forward(Rows rows, long gates, long previous, long next) {
    int width = rows.width();
    long block = rows.block();
    for (int row = 0; row < rows.count(); row++) {
      long i = gates + row * rows.gateRow();
      long saved = i + rows.saved();
      long state = row * rows.stateRow();
      Sigmoid.apply(i, 2 * width);
      Tanh.apply(i + 2 * block, width);
      Sigmoid.apply(i + 3 * block, width);
      CELL.call(i, block, previous + state + rows.plane(), next + state + rows.plane(), saved);
      Tanh.apply(saved, width);
      OUTPUT.call(i + 3 * block, saved, next + state, block);
    }
  }

  /** {@code c = f c' + i g}, twice: as the state, and where its tanh will be. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void cell(long i, long block, long cPrevious, long cNext, long copy) {
    long gate = Lanes.base(i);
    long b = Lanes.stride(block);
    long old = Lanes.base(cPrevious);
    long now = Lanes.base(cNext);
    long saved = Lanes.base(copy);
    for (long at = 0; at < b; at += Lanes.BYTES) {
      long a = gate + at;
      FloatVector ig = Lanes.load(a).mul(Lanes.load(a + 2 * b));
      FloatVector c = Lanes.flushed(Lanes.load(a + b).fma(Lanes.load(old + at), ig));
      Lanes.store(c, now + at);
      Lanes.store(c, saved + at);
    }
  }

  /** {@code h = o tanh(c)}. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void output(long o, long tanhC, long h, long block) {
    long gate = Lanes.base(o);
    long saved = Lanes.base(tanhC);
    long state = Lanes.base(h);
    for (long at = 0; at < Lanes.stride(block); at += Lanes.BYTES) {
      FloatVector output = Lanes.load(gate + at).mul(Lanes.load(saved + at));
      Lanes.store(Lanes.flushed(output), state + at);
    }
  }

  @Override
  public void backward(Rows rows, long gates, long previous, long next, long dStates) {
    for (int row = 0; row < rows.count(); row++) {
      long i = gates + row * rows.gateRow();
      long state = row * rows.stateRow();
      CELL_GRADIENT.call(
          i + 3 * rows.block(), rows.block(), i + rows.saved(), dStates + state, rows.plane());
      GRADIENT.call(
          i, rows.block(), previous + state + rows.plane(), dStates + state + rows.plane());
    }
  }

  /**
   * With dh and dc the gradients of the states at t, and in place of the output gate its gradient:
   *
   * <pre>
   *   dao = dh tanh(c) o (1 - o)    dc += dh o (1 - tanh²(c))
   * </pre>
   */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void cellGradient(long o, long block, long tanhC, long dh, long plane) {
    long output = Lanes.base(o);
    long saved = Lanes.base(tanhC);
    long d = Lanes.base(dh);
    long p = Lanes.stride(plane);
    FloatVector zero = FloatVector.zero(Lanes.SPECIES);
    for (long at = 0; at < Lanes.stride(block); at += Lanes.BYTES) {
      FloatVector gate = Lanes.load(output + at);
      FloatVector tanh = Lanes.load(saved + at);
      FloatVector dState = Lanes.flushed(Lanes.load(d + at));
      FloatVector dTanh = dState.mul(gate);
      FloatVector dc = dTanh.fma(Tanh.derivativeFromOutput(tanh), Lanes.load(d + p + at));
      Lanes.store(dState.mul(tanh).mul(Sigmoid.derivativeFromOutput(gate)), output + at);
      Lanes.store(Lanes.flushed(dc), d + p + at);
      Lanes.store(zero, d + at);
    }
  }

  /**
   * In place of the gates their gradients, and in place of dc that of the cell at t-1:
   *
   * <pre>
   *   dai = dc g i (1 - i)   daf = dc c' f (1 - f)   dag = dc i (1 - g²)   dc' = dc f
   * </pre>
   */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void gradient(long i, long block, long cPrevious, long dCell) {
    long gate = Lanes.base(i);
    long b = Lanes.stride(block);
    long old = Lanes.base(cPrevious);
    long d = Lanes.base(dCell);
    for (long at = 0; at < b; at += Lanes.BYTES) {
      long a = gate + at;
      FloatVector input = Lanes.load(a);
      FloatVector forget = Lanes.load(a + b);
      FloatVector candidate = Lanes.load(a + 2 * b);
      FloatVector dc = Lanes.load(d + at);
      Lanes.store(dc.mul(candidate).mul(Sigmoid.derivativeFromOutput(input)), a);
      Lanes.store(dc.mul(Lanes.load(old + at)).mul(Sigmoid.derivativeFromOutput(forget)), a + b);
      Lanes.store(dc.mul(input).mul(Tanh.derivativeFromOutput(candidate)), a + 2 * b);
      Lanes.store(dc.mul(forget), d + at);
    }
  }
}
