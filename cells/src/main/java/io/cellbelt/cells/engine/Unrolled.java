package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;
import java.util.Arrays;

/**
 * A network unrolled over up to T steps of B sequences, with everything it computes kept in one
 * slab: x, gates and states of every layer, and outputs. With T = 1 it is the scratch of steps;
 * with T of a training window it is the tape.
 *
 * <p>Row {@code t * B + b} belongs to sequence b at step t. Layers run one after the other, each
 * over all steps, so that {@code W x} is one product for many of them and U stays in the cache. A
 * layer has one {@link Track} for each direction, and its {@link LayerOutputs}.
 *
 * <p>Sequences may be shorter than the others: then their rows behind the end hold zeros. Allocates
 * nothing after construction. One user at a time; ownership: the parameters must outlive it.
 */
public final class Unrolled implements AutoCloseable {
  private final NetworkPlan plan;
  private final InputRows inputs;
  private final LayerOutputs[] layers;
  private final CarriedStates states;
  private final PanelMatrix head;
  private final PanelMatrix headBias;
  private final Attention attention;
  private final int maxSteps;
  private final int mostRows;
  private final Slab slab;
  private final int[] lengths;
  private final long scratch;
  private final long zeros;
  private final long xRow;
  private final long y;
  private final long yRow;

  private int batch;
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
    this(new NetworkPlan(parameters, noise != null), maxSteps, sequences.count());
    inputs.sequences(sequences.first(), sequences.count(), sequences.of());
    this.noise = noise;
  }

  /** Room for the given steps and sequences of a network, states zero. */
  public Unrolled(NetworkPlan plan, int maxSteps, int batch) {
    long all = NetworkLayout.rows(maxSteps, batch);
    this.plan = plan;
    this.maxSteps = maxSteps;
    this.batch = batch;
    mostRows = (int) all;
    head = plan.matrix(Architecture.HEAD);
    headBias = plan.matrix(Architecture.HEAD_BIAS);
    lengths = new int[batch];
    xRow = plan.layout().xRow();
    yRow = plan.layout().yRow();
    layers = new LayerOutputs[plan.architecture().layers().size()];
    for (int l = 0; l < layers.length; l++) {
      Track[] tracks =
          Arrays.stream(plan.tracks(l))
              .map(track -> new Track(track, maxSteps, batch))
              .toArray(Track[]::new);
      layers[l] = new LayerOutputs(plan, l, tracks);
    }
    attention = plan.perSequence() ? new Attention(plan.parameters(), maxSteps, batch) : null;
    long size = plan.layout().bytes(maxSteps, batch);
    slab = Slab.allocate(size / Float.BYTES + plan.scratchFloats());
    scratch = slab.address() + size;
    inputs = new InputRows(plan, slab, mostRows);
    inputs.sequences(0, batch, batch);
    y = slab.address() + (plan.layout().needsX() ? all * xRow : 0);
    long at = y + all * yRow;
    for (LayerOutputs layer : layers) {
      for (Track track : layer.tracks()) {
        at = track.place(at, scratch);
      }
      at = layer.place(at, all);
    }
    if (attention != null) {
      attention.place(at, scratch);
      at += Attention.bytes(plan.architecture(), maxSteps, batch);
    }
    TrackStates[] carried =
        Arrays.stream(layers)
            .flatMap(layer -> Arrays.stream(layer.tracks()))
            .map(Track::carried)
            .toArray(TrackStates[]::new);
    states = new CarriedStates(plan, slab, at, lengths, carried);
    zeros = at + plan.layout().packed();
  }

  /**
   * Whether some sequences can run over some steps, {@link #sequences}: there may be fewer
   * sequences than B, and more steps than T.
   */
  public boolean fits(int steps, int count) {
    return (long) steps * count <= mostRows && count <= lengths.length;
  }

  /**
   * Sets which sequences run, from the next {@link #forward} on; their states are to be set.
   *
   * @param from index in the batch of the first
   * @param count how many, 1 to B
   * @param all how many the batch has that x and tokens are given for
   */
  public void sequences(int from, int count, int all) {
    inputs.sequences(from, count, all);
    if (count != batch) {
      batch = count;
      for (LayerOutputs layer : layers) {
        for (Track track : layer.tracks()) {
          track.batch(count);
        }
      }
    }
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
      Arrays.fill(lengths, 0, batch, steps);
    } else {
      putLengths(ends, steps);
      clearEnds(plan.vocabulary() == 0 ? inputs.address() : 0, xRow, steps);
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
                + (inputs.first() + b)
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
    inputs.embed(steps * batch);
    for (int l = 0; l < layers.length; l++) {
      runLayer(l, steps, ragged);
    }
    readOut(steps);
  }

  private void runLayer(int l, int steps, boolean ragged) {
    Track lower = l > 0 && tracks(l - 1).length == 1 ? tracks(l - 1)[0] : null;
    for (Track track : tracks(l)) {
      if (plan.layout().training()) {
        track.draw(noise, steps, inputs.first());
      }
      track.forward(
          steps,
          input(l),
          inputs.tokens(),
          lengths,
          ragged,
          lower == null ? 0 : lower.memory(),
          lower == null ? 0 : lower.stateRow(),
          zeros);
    }
    layers[l].merge(this, steps);
  }

  private void readOut(int steps) {
    int top = layers.length - 1;
    long h = layerOutput(top);
    long hRow = layerOutputRow(top);
    if (attention != null) {
      attention.forward(h, hRow, steps, batch, lengths);
      h = attention.output();
      hRow = attention.outputRow();
    }
    if (head != null) {
      int rows = (int) outputRows(steps);
      Products.add(h, hRow, rows, head, headBias.address(), 0, y, yRow, scratch);
    }
  }

  /** Sets the noise of the next forward pass, null for one without dropout and zoneout. */
  public void noise(Noise next) {
    noise = next;
  }

  /** The noise of the next forward pass, null where there is none. */
  public Noise noise() {
    return noise;
  }

  /** What the next pass is fed. */
  public InputRows inputs() {
    return inputs;
  }

  /** What the next pass starts from. */
  public CarriedStates states() {
    return states;
  }

  /** Copies outputs out, of rows 0 and on, to row {@code to} of the batch's, and on. */
  public void getOutput(float[] target, int to, int rows) {
    int size = plan.outputSize();
    for (int row = 0; row < rows; row++) {
      slab.get(outputIndex(row), target, (to + inputs.row(row)) * size, size);
    }
  }

  /** Index in the slab of a row of the output. */
  public long outputIndex(int row) {
    return index(output() + row * outputRow());
  }

  /** Index in the slab of a raw address. */
  public long index(long address) {
    return (address - slab.address()) / Float.BYTES;
  }

  /** What is unrolled. */
  public NetworkPlan plan() {
    return plan;
  }

  /** What the network is made of. */
  public Architecture architecture() {
    return plan.architecture();
  }

  /** Length of an input. */
  public int inputSize() {
    return plan.inputSize();
  }

  /** Length of an output. */
  public int outputSize() {
    return plan.outputSize();
  }

  /** Rows of the output of some steps: one per step and sequence, or one per sequence. */
  public long outputRows(long steps) {
    return plan.outputRows(steps, batch);
  }

  /** T, the most steps of a {@link #forward}. */
  public int maxSteps() {
    return maxSteps;
  }

  /** The number of sequences that run. */
  public int batch() {
    return batch;
  }

  int first() {
    return inputs.first();
  }

  /** Steps of each sequence in the last {@link #forward}. */
  public int[] lengths() {
    return lengths;
  }

  /** The directions of a layer. */
  public Track[] tracks(int l) {
    return layers[l].tracks();
  }

  /** The attention of the readout, or null. */
  public Attention attention() {
    return attention;
  }

  /** Raw address of what a layer takes as x at row 0. */
  public long input(int l) {
    return l == 0 ? inputs.address() : layerOutput(l - 1);
  }

  /** Bytes from one row of {@link #input} to the next. */
  public long inputRow(int l) {
    return l == 0 ? xRow : layerOutputRow(l - 1);
  }

  /** Raw address of a layer's output at row 0. */
  public long layerOutput(int l) {
    return layers[l].address();
  }

  /** Bytes from one row of {@link #layerOutput} to the next. */
  public long layerOutputRow(int l) {
    return layers[l].row();
  }

  /** Raw address of the factors of dropout of a layer's outputs, 0 for none. */
  public long mask(int l) {
    return layers[l].mask();
  }

  /** Bytes from one row of {@link #mask} to the next. */
  public long maskRow(int l) {
    return plan.layout().mergedRow(l);
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
    return attention != null ? attention.output() : layerOutput(layers.length - 1);
  }

  /** Bytes from one row of the output to the next. */
  public long outputRow() {
    if (head != null) {
      return yRow;
    }
    return attention != null ? attention.outputRow() : layerOutputRow(layers.length - 1);
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
