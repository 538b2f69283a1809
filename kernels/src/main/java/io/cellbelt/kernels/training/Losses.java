package io.cellbelt.kernels.training;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Softplus;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Losses of one row of outputs, which they replace by its gradient, at raw addresses. Sums run in
 * double in one fixed order, whatever the vector width.
 */
public final class Losses {
  private static final Outlined SHIFT = Outlined.block(MethodHandles.lookup(), "shift");
  private static final Outlined TAILS = Outlined.addresses(MethodHandles.lookup(), "tails", 3);

  private Losses() {}

  /**
   * Softmax cross-entropy, {@code log Σ exp(y[j]) - y[label]}.
   *
   * @param y in: logits; out: {@code scale (softmax(y) - one hot of the label)}, and zeros in the
   *     padding
   * @param outputs number of logits
   * @param columns outputs padded to whole cache lines
   * @return the loss in nats, not scaled
   */
  public static double softmaxCrossEntropy(
      long y, int outputs, int columns, int label, float scale) {
    if (label < 0 || label >= outputs) {
      // The array that it comes from is a caller's, and may have changed since it was checked.
      throw new IllegalArgumentException(
          "The labels are 0 to " + (outputs - 1) + ", but got " + label + ".");
    }
    long row = Lanes.base(y);
    for (int j = outputs; j < columns; j++) {
      Lanes.set(row + (long) Float.BYTES * j, Float.NEGATIVE_INFINITY); // whose exponential is 0
    }
    SHIFT.call(row, columns);
    long at = row + (long) Float.BYTES * label;
    double logit = Lanes.get(at);
    Exp.apply(row, columns);
    double sum = sum(row, columns);
    Blocks.scale(row, columns, (float) (scale / sum));
    Lanes.set(at, Lanes.get(at) - scale);
    return Math.log(sum) - logit;
  }

  /** Subtracts the largest, so that no exponential is too large. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void shift(long address, int columns) {
    long row = Lanes.base(address);
    long end = (long) Float.BYTES * columns;
    FloatVector largest = Lanes.load(row);
    for (long at = Lanes.BYTES; at < end; at += Lanes.BYTES) {
      largest = largest.max(Lanes.load(row + at));
    }
    float max = largest.reduceLanes(VectorOperators.MAX);
    for (long at = 0; at < end; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(row + at).sub(max), row + at);
    }
  }

  /** Four sums side by side, because an addition waits for the one before. */
  private static double sum(long row, int columns) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    for (int j = 0; j < columns; j += 4) {
      long at = row + (long) Float.BYTES * j;
      sum0 += Lanes.get(at);
      sum1 += Lanes.get(at + Float.BYTES);
      sum2 += Lanes.get(at + 2 * Float.BYTES);
      sum3 += Lanes.get(at + 3 * Float.BYTES);
    }
    return sum0 + sum1 + (sum2 + sum3);
  }

  /**
   * Squared error, {@code Σ (y[j] - target[j])²}.
   *
   * @param y in: outputs; out: {@code 2 scale (y - target)}
   * @param targets holds those of this row from offset on
   * @return the loss, not scaled
   */
  public static double squaredError(long y, int outputs, float[] targets, int offset, float scale) {
    long row = Lanes.base(y);
    double sum = 0;
    for (int j = 0; j < outputs; j++) {
      long at = row + (long) Float.BYTES * j;
      float error = Lanes.get(at) - targets[offset + j];
      sum += (double) error * error;
      Lanes.set(at, 2 * scale * error);
    }
    return sum;
  }

  /**
   * Absolute error, {@code Σ |y[j] - target[j]|}.
   *
   * @param y in: outputs; out: {@code scale sign(y - target)}
   * @param targets holds those of this row from offset on
   * @return the loss, not scaled
   */
  public static double absoluteError(
      long y, int outputs, float[] targets, int offset, float scale) {
    long row = Lanes.base(y);
    double sum = 0;
    for (int j = 0; j < outputs; j++) {
      long at = row + (long) Float.BYTES * j;
      float error = Lanes.get(at) - targets[offset + j];
      sum += Math.abs(error);
      Lanes.set(at, error == 0 ? 0 : Math.copySign(scale, error)); // a sign is not predictable
    }
    return sum;
  }

  /**
   * Huber's loss (1964): with e the error, {@code e² / 2} where {@code |e| < δ}, and {@code δ (|e|
   * - δ / 2)} elsewhere.
   *
   * @param y in: outputs; out: {@code scale min(δ, max(-δ, y - target))}
   * @param targets holds those of this row from offset on
   * @return the loss, not scaled
   */
  public static double huber(
      long y, int outputs, float[] targets, int offset, float delta, float scale) {
    long row = Lanes.base(y);
    double sum = 0;
    for (int j = 0; j < outputs; j++) {
      long at = row + (long) Float.BYTES * j;
      float error = Lanes.get(at) - targets[offset + j];
      float clamped = Math.min(delta, Math.max(-delta, error));
      sum += clamped * (error - clamped / 2.0); // both formulas, without a branch
      Lanes.set(at, scale * clamped);
    }
    return sum;
  }

  /**
   * Sigmoid cross-entropy, {@code Σ log(1 + e^y[j]) - target[j] y[j]}.
   *
   * @param y in: logits; out: {@code scale (σ(y) - target)}, and zeros in the padding
   * @param columns outputs padded to whole cache lines
   * @param targets probabilities; holds those of this row from offset on
   * @param scratch room for the columns
   * @return the loss in nats, not scaled
   */
  public static double sigmoidCrossEntropy(
      long y, int outputs, int columns, float[] targets, int offset, long scratch, float scale) {
    long row = Lanes.base(y);
    long tails = Lanes.base(scratch);
    TAILS.call(row, tails, columns);
    double sum = 0;
    for (int j = 0; j < outputs; j++) {
      long at = (long) Float.BYTES * j;
      float logit = Lanes.get(row + at);
      double linear = Math.max(logit, 0) - (double) logit * targets[offset + j];
      sum += linear + Lanes.get(tails + at);
    }
    Sigmoid.apply(row, columns);
    for (int j = 0; j < columns; j++) {
      long at = row + (long) Float.BYTES * j;
      Lanes.set(at, j < outputs ? scale * (Lanes.get(at) - targets[offset + j]) : 0);
    }
    return sum;
  }

  /** {@code log(1 + e^-|y|)}, what a softplus has besides its straight lines. */
  @SuppressWarnings("UnusedMethod") // through a handle
  private static void tails(long from, long to, long columns) {
    long row = Lanes.base(from);
    long tails = Lanes.base(to);
    for (long at = 0, end = Float.BYTES * columns; at < end; at += Lanes.BYTES) {
      Lanes.store(Softplus.apply(Lanes.load(row + at).abs().neg()), tails + at);
    }
  }
}
