package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.simd.Lanes;

/**
 * The GRU with layer normalisation (Ba, Kiros and Hinton 2016, supplement); gates r z n of x, R Z m
 * of h', one state h, saved r z n, the normalised m with its gain and offset, the inverse
 * deviations, and a block to work in.
 *
 * <pre>
 *   [r z] = σ(γx LN(ar, az) + γh LN(aR, aZ) + b)
 *   m = γm LN(am) + bm
 *   n = tanh(γn LN(an) + bn + r m)
 *   h = z h' + (1 - z) n
 * </pre>
 *
 * <p>Vectors: gains of x r z n, gains of h' r z m, offsets r z n m.
 */
public final class LayerNormGruPointwise implements Pointwise {
  /** The one instance; it has no state. */
  public static final LayerNormGruPointwise INSTANCE = new LayerNormGruPointwise();

  private static final int R = 0;
  private static final int Z = 1;
  private static final int N = 2;
  private static final int M = 3;

  /** Gates of x or of h'. */
  private static final int GATES = 3;

  /** Blocks of the outputs r z n m. */
  private static final int OUTPUTS = 6;

  private static final int INVERSES = 10;
  private static final int SCRATCH = 11;

  private static final int GAINS_X = 0;
  private static final int GAINS_H = 1;
  private static final int OFFSETS = 2;

  private LayerNormGruPointwise() {}

  @Override
  public int saved() {
    return 6;
  }

  /** Where a gate of h' lies: m, which is not next to r and z of the outputs, is next to them. */
  private static int ofState(int gate) {
    return GATES + Math.min(gate, N);
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    int width = rows.width();
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long state = row * rows.stateRow();
      long inverses = Lanes.base(gates + rows.block(INVERSES));
      long scratch = gates + rows.block(SCRATCH);
      float x = LayerNorm.centre(gates + rows.block(R), 2, rows, scratch);
      float xn = LayerNorm.centre(gates + rows.block(N), 1, rows, scratch);
      float h = LayerNorm.centre(gates + rows.block(ofState(R)), 2, rows, scratch);
      float hm = LayerNorm.centre(gates + rows.block(ofState(M)), 1, rows, scratch);
      Lanes.set(inverses, x);
      Lanes.set(inverses + Float.BYTES, xn);
      Lanes.set(inverses + 2 * Float.BYTES, h);
      Lanes.set(inverses + 3 * Float.BYTES, hm);
      LayerNorm.gains(
          gates + rows.block(R),
          step.vectors[GAINS_X],
          x,
          gates + rows.block(ofState(R)),
          step.vectors[GAINS_H],
          h,
          step.vectors[OFFSETS],
          gates + rows.block(OUTPUTS + R),
          2,
          rows);
      gain(rows, step, gates, GAINS_X, N, xn);
      gain(rows, step, gates, GAINS_H, M, hm);
      long r = gates + rows.block(OUTPUTS + R);
      long z = gates + rows.block(OUTPUTS + Z);
      long n = gates + rows.block(OUTPUTS + N);
      Sigmoid.apply(r, 2 * width);
      Blocks.multiplyAdd(r, gates + rows.block(OUTPUTS + M), n, width);
      Tanh.apply(n, width);
      Blocks.mix(z, step.previous + state, n, step.next + state, width);
    }
  }

  /** Of n, which is normalised alone, or of m, which is too. */
  private static void gain(Rows rows, Step step, long gates, int side, int gate, float inverse) {
    LayerNorm.gain(
        gates + rows.block(side == GAINS_X ? gate : ofState(gate)),
        step.vectors[side] + N * rows.bytes(),
        step.vectors[OFFSETS] + gate * rows.bytes(),
        gates + rows.block(OUTPUTS + gate),
        1,
        rows,
        inverse);
  }

  @Override
  public void backward(int stage, Rows rows, Step step) {
    long bytes = rows.bytes();
    for (int row = 0; row < rows.count(); row++) {
      long gates = step.gates + row * rows.gateRow();
      long state = row * rows.stateRow();
      long r = gates + rows.block(OUTPUTS + R);
      long n = gates + rows.block(OUTPUTS + N);
      Gating.keep(
          gates + rows.block(OUTPUTS + Z), n, step.previous + state, step.dStates + state, bytes);
      Gating.resetProduct(r, gates + rows.block(OUTPUTS + M), n, bytes);
      for (int gate = R; gate <= M; gate++) {
        Blocks.add(
            gates + rows.block(OUTPUTS + gate),
            step.dVectors[OFFSETS] + gate * bytes,
            rows.width());
      }
      long inverses = Lanes.base(gates + rows.block(INVERSES));
      float x = Lanes.get(inverses);
      float xn = Lanes.get(inverses + Float.BYTES);
      float h = Lanes.get(inverses + 2 * Float.BYTES);
      float hm = Lanes.get(inverses + 3 * Float.BYTES);
      gradient(rows, step, gates, R, GAINS_X, R, 2, x);
      gradient(rows, step, gates, N, GAINS_X, N, 1, xn);
      gradient(rows, step, gates, R, GAINS_H, R, 2, h);
      gradient(rows, step, gates, M, GAINS_H, N, 1, hm);
    }
  }

  /** Of gates that were normalised together; the inverses are in variables by now. */
  private static void gradient(
      Rows rows, Step step, long gates, int output, int side, int gate, int blocks, float inverse) {
    long vector = gate * rows.bytes();
    LayerNorm.backward(
        rows,
        gates,
        OUTPUTS + output,
        side * GATES + gate,
        blocks,
        step.vectors[side] + vector,
        step.dVectors[side] + vector,
        inverse,
        gates + rows.block(SCRATCH),
        gates + rows.block(INVERSES));
  }
}
