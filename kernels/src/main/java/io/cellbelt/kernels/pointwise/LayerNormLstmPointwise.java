package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * The LSTM with layer normalisation (Ba, Kiros and Hinton 2016); gates i f g o of x, I F G O of h',
 * states h c, saved i f g o, the normalised c, u, the inverse deviations, and a block to work in.
 *
 * <pre>
 *   [i f g o] = σ σ tanh σ (γx LN(ai, af, ag, ao) + γh LN(aI, aF, aG, aO) + b)
 *   c = f c' + i g
 *   u = tanh(γc LN(c) + βc)
 *   h = o u
 * </pre>
 *
 * <p>Vectors: gains of x, gains of h', offsets, each i f g o; gain of c; offset of c.
 */
public final class LayerNormLstmPointwise implements Pointwise {
  /** The one instance; it has no state. */
  public static final LayerNormLstmPointwise INSTANCE = new LayerNormLstmPointwise();

  private static final int GATES = 4;

  /** Blocks of the outputs i f g o. */
  private static final int I = 8;

  private static final int G = 10;
  private static final int O = 11;
  private static final int NORMAL_C = 12;
  private static final int U = 13;
  private static final int INVERSES = 14;
  private static final int SCRATCH = 15;

  private static final int GAINS_X = 0;
  private static final int GAINS_H = 1;
  private static final int OFFSETS = 2;
  private static final int GAIN_C = 3;
  private static final int OFFSET_C = 4;

  private static final Outlined OUTPUT_GRADIENT =
      Outlined.addresses(MethodHandles.lookup(), "outputGradient", 4);

  private LayerNormLstmPointwise() {}

  @Override
  public int saved() {
    return 8;
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    int width = rows.width();
    long bytes = rows.bytes();
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long state = row * rows.stateRow();
      long scratch = gates + rows.block(SCRATCH);
      float x = LayerNorm.centre(gates + rows.block(0), GATES, rows, scratch);
      float h = LayerNorm.centre(gates + rows.block(GATES), GATES, rows, scratch);
      long i = gates + rows.block(I);
      LayerNorm.gains(
          gates + rows.block(0),
          step.vectors[GAINS_X],
          x,
          gates + rows.block(GATES),
          step.vectors[GAINS_H],
          h,
          step.vectors[OFFSETS],
          i,
          GATES,
          rows);
      long g = gates + rows.block(G);
      long o = gates + rows.block(O);
      long c = gates + rows.block(NORMAL_C);
      long u = gates + rows.block(U);
      Sigmoid.apply(i, 2 * width);
      Tanh.apply(g, width);
      Sigmoid.apply(o, width);
      long cell = state + rows.plane();
      LstmPointwise.updateCell(i, bytes, step.previous + cell, step.next + cell, c);
      float inverseC = LayerNorm.centre(c, 1, rows, scratch);
      LayerNorm.gain(c, step.vectors[GAIN_C], step.vectors[OFFSET_C], u, 1, rows, inverseC);
      Tanh.apply(u, width);
      LstmPointwise.gatedOutput(o, u, step.next + state, bytes);
      long inverses = Lanes.base(gates + rows.block(INVERSES));
      Lanes.set(inverses, x);
      Lanes.set(inverses + Float.BYTES, h);
      Lanes.set(inverses + 2 * Float.BYTES, inverseC);
    }
  }

  @Override
  public void backward(int stage, Rows rows, Step step) {
    int width = rows.width();
    long bytes = rows.bytes();
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long state = row * rows.stateRow();
      long dh = step.dStates + state;
      long inverses = Lanes.base(gates + rows.block(INVERSES));
      float x = Lanes.get(inverses);
      float h = Lanes.get(inverses + Float.BYTES);
      float inverseC = Lanes.get(inverses + 2 * Float.BYTES);
      OUTPUT_GRADIENT.call(gates + rows.block(O), gates + rows.block(U), dh, bytes);
      Blocks.add(gates + rows.block(U), step.dVectors[OFFSET_C], width);
      normGradient(rows, step, gates, U, NORMAL_C, 1, GAIN_C, inverseC);
      Blocks.add(gates + rows.block(NORMAL_C), dh + rows.plane(), width);
      Blocks.copy(dh + rows.plane(), dh + rows.plane(), width);
      LstmPointwise.inputGradient(
          gates + rows.block(I), bytes, step.previous + state + rows.plane(), dh + rows.plane());
      Blocks.add(gates + rows.block(I), step.dVectors[OFFSETS], GATES * width);
      normGradient(rows, step, gates, I, 0, GATES, GAINS_X, x);
      normGradient(rows, step, gates, I, GATES, GATES, GAINS_H, h);
    }
  }

  /** The inverses are in variables by now, so that their block is free. */
  private static void normGradient(
      Rows rows, Step step, long gates, int dy, int v, int blocks, int gains, float inverse) {
    LayerNorm.backward(
        rows,
        gates,
        dy,
        v,
        blocks,
        step.vectors[gains],
        step.dVectors[gains],
        inverse,
        gates + rows.block(SCRATCH),
        gates + rows.block(INVERSES));
  }

  /** {@code dao = dh u o (1 - o)} in place of o, {@code dau = dh o (1 - u²)} in place of u. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void outputGradient(long o, long u, long dh, long bytes) {
    long output = Lanes.base(o);
    long squashed = Lanes.base(u);
    long d = Lanes.base(dh);
    FloatVector zero = FloatVector.zero(Lanes.SPECIES);
    for (long at = 0, end = Lanes.stride(bytes); at < end; at += Lanes.BYTES) {
      FloatVector gate = Lanes.load(output + at);
      FloatVector tanh = Lanes.load(squashed + at);
      FloatVector dState = Lanes.flushed(Lanes.load(d + at));
      Lanes.store(dState.mul(tanh).mul(Sigmoid.derivativeFromOutput(gate)), output + at);
      Lanes.store(dState.mul(gate).mul(Tanh.derivativeFromOutput(tanh)), squashed + at);
      Lanes.store(zero, d + at);
    }
  }
}
