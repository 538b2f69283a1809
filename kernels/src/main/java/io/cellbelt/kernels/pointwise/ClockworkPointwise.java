package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The clockwork cell (Koutník et al. 2014); one gate, one state, nothing saved.
 *
 * <pre>
 *   h = tanh(a)   for the units whose period divides the row's clock, which are the first ones
 *   h = h'        for the others
 * </pre>
 *
 * <p>Whatever the blocks of the others hold has no influence.
 */
public final class ClockworkPointwise implements Pointwise {
  private static final Outlined SELECT = Outlined.addresses(MethodHandles.lookup(), "select", 5);
  private static final Outlined GRADIENT =
      Outlined.addresses(MethodHandles.lookup(), "gradient", 4);

  private final int groupSize;
  private final int[] periods;

  /**
   * A kernel.
   *
   * @param groupSize units of a group
   * @param periods of the groups, each a multiple of the one before
   */
  public ClockworkPointwise(int groupSize, int[] periods) {
    this.groupSize = groupSize;
    this.periods = periods.clone();
  }

  @Override
  public int saved() {
    return 0;
  }

  private int active(int clock) {
    int groups = 0;
    while (groups < periods.length && clock % periods[groups] == 0) {
      groups++;
    }
    return groups * groupSize;
  }

  @Override
  public void forward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      int active = active(step.clocks[row] + step.time);
      long gate = step.gates + row * rows.gateRow() + rows.block(0);
      long state = row * rows.stateRow();
      Tanh.apply(gate, Slab.pad(active));
      SELECT.call(gate, step.previous + state, step.next + state, rows.bytes(), active);
    }
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void select(long gate, long previous, long next, long bytes, long active) {
    long a = Lanes.base(gate);
    long old = Lanes.base(previous);
    long now = Lanes.base(next);
    FloatVector unit = FloatVector.zero(Lanes.SPECIES).addIndex(1);
    for (long at = 0, end = Lanes.stride(bytes); at < end; at += Lanes.BYTES) {
      VectorMask<Float> runs = unit.lt((float) (active - at / Float.BYTES));
      FloatVector h = Lanes.load(old + at).blend(Lanes.load(a + at), runs);
      Lanes.store(Lanes.flushed(h), now + at);
    }
  }

  @Override
  public void backward(int stage, Rows rows, Step step) {
    for (int row = 0; row < rows.count(); row++) {
      int active = active(step.clocks[row] + step.time);
      long gate = step.gates + row * rows.gateRow() + rows.block(0);
      GRADIENT.call(gate, step.dStates + row * rows.stateRow(), rows.bytes(), active);
    }
  }

  /** {@code da = dh (1 - h²), dh' = 0} for units that run, {@code da = 0, dh' = dh} for others. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void gradient(long gate, long dState, long bytes, long active) {
    long a = Lanes.base(gate);
    long d = Lanes.base(dState);
    FloatVector unit = FloatVector.zero(Lanes.SPECIES).addIndex(1);
    FloatVector zero = FloatVector.zero(Lanes.SPECIES);
    for (long at = 0, end = Lanes.stride(bytes); at < end; at += Lanes.BYTES) {
      VectorMask<Float> runs = unit.lt((float) (active - at / Float.BYTES));
      FloatVector dh = Lanes.flushed(Lanes.load(d + at));
      FloatVector da = dh.mul(Tanh.derivativeFromOutput(Lanes.load(a + at)));
      Lanes.store(zero.blend(da, runs), a + at);
      Lanes.store(dh.blend(zero, runs), d + at);
    }
  }
}
