package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.engine.Connections;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;
import io.cellbelt.kernels.simd.Lanes;

/**
 * The way back over a tape: backpropagation through time (Werbos 1990). Readout first, then the
 * layers from the top, each direction by a {@link TrackBackward}; the gradients of a layer's inputs
 * are those that the layer below starts from. Allocates nothing after construction.
 */
final class Backward {
  private final Unrolled tape;
  private final int depth;
  private final boolean inputGradient;
  private final TrackBackward[][] tracks;
  private final AttentionBackward attention;
  private final PanelMatrix dHead;
  private final PanelMatrix dHeadBias;
  private final PanelMatrix dEmbedding;
  private final PanelMatrix head;
  private final PanelMatrix headTranspose;

  /** Addresses of the gradients of weights where there is no connection. */
  private final long[] absent;

  /** Gradients of all outputs of a layer, and of all its inputs; the two take turns. */
  private final Slab[] dOutputs = new Slab[2];

  /** Gradients of the memory that a layer was read by the one above, and of that it read itself. */
  private final Slab[] dMemories = new Slab[2];

  /** Where layers have a reverse direction: gradients of its outputs and inputs in its order. */
  private final Slab[] dReverse = new Slab[2];

  /** Floats of a row of a layer's input that a product writes. */
  private final int[] inputColumns;

  private final long dRow;
  private final long memoryRow;

  /**
   * Buffers for a tape.
   *
   * @param owned closes them
   * @param weights those of the tape
   * @param gradients what {@link #run} adds to
   * @param inputGradient whether the gradient of a vector input is wanted
   */
  Backward(
      Owned owned,
      ParameterSlab weights,
      ParameterSlab gradients,
      Unrolled tape,
      boolean inputGradient) {
    this.tape = tape;
    Architecture architecture = tape.architecture();
    depth = architecture.layers().size();
    this.inputGradient = inputGradient || architecture.input() instanceof Input.Embedding;
    tracks = new TrackBackward[depth][];
    inputColumns = new int[depth];
    int widest = columns(architecture.input().size());
    int memory = 0;
    boolean turned = false;
    for (int l = 0; l < depth; l++) {
      Layer layer = architecture.layers().get(l);
      tracks[l] = new TrackBackward[layer.directions()];
      for (int d = 0; d < tracks[l].length; d++) {
        boolean oneHot = l == 0 && architecture.input() instanceof Input.OneHot;
        tracks[l][d] =
            new TrackBackward(
                owned, tape.tracks(l)[d], tape, gradients, oneHot, hasInputGradient(l));
      }
      inputColumns[l] = columns(layer.checkedCell().inputSize());
      widest = Math.max(widest, columns(layer.outputSize()));
      turned |= layer.direction() != Direction.FORWARD;
      if (l > 0 && layer.checkedCell().readsMemoryBelow()) {
        memory = Math.max(memory, columns(layer.checkedCell().hiddenSize()));
      }
    }
    absent = Connections.addresses(gradients);
    attention =
        tape.attention() == null
            ? null
            : new AttentionBackward(
                owned, tape.attention(), weights, gradients, tape.maxSteps(), tape.batch());
    dHead = gradients.matrix(Architecture.HEAD);
    dHeadBias = gradients.matrix(Architecture.HEAD_BIAS);
    dEmbedding = gradients.matrix(Architecture.EMBEDDING);
    head = weights.matrix(Architecture.HEAD);
    headTranspose = head == null ? null : owned.transposed(head);
    long all = (long) tape.maxSteps() * tape.batch();
    int stride = Slab.rowStride(widest);
    dRow = (long) Float.BYTES * stride;
    memoryRow = (long) Float.BYTES * Slab.rowStride(memory);
    for (int i = 0; i < 2; i++) {
      dOutputs[i] = owned.slab(all * stride);
      dMemories[i] = owned.slab(memory == 0 ? 0 : all * memoryRow / Float.BYTES);
      dReverse[i] = owned.slab(turned ? all * stride : 0);
    }
    refresh();
  }

  private static int columns(int size) {
    return new PanelShape(1, 1, size).columns();
  }

  private boolean hasInputGradient(int l) {
    return l > 0 || inputGradient;
  }

  /** Packs the transposes again, after the weights have changed. */
  void refresh() {
    for (TrackBackward[] layer : tracks) {
      for (TrackBackward track : layer) {
        track.refresh();
      }
    }
    if (attention != null) {
      attention.refresh();
    }
    if (head != null) {
      headTranspose.transposeOf(head);
    }
  }

  /**
   * Adds the gradients of the last forward pass. The outputs on the tape hold the gradients of the
   * outputs, if there is a head; if not, {@link #outputGradient} does. The gates on the tape are
   * overwritten.
   */
  void run(int steps) {
    int all = steps * tape.batch();
    long above = dOutputs[0].address();
    long below = dOutputs[1].address();
    long readAbove = 0;
    long read = dMemories[0].address();
    long readNext = dMemories[1].address();
    readoutGradient(steps, above);
    for (int l = depth - 1; l >= 0; l--) {
      Layer layer = tape.architecture().layers().get(l);
      if (tape.mask(l) != 0) {
        RowLoops.multiply(
            tape.mask(l), tape.maskRow(l), above, dRow, (int) (tape.maskRow(l) / Float.BYTES), all);
      }
      boolean reads = l > 0 && layer.checkedCell().readsMemoryBelow();
      if (reads) {
        RowLoops.zero(read, memoryRow, (int) (memoryRow / Float.BYTES), all);
      }
      if (hasInputGradient(l)) {
        RowLoops.zero(below, dRow, inputColumns[l], all);
      }
      for (int d = 0; d < tracks[l].length; d++) {
        throughTrack(l, d, steps, above, hasInputGradient(l) ? below : 0, readAbove, read);
      }
      readAbove = reads ? read : 0;
      long swappedRead = read;
      read = readNext;
      readNext = swappedRead;
      if (hasInputGradient(l)) {
        long swapped = above;
        above = below;
        below = swapped;
      }
    }
    if (tape.architecture().input() instanceof Input.Embedding) {
      for (int row = 0; row < all; row++) {
        if (!tape.isBehindEnd(row)) {
          Products.outerRow(dEmbedding, tape.inputs().tokens()[row], above + row * dRow);
        }
      }
    }
    for (long address : absent) {
      Lanes.set(Lanes.base(address), 0);
    }
  }

  /** Gradients of the top layer's outputs; what is behind the end of a sequence has none. */
  private void readoutGradient(int steps, long above) {
    int top = depth - 1;
    int all = steps * tape.batch();
    long h = tape.layerOutput(top);
    long hRow = tape.layerOutputRow(top);
    if (attention == null) {
      for (int row = 0; row < all; row++) {
        if (tape.isBehindEnd(row)) {
          long to = head == null ? above + row * dRow : tape.output() + row * tape.outputRow();
          long bytes = head == null ? dRow : tape.outputRow();
          RowLoops.zero(to, 0, (int) (bytes / Float.BYTES), 1);
        }
      }
      if (head != null) {
        headGradient(h, hRow, all, above, dRow);
      }
      return;
    }
    if (head != null) {
      long context = tape.attention().output();
      long row = tape.attention().outputRow();
      headGradient(context, row, tape.batch(), attention.outputGradient().address(), row);
    }
    RowLoops.zero(above, dRow, (int) (dRow / Float.BYTES), all);
    attention.run(h, hRow, steps, tape.lengths(), above, dRow);
  }

  private void headGradient(long h, long hRow, int rows, long dh, long dhRow) {
    long dy = tape.output();
    long dyRow = tape.outputRow();
    Products.outer(h, hRow, dy, dyRow, rows, dHead);
    RowLoops.add(dy, dyRow, dHeadBias.address(), 0, head.shape().columns(), rows);
    RowLoops.zero(dh, dhRow, headTranspose.shape().columns(), rows);
    Products.accumulate(dy, dyRow, rows, headTranspose, dh, dhRow, 0);
  }

  private void throughTrack(
      int l, int d, int steps, long above, long below, long readAbove, long read) {
    Layer layer = tape.architecture().layers().get(l);
    Track track = tape.tracks(l)[d];
    long dOutput = above;
    long dx = below;
    if (layer.direction() != Direction.FORWARD) {
      dOutput = dReverse[0].address();
      split(l, track, steps, above, dOutput);
      if (track.reverse() && below != 0) {
        dx = dReverse[1].address();
        RowLoops.zero(dx, dRow, inputColumns[l], steps * tape.batch());
      }
    }
    boolean reads = l > 0 && layer.checkedCell().readsMemoryBelow();
    Track lower = l > 0 ? tape.tracks(l - 1)[0] : null;
    tracks[l][d].run(
        steps,
        dOutput,
        dRow,
        track.input(tape.input(l)),
        tape.inputRow(l),
        dx,
        dRow,
        readAbove,
        memoryRow,
        reads ? lower.memory() : 0,
        reads ? lower.rows().stateRow() : 0,
        read,
        memoryRow);
    if (dx != below) {
      for (int row = 0; row < steps * tape.batch(); row++) {
        int t = row / tape.batch();
        int b = row % tape.batch();
        if (t < tape.lengths()[b]) {
          long to = below + track.source(t, b, tape.lengths()) * dRow;
          Blocks.add(dx + row * dRow, to, Slab.pad(layer.checkedCell().inputSize()));
        }
      }
    }
  }

  /** Of the gradients of a layer's outputs, those of one direction, in its order. */
  private void split(int l, Track track, int steps, long above, long to) {
    Layer layer = tape.architecture().layers().get(l);
    int size = track.outputSize();
    int width = Slab.pad(size);
    boolean both = layer.direction() == Direction.BIDIRECTIONAL;
    for (int row = 0; row < steps * tape.batch(); row++) {
      int t = row / tape.batch();
      int b = row % tape.batch();
      long own = to + row * dRow;
      RowLoops.zero(own, 0, width, 1);
      if (t >= tape.lengths()[b]) {
        continue;
      }
      int place = track.source(t, b, tape.lengths());
      long from = above + place * dRow;
      if (!both) {
        RowLoops.copy(from, 0, own, 0, width, 1);
        continue;
      }
      switch (layer.merge()) {
        case CONCAT -> {
          for (int j = 0; j < size; j++) {
            long at = (long) Float.BYTES * (track.direction() * size + j);
            Lanes.set(Lanes.base(own + (long) Float.BYTES * j), Lanes.get(Lanes.base(from + at)));
          }
        }
        case SUM -> RowLoops.copy(from, 0, own, 0, width, 1);
        case MEAN -> {
          RowLoops.copy(from, 0, own, 0, width, 1);
          Blocks.scale(own, width, 0.5f);
        }
        case PRODUCT -> {
          Track other = tape.tracks(l)[1 - track.direction()];
          int otherRow = other.source(place / tape.batch(), b, tape.lengths());
          long factor = other.output() + otherRow * other.rows().stateRow();
          Blocks.multiply(from, factor, own, width);
        }
      }
    }
  }

  /** Raw address of the gradients of all outputs, for a network without a head. */
  long outputGradient() {
    return outputGradientSlab().address();
  }

  /** Index in its slab of a row of the gradient of the network's vector input. */
  long inputGradientIndex(int row) {
    return row * dRow / Float.BYTES;
  }

  /** Where the gradient of the network's vector input is after {@link #run}. */
  Slab inputGradient() {
    return dOutputs[depth % 2];
  }

  /** The slab of {@link #outputGradient}. */
  Slab outputGradientSlab() {
    return attention == null ? dOutputs[0] : attention.outputGradient();
  }

  /** Bytes from a row of an output gradient to the next. */
  long outputGradientRow() {
    return attention == null ? dRow : tape.attention().outputRow();
  }

  /**
   * Bytes held off-heap: transposes of the matrices, and for each step and sequence two gradients
   * of the widest layer's outputs or inputs.
   */
  static long bytes(Architecture architecture, int maxSteps, int batch, boolean inputGradient) {
    long all = (long) maxSteps * batch;
    boolean turned = false;
    boolean wanted = inputGradient || architecture.input() instanceof Input.Embedding;
    int memory = 0;
    int widest = columns(architecture.input().size());
    long bytes = 0;
    for (int l = 0; l < architecture.layers().size(); l++) {
      Layer layer = architecture.layers().get(l);
      bytes += layer.directions() * TrackBackward.bytes(layer, batch, wanted);
      boolean reads = l > 0 && layer.checkedCell().readsMemoryBelow();
      memory = Math.max(memory, reads ? columns(layer.checkedCell().hiddenSize()) : 0);
      widest = Math.max(widest, columns(layer.outputSize()));
      turned |= layer.direction() != Direction.FORWARD;
      wanted = true;
    }
    long rows = Slab.bytes(all * Slab.rowStride(widest));
    bytes += 2 * (rows + Slab.bytes(memory == 0 ? 0 : all * Slab.rowStride(memory)));
    bytes += 2 * (turned ? rows : Slab.bytes(0));
    int top = architecture.layers().getLast().outputSize();
    if (architecture.readout().perSequence()) {
      bytes += AttentionBackward.bytes(architecture.readout(), top, batch);
    }
    if (architecture.outputs() > 0) {
      PanelShape head =
          new PanelShape(architecture.readout().headInput(top), 1, architecture.outputs());
      bytes += Slab.bytes(PanelMatrix.transposed(head).floats());
    }
    return bytes;
  }

  /** The way back through a direction of a layer. */
  TrackBackward track(int l, int direction) {
    return tracks[l][direction];
  }

  /** Forgets the gradients of the last states. */
  void clearFinal() {
    for (TrackBackward[] layer : tracks) {
      for (TrackBackward track : layer) {
        track.clearFinal();
      }
    }
  }
}
