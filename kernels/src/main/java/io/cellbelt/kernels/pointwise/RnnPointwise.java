package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/** The plain recurrent cell (Elman 1990): {@code h = tanh(a)}; one gate, one state. */
public final class RnnPointwise implements Pointwise {
  /** The one instance; it has no state. */
  public static final RnnPointwise INSTANCE = new RnnPointwise();

  private static final Outlined OUTPUT = Outlined.addresses(MethodHandles.lookup(), "output", 3);
  private static final Outlined GRADIENT =
      Outlined.addresses(MethodHandles.lookup(), "gradient", 3);

  private RnnPointwise() {}

  @Override
  public int saved() {
    return 0;
  }

  @Override
  public void forward(Rows rows, long gates, long previous, long next) {
    for (int row = 0; row < rows.count(); row++) {
      long gate = gates + row * rows.gateRow();
      Tanh.apply(gate, rows.width());
      OUTPUT.call(gate, next + row * rows.stateRow(), rows.block());
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void output(long gate, long state, long block) {
    long activation = Lanes.base(gate);
    long h = Lanes.base(state);
    for (long at = 0; at < Lanes.stride(block); at += Lanes.BYTES) {
      Lanes.store(Lanes.flushed(Lanes.load(activation + at)), h + at);
    }
  }

  /** {@code da = dh (1 - h²)}. */
  @Override
  public void backward(Rows rows, long gates, long previous, long next, long dStates) {
    for (int row = 0; row < rows.count(); row++) {
      GRADIENT.call(gates + row * rows.gateRow(), dStates + row * rows.stateRow(), rows.block());
    }
  }

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
