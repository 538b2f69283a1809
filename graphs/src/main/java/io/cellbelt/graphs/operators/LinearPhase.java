package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.elementwise.Binary;
import java.util.List;

/**
 * Filters that read the same from behind, and behind them such that read the opposite: filters of
 * linear phase, and the sines and cosines of a windowed Fourier transform, which exporters write as
 * a convolution. Inputs that meet the same factor are added or subtracted first, so that there is
 * half to multiply, and half the weights to read.
 *
 * @param first the first tap that is not 0 in all filters
 * @param taps how many count from there on
 * @param same filters that read the same from behind; all others read the opposite
 */
record LinearPhase(int first, int taps, int same) {
  /** With fewer taps there is nothing to win. */
  private static final int FEWEST_TAPS = 32;

  /** Finds the symmetry, of every bit, in filters {@code [M, K]}; null if there is none. */
  static LinearPhase of(Operand filters) {
    int count = filters.size(0);
    int all = filters.size(1);
    if (!filters.isConstant() || all < FEWEST_TAPS) {
      return null;
    }
    float[] w = filters.value().floats();
    int first = 0;
    while (first < all && isZero(w, count, all, first)) {
      first++;
    }
    int end = all;
    while (end > first && isZero(w, count, all, end - 1)) {
      end--;
    }
    int same = 0;
    while (same < count && mirrors(w, same * all + first, same * all + end, 1)) {
      same++;
    }
    for (int m = same; m < count; m++) {
      if (!mirrors(w, m * all + first, m * all + end, -1)) {
        return null;
      }
    }
    return end == first ? null : new LinearPhase(first, end - first, same);
  }

  private static boolean isZero(float[] w, int count, int all, int tap) {
    for (int m = 0; m < count; m++) {
      if (w[m * all + tap] != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean mirrors(float[] w, int from, int end, int sign) {
    for (int i = from, j = end - 1; i <= j; i++, j--) {
      if (w[i] != sign * w[j]) {
        return false;
      }
    }
    return true;
  }

  /** Taps of a half; the one in the middle is in both. */
  private int half() {
    return (taps + 1) / 2;
  }

  /**
   * All filters at all windows.
   *
   * @param x the windows as a view, {@code [.., K]}
   * @param filters {@code [M, K]}
   * @param bias {@code [M]}, or null
   * @return {@code [rows, M]}
   */
  Operand product(Site site, Operand x, Operand filters, Operand bias) {
    int last = x.rank() - 1;
    int count = filters.size(0);
    Layout layout = x.layout();
    Operand near = x.view(layout.sliced(last, first, half(), 1));
    Operand far = site.dense(x.view(layout.sliced(last, first + taps - 1, half(), -1)));
    int rows = near.size() / half();
    Operand y = site.scratch(x.type(), rows, count);
    part(site, Binary.ADD, near, far, filters, bias, y, 0, same);
    part(site, Binary.SUBTRACT, near, far, filters, bias, y, same, count - same);
    return y;
  }

  private void part(
      Site site,
      Binary join,
      Operand near,
      Operand far,
      Operand filters,
      Operand bias,
      Operand y,
      int from,
      int count) {
    if (count == 0) {
      return;
    }
    Operand joined = Pairwise.floats(site, join, near, far);
    Operand rows = site.reshaped(joined, y.size(0), half());
    PanelShape shape = new PanelShape(half(), 1, count);
    PanelMatrix packed =
        site.panels(filters, List.of(this, from), shape, () -> half(filters, from, count));
    Operand own = bias == null ? null : bias.view(bias.layout().sliced(0, from, count, 1));
    Operand product =
        Linear.product(site, rows, new Linear.Weights(filters, packed, shape, null), own);
    site.copy(product, y.view(y.layout().sliced(1, from, count, 1)));
  }

  /**
   * Some filters as a matrix {@code [taps, filters]}; the tap in the middle meets its sum twice.
   */
  private float[] half(Operand filters, int from, int count) {
    float[] w = filters.value().floats();
    float[] matrix = new float[half() * count];
    for (int tap = 0; tap < half(); tap++) {
      float share = 2 * tap + 1 == taps ? 0.5f : 1;
      for (int m = 0; m < count; m++) {
        matrix[tap * count + m] = share * w[(from + m) * filters.size(1) + first + tap];
      }
    }
    return matrix;
  }
}
