package io.cellbelt.graphs.plan;

import io.cellbelt.kernels.elementwise.Moves;
import java.util.Arrays;

/**
 * Copies between layouts. Where each element comes from is worked out once; a run follows a table,
 * of elements or of the runs of elements that lie together.
 */
final class Copies {
  /** Words that lie together from which on they are copied as one. */
  private static final int LONG_RUN = 4;

  private Copies() {}

  /** A kernel that copies one operand to another of the same shape and storage. */
  static Kernel of(Operand from, Operand to) {
    return of(from, relative(from), to);
  }

  /**
   * A kernel that fills an operand.
   *
   * @param sources for each element, row-major, which one it is, counted from the first of {@code
   *     from}; under 0 for zero, where {@code to} is dense
   */
  static Kernel of(Operand from, int[] sources, Operand to) {
    int words = from.storage().bytes() / Float.BYTES;
    if (to.layout().isDense()) {
      int together = together(sources);
      if (together * words < LONG_RUN || Arrays.stream(sources).anyMatch(source -> source < 0)) {
        return words == 1
            ? memory -> Moves.gather(from.at(memory), to.at(memory), sources, sources.length)
            : memory -> Moves.gatherWide(from.at(memory), to.at(memory), sources, sources.length);
      }
    }
    int[] runs = runs(sources, relative(to), words);
    return memory -> Moves.runs(from.at(memory), to.at(memory), runs, runs.length / 3);
  }

  /** Offsets from the first element, which an operand's address already is. */
  private static int[] relative(Operand operand) {
    int[] indices = operand.layout().indices();
    int first = operand.layout().offset();
    for (int i = 0; i < indices.length; i++) {
      indices[i] -= first;
    }
    return indices;
  }

  /** How many elements lie together on average. */
  private static int together(int[] indices) {
    int runs = 1;
    for (int i = 1; i < indices.length; i++) {
      runs += indices[i] == indices[i - 1] + 1 ? 0 : 1;
    }
    return indices.length / runs;
  }

  private static int[] runs(int[] from, int[] to, int words) {
    int[] runs = new int[3 * from.length];
    int count = 0;
    for (int start = 0; start < from.length; ) {
      int end = start + 1;
      while (end < from.length
          && from[end] == from[end - 1] + 1
          && to[end] == to[end - 1] + 1) {
        end++;
      }
      runs[count++] = words * from[start];
      runs[count++] = words * to[start];
      runs[count++] = words * (end - start);
      start = end;
    }
    return Arrays.copyOf(runs, count);
  }
}
