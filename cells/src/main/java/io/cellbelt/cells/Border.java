package io.cellbelt.cells;

import io.cellbelt.cells.engine.NetworkPlan;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.Segments;
import io.cellbelt.kernels.checks.Sizes;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The border between callers' memory and the library's: everything is checked before any kernel
 * runs, then copied row by row. Memory is {@code float[]}, {@code int[]} of tokens, or a segment.
 */
final class Border {
  private Border() {}

  /** Refuses x and y that do not fit some steps of a number of streams. */
  static void check(NetworkPlan plan, int batch, long steps, Object x, Object y) {
    checkSteps(steps);
    long rows = steps * batch;
    if (steps == 0 && plan.perSequence()) {
      throw new IllegalArgumentException(
          "Attention needs 1 step or more to attend to, but got none.");
    }
    Objects.requireNonNull(x, "The input is an array or a segment, but got null.");
    Objects.requireNonNull(y, "The output is an array or a segment, but got null.");
    int vocabulary = plan.vocabulary();
    if (x instanceof int[] tokens) {
      if (vocabulary == 0) {
        throw new IllegalArgumentException(
            "The network takes vectors of " + plan.inputSize() + " floats, but got tokens.");
      }
      Segments.checkRoom("tokens", rows, tokens.length);
    } else if (vocabulary > 0) {
      throw new IllegalArgumentException(
          "The network takes tokens 0 to " + (vocabulary - 1) + ", but got floats.");
    } else {
      checkFloats("x", Sizes.times(rows, plan.inputSize()), x, false);
    }
    checkFloats("y", Sizes.times(plan.outputRows(steps, batch), plan.outputSize()), y, true);
  }

  private static void checkSteps(long steps) {
    if (steps < 0) {
      throw new IllegalArgumentException(
          "The number of steps is 0 or more, but got a negative one.");
    }
  }

  private static void checkFloats(String name, long floats, Object memory, boolean written) {
    if (memory instanceof float[] array) {
      Segments.checkRoom(name, floats, array.length);
    } else if (written) {
      Segments.checkWrite(name, floats, (MemorySegment) memory);
    } else {
      Segments.checkRead(name, floats, (MemorySegment) memory);
    }
  }

  /** Refuses single steps of a network whose outputs depend on later ones. */
  static void checkSingleSteps(NetworkPlan plan) {
    if (plan.needsWholeSequences()) {
      throw new IllegalStateException(
          "The outputs of this network depend on later steps, by a reverse direction or attention;"
              + " give it whole sequences by run.");
    }
  }

  /** Refuses a state that streams of a network do not have. */
  static void checkState(NetworkPlan plan, float[] state) {
    Objects.requireNonNull(state, "The state of a stream is an array, but got null.");
    if (state.length != plan.stateSize()) {
      throw new IllegalArgumentException(
          "The state of a stream has "
              + plan.stateSize()
              + " floats, but got an array of "
              + state.length
              + ".");
    }
  }

  /** Copies rows of x in, of which the caller's first step is at row {@code from}. */
  static void copyIn(Unrolled to, Object x, long from, int rows) {
    if (x instanceof int[] tokens) {
      to.inputs().put(tokens, (int) from, rows);
    } else if (x instanceof float[] array) {
      to.inputs().put(array, (int) from, rows);
    } else {
      int size = to.inputSize();
      for (int row = 0; row < rows; row++) {
        long given = from + to.inputs().row(row);
        to.slab().put(to.inputs().index(row), (MemorySegment) x, given * size, size);
      }
    }
  }

  /** Copies rows of the output out, of which the caller's first step is at row {@code to}. */
  static void copyOut(Unrolled from, Object y, long to, int rows) {
    if (y instanceof float[] array) {
      from.getOutput(array, (int) to, rows);
      return;
    }
    int size = from.outputSize();
    for (int row = 0; row < rows; row++) {
      long given = to + from.inputs().row(row);
      from.slab().get(from.outputIndex(row), (MemorySegment) y, given * size, size);
    }
  }

  /** Refuses lengths that are null. */
  static int[] given(int[] lengths) {
    return Objects.requireNonNull(
        lengths, "The lengths are an array of a length per stream, not null.");
  }

  static void checkLengths(int[] lengths, int steps, int batch) {
    checkSteps(steps);
    if (lengths.length != batch) {
      throw new IllegalArgumentException(
          "There is one length for each of the "
              + batch
              + " streams, but got "
              + lengths.length
              + ".");
    }
    for (int b = 0; b < batch; b++) {
      if (lengths[b] < 0 || lengths[b] > steps) {
        throw new IllegalArgumentException(
            "A length is 0 to the "
                + steps
                + " steps that are given, but got "
                + lengths[b]
                + " for stream "
                + b
                + ".");
      }
    }
  }
}
