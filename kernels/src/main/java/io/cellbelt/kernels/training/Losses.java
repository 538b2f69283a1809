package io.cellbelt.kernels.training;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Softplus;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;

/**
 * Losses of one row of outputs, which they replace by its gradient, at raw addresses. Sums run in
 * double in one fixed order, whatever the vector width.
 */
public final class Losses {
  private static final Outlined SUBTRACT =
      Outlined.numbers(MethodHandles.lookup(), "subtract", 2, 1);

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
    long row = Lanes.base(y);
    float max = Lanes.get(row);
    for (int j = 1; j < outputs; j++) {
      max = Math.max(max, Lanes.get(row + (long) Float.BYTES * j));
    }
    double logit = Lanes.get(row + (long) Float.BYTES * label);
    SUBTRACT.call(row, columns, max);
    Exp.apply(row, columns);
    double sum = 0;
    for (int j = 0; j < outputs; j++) {
      sum += Lanes.get(row + (long) Float.BYTES * j);
    }
    Blocks.scale(row, columns, (float) (scale / sum));
    for (int j = outputs; j < columns; j++) {
      Lanes.set(row + (long) Float.BYTES * j, 0);
    }
    long at = row + (long) Float.BYTES * label;
    Lanes.set(at, Lanes.get(at) - scale);
    return Math.log(sum) + max - logit;
  }

  @SuppressWarnings("UnusedMethod") // through a handle
  private static void subtract(long address, long columns, float value) {
    long row = Lanes.base(address);
    for (long at = 0, end = Float.BYTES * columns; at < end; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(row + at).sub(value), row + at);
    }
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
      Lanes.set(at, scale * Math.signum(error));
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
      double size = Math.abs(error);
      sum += size < delta ? size * size / 2 : delta * (size - delta / 2.0);
      Lanes.set(at, scale * Math.min(delta, Math.max(-delta, error)));
    }
    return sum;
  }

  /**
   * Sigmoid cross-entropy, {@code Σ log(1 + e^y[j]) - target[j] y[j]}.
   *
   * @param y in: logits; out: {@code scale (σ(y) - target)}, and zeros in the padding
   * @param columns outputs padded to whole cache lines
   * @param targets probabilities; holds those of this row from offset on
   * @return the loss in nats, not scaled
   */
  public static double sigmoidCrossEntropy(
      long y, int outputs, int columns, float[] targets, int offset, float scale) {
    long row = Lanes.base(y);
    double sum = 0;
    for (int j = 0; j < outputs; j++) {
      float logit = Lanes.get(row + (long) Float.BYTES * j);
      double linear = Math.max(logit, 0) - (double) logit * targets[offset + j];
      sum += linear + Softplus.scalar(-Math.abs(logit));
    }
    Sigmoid.apply(row, columns);
    for (int j = 0; j < columns; j++) {
      long at = row + (long) Float.BYTES * j;
      Lanes.set(at, j < outputs ? scale * (Lanes.get(at) - targets[offset + j]) : 0);
    }
    return sum;
  }
}
