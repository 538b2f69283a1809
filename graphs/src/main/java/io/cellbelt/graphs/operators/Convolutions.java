package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.Arrays;

/**
 * Convolutions, as products: a window of x is a row, or a column, of a matrix. Few positions are
 * rows that the packed kernel is multiplied with; many positions are columns of the packed matrix,
 * and the kernel's filters its rows.
 */
final class Convolutions {
  private static final String[] ATTRIBUTES = {
    "auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"
  };

  private Convolutions() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Conv" -> Operator.of(name, Convolutions::conv, ATTRIBUTES);
      case "ConvTranspose" ->
          Operator.of(
              name,
              Convolutions::transpose,
              "auto_pad",
              "dilations",
              "group",
              "kernel_shape",
              "pads",
              "strides",
              "output_padding",
              "output_shape");
      default -> throw Operators.unknown(name);
    };
  }

  private static void conv(Site site) {
    Operand x = floats(site, 0);
    Operand w = floats(site, 1);
    int groups = site.whole("group", 1);
    checkFit(site, x, w, groups, groups >= 1 && x.size(1) == (long) w.size(1) * groups, w.size(0));
    Window window = Window.of(site, spatial(x), spatial(w));
    site.outRounded(0, convolve(site, x, w, bias(site, w.size(0)), window, groups));
  }

  private static Operand floats(Site site, int index) {
    Operand operand = site.in(index);
    if (operand.storage() != ElementType.Storage.FLOAT || operand.rank() < 3) {
      throw site.refuse(
          "it convolves floats with a batch, channels and one dimension or more, but got "
              + operand
              + ".");
    }
    return operand;
  }

  private static int[] spatial(Operand w) {
    return Arrays.copyOfRange(w.shape(), 2, w.rank());
  }

  private static void checkFit(
      Site site, Operand x, Operand w, int groups, boolean channelsFit, int grouped) {
    if (!channelsFit || grouped % groups != 0 || x.rank() != w.rank() || x.type() != w.type()) {
      throw site.refuse(
          "with "
              + groups
              + " groups, x of "
              + x
              + " and a kernel of "
              + w
              + " do not fit together.");
    }
  }

  private static Operand bias(Site site, int filters) {
    Operand bias = site.optional(2);
    boolean fits =
        bias == null
            || bias.type() == site.in(0).type() && bias.rank() == 1 && bias.size() == filters;
    if (!fits) {
      throw site.refuse(
          "the bias has a number for each of " + filters + " filters, but is " + bias + ".");
    }
    return bias;
  }

  /** x: {@code [N, C, ..]}, w: {@code [M, C / groups, ..]}; y: {@code [N, M, ..]}. */
  static Operand convolve(
      Site site, Operand x, Operand w, Operand bias, Window window, int groups) {
    Operand padded = window.padded(site, x);
    int positions = window.positions();
    int filters = w.size(0) / groups;
    // Panels are 64 columns wide: what is multiplied in vain counts.
    boolean few = (long) positions * round64(filters) <= (long) filters * round64(positions);
    return few
        ? positionsAsRows(site, padded, w, bias, window, groups)
        : positionsAsColumns(site, padded, w, bias, window, groups);
  }

  private static int round64(int size) {
    return Math.ceilDiv(size, 64) * 64;
  }

  /** {@code [N, P.., K.., C / groups]}: windows of one group, without a move. */
  private static Layout windows(Layout x, Window window, int group, int channels) {
    return window.over(x.sliced(1, group * channels, channels, 1));
  }

  private static Operand positionsAsRows(
      Site site, Operand x, Operand w, Operand bias, Window window, int groups) {
    int batch = x.size(0);
    int channels = w.size(1);
    int filters = w.size(0) / groups;
    int rows = batch * window.positions();
    int k = channels * window.taps();
    boolean channelsLast = x.layout().strides()[1] == 1 || channels == 1;
    Operand[] parts = new Operand[groups];
    for (int g = 0; g < groups; g++) {
      // [N, C, P.., K..], then with channels outside or inside the taps, as x has them.
      Layout all = windows(x.layout(), window, g, channels);
      Layout ordered = all.permuted(window.rowOrder(channelsLast));
      Operand filter = w.view(w.layout().sliced(0, g * filters, filters, 1));
      Operand matrix =
          site.reshaped(
              filter.view(filter.layout().permuted(window.filterOrder(channelsLast))), k, filters);
      Operand own =
          bias == null ? null : bias.view(bias.layout().sliced(0, g * filters, filters, 1));
      parts[g] = Linear.product(site, site.reshaped(x.view(ordered), rows, k), matrix, own);
    }
    Operand y = parts[0];
    if (groups > 1) {
      y = site.scratch(x.type(), rows, groups * filters);
      for (int g = 0; g < groups; g++) {
        site.copy(parts[g], y.view(y.layout().sliced(1, g * filters, filters, 1)));
      }
    }
    int[] shape = window.shapeOf(batch, groups * filters);
    return y.view(
        y.layout()
            .reshaped(window.rowsShape(batch, groups * filters))
            .permuted(Window.channelsFirst(shape.length)));
  }

  private static Operand positionsAsColumns(
      Site site, Operand x, Operand w, Operand bias, Window window, int groups) {
    int batch = x.size(0);
    int channels = w.size(1);
    int filters = w.size(0) / groups;
    int k = channels * window.taps();
    int positions = window.positions();
    int columns = round64(positions);
    Operand rows = site.reshaped(w, groups * filters, k);
    rows = site.dense(rows);
    Operand y = site.scratchPadded(x.type(), columns, batch, groups * filters, positions);
    Operand start = starts(site, bias, groups * filters, columns);
    for (int n = 0; n < batch; n++) {
      for (int g = 0; g < groups; g++) {
        Layout all = windows(x.layout().sliced(0, n, 1, 1), window, g, channels);
        Layout ordered = all.permuted(window.columnOrder());
        ColumnProduct.add(
            site,
            x.view(ordered),
            k,
            positions,
            rows.view(rows.layout().sliced(0, g * filters, filters, 1)),
            start.view(start.layout().sliced(0, g * filters, filters, 1)),
            y.view(y.layout().picked(0, n).sliced(0, g * filters, filters, 1)));
      }
    }
    return y.view(y.layout().reshaped(window.shapeOf(batch, groups * filters)));
  }

  /** What sums start from: a row of the filter's bias for each filter. */
  private static Operand starts(Site site, Operand bias, int filters, int columns) {
    Operand one =
        bias == null
            ? site.constant(Tensor.of(new float[1], 1, 1))
            : bias.view(bias.layout().with(1));
    return site.dense(site.broadcast(one, filters, columns));
  }

  /**
   * The transpose of a convolution is a convolution of x with zeros between its elements, by the
   * kernel turned round.
   */
  private static void transpose(Site site) {
    Operand x = floats(site, 0);
    Operand w = floats(site, 1);
    int groups = site.whole("group", 1);
    checkFit(site, x, w, groups, groups >= 1 && x.size(1) == w.size(0), x.size(1));
    Window window = Window.transposed(site, spatial(x), spatial(w));
    int channels = x.size(1) / groups;
    int filters = w.size(1);
    // [groups, C, M, ..] to [groups, M, C, ..], taps from the last to the first.
    int[] split = new int[w.rank() + 1];
    split[0] = groups;
    split[1] = channels;
    System.arraycopy(w.shape(), 1, split, 2, w.rank() - 1);
    Operand parts = site.reshaped(w, split);
    int[] order = new int[split.length];
    for (int d = 0; d < order.length; d++) {
      order[d] = d == 1 ? 2 : d == 2 ? 1 : d;
    }
    Layout layout = parts.layout().permuted(order);
    for (int d = 3; d < order.length; d++) {
      layout = layout.sliced(d, split[d] - 1, split[d], -1);
    }
    int[] joined = w.shape().clone();
    joined[0] = groups * filters;
    joined[1] = channels;
    Operand turned = site.reshaped(parts.view(layout), joined);
    site.outRounded(0, convolve(site, x, turned, bias(site, groups * filters), window, groups));
  }
}
