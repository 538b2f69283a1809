package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.Arrays;
import java.util.List;

/** Operators that make one number of each window, or of each channel. */
final class Pooling {
  private static final String[] WINDOW = {
    "auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "strides"
  };

  /** What a window makes of its elements. */
  private interface Rule {
    double of(long x, long step, int[] taps, int from, int to);
  }

  private Pooling() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "MaxPool" ->
          Operator.of(name, site -> maximum(site, window(site)), with("storage_order"));
      case "AveragePool" ->
          Operator.of(name, site -> average(site, window(site)), with("count_include_pad"));
      case "LpPool" -> Operator.of(name, site -> norm(site, window(site)), with("p"));
      case "GlobalMaxPool" -> Operator.of(name, site -> maximum(site, whole(site)));
      case "GlobalAveragePool" -> Operator.of(name, site -> average(site, whole(site)));
      case "GlobalLpPool" -> Operator.of(name, site -> norm(site, whole(site)), "p");
      default -> throw Operators.unknown(name);
    };
  }

  private static String[] with(String more) {
    String[] all = Arrays.copyOf(WINDOW, WINDOW.length + 1);
    all[WINDOW.length] = more;
    return all;
  }

  private static Window window(Site site) {
    if (!site.has("kernel_shape")) {
      throw site.refuse("the attribute kernel_shape is missing.");
    }
    return Window.of(site, space(site), null);
  }

  private static Window whole(Site site) {
    int[] space = space(site);
    int[] none = new int[space.length];
    int[] ones = new int[space.length];
    Arrays.fill(ones, 1);
    return new Window(space, space, ones, ones, none, none, ones, false);
  }

  private static int[] space(Site site) {
    Operand x = site.in(0);
    if (x.rank() < 3) {
      throw site.refuse("it pools a batch, channels and one dimension or more, but got " + x + ".");
    }
    return Arrays.copyOfRange(x.shape(), 2, x.rank());
  }

  private static void maximum(Site site, Window window) {
    Operand x = site.in(0);
    double least = least(x.type());
    pool(
        site,
        window,
        (at, step, taps, from, to) -> {
          double most = least;
          for (int i = from; i < to; i++) {
            if (taps[i] >= 0) {
              most = Math.max(most, Elements.get(x.storage(), at + step * taps[i]));
            }
          }
          return most;
        },
        true);
    if (site.wanted(1)) {
      indices(site, window);
    }
  }

  private static double least(ElementType type) {
    if (type.isFloating()) {
      return Double.NEGATIVE_INFINITY;
    }
    return type.isUnsigned() || type == ElementType.BOOL ? 0 : -Math.scalb(1.0, type.bits() - 1);
  }

  private static void average(Site site, Window window) {
    Operand x = site.in(0);
    boolean all = site.whole("count_include_pad", 0) != 0;
    pool(
        site,
        window,
        (at, step, taps, from, to) -> {
          double sum = 0;
          int count = 0;
          for (int i = from; i < to; i++) {
            if (taps[i] >= 0) {
              sum += Elements.get(x.storage(), at + step * taps[i]);
            }
            count += taps[i] >= 0 || all && taps[i] == PADDING ? 1 : 0;
          }
          return sum / count;
        },
        false);
  }

  private static void norm(Site site, Window window) {
    Operand x = site.in(0);
    double p = site.real("p", 2);
    pool(
        site,
        window,
        (at, step, taps, from, to) -> {
          double sum = 0;
          for (int i = from; i < to; i++) {
            if (taps[i] >= 0) {
              sum += Math.pow(Math.abs(Elements.get(x.storage(), at + step * taps[i])), p);
            }
          }
          return Math.pow(sum, 1 / p);
        },
        false);
  }

  /** A tap on a zero around x. */
  private static final int PADDING = -1;

  /** A tap behind those zeros, where a last window reaches over the end. */
  private static final int OUTSIDE = -2;

  private static void pool(Site site, Window window, Rule rule, boolean anyType) {
    Operand x = site.dense(site.in(0));
    if (!x.type().isFloating() && !anyType) {
      throw site.refuse("it pools floats, but got " + x + ".");
    }
    Operand y = site.out(0, x.type(), window.shapeOf(x.size(0), x.size(1)));
    int[] taps = taps(window);
    int each = window.taps();
    int positions = window.positions();
    int planes = x.size(0) * x.size(1);
    int plane = planes == 0 ? 0 : x.size() / planes;
    long bytes = x.storage().bytes();
    site.run(
        memory -> {
          long from = x.at(memory);
          long to = y.at(memory);
          for (int c = 0; c < planes; c++, from += bytes * plane) {
            for (int p = 0; p < positions; p++, to += bytes) {
              double value = rule.of(from, bytes, taps, p * each, (p + 1) * each);
              Elements.set(y.storage(), to, value);
            }
          }
        },
        List.of(x),
        List.of(y));
  }

  /** For each window its taps, as offsets in a plane of x. */
  private static int[] taps(Window window) {
    int n = window.rank();
    int[] outer = new int[n];
    int[] counts = window.kernel();
    int[] taps = new int[window.positions() * window.taps()];
    Layout positions = Layout.dense(window.shapeOf(1, 1)).picked(0, 0).picked(0, 0);
    Layout plane = Layout.dense(window.input());
    int at = 0;
    for (int p = 0; p < window.positions(); p++) {
      for (int d = 0; d < n; d++) {
        outer[d] = p / positions.strides()[d] % positions.shape()[d];
      }
      for (int t = 0; t < window.taps(); t++) {
        int rest = t;
        int offset = 0;
        for (int d = n - 1; d >= 0; d--) {
          int tap = rest % counts[d];
          rest /= counts[d];
          int index =
              outer[d] * window.strides()[d] + tap * window.dilations()[d] - window.before()[d];
          if (index >= window.input()[d] + window.after()[d]) {
            offset = OUTSIDE;
          } else if (index < 0 || index >= window.input()[d]) {
            offset = offset == OUTSIDE ? OUTSIDE : PADDING;
          } else {
            offset = offset < 0 ? offset : offset + index * plane.strides()[d];
          }
        }
        taps[at++] = offset;
      }
    }
    return taps;
  }

  /** Where each largest element was, counted through the whole of x. */
  private static void indices(Site site, Window window) {
    if (site.whole("storage_order", 0) != 0) {
      throw site.refuse("indices are counted in row-major order, so storage_order must be 0.");
    }
    Operand x = site.dense(site.in(0));
    Operand y = site.out(1, ElementType.I64, window.shapeOf(x.size(0), x.size(1)));
    int[] taps = taps(window);
    int each = window.taps();
    int positions = window.positions();
    int planes = x.size(0) * x.size(1);
    int plane = planes == 0 ? 0 : x.size() / planes;
    long bytes = x.storage().bytes();
    site.run(
        memory -> {
          for (int i = 0; i < planes * positions; i++) {
            long from = x.at(memory) + bytes * plane * (i / positions);
            int best = -1;
            for (int t = i % positions * each; t < (i % positions + 1) * each; t++) {
              boolean more =
                  taps[t] >= 0
                      && (best < 0
                          || Elements.get(x.storage(), from + bytes * taps[t])
                              > Elements.get(x.storage(), from + bytes * best));
              best = more ? taps[t] : best;
            }
            Elements.setLong(
                y.at(memory) + (long) Long.BYTES * i, (long) plane * (i / positions) + best);
          }
        },
        List.of(x),
        List.of(y));
  }
}
