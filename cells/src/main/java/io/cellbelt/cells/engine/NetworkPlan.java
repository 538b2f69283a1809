package io.cellbelt.cells.engine;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Layer;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.product.Products;

/**
 * What a network is to those who run it: its packed parameters, the plans of its tracks, and how
 * its rows are laid out. Made once, and shared by every {@link Unrolled} that runs it.
 *
 * <p>Immutable, thread-safe. The parameters must outlive it; they may be changed between runs.
 */
public final class NetworkPlan {
  private final ParameterSlab parameters;
  private final Architecture architecture;
  private final NetworkLayout layout;
  private final TrackPlan[][] tracks;
  private final int scratchFloats;

  /** Asked for at every step, and not to be found out anew each time. */
  private final int vocabulary;

  private final int inputSize;
  private final int outputSize;
  private final int stateSize;
  private final boolean whole;
  private final boolean perSequence;

  /**
   * The plan of a network.
   *
   * @param training whether there are masks of training
   */
  public NetworkPlan(ParameterSlab parameters, boolean training) {
    this.parameters = parameters;
    architecture = parameters.architecture();
    layout = new NetworkLayout(architecture, training);
    scratchFloats = parameters.format() == WeightFormat.F32 ? 0 : Products.SCRATCH;
    vocabulary = architecture.input().tokens();
    inputSize = architecture.input().size();
    outputSize = architecture.outputSize();
    stateSize = architecture.stateSize();
    whole = architecture.needsWholeSequences();
    perSequence = architecture.readout().perSequence();
    tracks = new TrackPlan[architecture.layers().size()][];
    for (int l = 0; l < tracks.length; l++) {
      tracks[l] = new TrackPlan[architecture.layers().get(l).directions()];
      for (int d = 0; d < tracks[l].length; d++) {
        tracks[l][d] = new TrackPlan(parameters, l, d, layout.inputRow(l), training);
      }
    }
  }

  /**
   * Bytes that an {@link Unrolled} of some steps and sequences hold off-heap, with f32 weights: for
   * each step and sequence x, gates, states and outputs of every layer.
   *
   * @param training whether there are masks of training
   */
  public static long bytes(Architecture architecture, int maxSteps, int batch, boolean training) {
    return new NetworkLayout(architecture, training).bytes(maxSteps, batch);
  }

  /** Bytes that an {@link Unrolled} of so many steps and sequences holds off-heap. */
  public long bytes(int maxSteps, int batch) {
    return Slab.bytes(layout.bytes(maxSteps, batch) / Float.BYTES + scratchFloats);
  }

  /**
   * Rows of some steps of some sequences.
   *
   * @throws IllegalArgumentException if there are 2^31 or more
   */
  public int rows(int steps, int batch) {
    return (int) NetworkLayout.rows(steps, batch);
  }

  /** Bytes of the packed state of a sequence, in whole cache lines. */
  public long stateBytes() {
    return layout.packed();
  }

  /**
   * Refuses a packed state that the engine does not take.
   *
   * @throws IllegalArgumentException if a clock is not a whole number from 0 to its period
   */
  public void checkClocks(float[] state) {
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
   * Refuses a token that is not in the vocabulary.
   *
   * @param index where it was given
   */
  public void checkToken(int token, int index) {
    if (token < 0 || token >= vocabulary) {
      throw new IllegalArgumentException(
          "The network takes tokens 0 to "
              + (vocabulary - 1)
              + ", but got "
              + token
              + " at index "
              + index
              + ".");
    }
  }

  /** What the network is made of. */
  public Architecture architecture() {
    return architecture;
  }

  /** Tokens of the vocabulary, 0 where the input is a vector. */
  public int vocabulary() {
    return vocabulary;
  }

  /** Length of an input. */
  public int inputSize() {
    return inputSize;
  }

  /** Length of an output. */
  public int outputSize() {
    return outputSize;
  }

  /** Floats in the state of one sequence. */
  public int stateSize() {
    return stateSize;
  }

  /** Whether there is one output for each sequence, and not for each step. */
  public boolean perSequence() {
    return perSequence;
  }

  /** Rows of the output of some steps: one per step and sequence, or one per sequence. */
  public long outputRows(long steps, int batch) {
    return perSequence ? batch : steps * batch;
  }

  /** {@link Architecture#needsWholeSequences}. */
  public boolean needsWholeSequences() {
    return whole;
  }

  ParameterSlab parameters() {
    return parameters;
  }

  NetworkLayout layout() {
    return layout;
  }

  /** The directions of a layer; not to be changed. */
  TrackPlan[] tracks(int l) {
    return tracks[l];
  }

  PanelMatrix matrix(String name) {
    return parameters.matrix(name);
  }

  /** Floats that products of quantised weights work in. */
  int scratchFloats() {
    return scratchFloats;
  }
}
