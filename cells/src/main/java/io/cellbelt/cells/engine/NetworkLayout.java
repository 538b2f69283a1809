package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.Slab;

/**
 * How long the rows of a network are, and how much memory some of them take.
 *
 * <p>Immutable, thread-safe.
 */
final class NetworkLayout {
  private final Architecture architecture;
  private final boolean training;
  private final long xRow;
  private final long yRow;
  private final long[] inputRows;
  private final long[] mergedRows;
  private final long packed;

  /**
   * The layout of a network.
   *
   * @param training whether there are masks of training
   */
  NetworkLayout(Architecture architecture, boolean training) {
    SimdEnvironment.require(); // cells know how much their kernels save
    this.architecture = architecture;
    this.training = training;
    xRow = RowLayout.rowBytes(architecture.input().size());
    yRow = architecture.outputs() > 0 ? RowLayout.rowBytes(architecture.outputs()) : 0;
    int depth = architecture.layers().size();
    inputRows = new long[depth];
    mergedRows = new long[depth];
    long inputRow = xRow;
    for (int l = 0; l < depth; l++) {
      Layer layer = architecture.layers().get(l);
      inputRows[l] = inputRow;
      mergedRows[l] = RowLayout.rowBytes(layer.outputSize());
      inputRow = isMerged(l) ? mergedRows[l] : RowLayout.stateRow(layer.checkedCell());
    }
    packed = (long) Float.BYTES * Slab.pad(architecture.stateSize());
  }

  /** Rows of some steps and sequences, if they can be counted. */
  static long rows(int maxSteps, int batch) {
    long all = (long) maxSteps * batch;
    if (maxSteps < 1 || batch < 1 || all > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "There is 1 step and 1 sequence or more, and together fewer than 2^31, but got "
              + maxSteps
              + " steps of "
              + batch
              + " sequences; take a shorter window or a smaller batch.");
    }
    return all;
  }

  /**
   * Bytes of x, gates, states and outputs of every layer for each step and sequence, with f32
   * weights.
   */
  long bytes(int maxSteps, int batch) {
    long all = rows(maxSteps, batch);
    int widest = PanelShape.WIDTH;
    long size = packed + (needsX() ? RowLayout.bytes(all, xRow) : 0);
    size += yRow > 0 ? RowLayout.bytes(all, yRow) : 0;
    for (int l = 0; l < mergedRows.length; l++) {
      Layer layer = architecture.layers().get(l);
      for (int d = 0; d < layer.directions(); d++) {
        size += TrackMemory.bytes(layer, d, maxSteps, batch, inputRows[l], training);
      }
      long row = mergedRows[l];
      size += isMerged(l) ? RowLayout.bytes(all, row) : 0;
      size += dropsOut(l) ? RowLayout.bytes(all, row) : 0;
      widest = Math.max(widest, (int) (row / Float.BYTES));
      if (layer.checkedCell().readsMemoryBelow()) {
        widest = Math.max(widest, RowLayout.columns(layer.checkedCell().hiddenSize()));
      }
    }
    if (architecture.readout().perSequence()) {
      size += Attention.bytes(architecture, maxSteps, batch);
    }
    return Slab.bytes(size / Float.BYTES + widest);
  }

  /** Whether training drops some of a layer's outputs. */
  boolean dropsOut(int l) {
    return training && architecture.layers().get(l).dropout() > 0;
  }

  /** Whether a layer's outputs are not those of its track where they lie. */
  boolean isMerged(int l) {
    return architecture.layers().get(l).direction() != Direction.FORWARD || dropsOut(l);
  }

  /** One-hot vectors are never written down, unless a kernel reads them itself. */
  boolean needsX() {
    return !(architecture.input() instanceof Input.OneHot)
        || architecture.layers().getFirst().checkedCell().readsInput();
  }

  boolean training() {
    return training;
  }

  long xRow() {
    return xRow;
  }

  /** Bytes from one row of the head's output to the next, 0 without a head. */
  long yRow() {
    return yRow;
  }

  /** Bytes from one row of what a layer is fed to the next. */
  long inputRow(int l) {
    return inputRows[l];
  }

  /** Bytes from one row of a layer's merged outputs to the next. */
  long mergedRow(int l) {
    return mergedRows[l];
  }

  /** Bytes of the packed state of a sequence, in whole cache lines. */
  long packed() {
    return packed;
  }
}
