package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Binary;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a batch normalisation does in inference, {@code y = factor x + shift} for each channel:
 * where all is known, a convolution or product before it can do it by other weights.
 *
 * @param factor for each channel
 * @param shift for each channel
 */
record ChannelScaling(double[] factor, double[] shift) {
  /** Rows shorter than this are not worth a call each: numbers of channels are written out. */
  private static final int SHORT_ROW = 16;

  /** From the parameters of a batch normalisation; null where they are not known. */
  static ChannelScaling of(
      Operand scale, Operand bias, Operand mean, Operand variance, double epsilon) {
    if (!scale.isConstant() || !bias.isConstant() || !mean.isConstant() || !variance.isConstant()) {
      return null;
    }
    double[] factor = scale.value().doubles();
    double[] shift = bias.value().doubles();
    double[] means = mean.value().doubles();
    double[] variances = variance.value().doubles();
    for (int c = 0; c < factor.length; c++) {
      factor[c] /= Math.sqrt(variances[c] + epsilon);
      shift[c] -= means[c] * factor[c];
    }
    return new ChannelScaling(factor, shift);
  }

  /** As operands of one type. */
  Operand apply(Site site, Operand x, int[] shape) {
    Tensor factors = Casts.converted(Tensor.wrap(factor, shape), wide(x));
    Tensor shifts = Casts.converted(Tensor.wrap(shift, shape), wide(x));
    return apply(site, x, site.constant(factors), site.constant(shifts));
  }

  /** Narrow floats are stored as others are, so parameters need not be rounded. */
  static ElementType wide(Operand x) {
    return x.storage() == Storage.FLOAT ? ElementType.F32 : ElementType.F64;
  }

  /** {@code y = factor x + shift}, of which both repeat to the shape of x in the same way. */
  static Operand apply(Site site, Operand x, Operand factor, Operand shift) {
    if (x.storage() != Storage.FLOAT) {
      return Arithmetic.add(site, Arithmetic.multiply(site, x, factor), shift);
    }
    // The order in which x lies, so that y lies in it, too.
    int[] order =
        IntStream.range(0, x.rank())
            .boxed()
            .sorted(Comparator.comparingInt(d -> -Math.abs(x.layout().strides()[d])))
            .mapToInt(d -> d)
            .toArray();
    int[] back = new int[order.length];
    IntStream.range(0, order.length).forEach(d -> back[order[d]] = d);
    Operand from = x.view(x.layout().permuted(order));
    Operand a = site.broadcast(factor, x.shape());
    Operand b = site.broadcast(shift, x.shape());
    Operand y =
        inOrder(site, from, a.view(a.layout().permuted(order)), b.view(b.layout().permuted(order)));
    return y.view(y.layout().permuted(back));
  }

  private static Operand inOrder(Site site, Operand operand, Operand a, Operand b) {
    Operand y = site.scratch(operand.type(), operand.shape());
    if (y.size() == 0) {
      return y;
    }
    Walk apart = Walk.of(operand.layout(), a.layout(), y.layout());
    Operand x = apart.inner() == 1 || apart.innerStep(0) == 1 ? operand : site.dense(operand);
    Walk walk = Walk.of(x.layout(), a.layout(), y.layout());
    if (walk.inner() < SHORT_ROW || walk.innerStep(1) > 1) {
      Operand factor = writtenOut(site, a);
      Operand shift = writtenOut(site, b);
      run(site, x, factor, shift, y, Walk.of(x.layout(), factor.layout(), y.layout()));
    } else {
      run(site, x, a, b, y, walk);
    }
    return y;
  }

  /** A number for each element, but for those of the first dimension where it repeats. */
  private static Operand writtenOut(Site site, Operand parameter) {
    Layout layout = parameter.layout();
    if (layout.rank() == 0 || layout.strides()[0] != 0) {
      return site.dense(parameter);
    }
    Operand one = site.dense(parameter.view(layout.picked(0, 0)));
    return site.broadcast(one.view(one.layout().with(0)), layout.shape());
  }

  private static void run(Site site, Operand x, Operand a, Operand b, Operand y, Walk walk) {
    boolean single = walk.innerStep(1) == 0;
    int[][] starts = walk.starts();
    int floats = walk.inner();
    site.run(
        memory -> {
          for (int i = 0; i < starts[0].length; i++) {
            for (int r = 0; r < walk.rows(); r++) {
              long from = x.at(memory) + bytes(starts[0][i], r, walk.rowStep(0));
              long parameter = bytes(starts[1][i], r, walk.rowStep(1));
              long to = y.at(memory) + bytes(starts[2][i], r, walk.rowStep(2));
              Binary.MULTIPLY.apply(
                  from, 0, false, a.at(memory) + parameter, 0, single, to, 0, floats, 1);
              Binary.ADD.apply(to, 0, false, b.at(memory) + parameter, 0, single, to, 0, floats, 1);
            }
          }
        },
        List.of(x, a, b),
        List.of(y));
  }

  private static long bytes(int start, int row, int step) {
    return (long) Float.BYTES * (start + (long) row * step);
  }
}
