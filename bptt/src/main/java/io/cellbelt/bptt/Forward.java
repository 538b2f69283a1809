package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Masked;
import io.cellbelt.cells.engine.Compaction;
import io.cellbelt.cells.engine.Unrolled;
import java.util.Objects;

/**
 * The forward passes of {@link Bptt}: checks of callers' arrays, copies, and what is known of the
 * last pass. Inputs are {@code float[]} of vectors or {@code int[]} of tokens.
 */
final class Forward {
  private final Unrolled tape;

  /** Steps on the tape of the last pass, 0 once it was gone back through or overwritten. */
  private int steps;

  /** Where its steps moved, null where none were masked. */
  private Compaction compaction;

  private Masked masked;

  Forward(Unrolled tape) {
    this.tape = tape;
  }

  /** Runs sequences; lengths may be null. */
  void run(Object input, int count, int[] lengths, float[] y) {
    check(input, count, y);
    if (lengths != null) {
      Ranges.checkRange("lengths", lengths, tape.batch(), 0, count + 1);
    }
    if (input instanceof int[] tokens) {
      int rows = count * tape.batch();
      Ranges.checkRange("tokens", tokens, rows, 0, architecture().input().tokens());
    }
    put(input, count);
    pass(count, lengths, y);
  }

  /** Runs sequences that skip the steps where the mask is false. */
  void run(Object input, int count, boolean[] mask, Masked hidden, float[] y) {
    check(input, count, y);
    Objects.requireNonNull(hidden, "Masked steps put out ZERO or CARRY, but got null.");
    Compaction moves = new Compaction(mask, count, tape.batch());
    Object gathered =
        input instanceof int[] tokens
            ? moves.gatherTokens(tokens, architecture().input().tokens())
            : moves.gather((float[]) input, tape.inputSize());
    put(gathered, moves.steps());
    if (tape.attention() != null) {
      pass(moves.steps(), moves.lengths(), y);
    } else {
      float[] outputs = new float[moves.steps() * tape.batch() * tape.outputSize()];
      pass(moves.steps(), moves.lengths(), outputs);
      moves.scatter(outputs, tape.outputSize(), hidden, y);
    }
    compaction = moves;
    masked = hidden;
  }

  private Architecture architecture() {
    return tape.architecture();
  }

  private void check(Object input, int count, float[] y) {
    Ranges.checkSteps(count, tape.maxSteps());
    long rows = (long) count * tape.batch();
    if (input instanceof int[] tokens) {
      Ranges.checkInput(true, architecture());
      Ranges.checkSize("tokens", tokens.length, rows);
    } else {
      Ranges.checkInput(false, architecture());
      Ranges.checkSize("x", ((float[]) input).length, rows * tape.inputSize());
    }
    Objects.requireNonNull(y, "'y' is an array that outputs are written to, but got null.");
    Ranges.checkSize("y", y.length, tape.outputRows(count) * tape.outputSize());
  }

  /** Overwrites the input of the last pass. */
  private void put(Object input, int count) {
    steps = 0;
    int rows = count * tape.batch();
    if (input instanceof int[] tokens) {
      tape.inputs().put(tokens, 0, rows);
    } else {
      tape.inputs().put((float[]) input, 0, rows);
    }
  }

  private void pass(int count, int[] lengths, float[] y) {
    if (tape.noise() != null) {
      tape.noise(tape.noise().next());
    }
    tape.forward(count, lengths);
    tape.getOutput(y, 0, (int) tape.outputRows(count));
    steps = count;
    compaction = null;
  }

  /** Steps that are on the tape, 0 if it cannot be gone back through. */
  int steps() {
    return steps;
  }

  /** Refuses to go back through nothing. */
  void require() {
    if (steps == 0) {
      throw new IllegalStateException(
          "There is no forward pass to go back through; each one serves once, so run another.");
    }
  }

  /** Where the steps of the last pass moved, null where none were masked. */
  Compaction compaction() {
    return compaction;
  }

  /** Of gradients of all outputs as they were given, those of the rows on the tape. */
  float[] gradients(float[] dy) {
    Objects.requireNonNull(dy, "'dy' are the gradients of the outputs, but got null.");
    int given = compaction == null ? steps : compaction.given();
    Ranges.checkSize("dy", dy.length, tape.outputRows(given) * tape.outputSize());
    return compaction != null && tape.attention() == null
        ? compaction.gatherGradients(dy, tape.outputSize(), masked)
        : dy;
  }

  /** The state of a sequence after some steps of the last pass, a new array. */
  float[] state(int sequence, int count) {
    checkSequence(sequence);
    require();
    if (count < 0 || count > steps) {
      throw new IllegalArgumentException(
          "The last forward pass has states after 0 to "
              + steps
              + " steps, but got "
              + count
              + ".");
    }
    float[] state = new float[tape.states().size()];
    tape.states().save(sequence, count, state);
    return state;
  }

  /** Sets the state that a sequence starts from. */
  void initialState(int sequence, float[] state) {
    checkSequence(sequence);
    Objects.requireNonNull(state, "'state' is the state of a sequence, but got null.");
    Ranges.checkSize("state", state.length, tape.states().size());
    tape.states().restore(sequence, state);
    steps = 0;
  }

  /** Takes note that the last pass was gone back through. */
  void used() {
    steps = 0;
  }

  /** Refuses a sequence that there is none of. */
  void checkSequence(int sequence) {
    if (sequence < 0 || sequence >= tape.batch()) {
      throw new IllegalArgumentException(
          "There are sequences 0 to " + (tape.batch() - 1) + ", but got " + sequence + ".");
    }
  }
}
