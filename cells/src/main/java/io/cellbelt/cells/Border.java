package io.cellbelt.cells;

import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.Segments;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The border between callers' memory and the library's: everything is checked before any kernel
 * runs, then copied row by row. Memory is {@code float[]}, {@code int[]} of tokens, or a segment.
 */
final class Border {
  private Border() {}

  static void check(Architecture architecture, long rows, Object x, Object y) {
    if (rows < 0) {
      throw new IllegalArgumentException(
          "The number of steps is 0 or more, but got a negative one.");
    }
    Objects.requireNonNull(x, "The input is an array or a segment, but got null.");
    Objects.requireNonNull(y, "The output is an array or a segment, but got null.");
    int vocabulary = architecture.input().tokens();
    if (x instanceof int[] tokens) {
      if (vocabulary == 0) {
        throw new IllegalArgumentException(
            "The network takes vectors of "
                + architecture.input().size()
                + " floats, but got tokens.");
      }
      Segments.checkRoom("tokens", rows, tokens.length);
    } else if (vocabulary > 0) {
      throw new IllegalArgumentException(
          "The network takes tokens 0 to " + (vocabulary - 1) + ", but got floats.");
    } else {
      checkFloats("x", rows * architecture.input().size(), x, false);
    }
    checkFloats("y", rows * architecture.outputSize(), y, true);
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
      int size = to.architecture().input().size();
      for (int row = 0; row < rows; row++) {
        to.slab().put(to.inputIndex(row), (MemorySegment) x, (from + row) * size, size);
      }
    }
  }

  /** Copies rows 0 and on of the output to the caller's rows from {@code from}. */
  static void copyOut(Unrolled from, Object y, long to, int rows) {
    if (y instanceof float[] array) {
      from.getOutput(array, (int) to, rows);
      return;
    }
    int size = from.architecture().outputSize();
    for (int row = 0; row < rows; row++) {
      from.slab().get(from.outputIndex(row), (MemorySegment) y, (to + row) * size, size);
    }
  }
}
