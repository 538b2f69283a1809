package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Noise;
import io.cellbelt.kernels.ExclusiveUse;
import io.cellbelt.kernels.checks.Sizes;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

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
  private final ExclusiveUse use = new ExclusiveUse("backpropagation");
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
   * @throws IllegalArgumentException if a size is out of range, the network needs whole sequences,
   *     or the weights are quantised
   * @throws OutOfMemoryError if there is no room for {@link #bytes}; then nothing is held
   */
  public RecomputingBptt(Weights weights, int maxSteps, int segmentSteps, int batch, Long seed) {
    Objects.requireNonNull(weights, "Backpropagation needs weights, but got null.");
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
    this.maxSteps = maxSteps;
    this.segmentSteps = segmentSteps;
    this.batch = batch;
    inputSize = architecture.input() instanceof Input.Dense(int size) ? size : 0;
    outputSize = architecture.outputSize();
    int segments = Math.ceilDiv(maxSteps, segmentSteps);
    int stateSize = architecture.stateSize();
    // The segment comes last: what is on the heap needs nobody to close it if this fails.
    Sizes.product("rows of a forward pass", maxSteps, batch);
    Sizes.product("rows of states", Sizes.sum("segments", segments, 1), batch);
    dStates = new float[Sizes.product("floats of the states", batch, stateSize)];
    states = new float[segments + 1][batch][stateSize];
    noises = new Noise[segments];
    segment = new Bptt(weights, segmentSteps, batch, seed);
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
    Objects.requireNonNull(x, "'x' are the inputs, but got null.");
    try (var _ = use.hold()) {
      Ranges.checkInput(false, segment.architecture());
      Ranges.checkSteps(steps, maxSteps);
      Ranges.checkSize("x", x.length, (long) steps * batch * inputSize);
      run(x, steps, lengths, y);
    }
  }

  /**
   * Runs sequences from their initial states.
   *
   * @param tokens {@code [T, B]}
   * @param steps T, 1 to the most
   * @param lengths {@code [B]}, 0 to T; null where all have T
   * @param y {@code [T, B, O]}, written
   * @throws IllegalArgumentException as {@link Bptt#forward(int[], int, int[], float[])}
   */
  public void forward(int[] tokens, int steps, int[] lengths, float[] y) {
    Objects.requireNonNull(tokens, "'tokens' are the inputs, but got null.");
    try (var _ = use.hold()) {
      Ranges.checkInput(true, segment.architecture());
      Ranges.checkSteps(steps, maxSteps);
      int[] copy = tokens.clone();
      Ranges.checkRange("tokens", copy, steps * batch, 0, segment.architecture().input().tokens());
      run(copy, steps, lengths, y);
    }
  }

  private void run(Object given, int count, int[] ends, float[] y) {
    Objects.requireNonNull(y, "'y' is an array that outputs are written to, but got null.");
    Ranges.checkSize("y", y.length, (long) count * batch * outputSize);
    int[] checked = ends == null ? filled(count) : ends.clone();
    Ranges.checkRange("lengths", checked, batch, 0, count + 1);
    input = given;
    steps = count;
    lengths = checked;
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
    Objects.requireNonNull(accumulation, "Gradients are added or overwritten, but got null.");
    try (var _ = use.hold()) {
      if (input == null) {
        throw new IllegalStateException(
            "There is no forward pass to go back through; each one serves once, so run another.");
      }
      Objects.requireNonNull(dy, "'dy' are the gradients of the outputs, but got null.");
      int row = batch * outputSize;
      Ranges.checkSize("dy", dy.length, (long) steps * row);
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
      try {
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
      } finally {
        segment.rewind(last);
      }
      dx = gradient;
      dInitial = dStates.clone();
      input = null;
    }
  }

  /** Gradients of the parameters by name, row-major, as new arrays. */
  public Map<String, float[]> gradients() {
    try (var _ = use.hold()) {
      return segment.gradients();
    }
  }

  /** Sets the gradients of the parameters to zero; those of the input and of states stay. */
  public void clearGradients() {
    try (var _ = use.hold()) {
      segment.clearGradients();
    }
  }

  /**
   * Gradients of the input after the last {@link #backward}, {@code [T, B, I]}, a new array.
   *
   * @throws IllegalStateException if the input is tokens, or nothing was gone back through
   */
  public float[] inputGradient() {
    try (var _ = use.hold()) {
      if (dx == null) {
        throw new IllegalStateException(
            "There is no gradient of the input: it is tokens, or backward was not called yet.");
      }
      return dx.clone();
    }
  }

  /**
   * Sets the state that a sequence starts from in forward passes to come.
   *
   * @param state {@code [L][states][H]}, as {@link io.cellbelt.cells.Stream#saveState} gives it
   */
  public void initialState(int sequence, float[] state) {
    try (var _ = use.hold()) {
      Objects.requireNonNull(state, "'state' is the state of a sequence, but got null.");
      float[] copy = state.clone();
      segment.initialState(sequence, copy);
      states[0][sequence] = copy;
      input = null;
    }
  }

  /**
   * The state of a sequence after its last step of the last forward pass, a new array.
   *
   * @throws IllegalStateException if there was no forward pass since the last way back
   */
  public float[] finalState(int sequence) {
    try (var _ = use.hold()) {
      segment.checkSequence(sequence);
      if (input == null) {
        throw new IllegalStateException("There is no forward pass whose end could be told.");
      }
      return states[Math.ceilDiv(steps, segmentSteps)][sequence].clone();
    }
  }

  /**
   * Gradients of the state that a sequence started from, after the last {@link #backward}, {@code
   * [L][states][H]}, a new array.
   *
   * @throws IllegalStateException if nothing was gone back through
   */
  public float[] initialStateGradient(int sequence) {
    try (var _ = use.hold()) {
      segment.checkSequence(sequence);
      if (dInitial == null) {
        throw new IllegalStateException("There is no gradient yet; call backward first.");
      }
      int size = segment.stateSize();
      return Arrays.copyOfRange(dInitial, sequence * size, (sequence + 1) * size);
    }
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
    if (segmentSteps < 1 || segmentSteps > maxSteps) {
      throw new IllegalArgumentException(
          "A segment has 1 to the " + maxSteps + " steps, but got " + segmentSteps + ".");
    }
    long segments = Math.ceilDiv(maxSteps, segmentSteps);
    return Bptt.bytes(architecture, segmentSteps, batch, masks)
        + Float.BYTES * (segments + 2) * batch * architecture.stateSize();
  }

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if another thread is using it
   */
  @Override
  public void close() {
    if (use.close()) {
      segment.close();
    }
  }
}
