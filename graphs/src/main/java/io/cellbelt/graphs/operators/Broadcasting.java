package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Site;
import java.util.Arrays;

/** How two shapes become one: dimensions are aligned at the last, and those of size 1 repeat. */
final class Broadcasting {
  private Broadcasting() {}

  /** The shape that both are repeated to. */
  static int[] shape(Site site, int[] a, int[] b) {
    int rank = Math.max(a.length, b.length);
    int[] shape = new int[rank];
    for (int d = 1; d <= rank; d++) {
      int left = d <= a.length ? a[a.length - d] : 1;
      int right = d <= b.length ? b[b.length - d] : 1;
      if (left != right && left != 1 && right != 1) {
        throw site.refuse(
            "the shapes "
                + Arrays.toString(a)
                + " and "
                + Arrays.toString(b)
                + " do not fit together: sizes are equal, or one of them is 1.");
      }
      shape[rank - d] = left == 1 ? right : left;
    }
    return shape;
  }
}
