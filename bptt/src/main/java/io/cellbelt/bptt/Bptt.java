package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Masked;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Compaction;
import io.cellbelt.cells.engine.Noise;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Sequences;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.product.RowLoops;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Gradients of a loss of one's own: a forward pass over up to T steps of B sequences that is kept
 * on a tape, and the way back through it from the gradients of the outputs.
 *
 * <p>Arrays are time-major; with attention there is one output for each sequence, {@code [B, O]}.
 * Gradients of the parameters add up, unless {@link Accumulation} says otherwise. Not thread-safe.
 * Ownership: closed by whoever made it; the weights are copied.
 */
public final class Bptt implements AutoCloseable {
  private final ParameterSlab weights;
  private final ParameterSlab gradients;
  private final Unrolled tape;
  private final Backward backward;

  /** Steps on the tape of the last forward pass, 0 once it was gone back through. */
  private int steps;

  /** Where its steps moved, null where none were masked. */
  private Compaction compaction;

  private Masked masked;

  /** Rows of the last backward pass, 0 before the first. */
  private int rowsBack;

  private Compaction compactionBack;

  /**
   * Room for the given steps and sequences, initial states zero.
   *
   * @param maxSteps T, 1 or more
   * @param batch B, 1 or more
   */
  public Bptt(Weights weights, int maxSteps, int batch) {
    this(weights, maxSteps, batch, null);
  }

  /**
   * Room for the given steps and sequences, initial states zero, with the dropout and zoneout of
   * training.
   *
   * @param seed of the masks, which every forward pass draws anew; null for none, as without
   *     training
   */
  public Bptt(Weights weights, int maxSteps, int batch, Long seed) {
    if (maxSteps < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "Backpropagation needs 1 step and 1 sequence or more, but got "
              + maxSteps
              + " and "
              + batch
              + ".");
    }
    this.weights = ParameterSlab.trainable(weights);
    gradients = new ParameterSlab(weights.architecture());
    Noise noise = seed == null ? null : new Noise(seed);
    tape = new Unrolled(this.weights, maxSteps, Sequences.all(batch), noise);
    backward = new Backward(this.weights, gradients, tape, true);
  }

  Architecture architecture() {
    return tape.architecture();
  }

  int batch() {
    return tape.batch();
  }

  /** What the last forward pass computed. */
  Unrolled tape() {
    return tape;
  }

  /** The masks of the last forward pass, null without them. */
  Noise noise() {
    return tape.noise();
  }

  /** Makes the next forward pass draw the masks that the one after this noise drew. */
  void rewind(Noise noise) {
    tape.noise(noise);
  }

  /**
   * Bytes that it will hold off-heap: weights, their gradients and transposes, and for each step
   * and sequence x, gates, states and outputs of every layer and two gradients of the widest
   * layer's outputs or inputs.
   *
   * @param maxSteps T
   * @param batch B
   * @param masks whether with the dropout and zoneout of training
   */
  public static long bytes(Architecture architecture, int maxSteps, int batch, boolean masks) {
    return 2 * ParameterSlab.bytes(architecture)
        + Unrolled.bytes(architecture, maxSteps, batch, masks)
        + Backward.bytes(architecture, maxSteps, batch, true);
  }

  /**
   * Runs the sequences from their initial states.
   *
   * @param x {@code [T, B, I]}
   * @param steps T, 1 to the most
   * @param y {@code [T, B, O]}, written
   * @throws IllegalArgumentException if an array has another size, or the input is tokens
   */
  public void forward(float[] x, int steps, float[] y) {
    forward(x, steps, null, y);
  }

  /**
   * Runs sequences of different lengths from their initial states. Behind its end a sequence's
   * outputs are 0, and their gradients do not count.
   *
   * @param x {@code [T, B, I]}
   * @param steps T, 1 to the most
   * @param lengths {@code [B]}, 0 to T; null where all have T
   * @param y {@code [T, B, O]}, written
   * @throws IllegalArgumentException if an array has another size, a length is out of range, or the
   *     input is tokens
   */
  public void forward(float[] x, int steps, int[] lengths, float[] y) {
    checkForward(false, steps, lengths, y.length);
    int rows = steps * tape.batch();
    Ranges.checkSize("x", x.length, rows * architecture().input().size());
    tape.putInput(x, 0, rows);
    run(steps, lengths, y);
  }

  /**
   * Runs the sequences from their initial states.
   *
   * @param tokens {@code [T, B]}
   * @param steps T, 1 to the most
   * @param y {@code [T, B, O]}, written
   * @throws IllegalArgumentException if an array has another size, a token is not in the
   *     vocabulary, or the input is a vector
   */
  public void forward(int[] tokens, int steps, float[] y) {
    forward(tokens, steps, null, y);
  }

  /**
   * Runs sequences of different lengths from their initial states; see {@link #forward(float[],
   * int, int[], float[])}.
   *
   * @param tokens {@code [T, B]}, in the vocabulary behind the ends, too
   * @param steps T, 1 to the most
   * @param lengths {@code [B]}, 0 to T; null where all have T
   * @param y {@code [T, B, O]}, written
   * @throws IllegalArgumentException if an array has another size, a token is not in the
   *     vocabulary, a length is out of range, or the input is a vector
   */
  public void forward(int[] tokens, int steps, int[] lengths, float[] y) {
    checkForward(true, steps, lengths, y.length);
    int rows = steps * tape.batch();
    Ranges.checkRange("tokens", tokens, rows, 0, architecture().input().tokens());
    tape.putTokens(tokens, 0, rows);
    run(steps, lengths, y);
  }

  /**
   * Runs sequences that skip some steps from their initial states: at a masked step the state
   * stays, and the output is what {@code masked} says. With attention there are outputs of whole
   * sequences only, and {@code masked} changes nothing.
   *
   * <p>The way back is the same: the gradient of an output that repeats another is added to that
   * one's, that of a zero does not count, and x at masked steps has none.
   *
   * @param x {@code [T, B, I]}; not looked at where a step is masked
   * @param steps T, 1 to the most
   * @param mask whether a step counts, {@code [T, B]}
   * @param masked what comes out at other steps
   * @param y {@code [T, B, O]}, written
   * @throws IllegalArgumentException if an array has another size, or the input is tokens
   */
  public void forward(float[] x, int steps, boolean[] mask, Masked masked, float[] y) {
    checkForward(false, steps, null, y.length);
    int size = architecture().input().size();
    Ranges.checkSize("x", x.length, steps * tape.batch() * size);
    Compaction moves = compaction(mask, steps, masked);
    tape.putInput(moves.gather(x, size), 0, moves.steps() * tape.batch());
    run(moves, masked, y);
  }

  /**
   * Runs sequences that skip some steps from their initial states; see {@link #forward(float[],
   * int, boolean[], Masked, float[])}.
   *
   * @param tokens {@code [T, B]}; not looked at where a step is masked
   * @param steps T, 1 to the most
   * @param mask whether a step counts, {@code [T, B]}
   * @param masked what comes out at other steps
   * @param y {@code [T, B, O]}, written
   * @throws IllegalArgumentException if an array has another size, a token is not in the
   *     vocabulary, or the input is a vector
   */
  public void forward(int[] tokens, int steps, boolean[] mask, Masked masked, float[] y) {
    checkForward(true, steps, null, y.length);
    Ranges.checkSize("tokens", tokens.length, steps * tape.batch());
    Compaction moves = compaction(mask, steps, masked);
    int[] gathered = moves.gatherTokens(tokens, architecture().input().tokens());
    tape.putTokens(gathered, 0, gathered.length);
    run(moves, masked, y);
  }

  private Compaction compaction(boolean[] mask, int steps, Masked masked) {
    Objects.requireNonNull(masked, "Masked steps put out ZERO or CARRY, but got null.");
    return new Compaction(mask, steps, tape.batch());
  }

  private void run(Compaction moves, Masked masked, float[] y) {
    if (tape.attention() != null) {
      run(moves.steps(), moves.lengths(), y);
    } else {
      float[] outputs = new float[moves.steps() * tape.batch() * tape.outputSize()];
      run(moves.steps(), moves.lengths(), outputs);
      moves.scatter(outputs, tape.outputSize(), masked, y);
    }
    compaction = moves;
    this.masked = masked;
  }

  private void checkForward(boolean tokens, int steps, int[] lengths, int outputs) {
    Ranges.checkSteps(steps, tape.maxSteps());
    Ranges.checkInput(tokens, architecture());
    if (lengths != null) {
      Ranges.checkRange("lengths", lengths, tape.batch(), 0, steps + 1);
    }
    Ranges.checkSize("y", outputs, (int) tape.outputRows(steps) * tape.outputSize());
  }

  private void run(int steps, int[] lengths, float[] y) {
    if (tape.noise() != null) {
      tape.noise(tape.noise().next());
    }
    tape.forward(steps, lengths);
    tape.getOutput(y, 0, (int) tape.outputRows(steps));
    this.steps = steps;
    compaction = null;
  }

  /** Floats in the state of one sequence, {@code [L][directions][states][H]}. */
  public int stateSize() {
    return tape.stateSize();
  }

  /**
   * The state of a sequence after its last step of the last forward pass, a new array.
   *
   * @return {@code [L][directions][states][H]}, as {@link io.cellbelt.cells.Stream#saveState} gives
   *     it
   * @throws IllegalStateException if there was no forward pass since the last way back
   */
  public float[] finalState(int sequence) {
    return stateAfter(sequence, steps);
  }

  /**
   * The state of a sequence after some steps of the last forward pass, a new array: where the next
   * window starts in truncated backpropagation whose windows overlap.
   *
   * @param count steps, 0 to those of the forward pass; a sequence that has fewer stops at its end
   * @throws IllegalStateException if there was no forward pass since the last way back
   */
  public float[] stateAfter(int sequence, int count) {
    checkSequence(sequence);
    requireForward();
    if (count < 0 || count > steps) {
      throw new IllegalArgumentException(
          "The last forward pass has states after 0 to "
              + steps
              + " steps, but got "
              + count
              + ".");
    }
    float[] state = new float[tape.stateSize()];
    tape.saveState(sequence, count, state);
    return state;
  }

  private void requireForward() {
    if (steps == 0) {
      throw new IllegalStateException(
          "There is no forward pass to go back through; each one serves once, so run another.");
    }
  }

  /**
   * Goes back through the last forward pass and adds to the gradients of the parameters. Each
   * forward pass can be gone back through once.
   *
   * @param dy gradients of the outputs, {@code [T, B, O]}
   * @throws IllegalArgumentException if the array has another size
   * @throws IllegalStateException if there was no forward pass since
   */
  public void backward(float[] dy) {
    backward(dy, null);
  }

  /**
   * Goes back through the last forward pass, from gradients of the final states, too, and adds to
   * the gradients of the parameters.
   *
   * @param dy gradients of the outputs, {@code [T, B, O]}
   * @param dFinal gradients of the final states, {@code [B][L][directions][states][H]}; null for
   *     none
   * @throws IllegalArgumentException if an array has another size
   * @throws IllegalStateException if there was no forward pass since
   */
  public void backward(float[] dy, float[] dFinal) {
    backward(dy, dFinal, Accumulation.ADD);
  }

  /**
   * Goes back through the last forward pass, from gradients of the final states, too.
   *
   * @param dy gradients of the outputs, {@code [T, B, O]}
   * @param dFinal gradients of the final states, {@code [B][L][directions][states][H]}; null for
   *     none
   * @param accumulation whether the gradients of the parameters are added to or overwritten
   * @throws IllegalArgumentException if an array has another size
   * @throws IllegalStateException if there was no forward pass since
   */
  public void backward(float[] dy, float[] dFinal, Accumulation accumulation) {
    requireForward();
    int size = tape.outputSize();
    int rows = (int) tape.outputRows(steps);
    int given = compaction == null ? steps : compaction.given();
    Ranges.checkSize("dy", dy.length, (int) tape.outputRows(given) * size);
    boolean moved = compaction != null && tape.attention() == null;
    float[] dRows = moved ? compaction.gatherGradients(dy, size, masked) : dy;
    if (dFinal != null) {
      Ranges.checkSize("dFinal", dFinal.length, tape.batch() * tape.stateSize());
    }
    if (accumulation == Accumulation.OVERWRITE) {
      clearGradients();
    }
    boolean head = architecture().outputs() > 0;
    if (!head) {
      RowLoops.zero(backward.outputGradient(), backward.outputGradientRow(), Slab.pad(size), rows);
    }
    for (int row = 0; row < rows; row++) {
      if (head) {
        tape.slab().put(tape.outputIndex(row), dRows, row * size, size);
      } else {
        long index = row * backward.outputGradientRow() / Float.BYTES;
        backward.outputGradientSlab().put(index, dRows, row * size, size);
      }
    }
    backward.clearFinal();
    if (dFinal != null) {
      for (int b = 0; b < tape.batch(); b++) {
        int from = b * tape.stateSize();
        forEachState(b, from, true, (slab, index, at, count) -> slab.put(index, dFinal, at, count));
      }
    }
    backward.run(steps);
    rowsBack = steps * tape.batch();
    compactionBack = compaction;
    steps = 0;
  }

  /** What is done with one state of one sequence. */
  private interface State {
    void at(Slab slab, long index, int offset, int count);
  }

  private void forEachState(int sequence, int from, boolean last, State state) {
    int at = from;
    for (int l = 0; l < architecture().layers().size(); l++) {
      for (Track track : tape.tracks(l)) {
        TrackBackward back = backward.track(l, track.direction());
        Slab slab = last ? back.finalGradient() : back.stateGradient();
        Rows rows = track.rows();
        for (int s = 0; s < track.schedule().carried(); s++) {
          int size = track.schedule().states().get(s);
          long index = (sequence * rows.stateRow() + s * rows.plane()) / Float.BYTES;
          state.at(slab, index, at, size);
          at += size;
        }
        at += track.cell().clock() > 0 ? 1 : 0;
      }
    }
  }

  /** Gradients of the parameters by name, row-major, as new arrays. */
  public Map<String, float[]> gradients() {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : architecture().parameters()) {
      values.put(parameter.name(), gradients.get(parameter));
    }
    return values;
  }

  /** Sets the gradients of the parameters to zero. */
  public void clearGradients() {
    gradients.clear();
  }

  /**
   * Gradients of the input after the last {@link #backward}, {@code [T, B, I]}, a new array.
   *
   * @throws IllegalStateException if the input is tokens, or nothing was gone back through
   */
  public float[] inputGradient() {
    if (!(architecture().input() instanceof Input.Dense(int size))) {
      throw new IllegalStateException("Tokens have no gradient; only vector inputs do.");
    }
    requireBackward();
    float[] dx = new float[rowsBack * size];
    for (int row = 0; row < rowsBack; row++) {
      backward.inputGradient().get(backward.inputGradientIndex(row), dx, row * size, size);
    }
    if (compactionBack != null) {
      float[] all = new float[compactionBack.given() * tape.batch() * size];
      compactionBack.scatter(dx, size, Masked.ZERO, all);
      return all;
    }
    return dx;
  }

  /**
   * Sets the state that a sequence starts from in forward passes to come; the last one can no
   * longer be gone back through.
   *
   * @param state {@code [L][directions][states][H]}, as {@link io.cellbelt.cells.Stream#saveState}
   *     gives it
   */
  public void initialState(int sequence, float[] state) {
    checkSequence(sequence);
    Ranges.checkSize("state", state.length, tape.stateSize());
    tape.restoreState(sequence, state);
    steps = 0;
  }

  /**
   * Gradients of the state that a sequence started from, after the last {@link #backward}, {@code
   * [L][directions][states][H]}, a new array; 0 for the steps of a clock.
   *
   * @throws IllegalStateException if nothing was gone back through
   */
  public float[] initialStateGradient(int sequence) {
    checkSequence(sequence);
    requireBackward();
    float[] gradient = new float[tape.stateSize()];
    forEachState(
        sequence, 0, false, (slab, index, at, count) -> slab.get(index, gradient, at, count));
    return gradient;
  }

  private void checkSequence(int sequence) {
    if (sequence < 0 || sequence >= tape.batch()) {
      throw new IllegalArgumentException(
          "There are sequences 0 to " + (tape.batch() - 1) + ", but got " + sequence + ".");
    }
  }

  private void requireBackward() {
    if (rowsBack == 0) {
      throw new IllegalStateException("There is no gradient yet; call backward first.");
    }
  }

  @Override
  public void close() {
    backward.close();
    tape.close();
    gradients.close();
    weights.close();
  }
}
