package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;
import java.util.Arrays;

/**
 * A network unrolled over up to T steps of B sequences, with everything it computes kept in one
 * slab: x, gates and states of every layer, and outputs. With T = 1 it is the inside of a stream;
 * with T of a training window it is the tape.
 *
 * <p>Row {@code t * B + b} belongs to sequence b at step t. Layers run one after the other, each
 * over all steps, so that {@code W x} is one product for many of them and U stays in the cache. A
 * layer has one {@link Track} for each direction; its output is its track's h where it lies, or a
 * buffer where two directions are merged, or one turned round, or training drops some of it.
 *
 * <p>Sequences may be shorter than the others: then their rows behind the end hold zeros. Allocates
 * nothing after construction. One user at a time; ownership: the parameters must outlive it.
 */
public final class Unrolled implements AutoCloseable {
  private static final long MAX_BYTES = 1L << 46;

  private final Architecture architecture;
  private final Track[][] tracks;
  private final PanelMatrix embedding;
  private final PanelMatrix head;
  private final PanelMatrix headBias;
  private final Attention attention;
  private final int maxSteps;
  private final Sequences sequences;
  private final int batch;
  private final Slab slab;
  private final int[] tokens;
  private final int[] lengths;
  private final long scratch;
  private final long zeros;
  private final long x;
  private final long xRow;
  private final long y;
  private final long yRow;

  /** Outputs of each layer that are not those of its track, 0 for none. */
  private final long[] merged;

  private final long[] mergedRow;

  /** Factors of dropout of each layer's outputs, 0 for none. */
  private final long[] masks;

  /** Asked for at every step, and not to be found out anew each time. */
  private final int inputSize;

  private final int outputSize;
  private final int stateSize;
  private final boolean whole;
  private final boolean training;

  private Noise noise;

  /**
   * Room for the given steps and sequences, states zero, to run only forward.
   *
   * @param parameters read at every {@link #forward}
   * @param maxSteps T, 1 or more
   * @param batch B, 1 or more
   * @throws IllegalArgumentException if there are 2^31 rows or more
   */
  public Unrolled(ParameterSlab parameters, int maxSteps, int batch) {
    this(parameters, maxSteps, Sequences.all(batch), null);
  }

  /**
   * Room for the given steps and sequences, states zero.
   *
   * @param sequences which of a batch; x and tokens are those of the whole batch
   * @param noise of the masks of training; null not to train
   */
  public Unrolled(ParameterSlab parameters, int maxSteps, Sequences sequences, Noise noise) {
    this.sequences = sequences;
    batch = sequences.count();
    long all = rows(maxSteps, batch);
    this.architecture = parameters.architecture();
    this.maxSteps = maxSteps;
    this.noise = noise;
    inputSize = architecture.input().size();
    outputSize = architecture.outputSize();
    stateSize = architecture.stateSize();
    whole = architecture.needsWholeSequences();
    embedding = parameters.matrix(Architecture.EMBEDDING);
    head = parameters.matrix(Architecture.HEAD);
    headBias = parameters.matrix(Architecture.HEAD_BIAS);
    tokens = new int[architecture.input().tokens() > 0 ? (int) all : 0];
    lengths = new int[batch];
    xRow = rowBytes(architecture.input().size());
    yRow = head == null ? 0 : rowBytes(outputSize);
    int depth = architecture.layers().size();
    tracks = new Track[depth][];
    merged = new long[depth];
    mergedRow = new long[depth];
    masks = new long[depth];
    training = noise != null;
    long inputRow = xRow;
    for (int l = 0; l < depth; l++) {
      Layer layer = architecture.layers().get(l);
      tracks[l] = new Track[layer.directions()];
      for (int d = 0; d < tracks[l].length; d++) {
        tracks[l][d] = new Track(parameters, l, d, maxSteps, batch, inputRow, training);
      }
      mergedRow[l] = rowBytes(layer.outputSize());
      inputRow = isMerged(layer, training) ? mergedRow[l] : tracks[l][0].rows().stateRow();
    }
    attention =
        architecture.readout().perSequence() ? new Attention(parameters, maxSteps, batch) : null;
    long size = bytes(architecture, maxSteps, batch, training);
    int scratchFloats = parameters.format() == WeightFormat.F32 ? 0 : Products.SCRATCH;
    slab = Slab.allocate(size / Float.BYTES + scratchFloats);
    scratch = slab.address() + size;
    x = slab.address();
    y = x + (needsX(architecture) ? all * xRow : 0);
    long at = y + all * yRow;
    for (int l = 0; l < depth; l++) {
      for (Track track : tracks[l]) {
        at = track.place(at, scratch);
      }
      Layer layer = architecture.layers().get(l);
      if (isMerged(layer, training)) {
        merged[l] = at;
        at += all * mergedRow[l];
      }
      if (dropsOut(layer, training)) {
        masks[l] = at;
        at += all * mergedRow[l];
      }
    }
    if (attention != null) {
      attention.place(at, scratch);
      at += Attention.bytes(architecture, maxSteps, batch);
    }
    zeros = at;
  }

  /** Rows of some steps and sequences, if they can be counted. */
  private static long rows(int maxSteps, int batch) {
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
   * Bytes that some steps and sequences hold off-heap, with f32 weights: for each step and sequence
   * x, gates, states and outputs of every layer.
   *
   * @param training whether there are masks of training
   */
  public static long bytes(Architecture architecture, int maxSteps, int batch, boolean training) {
    SimdEnvironment.require(); // cells know how much their kernels save
    long all = rows(maxSteps, batch);
    long inputRow = rowBytes(architecture.input().size());
    int widest = PanelShape.WIDTH;
    long size = needsX(architecture) ? bytes(all, inputRow) : 0;
    size += architecture.outputs() > 0 ? bytes(all, rowBytes(architecture.outputs())) : 0;
    for (Layer layer : architecture.layers()) {
      for (int d = 0; d < layer.directions(); d++) {
        size += Track.bytes(layer, d, maxSteps, batch, inputRow, training);
      }
      long row = rowBytes(layer.outputSize());
      size += isMerged(layer, training) ? bytes(all, row) : 0;
      size += dropsOut(layer, training) ? bytes(all, row) : 0;
      widest = Math.max(widest, (int) (row / Float.BYTES));
      if (layer.checkedCell().readsMemoryBelow()) {
        widest = Math.max(widest, new PanelShape(1, 1, layer.checkedCell().hiddenSize()).columns());
      }
      inputRow = isMerged(layer, training) ? row : Track.stateRow(layer.checkedCell());
    }
    if (architecture.readout().perSequence()) {
      size += Attention.bytes(architecture, maxSteps, batch);
    }
    return Slab.bytes(size / Float.BYTES + widest);
  }

  /** Bytes of some rows, refused where no machine has them, before a sum of such overflows. */
  static long bytes(long rows, long row) {
    if (rows > MAX_BYTES / row) {
      throw new IllegalArgumentException(
          "No machine has memory for "
              + rows
              + " rows of "
              + row
              + " bytes, one for each step of each sequence; take fewer or smaller ones.");
    }
    return rows * row;
  }

  private static boolean dropsOut(Layer layer, boolean training) {
    return training && layer.dropout() > 0;
  }

  private static boolean isMerged(Layer layer, boolean training) {
    return layer.direction() != Direction.FORWARD || dropsOut(layer, training);
  }

  /** One-hot vectors are never written down, unless a kernel reads them itself. */
  private static boolean needsX(Architecture architecture) {
    return !(architecture.input() instanceof Input.OneHot)
        || architecture.layers().getFirst().checkedCell().readsInput();
  }

  /** Bytes from a row that a product writes to the next. */
  public static long rowBytes(int floats) {
    return (long) Float.BYTES * Slab.rowStride(new PanelShape(1, 1, floats).columns());
  }

  /**
   * Runs all layers from the states at step 0, on the x or tokens that were put in.
   *
   * @param steps how many, 1 to T
   */
  public void forward(int steps) {
    forward(steps, null);
  }

  /**
   * Runs all layers on sequences of different lengths. Behind the end of a sequence x is taken for
   * zeros, tokens must be of the vocabulary, and outputs are zeros.
   *
   * @param steps how many, 1 to T
   * @param ends steps of each sequence, 0 to steps; null where all have as many
   * @throws IllegalArgumentException if one is out of range: checked after they were copied,
   *     because the caller's array may change in between
   */
  public void forward(int steps, int[] ends) {
    if (ends == null) {
      Arrays.fill(lengths, steps);
    } else {
      putLengths(ends, steps);
      clearEnds(tokens.length == 0 ? x : 0, xRow, steps);
    }
    run(steps, ends != null);
    if (ends != null && attention == null) {
      clearEnds(head == null ? 0 : y, yRow, steps);
    }
  }

  private void putLengths(int[] ends, int steps) {
    for (int b = 0; b < batch; b++) {
      int length = ends[b];
      lengths[b] = Math.clamp(length, 0, steps);
      if (length != lengths[b]) {
        throw new IllegalArgumentException(
            "A length is 0 to the "
                + steps
                + " steps, but got "
                + length
                + " for sequence "
                + (sequences.first() + b)
                + ".");
      }
    }
  }

  /** Zeroes the rows behind the ends of sequences, if there are rows. */
  private void clearEnds(long address, long row, int steps) {
    for (int r = 0; address != 0 && r < steps * batch; r++) {
      if (isBehindEnd(r)) {
        RowLoops.zero(address + r * row, 0, (int) (row / Float.BYTES), 1);
      }
    }
  }

  /** Whether a row lies behind the end of its sequence, of the last {@link #forward}. */
  public boolean isBehindEnd(int row) {
    return row / batch >= lengths[row % batch];
  }

  private void run(int steps, boolean ragged) {
    if (tokens.length > 0) {
      embed(steps * batch);
    }
    for (int l = 0; l < tracks.length; l++) {
      runLayer(l, steps, ragged);
    }
    readOut(steps);
  }

  private void runLayer(int l, int steps, boolean ragged) {
    Track lower = l > 0 && tracks[l - 1].length == 1 ? tracks[l - 1][0] : null;
    for (Track track : tracks[l]) {
      if (training) {
        track.draw(noise, steps, sequences.first());
      }
      track.forward(
          steps,
          input(l),
          tokens,
          lengths,
          ragged,
          lower == null ? 0 : lower.memory(),
          lower == null ? 0 : lower.rows().stateRow(),
          zeros);
    }
    if (merged[l] != 0) {
      merge(l, steps);
    }
  }

  private void readOut(int steps) {
    int top = tracks.length - 1;
    long h = layerOutput(top);
    long hRow = layerOutputRow(top);
    if (attention != null) {
      attention.forward(h, hRow, steps, lengths);
      h = attention.output();
      hRow = attention.outputRow();
    }
    if (head != null) {
      int rows = (int) outputRows(steps);
      Products.add(h, hRow, rows, head, headBias.address(), 0, y, yRow, scratch);
    }
  }

  private void embed(int all) {
    if (embedding != null) {
      RowLoops.zero(x, xRow, embedding.shape().columns(), all);
      for (int row = 0; row < all; row++) {
        Products.accumulateRow(embedding, tokens[row], x + row * xRow);
      }
    } else if (needsX(architecture)) {
      RowLoops.zero(x, xRow, (int) (xRow / Float.BYTES), all);
      for (int row = 0; row < all; row++) {
        slab.set(inputIndex(row) + tokens[row], 1);
      }
    }
  }

  /** The outputs of a layer's tracks, in the order of the steps, as one; then dropout. */
  private void merge(int l, int steps) {
    Layer layer = architecture.layers().get(l);
    int size = tracks[l][0].outputSize();
    int width = Slab.pad(size);
    for (int row = 0; row < steps * batch; row++) {
      long to = merged[l] + row * mergedRow[l];
      if (isBehindEnd(row)) {
        RowLoops.zero(to, 0, (int) (mergedRow[l] / Float.BYTES), 1);
        continue;
      }
      long forward = trackOutput(tracks[l][0], row);
      if (layer.direction() != Direction.BIDIRECTIONAL) {
        RowLoops.copy(forward, 0, to, 0, width, 1);
        continue;
      }
      long backward = trackOutput(tracks[l][1], row);
      switch (layer.merge()) {
        case CONCAT -> {
          slab.move(index(forward), index(to), size);
          slab.move(index(backward), index(to) + size, size);
        }
        case PRODUCT -> Blocks.multiply(forward, backward, to, width);
        case SUM, MEAN -> {
          RowLoops.copy(forward, 0, to, 0, width, 1);
          Blocks.add(backward, to, width);
          if (layer.merge() == Merge.MEAN) {
            Blocks.scale(to, width, 0.5f);
          }
        }
      }
    }
    if (masks[l] != 0 && noise != null) {
      drop(l, steps, layer.dropout());
    }
  }

  /** Raw address of what a track gives for a row of the layer's output. */
  private long trackOutput(Track track, int row) {
    int own = track.source(row / batch, row % batch, lengths);
    return track.output() + own * track.rows().stateRow();
  }

  private void drop(int l, int steps, float share) {
    int floats = (int) (mergedRow[l] / Float.BYTES);
    for (int row = 0; row < steps * batch; row++) {
      long mask = masks[l] + row * mergedRow[l];
      int t = row / batch;
      int b = sequences.first() + row % batch;
      noise.fill(mask, floats, 0, 1 / (1 - share), l, 0, Noise.Use.DROPOUT, t, b, share);
    }
    RowLoops.multiply(masks[l], mergedRow[l], merged[l], mergedRow[l], floats, steps * batch);
  }

  /** Sets the noise of the next forward pass, null for one without dropout and zoneout. */
  public void noise(Noise next) {
    noise = next;
  }

  /** The noise of the next forward pass, null where there is none. */
  public Noise noise() {
    return noise;
  }

  /**
   * Makes the states after the last pass's steps those that the next {@link #forward} starts from.
   */
  public void carry() {
    carry(maxSteps);
  }

  /**
   * Makes the states after some of the last pass's steps those that the next {@link #forward}
   * starts from.
   *
   * @param steps how many, 0 or more; a sequence that has fewer stops at its end
   */
  public void carry(int steps) {
    for (Track[] layer : tracks) {
      for (Track track : layer) {
        track.carry(lengths, steps);
      }
    }
  }

  /** Takes over the states at step 0 of another one of the same network and batch. */
  public void copyStates(Unrolled other) {
    for (int l = 0; l < tracks.length; l++) {
      for (int d = 0; d < tracks[l].length; d++) {
        tracks[l][d].copyStates(other.tracks[l][d]);
      }
    }
  }

  /** Floats in the state of one sequence: {@link #saveState}. */
  public int stateSize() {
    return stateSize;
  }

  /**
   * Copies the states of one sequence at step 0 out: for every layer and direction h, then what
   * else the cell carries, and for cells with a clock the steps taken, modulo its period.
   */
  public void saveState(int sequence, float[] state) {
    int at = 0;
    for (Track[] layer : tracks) {
      for (Track track : layer) {
        at = track.save(slab, sequence, 0, state, at);
      }
    }
  }

  /**
   * Copies the states of one sequence after some steps of the last pass out, as {@link #saveState}
   * does.
   *
   * @param steps how many, 0 or more; a sequence that has fewer stops at its end
   */
  public void saveState(int sequence, int steps, float[] state) {
    int taken = Math.min(steps, lengths[sequence]);
    int at = 0;
    for (Track[] layer : tracks) {
      for (Track track : layer) {
        at = track.save(slab, sequence, taken, state, at);
      }
    }
  }

  /**
   * Sets the states of one sequence at step 0 to what {@link #saveState} gave, and zeros around
   * them.
   *
   * @throws IllegalArgumentException if a clock is not a whole number from 0 to its period; then
   *     nothing has changed
   */
  public void restoreState(int sequence, float[] state) {
    checkState(state);
    int at = 0;
    for (Track[] layer : tracks) {
      for (Track track : layer) {
        at = track.restore(slab, sequence, state, at);
      }
    }
  }

  /**
   * Refuses a state that {@link #restoreState} does not take.
   *
   * @throws IllegalArgumentException if a clock is not a whole number from 0 to its period
   */
  public void checkState(float[] state) {
    int at = 0;
    for (Layer layer : architecture.layers()) {
      for (int d = 0; d < layer.directions(); d++) {
        at += layer.checkedCell().stateSize();
        if (layer.checkedCell().clock() > 0) {
          checkClock(state[at - 1], layer.checkedCell().clock());
        }
      }
    }
  }

  private static void checkClock(float value, int period) {
    if (!(value >= 0 && value < period && value == (int) value)) {
      throw new IllegalArgumentException(
          "The state of a cell with a clock ends with the steps taken, a whole number from 0 to "
              + (period - 1)
              + ", but got "
              + value
              + ".");
    }
  }

  /**
   * Copies tokens in, to rows 0 and on.
   *
   * @param source those of the batch
   * @param from index of the batch's first token of the first step to copy
   * @throws IllegalArgumentException if a token is not in the vocabulary: checked after they were
   *     copied, because the caller's array may change in between
   */
  public void putTokens(int[] source, int from, int rows) {
    int vocabulary = architecture.input().tokens();
    for (int i = 0; i < rows; i++) {
      tokens[i] = source[from + sequences.row(i)];
      if (tokens[i] < 0 || tokens[i] >= vocabulary) {
        throw new IllegalArgumentException(
            "The network takes tokens 0 to "
                + (vocabulary - 1)
                + ", but got "
                + tokens[i]
                + " at index "
                + (from + sequences.row(i))
                + ".");
      }
    }
  }

  /** Copies vectors in, to rows 0 and on, from row {@code from} of the batch's, and on. */
  public void putInput(float[] source, int from, int rows) {
    int size = inputSize;
    for (int row = 0; row < rows; row++) {
      slab.put(inputIndex(row), source, (from + sequences.row(row)) * size, size);
    }
  }

  /** Copies outputs out, of rows 0 and on, to row {@code to} of {@code [rows, O]}. */
  public void getOutput(float[] target, int to, int rows) {
    int size = outputSize;
    for (int row = 0; row < rows; row++) {
      slab.get(outputIndex(row), target, (to + row) * size, size);
    }
  }

  /** Index in the slab of a row of the input. */
  public long inputIndex(int row) {
    return index(x + row * xRow);
  }

  /** Index in the slab of a row of the output. */
  public long outputIndex(int row) {
    return index(output() + row * outputRow());
  }

  /** Index in the slab of a raw address. */
  public long index(long address) {
    return (address - slab.address()) / Float.BYTES;
  }

  /** Sets the states of one sequence at step 0 to zero. */
  public void reset(int sequence) {
    for (Track[] layer : tracks) {
      for (Track track : layer) {
        track.reset(sequence);
      }
    }
  }

  /** What the network is made of. */
  public Architecture architecture() {
    return architecture;
  }

  /** Length of an input. */
  public int inputSize() {
    return inputSize;
  }

  /** Length of an output. */
  public int outputSize() {
    return outputSize;
  }

  /** Rows of the output of some steps: one per step and sequence, or one per sequence. */
  public long outputRows(long steps) {
    return attention == null ? steps * batch : batch;
  }

  /** {@link Architecture#needsWholeSequences}. */
  public boolean needsWholeSequences() {
    return whole;
  }

  /** T, the most steps of a {@link #forward}. */
  public int maxSteps() {
    return maxSteps;
  }

  /** Which sequences. */
  public Sequences sequences() {
    return sequences;
  }

  /** The number of sequences. */
  public int batch() {
    return batch;
  }

  /** Tokens by row, to be set before {@link #forward}; empty where the input is a vector. */
  public int[] tokens() {
    return tokens;
  }

  /** Steps of each sequence in the last {@link #forward}. */
  public int[] lengths() {
    return lengths;
  }

  /** The directions of a layer. */
  public Track[] tracks(int l) {
    return tracks[l];
  }

  /** The attention of the readout, or null. */
  public Attention attention() {
    return attention;
  }

  /** Raw address of what a layer takes as x at row 0. */
  public long input(int l) {
    return l == 0 ? x : layerOutput(l - 1);
  }

  /** Bytes from one row of {@link #input} to the next. */
  public long inputRow(int l) {
    return l == 0 ? xRow : layerOutputRow(l - 1);
  }

  /** Raw address of a layer's output at row 0. */
  public long layerOutput(int l) {
    return merged[l] != 0 ? merged[l] : tracks[l][0].output();
  }

  /** Bytes from one row of {@link #layerOutput} to the next. */
  public long layerOutputRow(int l) {
    return merged[l] != 0 ? mergedRow[l] : tracks[l][0].rows().stateRow();
  }

  /** Raw address of the factors of dropout of a layer's outputs, 0 for none. */
  public long mask(int l) {
    return masks[l];
  }

  /** Bytes from one row of {@link #mask} to the next. */
  public long maskRow(int l) {
    return mergedRow[l];
  }

  /** Raw address of some zeros, as many as the widest row has. */
  public long zeros() {
    return zeros;
  }

  /** Raw address of the output at row 0. */
  public long output() {
    if (head != null) {
      return y;
    }
    return attention != null ? attention.output() : layerOutput(tracks.length - 1);
  }

  /** Bytes from one row of {@link #output} to the next. */
  public long outputRow() {
    if (head != null) {
      return yRow;
    }
    return attention != null ? attention.outputRow() : layerOutputRow(tracks.length - 1);
  }

  /** The memory that all raw addresses lie in. */
  public Slab slab() {
    return slab;
  }

  @Override
  public void close() {
    slab.close();
  }
}
