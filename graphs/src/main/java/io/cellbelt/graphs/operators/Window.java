package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.product.RowLoops;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The windows of a convolution or a pooling in each dimension of space.
 *
 * @param input sizes of x
 * @param kernel taps of a window
 * @param strides from one window to the next
 * @param dilations from one tap to the next
 * @param before zeros in front; under 0 what is cut off
 * @param after zeros behind; under 0 what is cut off
 * @param spread from one element of x to the next, zeros between them: of a transposed convolution
 * @param ceiling whether a last window may reach over the end
 */
record Window(
    int[] input,
    int[] kernel,
    int[] strides,
    int[] dilations,
    int[] before,
    int[] after,
    int[] spread,
    boolean ceiling) {

  /** The window of a node. */
  static Window of(Site site, int[] input, int[] kernel) {
    int n = input.length;
    int[] taps = attribute(site, "kernel_shape", kernel);
    int[] strides = attribute(site, "strides", ones(n));
    int[] dilations = attribute(site, "dilations", ones(n));
    int[] pads = attribute(site, "pads", new int[2 * n]).clone();
    if (taps.length != n || strides.length != n || dilations.length != n || pads.length != 2 * n) {
      throw site.refuse("there are " + n + " dimensions of space, but its attributes have others.");
    }
    if (kernel != null && !Arrays.equals(taps, kernel)) {
      throw site.refuse(
          "kernel_shape is "
              + Arrays.toString(taps)
              + ", but the kernel has "
              + Arrays.toString(kernel)
              + ".");
    }
    String auto = site.text("auto_pad", "NOTSET");
    for (int d = 0; d < n; d++) {
      if (taps[d] < 1 || strides[d] < 1 || dilations[d] < 1) {
        throw site.refuse("taps, strides and dilations are 1 or more.");
      }
      if (auto.startsWith("SAME")) {
        int out = Math.ceilDiv(input[d], strides[d]);
        long reach = (out - 1L) * strides[d] + dilations[d] * (taps[d] - 1L) + 1;
        int all = Math.toIntExact(Math.max(0, reach - input[d]));
        int less = all / 2;
        pads[d] = auto.equals("SAME_LOWER") ? all - less : less;
        pads[n + d] = all - pads[d];
      } else if (auto.equals("VALID")) {
        pads[d] = 0;
        pads[n + d] = 0;
      }
    }
    return new Window(
        input,
        taps,
        strides,
        dilations,
        Arrays.copyOf(pads, n),
        Arrays.copyOfRange(pads, n, 2 * n),
        ones(n),
        site.whole("ceil_mode", 0) != 0);
  }

  /** The window of a transposed convolution, as one of a convolution. */
  static Window transposed(Site site, int[] input, int[] kernel) {
    int n = input.length;
    Window own = of(site, input, kernel);
    int[] extra = attribute(site, "output_padding", new int[n]);
    int[] wanted = site.wholes("output_shape");
    String auto = site.text("auto_pad", "NOTSET");
    int[] before = new int[n];
    int[] after = new int[n];
    for (int d = 0; d < n; d++) {
      int reach = Math.multiplyExact(own.dilations[d], own.kernel[d] - 1);
      int full = Math.toIntExact((input[d] - 1L) * own.strides[d] + reach + 1 + extra[d]);
      int cutBefore = own.before[d];
      int cutAfter = own.after[d];
      if (wanted != null || auto.startsWith("SAME")) {
        int size =
            wanted == null
                ? Math.multiplyExact(input[d], own.strides[d])
                : wanted[wanted.length - n + d];
        // As in ONNX Runtime, what is more than there is comes behind.
        int all = Math.max(0, full - size);
        cutBefore = auto.equals("SAME_UPPER") ? all / 2 : all - all / 2;
        cutAfter = full - size - cutBefore;
      }
      before[d] = reach - cutBefore;
      after[d] = reach - cutAfter + extra[d];
    }
    return new Window(input, own.kernel, ones(n), own.dilations, before, after, own.strides, false);
  }

  private static int[] attribute(Site site, String name, int[] otherwise) {
    int[] values = site.wholes(name);
    return values == null ? otherwise : values;
  }

  private static int[] ones(int n) {
    int[] ones = new int[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Dimensions of space. */
  int rank() {
    return input.length;
  }

  /** Size of x with its zeros. */
  int size(int d) {
    return Math.toIntExact(before[d] + (input[d] - 1L) * spread[d] + 1 + after[d]);
  }

  /** Windows in a dimension. */
  int count(int d) {
    int room = Math.toIntExact(size(d) - dilations[d] * (kernel[d] - 1L) - 1);
    int more = ceiling ? Math.ceilDiv(room, strides[d]) : Math.floorDiv(room, strides[d]);
    int count = Math.max(0, more + 1);
    // A window that starts behind x and its zeros in front does not count.
    boolean tooMany = ceiling && count > 0 && (count - 1L) * strides[d] >= input[d] + before[d];
    return tooMany ? count - 1 : count;
  }

  /** All windows. */
  int positions() {
    return IntStream.range(0, rank()).map(this::count).reduce(1, (a, b) -> a * b);
  }

  /** All taps of a window. */
  int taps() {
    return Arrays.stream(kernel).reduce(1, (a, b) -> a * b);
  }

  /** x with zeros around and between, in the order of channels that it has; itself if none are. */
  Operand padded(Site site, Operand x) {
    boolean none =
        IntStream.range(0, rank()).allMatch(d -> before[d] == 0 && after[d] == 0 && spread[d] == 1);
    if (none) {
      return x;
    }
    int[] shape = x.shape().clone();
    for (int d = 0; d < rank(); d++) {
      shape[2 + d] = Math.max(0, size(d));
    }
    boolean channelsLast = x.layout().strides()[1] == 1 && x.size(1) > 1;
    int[] toLast = channelsLast(shape.length);
    Operand y =
        channelsLast
            ? inOrder(site.scratch(x.type(), permuted(shape, toLast)), shape.length)
            : site.scratch(x.type(), shape);
    int floats = Slab.pad(Layout.dense(shape).size());
    site.run(memory -> RowLoops.zero(y.at(memory), 0, floats, 1), List.of(), List.of(y));
    Layout from = x.layout();
    Layout to = y.layout();
    for (int d = 0; d < rank(); d++) {
      // What is cut off at either end, in elements of x.
      int first = before[d] >= 0 ? 0 : Math.ceilDiv(-before[d], spread[d]);
      int start = before[d] + first * spread[d];
      int count = Math.min(input[d] - first, Math.ceilDiv(shape[2 + d] - start, spread[d]));
      from = from.sliced(2 + d, first, Math.max(0, count), 1);
      to = to.sliced(2 + d, start, Math.max(0, count), spread[d]);
    }
    if (to.size() > 0) {
      site.copy(x.view(from), y.view(to));
    }
    return y;
  }

  private static Operand inOrder(Operand channelsLast, int rank) {
    return channelsLast.view(channelsLast.layout().permuted(channelsFirst(rank)));
  }

  private static int[] permuted(int[] shape, int[] order) {
    return Arrays.stream(order).map(d -> shape[d]).toArray();
  }

  /** From {@code [N, C, ..]} to {@code [N, .., C]}. */
  private static int[] channelsLast(int rank) {
    return IntStream.range(0, rank).map(d -> d == 0 ? 0 : d == rank - 1 ? 1 : d + 1).toArray();
  }

  /** From {@code [N, .., C]} to {@code [N, C, ..]}. */
  static int[] channelsFirst(int rank) {
    return IntStream.range(0, rank).map(d -> d == 0 ? 0 : d == 1 ? rank - 1 : d - 1).toArray();
  }

  /** {@code [N, C, P.., K..]}: every tap of every window, without a move. */
  Layout over(Layout padded) {
    int n = rank();
    int[] shape = new int[2 + 2 * n];
    int[] steps = new int[2 + 2 * n];
    System.arraycopy(padded.shape(), 0, shape, 0, 2);
    System.arraycopy(padded.strides(), 0, steps, 0, 2);
    for (int d = 0; d < n; d++) {
      shape[2 + d] = count(d);
      steps[2 + d] = strides[d] * padded.strides()[2 + d];
      shape[2 + n + d] = kernel[d];
      steps[2 + n + d] = dilations[d] * padded.strides()[2 + d];
    }
    return new Layout(shape, steps, padded.offset());
  }

  /**
   * From {@link #over} to rows of windows: {@code [N, P.., K.., C]} or {@code [N, P.., C, K..]}.
   */
  int[] rowOrder(boolean channelsLast) {
    int n = rank();
    int[] order = new int[2 + 2 * n];
    int at = 1;
    for (int d = 0; d < n; d++) {
      order[at++] = 2 + d;
    }
    at = channelsLast ? at : channel(order, at);
    for (int d = 0; d < n; d++) {
      order[at++] = 2 + n + d;
    }
    if (channelsLast) {
      channel(order, at);
    }
    return order;
  }

  private static int channel(int[] order, int at) {
    order[at] = 1;
    return at + 1;
  }

  /** From {@code [M, C, K..]} to the order of a row, and M last. */
  int[] filterOrder(boolean channelsLast) {
    int n = rank();
    int[] order = new int[2 + n];
    int at = channelsLast ? 0 : channel(order, 0);
    for (int d = 0; d < n; d++) {
      order[at++] = 2 + d;
    }
    at = channelsLast ? channel(order, at) : at;
    order[at] = 0;
    return order;
  }

  /** From {@link #over} to columns of windows: {@code [N, C, K.., P..]}. */
  int[] columnOrder() {
    int n = rank();
    return IntStream.range(0, 2 + 2 * n).map(d -> d < 2 ? d : d < 2 + n ? d + n : d - n).toArray();
  }

  /** {@code [N, M, P..]}. */
  int[] shapeOf(int batch, int channels) {
    int[] shape = new int[2 + rank()];
    shape[0] = batch;
    shape[1] = channels;
    for (int d = 0; d < rank(); d++) {
      shape[2 + d] = count(d);
    }
    return shape;
  }

  /** {@code [N, P.., M]}. */
  int[] rowsShape(int batch, int channels) {
    return permuted(shapeOf(batch, channels), channelsLast(2 + rank()));
  }
}
