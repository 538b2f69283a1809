package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Noise;
import java.util.Arrays;
import java.util.Map;

/**
 * {@link Bptt} for long sequences in less memory: the tape holds one segment of S steps, and of the
 * others only the states between them; the way back runs each segment once more (Chen et al. 2016,
 * arXiv 1604.06174). A third more time, and a tape of S steps instead of T.
 *
 * <p>Outputs and states have the bits of {@link Bptt}; gradients of the parameters are the same
 * sums in another order. Networks with a reverse direction or attention have no segments. Arrays,
 * thread safety and ownership as there.
 */
public final class RecomputingBptt implements AutoCloseable {
  private final Bptt segment;
  private final int maxSteps;
  private final int segmentSteps;
  private final int batch;
  private final int inputSize;
  private final int outputSize;

  /** States at the start of each segment, and gradients of the states at its end. */
  private final float[][][] states;

  private final float[] dStates;
  private final Noise[] noises;

  /** The last forward pass, null once it was gone back through. */
  private Object input;

  private int[] lengths;
  private int steps;

  /** Gradients of the last way back, null before it. */
  private float[] dx;

  private float[] dInitial;

  /**
   * Room for the given steps and sequences, initial states zero.
   *
   * @param maxSteps T, 1 or more
   * @param segmentSteps S, 1 to T; about √T takes least memory
   * @param batch B, 1 or more
   * @param seed of the masks of training, as for {@link Bptt}; null for none
   * @throws IllegalArgumentException if a size is out of range, or the network needs whole
   *     sequences
   */
  public RecomputingBptt(Weights weights, int maxSteps, int segmentSteps, int batch, Long seed) {
    Architecture architecture = weights.architecture();
    if (architecture.needsWholeSequences()) {
      throw new IllegalArgumentException(
          "A network with a reverse direction or attention has no segments that could be computed"
              + " again one by one; use Bptt.");
    }
    if (segmentSteps < 1 || segmentSteps > maxSteps) {
      throw new IllegalArgumentException(
          "A segment has 1 to the "
              + maxSteps
              + " steps that there is room for, but got "
              + segmentSteps
              + ".");
    }
    segment = new Bptt(weights, segmentSteps, batch, seed);
    this.maxSteps = maxSteps;
    this.segmentSteps = segmentSteps;
    this.batch = batch;
    inputSize = architecture.input() instanceof Input.Dense(int size) ? size : 0;
    outputSize = architecture.outputSize();
    int segments = Math.ceilDiv(maxSteps, segmentSteps);
    states = new float[segments + 1][batch][segment.stateSize()];
    dStates = new float[batch * segment.stateSize()];
    noises = new Noise[segments];
  }

  /**
   * Runs sequences from their initial states.
   *
   * @param x {@code [T, B, I]}, not copied: it must stay as it is until the way back
   * @param steps T, 1 to the most
   * @param lengths {@code [B]}, 0 to T; null where all have T
   * @param y {@code [T, B, O]}, written
   * @throws IllegalArgumentException as {@link Bptt#forward(float[], int, int[], float[])}
   */
  public void forward(float[] x, int steps, int[] lengths, float[] y) {
    Ranges.checkInput(false, segment.architecture());
    Ranges.checkSteps(steps, maxSteps);
    Ranges.checkSize("x", x.length, steps * batch * inputSize);
    run(x, steps, lengths, y);
  }

  /**
   * Runs sequences from their initial states.
   *
   * @param tokens {@code [T, B]}, not copied: they must stay as they are until the way back
   * @param steps T, 1 to the most
   * @param lengths {@code [B]}, 0 to T; null where all have T
   * @param y {@code [T, B, O]}, written
   * @throws IllegalArgumentException as {@link Bptt#forward(int[], int, int[], float[])}
   */
  public void forward(int[] tokens, int steps, int[] lengths, float[] y) {
    Ranges.checkInput(true, segment.architecture());
    Ranges.checkSteps(steps, maxSteps);
    Ranges.checkRange("tokens", tokens, steps * batch, 0, segment.architecture().input().tokens());
    run(tokens, steps, lengths, y);
  }

  private void run(Object given, int count, int[] ends, float[] y) {
    Ranges.checkSize("y", y.length, count * batch * outputSize);
    if (ends != null) {
      Ranges.checkRange("lengths", ends, batch, 0, count + 1);
    }
    input = given;
    steps = count;
    lengths = ends == null ? filled(count) : ends.clone();
    for (int s = 0; s * segmentSteps < steps; s++) {
      noises[s] = segment.noise();
      float[] part = forwardSegment(s);
      System.arraycopy(part, 0, y, s * segmentSteps * batch * outputSize, part.length);
      for (int b = 0; b < batch; b++) {
        states[s + 1][b] = segment.finalState(b);
      }
    }
  }

  private int[] filled(int length) {
    int[] all = new int[batch];
    Arrays.fill(all, length);
    return all;
  }

  /** Runs a segment from the states at its start; returns its outputs. */
  private float[] forwardSegment(int s) {
    int from = s * segmentSteps;
    int count = Math.min(segmentSteps, steps - from);
    for (int b = 0; b < batch; b++) {
      segment.initialState(b, states[s][b]);
    }
    int[] left = new int[batch];
    for (int b = 0; b < batch; b++) {
      left[b] = Math.clamp(lengths[b] - (long) from, 0, count);
    }
    float[] y = new float[count * batch * outputSize];
    if (input instanceof float[] x) {
      int row = batch * inputSize;
      segment.forward(Arrays.copyOfRange(x, from * row, (from + count) * row), count, left, y);
    } else {
      int[] tokens = (int[]) input;
      segment.forward(
          Arrays.copyOfRange(tokens, from * batch, (from + count) * batch), count, left, y);
    }
    return y;
  }

  /**
   * Goes back through the last forward pass and adds to the gradients of the parameters. Each
   * forward pass can be gone back through once.
   *
   * @param dy gradients of the outputs, {@code [T, B, O]}
   * @param dFinal gradients of the final states, {@code [B][L][states][H]}; null for none
   * @throws IllegalArgumentException if an array has another size
   * @throws IllegalStateException if there was no forward pass since
   */
  public void backward(float[] dy, float[] dFinal) {
    backward(dy, dFinal, Accumulation.ADD);
  }

  /**
   * Goes back through the last forward pass. Each forward pass can be gone back through once.
   *
   * @param dy gradients of the outputs, {@code [T, B, O]}
   * @param dFinal gradients of the final states, {@code [B][L][states][H]}; null for none
   * @param accumulation whether the gradients of the parameters are added to or overwritten
   * @throws IllegalArgumentException if an array has another size
   * @throws IllegalStateException if there was no forward pass since
   */
  public void backward(float[] dy, float[] dFinal, Accumulation accumulation) {
    if (input == null) {
      throw new IllegalStateException(
          "There is no forward pass to go back through; each one serves once, so run another.");
    }
    int row = batch * outputSize;
    Ranges.checkSize("dy", dy.length, steps * row);
    if (dFinal != null) {
      Ranges.checkSize("dFinal", dFinal.length, dStates.length);
      System.arraycopy(dFinal, 0, dStates, 0, dStates.length);
    } else {
      Arrays.fill(dStates, 0);
    }
    if (accumulation == Accumulation.OVERWRITE) {
      segment.clearGradients();
    }
    float[] gradient = inputSize > 0 ? new float[steps * batch * inputSize] : null;
    Noise last = segment.noise();
    for (int s = Math.ceilDiv(steps, segmentSteps) - 1; s >= 0; s--) {
      segment.rewind(noises[s]);
      forwardSegment(s);
      int from = s * segmentSteps;
      int to = Math.min(from + segmentSteps, steps);
      segment.backward(Arrays.copyOfRange(dy, from * row, to * row), dStates);
      for (int b = 0; b < batch; b++) {
        float[] d = segment.initialStateGradient(b);
        System.arraycopy(d, 0, dStates, b * d.length, d.length);
      }
      if (gradient != null) {
        float[] part = segment.inputGradient();
        System.arraycopy(part, 0, gradient, from * batch * inputSize, part.length);
      }
    }
    segment.rewind(last);
    dx = gradient;
    dInitial = dStates.clone();
    input = null;
  }

  /** Gradients of the parameters by name, row-major, as new arrays. */
  public Map<String, float[]> gradients() {
    return segment.gradients();
  }

  /** Sets the gradients of the parameters to zero; those of the input and of states stay. */
  public void clearGradients() {
    segment.clearGradients();
  }

  /**
   * Gradients of the input after the last {@link #backward}, {@code [T, B, I]}, a new array.
   *
   * @throws IllegalStateException if the input is tokens, or nothing was gone back through
   */
  public float[] inputGradient() {
    if (dx == null) {
      throw new IllegalStateException(
          "There is no gradient of the input: it is tokens, or backward was not called yet.");
    }
    return dx.clone();
  }

  /**
   * Sets the state that a sequence starts from in forward passes to come.
   *
   * @param state {@code [L][states][H]}, as {@link io.cellbelt.cells.Stream#saveState} gives it
   */
  public void initialState(int sequence, float[] state) {
    segment.initialState(sequence, state);
    states[0][sequence] = state.clone();
    input = null;
  }

  /**
   * The state of a sequence after its last step of the last forward pass, a new array.
   *
   * @throws IllegalStateException if there was no forward pass since the last way back
   */
  public float[] finalState(int sequence) {
    if (input == null) {
      throw new IllegalStateException("There is no forward pass whose end could be told.");
    }
    return states[Math.ceilDiv(steps, segmentSteps)][sequence].clone();
  }

  /**
   * Gradients of the state that a sequence started from, after the last {@link #backward}, {@code
   * [L][states][H]}, a new array.
   *
   * @throws IllegalStateException if nothing was gone back through
   */
  public float[] initialStateGradient(int sequence) {
    if (dInitial == null) {
      throw new IllegalStateException("There is no gradient yet; call backward first.");
    }
    int size = segment.stateSize();
    return Arrays.copyOfRange(dInitial, sequence * size, (sequence + 1) * size);
  }

  /**
   * Bytes that it will hold: those of {@link Bptt} for a segment off-heap, and on the heap the
   * states between segments.
   *
   * @param maxSteps T
   * @param segmentSteps S
   * @param batch B
   * @param masks whether with the dropout and zoneout of training
   */
  public static long bytes(
      Architecture architecture, int maxSteps, int segmentSteps, int batch, boolean masks) {
    long segments = Math.ceilDiv(maxSteps, segmentSteps);
    return Bptt.bytes(architecture, segmentSteps, batch, masks)
        + Float.BYTES * (segments + 2) * batch * architecture.stateSize();
  }

  @Override
  public void close() {
    segment.close();
  }
}
