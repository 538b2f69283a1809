package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.simd.Cold;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * The long short-term memory cell (Hochreiter and Schmidhuber 1997, forget gate of Gers et al.
 * 2000); gates in the order i f g o, next to each other, states h c, saved tanh(c).
 *
 * <pre>
 *   i = σ(ai)   f = σ(af)   g = tanh(ag)   o = σ(ao)
 *   c = f c' + i g
 *   h = o tanh(c)
 * </pre>
 *
 * <p>Cells that have this at their core share its loops.
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

  /**
   * The kernel with the given options; see {@link LstmVariantPointwise} for what they do.
   *
   * @param gate activation of i, f and o
   * @param candidate activation of g
   * @param output activation of c on its way to h
   * @param gates a letter for each block: those of i, f, g and o that there are, in any order, and
   *     last a p where there is a projection; others are 1
   * @param peepholes whether i, f and o see c
   * @param forgetFromInput whether {@code f = 1 - i}
   * @param inputFromForget whether {@code i = 1 - f}
   * @param gateRecurrence whether i, f and o are states
   * @param clip limit of pre-activations, {@link Float#MAX_VALUE} for none
   * @param projection P, 0 for none
   */
  public static Pointwise of(
      Activation gate,
      Activation candidate,
      Activation output,
      String gates,
      boolean peepholes,
      boolean forgetFromInput,
      boolean inputFromForget,
      boolean gateRecurrence,
      float clip,
      int projection) {
    if (gate instanceof Activation.Sigmoid
        && candidate instanceof Activation.Tanh
        && output instanceof Activation.Tanh
        && gates.equals("ifgo")
        && !peepholes
        && !gateRecurrence
        && clip >= Float.MAX_VALUE) {
      return INSTANCE;
    }
    return new LstmVariantPointwise(
        gate,
        candidate,
        output,
        gates,
        peepholes,
        forgetFromInput,
        inputFromForget,
        gateRecurrence,
        clip,
        projection);
  }

  @Override
  public int saved() {
    return 1;
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long state = row * rows.stateRow();
      advance(
          gates + rows.block(0),
          rows.width(),
          step.previous + state + rows.plane(),
          step.next + state,
          rows.plane(),
          gates + rows.block(4));
    }
  }

  @Override
  public void backward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long state = row * rows.stateRow();
      long i = gates + rows.block(0);
      long dh = step.dStates + state;
      outputGradient(i, rows.bytes(), gates + rows.block(4), dh, rows.plane());
      inputGradient(i, rows.bytes(), step.previous + state + rows.plane(), dh + rows.plane());
    }
  }

  /**
   * All of a row's forward pass.
   *
   * @param i the first of its four gates, width floats each
   * @param cPrevious c'
   * @param h where h goes, and plane bytes on c
   * @param tanhC where tanh(c) goes
   */
  static void advance(long i, int width, long cPrevious, long h, long plane, long tanhC) {
    long block = (long) Float.BYTES * width;
    Sigmoid.apply(i, 2 * width);
    Tanh.apply(i + 2 * block, width);
    Sigmoid.apply(i + 3 * block, width);
    updateCell(i, block, cPrevious, h + plane, tanhC);
    Tanh.apply(tanhC, width);
    gatedOutput(i + 3 * block, tanhC, h, block);
  }

  /** {@code c = f c' + i g}, once more as a copy. */
  static void updateCell(long i, long block, long cPrevious, long c, long copy) {
    if (Cold.takesElements(block / Float.BYTES)) {
      plainCell(i, block, cPrevious, c, copy);
    } else {
      CELL.call(i, block, cPrevious, c, copy);
    }
  }

  /** {@code h = o y}, without what is nearly nothing. */
  static void gatedOutput(long o, long y, long h, long block) {
    if (Cold.takesElements(block / Float.BYTES)) {
      plainOutput(o, y, h, block);
    } else {
      OUTPUT.call(o, y, h, block);
    }
  }

  /**
   * The first half of a row's backward pass: the gradients of o and, by way of h, of c, plane bytes
   * on from that of h, which becomes 0.
   */
  static void outputGradient(long i, long block, long tanhC, long dh, long plane) {
    CELL_GRADIENT.call(i + 3 * block, block, tanhC, dh, plane);
  }

  /** The second half: the gradients of i, f and g, and in place of that of c that of c'. */
  static void inputGradient(long i, long block, long cPrevious, long dc) {
    GRADIENT.call(i, block, cPrevious, dc);
  }

  /**
   * From the gradient of a pre-activation to those of its peephole and of the c that it sees:
   * {@code dc += p da dp += da c}.
   *
   * @param index of the peephole among the cell's
   */
  static void peepholeGradient(Rows rows, Step step, int index, long da, long c, long dc) {
    long vector = index * rows.bytes();
    Blocks.multiplyAdd(da, step.vectors[0] + vector, dc, rows.width());
    Blocks.multiplyAdd(da, c, step.dVectors[0] + vector, rows.width());
  }

  private static void plainCell(long i, long block, long cPrevious, long cNext, long copy) {
    for (long at = 0; at < block; at += Float.BYTES) {
      float ig = Lanes.get(i + at) * Lanes.get(i + 2 * block + at);
      float f = Lanes.get(i + block + at);
      float c = Lanes.flushed(Math.fma(f, Lanes.get(cPrevious + at), ig));
      Lanes.set(cNext + at, c);
      Lanes.set(copy + at, c);
    }
  }

  private static void plainOutput(long o, long tanhC, long h, long block) {
    for (long at = 0; at < block; at += Float.BYTES) {
      Lanes.set(h + at, Lanes.flushed(Lanes.get(o + at) * Lanes.get(tanhC + at)));
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
