package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Readout;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;
import io.cellbelt.kernels.simd.Lanes;

/**
 * Attention over the steps of each sequence, as {@link Readout} has it:
 *
 * <pre>
 *   k(t) = tanh(Wk h(t) + Wq q + b)    e(t) = v · k(t)            additive
 *   e(t) = h(t) · q / √D                                          dot product
 *   a = softmax(e)    y = [sum a(t) h(t), q]
 * </pre>
 *
 * <p>Steps behind the end of a sequence do not count; an empty sequence gives zeros. Scalar sums
 * are in double and in order, so that they do not depend on the vector width; a step costs 2 D of
 * them, next to the 8 D² and more of a cell's products.
 */
public final class Attention {
  private final Readout.Attention kind;
  private final PanelMatrix keys;
  private final PanelMatrix query;
  private final PanelMatrix bias;
  private final PanelMatrix score;
  private final int size;
  private final int width;
  private final int mostBatch;
  private final long row;
  private final long outputRow;

  /** Of the steps of one sequence, at most as many as there are rows. */
  private final double[] scores;

  private long scratch;
  private long k;
  private long q;
  private long projected;
  private long weights;
  private long output;

  Attention(ParameterSlab parameters, int maxSteps, int batch) {
    mostBatch = batch;
    kind = parameters.architecture().readout().attention();
    keys = parameters.matrix(Readout.KEYS);
    query = parameters.matrix(Readout.QUERY);
    bias = parameters.matrix(Readout.BIAS);
    score = parameters.matrix(Readout.SCORE);
    size = parameters.architecture().layers().getLast().outputSize();
    width = Slab.pad(size);
    row = RowLayout.rowBytes(size);
    outputRow = RowLayout.rowBytes(2 * size);
    scores = new double[Math.multiplyExact(maxSteps, batch)];
  }

  /** Bytes that {@link #place} needs. */
  static long bytes(Architecture architecture, int maxSteps, int batch) {
    int size = architecture.layers().getLast().outputSize();
    long all = (long) maxSteps * batch;
    return RowLayout.bytes(all + 2L * batch, RowLayout.rowBytes(size))
        + Float.BYTES * Slab.pad(all)
        + RowLayout.bytes(batch, RowLayout.rowBytes(2 * size));
  }

  /** Takes its memory, zeroed, from an address on. */
  void place(long address, long scratchAddress) {
    long all = scores.length;
    scratch = scratchAddress;
    k = address;
    q = k + all * row;
    projected = q + mostBatch * row;
    weights = projected + mostBatch * row;
    output = weights + Float.BYTES * Slab.pad(all);
  }

  /** One output row for each of some sequences. */
  void forward(long h, long hRow, int steps, int batch, int[] lengths) {
    for (int b = 0; b < batch; b++) {
      long target = q + b * row;
      if (lengths[b] > 0) {
        RowLoops.copy(h + ((lengths[b] - 1L) * batch + b) * hRow, 0, target, 0, width, 1);
      } else {
        RowLoops.zero(target, 0, width, 1);
      }
    }
    if (kind == Readout.Attention.ADDITIVE) {
      Products.add(q, row, batch, query, bias.address(), 0, projected, row, scratch);
      for (int t = 0; t < steps; t++) {
        long keyRows = k + (long) t * batch * row;
        RowLoops.copy(projected, row, keyRows, row, width, batch);
      }
      Products.accumulate(h, hRow, steps * batch, keys, k, row, scratch);
      for (int r = 0; r < steps * batch; r++) {
        Tanh.apply(k + r * row, width);
      }
    }
    for (int b = 0; b < batch; b++) {
      attend(h, hRow, lengths[b], b, batch);
    }
  }

  private void attend(long h, long hRow, int length, int b, int batch) {
    long y = output + b * outputRow;
    RowLoops.zero(y, 0, (int) (outputRow / Float.BYTES), 1);
    double largest = Double.NEGATIVE_INFINITY;
    for (int t = 0; t < length; t++) {
      long at = (long) t * batch + b;
      scores[t] =
          kind == Readout.Attention.ADDITIVE
              ? dot(k + at * row, score.address(), size)
              : dot(h + at * hRow, q + b * row, size) / Math.sqrt(size);
      largest = Math.max(largest, scores[t]);
    }
    double sum = 0;
    for (int t = 0; t < length; t++) {
      scores[t] = Math.exp(scores[t] - largest);
      sum += scores[t];
    }
    for (int t = 0; t < length; t++) {
      long at = (long) t * batch + b;
      float weight = (float) (scores[t] / sum);
      Lanes.set(Lanes.base(weights + Float.BYTES * at), weight);
      Blocks.addScaled(h + at * hRow, y, width, weight);
    }
    for (int j = 0; j < size; j++) {
      float value = Lanes.get(Lanes.base(q + b * row + (long) Float.BYTES * j));
      Lanes.set(Lanes.base(y + (long) Float.BYTES * (size + j)), value);
    }
  }

  /** The scalar product of two rows. */
  public static double dot(long a, long b, int floats) {
    double sum = 0;
    for (int j = 0; j < floats; j++) {
      long at = (long) Float.BYTES * j;
      sum += (double) Lanes.get(Lanes.base(a + at)) * Lanes.get(Lanes.base(b + at));
    }
    return sum;
  }

  /** The kind. */
  public Readout.Attention kind() {
    return kind;
  }

  /** D, the length of what is attended to. */
  public int size() {
    return size;
  }

  /** Raw address of k at row 0; of a dot product anything. */
  public long keys() {
    return k;
  }

  /** Raw address of the query of sequence 0. */
  public long query() {
    return q;
  }

  /** Bytes from one row of keys or queries to the next. */
  public long row() {
    return row;
  }

  /** The weight of a row. */
  public float weight(int index) {
    return Lanes.get(Lanes.base(weights + (long) Float.BYTES * index));
  }

  /** Raw address of the output of sequence 0. */
  public long output() {
    return output;
  }

  /** Bytes from one row of the output to the next. */
  public long outputRow() {
    return outputRow;
  }
}
