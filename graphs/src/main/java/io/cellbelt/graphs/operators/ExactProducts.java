package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import java.util.Arrays;
import java.util.List;

/**
 * Products of small integers by the kernels for floats, which hold all integers up to 2^24: what
 * could become more is summed up in parts, so that all sums are exact in 32 bits.
 */
final class ExactProducts {
  /** The furthest that a byte can be from its zero point. */
  private static final int FURTHEST = 255;

  private static final int EXACT = 1 << 24;

  /** A tensor that is kept with the constants it was made from. */
  private record Kept(Tensor tensor) implements AutoCloseable {
    @Override
    public void close() {}
  }

  private ExactProducts() {}

  /**
   * {@code x - zero} as floats.
   *
   * @param zero repeats to the shape of x; null for 0
   */
  static Operand centred(Site site, Operand x, Operand zero) {
    if (x.isConstant() && (zero == null || zero.isConstant())) {
      List<Operand> from = zero == null ? List.of(x) : List.of(x, zero);
      return site.constant(
          site.made(from, "centred", Kept.class, () -> new Kept(difference(site, x, zero)))
              .tensor());
    }
    if (zero == null) {
      return Casts.cast(site, x, ElementType.F32);
    }
    Operand y = site.scratch(ElementType.F32, x.shape());
    Operand repeated = site.broadcast(zero, x.shape());
    Rows.run(
        site,
        (a, aStep, b, bStep, c, cStep, to, count) -> {
          for (int i = 0; i < count; i++) {
            long difference = Elements.getLong(a + i * aStep) - Elements.getLong(b + i * bStep);
            Elements.setFloat(to + (long) Float.BYTES * i, (float) difference);
          }
        },
        x,
        repeated,
        repeated,
        y);
    return y;
  }

  private static Tensor difference(Site site, Operand x, Operand zero) {
    long[] values = x.value().longs();
    long[] zeros = zero == null ? null : site.broadcast(zero, x.shape()).value().longs();
    float[] differences = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      differences[i] = (float) (values[i] - (zeros == null ? 0 : zeros[i]));
    }
    return Tensor.of(differences, x.shape());
  }

  /** Of matrices, or batches of them, in 32 bits. */
  static Operand product(Site site, Operand a, Operand b) {
    int inner = a.rank() == 0 ? 1 : a.size(a.rank() - 1);
    int down = Math.max(0, b.rank() - 2);
    boolean splits = a.rank() > 0 && b.rank() > 0 && b.size(down) == inner && inner > 1;
    if (!splits || isExact(b, down)) {
      return Casts.cast(site, Products.product(site, a, b), ElementType.I32);
    }
    int half = inner / 2;
    Operand first = product(site, part(a, a.rank() - 1, 0, half), part(b, down, 0, half));
    Operand second = product(site, part(a, a.rank() - 1, half, inner), part(b, down, half, inner));
    return Arithmetic.add(site, first, second);
  }

  private static Operand part(Operand operand, int dimension, int from, int to) {
    return operand.view(operand.layout().sliced(dimension, from, to - from, 1));
  }

  /** Whether sums of products along some dimensions stay below what floats hold. */
  private static boolean isExact(Operand w, int... along) {
    if (!w.isConstant()) {
      long terms = 1;
      for (int d : along) {
        terms *= w.size(d);
      }
      return terms * FURTHEST * FURTHEST <= EXACT;
    }
    // Dimensions along which sums are made come last.
    int[] order = new int[w.rank()];
    int at = 0;
    for (int d = 0; d < order.length; d++) {
      if (Arrays.binarySearch(along, d) < 0) {
        order[at++] = d;
      }
    }
    System.arraycopy(along, 0, order, at, along.length);
    float[] values = w.view(w.layout().permuted(order)).value().floats();
    int terms = Arrays.stream(along).map(w::size).reduce(1, (x, y) -> x * y);
    for (int start = 0; terms > 0 && start < values.length; start += terms) {
      long sum = 0;
      for (int i = start; i < start + terms; i++) {
        sum += (long) Math.abs(values[i]);
      }
      if (sum * FURTHEST > EXACT) {
        return false;
      }
    }
    return true;
  }

  /** A convolution, in 32 bits. */
  static Operand convolved(Site site, Operand x, Operand w, Window window, int groups) {
    int channels = w.size(1);
    int[] along = new int[w.rank() - 1];
    Arrays.setAll(along, d -> d + 1);
    if (isExact(w, along) || channels == 1 && window.taps() == 1) {
      Operand sums = Convolutions.convolve(site, x, w, null, window, groups);
      return Casts.cast(site, sums, ElementType.I32);
    }
    if (groups > 1) {
      return apart(site, x, w, window, groups);
    }
    if (channels > 1) {
      int half = channels / 2;
      return Arithmetic.add(
          site,
          convolved(site, part(x, 1, 0, half), part(w, 1, 0, half), window, 1),
          convolved(site, part(x, 1, half, channels), part(w, 1, half, channels), window, 1));
    }
    int longest = 0;
    for (int d = 1; d < window.rank(); d++) {
      longest = window.kernel()[d] > window.kernel()[longest] ? d : longest;
    }
    int taps = window.kernel()[longest];
    int half = taps / 2;
    return Arithmetic.add(
        site,
        convolved(site, x, part(w, 2 + longest, 0, half), taps(window, longest, 0, half), 1),
        convolved(site, x, part(w, 2 + longest, half, taps), taps(window, longest, half, taps), 1));
  }

  /** The window with some of its taps alone. */
  private static Window taps(Window window, int dimension, int from, int to) {
    int[] kernel = window.kernel().clone();
    int[] before = window.before().clone();
    int[] after = window.after().clone();
    int dilation = window.dilations()[dimension];
    before[dimension] -= from * dilation;
    after[dimension] -= (kernel[dimension] - to) * dilation;
    kernel[dimension] = to - from;
    return new Window(
        window.input(),
        kernel,
        window.strides(),
        window.dilations(),
        before,
        after,
        window.spread(),
        window.ceiling());
  }

  /** Each group for itself. */
  private static Operand apart(Site site, Operand x, Operand w, Window window, int groups) {
    int channels = w.size(1);
    int filters = w.size(0) / groups;
    Operand y = site.scratch(ElementType.I32, window.shapeOf(x.size(0), w.size(0)));
    for (int g = 0; g < groups; g++) {
      Operand sums =
          convolved(
              site,
              part(x, 1, g * channels, (g + 1) * channels),
              part(w, 0, g * filters, (g + 1) * filters),
              window,
              1);
      Layout target = y.layout().sliced(1, g * filters, filters, 1);
      site.copy(sums, y.view(target));
    }
    return y;
  }
}
