package io.cellbelt.kernels.training;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/** The norm of packed matrices, with the same bits whatever the vector width. */
public final class Norm {
  private static final long STEP = (long) Float.BYTES * PanelShape.WIDTH;
  private static final Outlined COLUMNS = Outlined.addresses(MethodHandles.lookup(), "columns", 3);

  private Norm() {}

  /**
   * Sum of the squares: over a column in float, in the order of k, so that a column is a lane of
   * its own; over the columns in double, in their order.
   *
   * @param scratch room for a row of columns
   */
  public static double sumOfSquares(PanelMatrix matrix, Slab scratch) {
    PanelShape shape = matrix.shape();
    long panelBytes = shape.inputs() * STEP;
    for (int panel = 0; panel < shape.panels(); panel++) {
      for (long at = 0; at < STEP; at += 2 * Lanes.BYTES) {
        COLUMNS.call(
            matrix.address() + panel * panelBytes + at,
            shape.inputs(),
            scratch.address((long) panel * PanelShape.WIDTH) + at);
      }
    }
    double sum = 0;
    for (int block = 0; block < shape.blocks(); block++) {
      long base = Lanes.base(scratch.address(shape.column(block, 0)));
      for (int j = 0; j < shape.blockSize(); j++) {
        sum += Lanes.get(base + (long) Float.BYTES * j);
      }
    }
    return sum;
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void columns(long address, long inputs, long to) {
    FloatVector sum0 = FloatVector.zero(Lanes.SPECIES);
    FloatVector sum1 = sum0;
    long base = Lanes.base(address);
    for (long at = 0, end = STEP * inputs; at < end; at += STEP) {
      FloatVector v0 = Lanes.load(base + at);
      FloatVector v1 = Lanes.load(base + at + Lanes.BYTES);
      sum0 = v0.fma(v0, sum0);
      sum1 = v1.fma(v1, sum1);
    }
    long target = Lanes.base(to);
    Lanes.store(sum0, target);
    Lanes.store(sum1, target + Lanes.BYTES);
  }
}
