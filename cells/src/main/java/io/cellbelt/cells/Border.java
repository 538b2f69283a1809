package io.cellbelt.cells;

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

  static void check(Unrolled room, long steps, Object x, Object y) {
    Input input = room.architecture().input();
    checkSteps(steps);
    long rows = steps * room.batch();
    if (steps == 0 && room.architecture().readout().perSequence()) {
      throw new IllegalArgumentException(
          "Attention needs 1 step or more to attend to, but got none.");
    }
    Objects.requireNonNull(x, "The input is an array or a segment, but got null.");
    Objects.requireNonNull(y, "The output is an array or a segment, but got null.");
    int vocabulary = input.tokens();
    if (x instanceof int[] tokens) {
      if (vocabulary == 0) {
        throw new IllegalArgumentException(
            "The network takes vectors of " + room.inputSize() + " floats, but got tokens.");
      }
      Segments.checkRoom("tokens", rows, tokens.length);
    } else if (vocabulary > 0) {
      throw new IllegalArgumentException(
          "The network takes tokens 0 to " + (vocabulary - 1) + ", but got floats.");
    } else {
      checkFloats("x", Sizes.times(rows, room.inputSize()), x, false);
    }
    checkFloats("y", Sizes.times(room.outputRows(steps), room.outputSize()), y, true);
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

  /** Copies rows of x into rows 0 and on, from the caller's row {@code from}. */
  static void copyIn(Unrolled to, Object x, long from, int rows) {
    if (x instanceof int[] tokens) {
      to.putTokens(tokens, (int) from, rows);
    } else if (x instanceof float[] array) {
      to.putInput(array, (int) from, rows);
    } else {
      int size = to.inputSize();
      for (int row = 0; row < rows; row++) {
        to.slab().put(to.inputIndex(row), (MemorySegment) x, (from + row) * size, size);
      }
    }
  }

  /** Copies rows 0 and on of the output to the caller's rows from {@code to}. */
  static void copyOut(Unrolled from, Object y, long to, int rows) {
    if (y instanceof float[] array) {
      from.getOutput(array, (int) to, rows);
      return;
    }
    int size = from.outputSize();
    for (int row = 0; row < rows; row++) {
      from.slab().get(from.outputIndex(row), (MemorySegment) y, (to + row) * size, size);
    }
  }

  static void checkLengths(int[] lengths, int steps, int batch) {
    checkSteps(steps);
    Objects.requireNonNull(lengths, "The lengths are an array of a length per stream, not null.");
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
