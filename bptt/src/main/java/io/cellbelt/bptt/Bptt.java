package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Masked;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Compaction;
import io.cellbelt.cells.engine.NetworkPlan;
import io.cellbelt.cells.engine.Noise;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Sequences;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.ExclusiveUse;
import java.util.Map;
import java.util.Objects;

/**
 * Gradients of a loss of one's own: a forward pass over up to T steps of B sequences that is kept
 * on a tape, and the way back through it from the gradients of the outputs.
 *
 * <p>Arrays are time-major; with attention there is one output for each sequence, {@code [B, O]}.
 * Gradients of the parameters add up, unless {@link Accumulation} says otherwise. When a call
 * throws for its arguments, nothing has changed.
 *
 * <p>Thread safety: may move between threads, but has one user at a time; concurrent use, and use
 * after {@link #close}, is an {@link IllegalStateException}. Ownership: closed by whoever made it;
 * the weights are copied.
 */
public final class Bptt implements AutoCloseable {
  private final ExclusiveUse use = new ExclusiveUse("backpropagation");
  private final Owned owned = new Owned();
  private final ParameterSlab gradients;
  private final Unrolled tape;
  private final Backward backward;
  private final Forward forward;
  private final GradientBorder border;

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
   * @throws IllegalArgumentException if a size is out of range, or the weights are quantised
   * @throws OutOfMemoryError if there is no room for {@link #bytes}; then nothing is held
   */
  public Bptt(Weights weights, int maxSteps, int batch, Long seed) {
    Objects.requireNonNull(weights, "Backpropagation needs weights, but got null.");
    if (maxSteps < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "Backpropagation needs 1 step and 1 sequence or more, but got "
              + maxSteps
              + " and "
              + batch
              + ".");
    }
    Noise noise = seed == null ? null : new Noise(seed);
    try {
      ParameterSlab own = owned.add(ParameterSlab.trainable(weights));
      gradients = owned.add(new ParameterSlab(weights.architecture()));
      tape = owned.add(new Unrolled(own, maxSteps, Sequences.all(batch), noise));
      backward = new Backward(owned, own, gradients, tape, true);
    } catch (RuntimeException | Error e) {
      owned.close();
      throw e;
    }
    forward = new Forward(tape);
    border = new GradientBorder(tape, backward);
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

  void checkSequence(int sequence) {
    forward.checkSequence(sequence);
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
    Objects.requireNonNull(architecture, "The bytes are those of an architecture, but got null.");
    return 2 * ParameterSlab.bytes(architecture)
        + NetworkPlan.bytes(architecture, maxSteps, batch, masks)
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
    Objects.requireNonNull(x, "'x' are the inputs, but got null.");
    try (var _ = use.hold()) {
      forward.run(x, steps, lengths, y);
    }
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
    Objects.requireNonNull(tokens, "'tokens' are the inputs, but got null.");
    try (var _ = use.hold()) {
      forward.run(tokens, steps, lengths, y);
    }
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
    Objects.requireNonNull(x, "'x' are the inputs, but got null.");
    try (var _ = use.hold()) {
      forward.run(x, steps, mask, masked, y);
    }
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
    Objects.requireNonNull(tokens, "'tokens' are the inputs, but got null.");
    try (var _ = use.hold()) {
      forward.run(tokens, steps, mask, masked, y);
    }
  }

  /** Floats in the state of one sequence, {@code [L][directions][states][H]}. */
  public int stateSize() {
    return tape.states().size();
  }

  /**
   * The state of a sequence after its last step of the last forward pass, a new array.
   *
   * @return {@code [L][directions][states][H]}, as {@link io.cellbelt.cells.Stream#saveState} gives
   *     it
   * @throws IllegalStateException if there was no forward pass since the last way back
   */
  public float[] finalState(int sequence) {
    try (var _ = use.hold()) {
      return forward.state(sequence, forward.steps());
    }
  }

  /**
   * The state of a sequence after some steps of the last forward pass, a new array: where the next
   * window starts in truncated backpropagation whose windows overlap.
   *
   * @param count steps, 0 to those of the forward pass; a sequence that has fewer stops at its end
   * @throws IllegalStateException if there was no forward pass since the last way back
   */
  public float[] stateAfter(int sequence, int count) {
    try (var _ = use.hold()) {
      return forward.state(sequence, count);
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
    Objects.requireNonNull(accumulation, "Gradients are added or overwritten, but got null.");
    try (var _ = use.hold()) {
      forward.require();
      float[] dRows = forward.gradients(dy);
      if (dFinal != null) {
        Ranges.checkSize("dFinal", dFinal.length, (long) tape.batch() * tape.states().size());
      }
      if (accumulation == Accumulation.OVERWRITE) {
        gradients.clear();
      }
      int steps = forward.steps();
      border.putOutputs(dRows, (int) tape.outputRows(steps));
      border.putFinal(dFinal);
      backward.run(steps);
      rowsBack = steps * tape.batch();
      compactionBack = forward.compaction();
      forward.used();
    }
  }

  /** Gradients of the parameters by name, row-major, as new arrays. */
  public Map<String, float[]> gradients() {
    try (var _ = use.hold()) {
      return gradients.values();
    }
  }

  /** Sets the gradients of the parameters to zero, so that the next ones do not add to them. */
  public void clearGradients() {
    try (var _ = use.hold()) {
      gradients.clear();
    }
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
    try (var _ = use.hold()) {
      requireBackward();
      float[] dx = border.input(rowsBack);
      if (compactionBack == null) {
        return dx;
      }
      float[] all = new float[compactionBack.given() * tape.batch() * size];
      compactionBack.scatter(dx, size, Masked.ZERO, all);
      return all;
    }
  }

  /**
   * Sets the state that a sequence starts from in forward passes to come; the last one can no
   * longer be gone back through.
   *
   * @param state {@code [L][directions][states][H]}, as {@link io.cellbelt.cells.Stream#saveState}
   *     gives it
   */
  public void initialState(int sequence, float[] state) {
    try (var _ = use.hold()) {
      forward.initialState(sequence, state);
    }
  }

  /**
   * Gradients of the state that a sequence started from, after the last {@link #backward}, {@code
   * [L][directions][states][H]}, a new array; 0 for the steps of a clock.
   *
   * @throws IllegalStateException if nothing was gone back through
   */
  public float[] initialStateGradient(int sequence) {
    try (var _ = use.hold()) {
      forward.checkSequence(sequence);
      requireBackward();
      return border.initialState(sequence);
    }
  }

  private void requireBackward() {
    if (rowsBack == 0) {
      throw new IllegalStateException("There is no gradient yet; call backward first.");
    }
  }

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if another thread is using it
   */
  @Override
  public void close() {
    if (use.close()) {
      owned.close();
    }
  }
}
