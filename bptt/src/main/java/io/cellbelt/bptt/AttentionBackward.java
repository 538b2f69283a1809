package io.cellbelt.bptt;

import io.cellbelt.cells.Readout;
import io.cellbelt.cells.engine.Attention;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.RowLayout;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;
import io.cellbelt.kernels.simd.Lanes;
import java.util.Arrays;

/**
 * The way back through {@link Attention}. With dy = [dc, dq] the gradient of an output:
 *
 * <pre>
 *   da(t) = dc · h(t)    de = a (da - sum a da)    dh(t) += a(t) dc
 *   dot product:  dh(t) += de(t) q / √D    dq += sum de(t) h(t) / √D
 *   additive:     du(t) = de(t) v (1 - k(t)²), the gradient before the tanh; dv += sum de(t) k(t)
 * </pre>
 *
 * <p>and from du those of Wk, Wq, b, h and q by products; dq adds to that of the last h.
 */
final class AttentionBackward {
  private final Attention attention;
  private final int batch;
  private final int width;
  private final PanelMatrix keys;
  private final PanelMatrix query;
  private final PanelMatrix score;
  private final PanelMatrix keysTransposed;
  private final PanelMatrix queryTransposed;
  private final PanelMatrix dKeys;
  private final PanelMatrix dQuery;
  private final PanelMatrix dBias;
  private final PanelMatrix dScore;
  private final Slab dOutput;
  private final Slab dQueries;
  private final Slab dProjected;
  private final double[] dScores;

  /** Of a sequence, the sum of du over its steps: close to 0 where keys are alike. */
  private final double[] projectedSums;

  private final double[] scoreSums;

  AttentionBackward(
      Owned owned,
      Attention attention,
      ParameterSlab weights,
      ParameterSlab gradients,
      int maxSteps,
      int batch) {
    this.attention = attention;
    this.batch = batch;
    width = Slab.pad(attention.size());
    keys = weights.matrix(Readout.KEYS);
    query = weights.matrix(Readout.QUERY);
    score = weights.matrix(Readout.SCORE);
    dKeys = gradients.matrix(Readout.KEYS);
    dQuery = gradients.matrix(Readout.QUERY);
    dBias = gradients.matrix(Readout.BIAS);
    dScore = gradients.matrix(Readout.SCORE);
    boolean additive = attention.kind() == Readout.Attention.ADDITIVE;
    keysTransposed = additive ? owned.transposed(keys) : null;
    queryTransposed = additive ? owned.transposed(query) : null;
    dOutput = owned.slab(batch * attention.outputRow() / Float.BYTES);
    dQueries = owned.slab(batch * attention.row() / Float.BYTES);
    dProjected = owned.slab(batch * attention.row() / Float.BYTES);
    dScores = new double[maxSteps];
    projectedSums = new double[attention.size()];
    scoreSums = new double[attention.size()];
  }

  /** Packs the transposes again, after the weights have changed. */
  void refresh() {
    if (keysTransposed != null) {
      keysTransposed.transposeOf(keys);
      queryTransposed.transposeOf(query);
    }
  }

  /**
   * Bytes held off-heap.
   *
   * @param size D
   */
  static long bytes(Readout readout, int size, int batch) {
    PanelShape square = new PanelShape(size, 1, size);
    boolean additive = readout.attention() == Readout.Attention.ADDITIVE;
    return (additive ? 2 * Slab.bytes(PanelMatrix.transposed(square).floats()) : 0)
        + batch * (RowLayout.rowBytes(2 * size) + 2 * RowLayout.rowBytes(size));
  }

  /** Gradients of the outputs, one row for each sequence, to be set before {@link #run}. */
  Slab outputGradient() {
    return dOutput;
  }

  /** Adds the gradients of the parameters, and to dh those of h, which start as zeros. */
  void run(long h, long hRow, int steps, int[] lengths, long dh, long dhRow) {
    boolean additive = attention.kind() == Readout.Attention.ADDITIVE;
    RowLoops.zero(dProjected.address(), attention.row(), width, batch);
    Arrays.fill(scoreSums, 0);
    for (int b = 0; b < batch; b++) {
      long dy = dOutput.address() + b * attention.outputRow();
      long dq = dQueries.address() + b * attention.row();
      RowLoops.zero(dq, 0, (int) (attention.row() / Float.BYTES), 1);
      for (int j = 0; j < attention.size(); j++) {
        Lanes.set(Lanes.base(dq + at(j)), Lanes.get(Lanes.base(dy + at(attention.size() + j))));
        Lanes.set(Lanes.base(dy + at(attention.size() + j)), 0);
      }
      scores(h, hRow, lengths[b], b, dy);
      Arrays.fill(projectedSums, 0);
      for (int t = 0; t < steps; t++) {
        int row = t * batch + b;
        if (t < lengths[b]) {
          Blocks.addScaled(dy, dh + row * dhRow, width, attention.weight(row));
        }
        if (additive) {
          beforeTanh(row, t < lengths[b] ? dScores[t] : 0);
        } else if (t < lengths[b]) {
          float d = (float) (dScores[t] / Math.sqrt(attention.size()));
          Blocks.addScaled(query(b), dh + row * dhRow, width, d);
          Blocks.addScaled(h + row * hRow, dq, width, d);
        }
      }
      if (additive) {
        addSums(projectedSums, dProjected.address() + b * attention.row());
      }
    }
    if (additive) {
      addSums(scoreSums, dScore.address());
      products(h, hRow, steps * batch, dh, dhRow);
    }
    for (int b = 0; b < batch; b++) {
      if (lengths[b] > 0) {
        long last = dh + ((lengths[b] - 1L) * batch + b) * dhRow;
        Blocks.add(dQueries.address() + b * attention.row(), last, width);
      }
    }
  }

  private static long at(int index) {
    return (long) Float.BYTES * index;
  }

  private long query(int b) {
    return attention.query() + b * attention.row();
  }

  /** de of all steps of a sequence. */
  private void scores(long h, long hRow, int length, int b, long dContext) {
    double mean = 0;
    double all = 0; // 1, but for the rounding of the weights
    for (int t = 0; t < length; t++) {
      int row = t * batch + b;
      dScores[t] = Attention.dot(dContext, h + row * hRow, attention.size());
      mean += attention.weight(row) * dScores[t];
      all += attention.weight(row);
    }
    mean = length == 0 ? 0 : mean / all;
    for (int t = 0; t < length; t++) {
      dScores[t] = attention.weight(t * batch + b) * (dScores[t] - mean);
    }
  }

  /** In place of k: {@code du = de v (1 - k²)}; adds to the sums. */
  private void beforeTanh(int row, double dScore) {
    long k = attention.keys() + row * attention.row();
    for (int j = 0; j < attention.size(); j++) {
      double tanh = Lanes.get(Lanes.base(k + at(j)));
      double du = dScore * Lanes.get(Lanes.base(score.address() + at(j))) * (1 - tanh * tanh);
      scoreSums[j] += dScore * tanh;
      projectedSums[j] += du;
      Lanes.set(Lanes.base(k + at(j)), (float) du);
    }
  }

  /** Adds sums to floats. */
  private static void addSums(double[] sums, long address) {
    for (int j = 0; j < sums.length; j++) {
      long base = Lanes.base(address + at(j));
      Lanes.set(base, (float) (Lanes.get(base) + sums[j]));
    }
  }

  private void products(long h, long hRow, int all, long dh, long dhRow) {
    long row = attention.row();
    Products.outer(h, hRow, attention.keys(), row, all, dKeys);
    Products.accumulate(attention.keys(), row, all, keysTransposed, dh, dhRow, 0);
    Products.outer(attention.query(), row, dProjected.address(), row, batch, dQuery);
    RowLoops.add(dProjected.address(), row, dBias.address(), 0, width, batch);
    Products.accumulate(
        dProjected.address(), row, batch, queryTransposed, dQueries.address(), row, 0);
  }
}
