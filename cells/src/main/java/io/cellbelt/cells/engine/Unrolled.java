package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.kernels.product.RowLoops;

/**
 * A network unrolled over up to T steps of B sequences, with everything it computes kept in one
 * slab: x, gates and states of every layer, and outputs. With T = 1 it is the inside of a stream;
 * with T of a training window it is the tape.
 *
 * <p>Row {@code t * B + b} belongs to sequence b at step t, and states have one step more: step 0
 * is what came in. Layers run one after the other, each over all steps, so that {@code W x} is one
 * product for many of them and U stays in the cache. Allocates nothing after construction. One user
 * at a time; ownership: the parameters must outlive it.
 */
public final class Unrolled implements AutoCloseable {
  /**
   * Rows whose {@code W x} is done in one product: many, so that W is read once for all of them,
   * but not so many that their gates have left the cache when their step comes.
   */
  private static final int ROWS_AHEAD = 96;

  private final Architecture architecture;
  private final Layer[] layers;
  private final Rows[] rows;
  private final PanelMatrix embedding;
  private final PanelMatrix head;
  private final PanelMatrix headBias;
  private final int maxSteps;
  private final int batch;
  private final Slab slab;
  private final int[] tokens;
  private final long scratch;
  private final long x;
  private final long xRow;
  private final long[] gates;
  private final long[] states;
  private final long y;
  private final long yRow;

  /**
   * Room for the given steps and sequences, states zero.
   *
   * @param parameters read at every {@link #forward}
   * @param maxSteps T, 1 or more
   * @param batch B, 1 or more
   * @throws IllegalArgumentException if there are 2^31 rows or more
   */
  public Unrolled(ParameterSlab parameters, int maxSteps, int batch) {
    long all = (long) maxSteps * batch;
    if (all > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Steps times sequences are fewer than 2^31, but got "
              + maxSteps
              + " steps of "
              + batch
              + " sequences; take a shorter window or a smaller batch.");
    }
    this.architecture = parameters.architecture();
    this.maxSteps = maxSteps;
    this.batch = batch;
    int depth = architecture.layers().size();
    layers = new Layer[depth];
    rows = new Rows[depth];
    for (int l = 0; l < depth; l++) {
      rows[l] = Layer.of(parameters, l, 0).rows(batch);
    }
    embedding = parameters.matrix(Architecture.EMBEDDING);
    head = parameters.matrix(Architecture.HEAD);
    headBias = parameters.matrix(Architecture.HEAD_BIAS);
    tokens = new int[architecture.input().tokens() > 0 ? (int) all : 0];
    xRow = bytes(Slab.rowStride(new PanelShape(1, 1, architecture.input().size()).columns()));
    yRow = head == null ? 0 : bytes(Slab.rowStride(head.shape().columns()));
    boolean needsX = !(architecture.input() instanceof Input.OneHot);
    int scratchFloats = parameters.format() == WeightFormat.F32 ? 0 : Products.SCRATCH;
    long size = bytes(scratchFloats) + all * yRow + (needsX ? all * xRow : 0);
    for (Rows r : rows) {
      size += all * r.gateRow() + (all + batch) * r.stateRow();
    }
    slab = Slab.allocate(size / Float.BYTES);
    long at = slab.address();
    scratch = at;
    at += bytes(scratchFloats);
    x = at;
    at += needsX ? all * xRow : 0;
    y = at;
    at += all * yRow;
    gates = new long[depth];
    states = new long[depth];
    for (int l = 0; l < depth; l++) {
      layers[l] = Layer.of(parameters, l, scratch);
      gates[l] = at;
      at += all * rows[l].gateRow();
      states[l] = at;
      at += (all + batch) * rows[l].stateRow();
    }
  }

  private static long bytes(long floats) {
    return Float.BYTES * floats;
  }

  /**
   * Runs all layers from the states at step 0, on the x or tokens that were put in.
   *
   * @param steps how many, 1 to T
   */
  public void forward(int steps) {
    int all = steps * batch;
    embed(all);
    int ahead = Math.max(1, ROWS_AHEAD / batch);
    for (int l = 0; l < layers.length; l++) {
      for (int t = 0; t < steps; t++) {
        if (t % ahead == 0) {
          project(l, t, Math.min(ahead, steps - t));
        }
        layers[l].advance(rows[l], gates(l, t), states(l, t), states(l, t + 1));
      }
    }
    if (head != null) {
      Rows top = rows[layers.length - 1];
      long h = states(layers.length - 1, 1);
      Products.add(h, top.stateRow(), all, head, headBias.address(), 0, y, yRow, scratch);
    }
  }

  /** {@code gates = b + W x} of a layer, for some steps from t on. */
  private void project(int l, int t, int steps) {
    Layer layer = layers[l];
    long gateRow = rows[l].gateRow();
    int first = t * batch;
    int count = steps * batch;
    if (l == 0 && architecture.input() instanceof Input.OneHot) {
      for (int row = 0; row < count; row++) {
        layer.lookUp(tokens[first + row], gates(0, t) + row * gateRow);
      }
    } else {
      layer.project(input(l) + first * inputRow(l), inputRow(l), count, gates(l, t), gateRow);
    }
  }

  private void embed(int all) {
    if (embedding == null) {
      return;
    }
    RowLoops.zero(x, xRow, embedding.shape().columns(), all);
    for (int row = 0; row < all; row++) {
      Products.accumulateRow(embedding, tokens[row], x + row * xRow);
    }
  }

  /** Makes the states after the given step those that the next {@link #forward} starts from. */
  public void carry(int steps) {
    for (int l = 0; l < layers.length; l++) {
      copyStates(l, states(l, steps));
    }
  }

  /** Takes over the states at step 0 of another one of the same network and batch. */
  public void copyStates(Unrolled other) {
    for (int l = 0; l < layers.length; l++) {
      copyStates(l, other.states(l, 0));
    }
  }

  private void copyStates(int l, long from) {
    long row = rows[l].stateRow();
    RowLoops.copy(from, row, states(l, 0), row, (int) (row / Float.BYTES), batch);
  }

  /** Floats in the state of one sequence, {@code [L][states][H]}. */
  public int stateSize() {
    int size = 0;
    for (Layer layer : layers) {
      size += layer.cell().states() * layer.cell().hiddenSize();
    }
    return size;
  }

  /** Copies the states of one sequence at step 0 out, {@code [L][states][H]}. */
  public void saveState(int sequence, float[] state) {
    int at = 0;
    for (int l = 0; l < layers.length; l++) {
      int size = layers[l].cell().hiddenSize();
      for (int s = 0; s < layers[l].cell().states(); s++, at += size) {
        slab.get(stateIndex(l, s, sequence), state, at, size);
      }
    }
  }

  /** Sets the states of one sequence at step 0, {@code [L][states][H]}, and zeros around them. */
  public void restoreState(int sequence, float[] state) {
    reset(sequence);
    int at = 0;
    for (int l = 0; l < layers.length; l++) {
      int size = layers[l].cell().hiddenSize();
      for (int s = 0; s < layers[l].cell().states(); s++, at += size) {
        slab.put(stateIndex(l, s, sequence), state, at, size);
      }
    }
  }

  private long stateIndex(int l, int state, int sequence) {
    return index(states(l, 0) + sequence * rows[l].stateRow() + state * rows[l].plane());
  }

  /**
   * Copies tokens in, to rows 0 and on.
   *
   * @param from index of the first token to copy
   * @throws IllegalArgumentException if a token is not in the vocabulary: checked after they were
   *     copied, because the caller's array may change in between
   */
  public void putTokens(int[] source, int from, int rows) {
    System.arraycopy(source, from, tokens, 0, rows);
    int vocabulary = architecture.input().tokens();
    for (int i = 0; i < rows; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocabulary) {
        throw new IllegalArgumentException(
            "The network takes tokens 0 to "
                + (vocabulary - 1)
                + ", but got "
                + tokens[i]
                + " at index "
                + (from + i)
                + ".");
      }
    }
  }

  /** Copies vectors in, to rows 0 and on, from row {@code from} of {@code [rows, I]}. */
  public void putInput(float[] source, int from, int rows) {
    int size = architecture.input().size();
    for (int row = 0; row < rows; row++) {
      slab.put(inputIndex(row), source, (from + row) * size, size);
    }
  }

  /** Copies outputs out, of rows 0 and on, to row {@code to} of {@code [rows, O]}. */
  public void getOutput(float[] target, int to, int rows) {
    int size = architecture.outputSize();
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

  private long index(long address) {
    return (address - slab.address()) / Float.BYTES;
  }

  /** Sets the states of one sequence at step 0 to zero. */
  public void reset(int sequence) {
    for (int l = 0; l < layers.length; l++) {
      long row = rows[l].stateRow();
      RowLoops.zero(states(l, 0) + sequence * row, row, (int) (row / Float.BYTES), 1);
    }
  }

  /** What the network is made of. */
  public Architecture architecture() {
    return architecture;
  }

  /** T, the most steps of a {@link #forward}. */
  public int maxSteps() {
    return maxSteps;
  }

  /** B, the number of sequences. */
  public int batch() {
    return batch;
  }

  /** Tokens by row, to be set before {@link #forward}; empty where the input is a vector. */
  public int[] tokens() {
    return tokens;
  }

  /** The layer. */
  public Layer layer(int l) {
    return layers[l];
  }

  /** Where the rows of a layer's gates and states lie. */
  public Rows rows(int l) {
    return rows[l];
  }

  /** Raw address of what a layer takes as x at row 0: the network's x, or h of the layer below. */
  public long input(int l) {
    return l == 0 ? x : states(l - 1, 1);
  }

  /** Bytes from one row of {@link #input} to the next. */
  public long inputRow(int l) {
    return l == 0 ? xRow : rows[l - 1].stateRow();
  }

  /** Raw address of the gates of sequence 0 at a step. */
  public long gates(int l, int t) {
    return gates[l] + t * batch * rows[l].gateRow();
  }

  /** Raw address of the states of sequence 0 after the given number of steps. */
  public long states(int l, int t) {
    return states[l] + t * batch * rows[l].stateRow();
  }

  /** Raw address of the output at row 0. */
  public long output() {
    return head == null ? states(layers.length - 1, 1) : y;
  }

  /** Bytes from one row of {@link #output} to the next. */
  public long outputRow() {
    return head == null ? rows[layers.length - 1].stateRow() : yRow;
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
