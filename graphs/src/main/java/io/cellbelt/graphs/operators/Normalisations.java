package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.elementwise.Reduction;
import io.cellbelt.kernels.elementwise.Unary;
import java.util.Arrays;
import java.util.List;

/** Normalisations by numbers of the model, by norms, and by neighbours. */
final class Normalisations {
  private Normalisations() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "BatchNormalization" ->
          Operator.of(
              name,
              Normalisations::batch,
              "epsilon",
              "momentum",
              "spatial",
              "is_test",
              "training_mode",
              "consumed_inputs");
      case "LpNormalization" -> Operator.of(name, Normalisations::norm, "axis", "p");
      case "MeanVarianceNormalization" ->
          Operator.of(
              name, Normalisations::meanVariance, "axes", "across_channels", "normalize_variance");
      case "LRN" -> Operator.of(name, Normalisations::local, "alpha", "beta", "bias", "size");
      default -> throw Operators.unknown(name);
    };
  }

  private static Operand floats(Site site) {
    Operand x = site.in(0);
    if (!x.type().isFloating()) {
      throw site.refuse("it normalises floats, but got " + x + ".");
    }
    return x;
  }

  private static void batch(Site site) {
    Operand x = floats(site);
    boolean training =
        site.whole("training_mode", 0) != 0 || site.version() < 7 && site.whole("is_test", 0) == 0;
    if (training) {
      throw site.refuse(
          "this library runs models, so it must be exported for inference: training_mode 0, or"
              + " is_test 1.");
    }
    double epsilon = site.real("epsilon", 1e-5f);
    boolean byElement = site.version() < 9 && site.whole("spatial", 1) == 0;
    int[] shape = parameterShape(x, byElement);
    for (int i = 1; i <= 4; i++) {
      if (site.in(i).size() != Layout.dense(shape).size() || !site.in(i).type().isFloating()) {
        throw site.refuse(
            "its parameters are floats, one for each channel of "
                + x
                + ", but got "
                + site.in(i)
                + ".");
      }
    }
    ChannelScaling known =
        ChannelScaling.of(site.in(1), site.in(2), site.in(3), site.in(4), epsilon);
    site.outRounded(
        0, known != null ? known.apply(site, x, shape) : inRun(site, x, shape, epsilon));
  }

  /** What parameters are seen as, so that they repeat to the shape of x. */
  private static int[] parameterShape(Operand x, boolean byElement) {
    if (x.rank() < 2) {
      return x.rank() == 0 ? new int[0] : new int[] {1};
    }
    int[] shape = Arrays.copyOfRange(x.shape(), 1, x.rank());
    if (!byElement) {
      Arrays.fill(shape, 1, shape.length, 1);
    }
    return shape;
  }

  private static Operand inRun(Site site, Operand x, int[] shape, double epsilon) {
    Operand deviation =
        Flat.doubles(site, parameter(site, 4, shape), value -> Math.sqrt(value + epsilon));
    Operand factor = Arithmetic.divide(site, parameter(site, 1, shape), deviation);
    Operand product = Arithmetic.multiply(site, parameter(site, 3, shape), factor);
    Operand shift = Arithmetic.subtract(site, parameter(site, 2, shape), product);
    ElementType wide = ChannelScaling.wide(x);
    return ChannelScaling.apply(
        site, x, Casts.cast(site, factor, wide), Casts.cast(site, shift, wide));
  }

  private static Operand parameter(Site site, int index, int[] shape) {
    Operand wide = Casts.cast(site, site.in(index), ElementType.F64);
    return site.dense(site.reshaped(wide, shape));
  }

  /** What is all zeros stays so. */
  private static void norm(Site site) {
    Operand x = floats(site);
    boolean[] along = new boolean[x.rank()];
    Reductions.mark(site, along, site.whole("axis", -1));
    int p = site.whole("p", 2);
    if (p != 1 && p != 2) {
      throw site.refuse("the norm is the first or the second, but p is " + p + ".");
    }
    Operand sum =
        Reductions.reduce(
            site, x, along, p == 1 ? Reduction.SUM_OF_MAGNITUDES : Reduction.SUM_OF_SQUARES);
    Operand divisor =
        Flat.doubles(site, sum, value -> value == 0 ? 1 : p == 1 ? value : Math.sqrt(value));
    site.outRounded(0, Arithmetic.divide(site, x, divisor));
  }

  private static void meanVariance(Site site) {
    Operand x = floats(site);
    boolean[] along = new boolean[x.rank()];
    int[] axes = site.wholes("axes");
    if (site.version() < 9) {
      // All of a batch's element, or each of its channels.
      int first = site.whole("across_channels", 0) != 0 ? 1 : 2;
      Arrays.fill(along, Math.min(first, x.rank()), x.rank(), true);
    } else {
      Reductions.mark(site, along, axes == null ? new int[] {0, 2, 3} : axes);
    }
    Operand centred = Arithmetic.subtract(site, x, Reductions.mean(site, x, along));
    if (site.whole("normalize_variance", 1) == 0) {
      site.outRounded(0, centred);
      return;
    }
    Operand variance = Reductions.mean(site, Arithmetic.multiply(site, centred, centred), along);
    Operand deviation = Flat.doubles(site, variance, value -> Math.sqrt(value) + 1e-9);
    site.outRounded(0, Arithmetic.divide(site, centred, deviation));
  }

  /** {@code x / (bias + alpha / size Σ squares of neighbouring channels)^beta}. */
  private static void local(Site site) {
    Operand x = site.dense(floats(site));
    int size = site.whole("size", 0);
    if (x.rank() < 2 || size < 1) {
      throw site.refuse("x has a batch and channels, and size is 1 or more, but got " + x + ".");
    }
    float alpha = site.real("alpha", 1e-4f) / size;
    float beta = site.real("beta", 0.75f);
    float bias = site.real("bias", 1);
    Flat.Loop power =
        Flat.Loop.of(new Activation.Affine(alpha, bias))
            .then(Unary.LOG::apply)
            .then(new Activation.Affine(-beta, 0))
            .then(Unary.EXP::apply)
            .inBlocks();
    Operand sums = neighbours(site, x, size);
    Operand factor =
        x.storage() == Storage.FLOAT
            ? Flat.floats(site, sums, power)
            : Flat.doubles(site, sums, sum -> Math.pow(bias + alpha * sum, -beta));
    site.outRounded(0, Arithmetic.multiply(site, x, factor));
  }

  /** The sum of the squares of some channels around each. */
  private static Operand neighbours(Site site, Operand x, int size) {
    int channels = x.size(1);
    int rows = x.size(0) * channels;
    int inner = x.size() / Math.max(1, rows);
    Operand squares = site.dense(Arithmetic.multiply(site, x, x));
    Operand y = site.scratch(x.type(), x.shape());
    long row = (long) x.storage().bytes() * inner;
    boolean narrow = x.storage() == Storage.FLOAT;
    site.run(
        memory -> {
          for (int r = 0; inner > 0 && r < rows; r++) {
            int channel = r % channels;
            int first = Math.max(0, channel - (size - 1) / 2);
            int last = Math.min(channels - 1, channel + size / 2);
            long from = squares.at(memory) + row * (r - channel + first);
            long to = y.at(memory) + row * r;
            if (narrow) {
              Reduction.SUM.columns(from, row, last - first + 1, to, inner);
            } else {
              sum(from, row, last - first + 1, to);
            }
          }
        },
        List.of(squares),
        List.of(y));
    return y;
  }

  private static void sum(long x, long row, int rows, long y) {
    for (long at = 0; at < row; at += Double.BYTES) {
      double sum = 0;
      for (int r = 0; r < rows; r++) {
        sum += Elements.getDouble(x + r * row + at);
      }
      Elements.setDouble(y + at, sum);
    }
  }
}
