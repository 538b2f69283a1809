package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * The plain recurrent cell (Elman 1990): {@code h = tanh(a)}, or another activation, of a within ±
 * a limit; one gate, one state.
 */
public final class RnnPointwise implements Pointwise {
  /** With tanh, and without a limit. */
  public static final RnnPointwise INSTANCE =
      new RnnPointwise(new Activation.Tanh(), Float.MAX_VALUE);

  private static final Outlined GRADIENT =
      Outlined.addresses(MethodHandles.lookup(), "gradient", 3);

  private final ClippedActivation activation;
  private final boolean fused;

  /**
   * A kernel.
   *
   * @param activation in place of tanh
   * @param clip the limit of a, {@link Float#MAX_VALUE} for none
   */
  public RnnPointwise(Activation activation, float clip) {
    this.activation = ClippedActivation.of(activation, clip);
    fused = activation instanceof Activation.Tanh && !this.activation.clips();
  }

  @Override
  public int saved() {
    return 0;
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      long gate = step.gates + row * rows.gateRow() + rows.block(0);
      long h = step.next + row * rows.stateRow();
      activation.apply(gate, rows.width());
      Blocks.copy(gate, h, rows.width());
      if (activation.movesZero()) {
        Blocks.clearPadding(h, rows.size(), rows.width());
      }
    }
  }

  @Override
  public void backward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      long gate = step.gates + row * rows.gateRow() + rows.block(0);
      long dh = step.dStates + row * rows.stateRow();
      if (fused) {
        GRADIENT.call(gate, dh, rows.bytes());
      } else {
        Blocks.copy(dh, dh, rows.width());
        activation.gradient(gate, dh, rows.width());
        Blocks.fill(dh, rows.width(), 0);
      }
    }
  }

  /** {@code da = dh (1 - h²)}. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void gradient(long gate, long dState, long block) {
    long a = Lanes.base(gate);
    long d = Lanes.base(dState);
    FloatVector zero = FloatVector.zero(Lanes.SPECIES);
    for (long at = 0; at < Lanes.stride(block); at += Lanes.BYTES) {
      FloatVector dh = Lanes.flushed(Lanes.load(d + at));
      Lanes.store(dh.mul(Tanh.derivativeFromOutput(Lanes.load(a + at))), a + at);
      Lanes.store(zero, d + at);
    }
  }
}
