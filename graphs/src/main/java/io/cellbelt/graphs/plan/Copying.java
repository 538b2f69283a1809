package io.cellbelt.graphs.plan;

import io.cellbelt.kernels.elementwise.Moves;
import java.util.Arrays;

/**
 * Copying between layouts. Where each element comes from is worked out once; a run follows a table,
 * of elements or of the runs of elements that lie together.
 */
public final class Copying {
  /** Words that lie together from which on they are copied as one. */
  private static final int LONG_RUN = 4;

  private Copying() {}

  /** A kernel that copies one operand to another of the same shape and storage. */
  public static Kernel of(Operand from, Operand to) {
    // As the target lies in memory, so that runs are as long as they can be.
    int[] order = to.layout().order();
    return of(
        from,
        from.layout().permuted(order).relativeIndices(),
        to,
        to.layout().permuted(order).relativeIndices());
  }

  /**
   * A kernel that copies elements.
   *
   * @param sources which elements, counted from the first of {@code from}
   * @param targets where to, counted from the first of {@code to}
   */
  static Kernel of(Operand from, int[] sources, Operand to, int[] targets) {
    from.place(); // a constant is given one
    int words = from.storage().bytes() / Float.BYTES;
    int low = Math.min(0, Arrays.stream(sources).min().orElse(0));
    if (low < 0) {
      // A dimension runs back: count from the element that lies first.
      Layout first = new Layout(new int[0], new int[0], from.layout().offset() + low);
      return of(from.view(first), Arrays.stream(sources).map(i -> i - low).toArray(), to, targets);
    }
    if (fromFirst(targets) && together(sources) * words < LONG_RUN) {
      return words == 1
          ? memory -> Moves.gather(from.at(memory), to.at(memory), sources, sources.length)
          : memory -> Moves.gatherWide(from.at(memory), to.at(memory), sources, sources.length);
    }
    if (words == 1 && fromFirst(sources) && together(targets) < LONG_RUN) {
      return memory -> Moves.scatter(from.at(memory), to.at(memory), targets, targets.length);
    }
    int[] runs = runs(sources, targets, words);
    return memory -> Moves.runs(from.at(memory), to.at(memory), runs, runs.length / 3);
  }

  /** Whether these are the first element, the second, and so on. */
  private static boolean fromFirst(int[] indices) {
    return indices.length > 0 && indices[0] == 0 && together(indices) == indices.length;
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
      while (end < from.length && from[end] == from[end - 1] + 1 && to[end] == to[end - 1] + 1) {
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
