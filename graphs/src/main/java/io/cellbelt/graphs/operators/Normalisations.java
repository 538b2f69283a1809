package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Normalise;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that bring numbers to a common scale. */
final class Normalisations {
  static final List<Operator> ALL =
      List.of(
          Operator.of("Softmax", site -> softmax(site, false), "axis"),
          Operator.of("LogSoftmax", site -> softmax(site, true), "axis"),
          Operator.of(
              "BatchNormalization",
              Normalisations::batch,
              "epsilon",
              "momentum",
              "spatial",
              "is_test",
              "training_mode",
              "consumed_inputs"),
          Operator.of("LayerNormalization", Normalisations::layer, "axis", "epsilon", "stash_type"),
          Operator.of(
              "InstanceNormalization", Normalisations::instance, "epsilon", "consumed_inputs"),
          Operator.of(
              "GroupNormalization", Normalisations::group, "epsilon", "num_groups", "stash_type"));

  private Normalisations() {}

  private static void softmax(Site site, boolean log) {
    Operand x = site.in(0);
    boolean flat = site.version() < 13;
    int axis = site.axis(site.whole("axis", flat ? 1 : -1), x.rank());
    int[] order = IntStream.range(0, x.rank()).toArray();
    int length = x.rank() == 0 ? 1 : x.size(axis);
    if (flat) {
      length = Arrays.stream(x.shape(), axis, x.rank()).reduce(1, (a, b) -> a * b);
    } else if (x.rank() > 0) {
      // The axis goes to the end, and back afterwards.
      System.arraycopy(order, axis + 1, order, axis, x.rank() - 1 - axis);
      order[x.rank() - 1] = axis;
    }
    Layout ordered = x.layout().permuted(order);
    int rows = length == 0 ? 0 : x.size() / length;
    Operand source = site.dense(x.view(ordered));
    Operand y = site.scratch(x.type(), ordered.shape());
    if (rows > 0) {
      rows(site, source, y, rows, length, log);
    }
    int[] back = new int[order.length];
    for (int d = 0; d < order.length; d++) {
      back[order[d]] = d;
    }
    site.outRounded(0, y.view(y.layout().permuted(back)));
  }

  private static void rows(Site site, Operand x, Operand y, int rows, int length, boolean log) {
    if (x.storage() == Storage.FLOAT) {
      long step = (long) Float.BYTES * length;
      site.run(
          memory ->
              io.cellbelt.kernels.elementwise.Softmax.rows(
                  x.at(memory), step, y.at(memory), step, length, rows, log),
          List.of(x),
          List.of(y));
      return;
    }
    site.run(
        memory -> {
          for (int row = 0; row < rows; row++) {
            long from = x.at(memory) + (long) Double.BYTES * row * length;
            long to = y.at(memory) + (long) Double.BYTES * row * length;
            double most = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < length; i++) {
              most = Math.max(most, Elements.getDouble(from + (long) Double.BYTES * i));
            }
            double sum = 0;
            for (int i = 0; i < length; i++) {
              sum += Math.exp(Elements.getDouble(from + (long) Double.BYTES * i) - most);
            }
            for (int i = 0; i < length; i++) {
              double less = Elements.getDouble(from + (long) Double.BYTES * i) - most;
              double value = log ? less - Math.log(sum) : Math.exp(less) / sum;
              Elements.setDouble(to + (long) Double.BYTES * i, value);
            }
          }
        },
        List.of(x),
        List.of(y));
  }

  /** {@code y = scale (x - mean) / sqrt(variance + epsilon) + bias}, for each channel. */
  private static void batch(Site site) {
    Operand x = site.in(0);
    boolean training =
        site.whole("training_mode", 0) != 0 || site.version() < 7 && site.whole("is_test", 0) == 0;
    if (training) {
      throw site.refuse("this library runs models, so it must be exported for inference.");
    }
    if (site.whole("spatial", 1) == 0) {
      throw site.refuse("each channel has one mean and variance, so spatial must be 1.");
    }
    double epsilon = site.real("epsilon", 1e-5f);
    for (int i = 1; i < 5; i++) {
      site.known(i, "a parameter of a batch normalisation");
    }
    double[] scale = site.in(1).value().doubles();
    double[] bias = site.in(2).value().doubles();
    double[] mean = site.in(3).value().doubles();
    double[] variance = site.in(4).value().doubles();
    double[] factor = new double[scale.length];
    double[] shift = new double[scale.length];
    for (int c = 0; c < scale.length; c++) {
      factor[c] = scale[c] / Math.sqrt(variance[c] + epsilon);
      shift[c] = bias[c] - mean[c] * factor[c];
    }
    Operand scaled = Arithmetic.multiply(site, x, channels(site, factor, x));
    site.outRounded(0, Arithmetic.add(site, scaled, channels(site, shift, x)));
  }

  /** A number for each channel of x, to be repeated over the rest. */
  private static Operand channels(Site site, double[] values, Operand x) {
    int[] shape = new int[Math.max(1, x.rank() - 1)];
    Arrays.fill(shape, 1);
    shape[0] = values.length;
    Tensor constant = Casts.converted(Tensor.wrap(values, shape), x.type());
    return site.constant(constant);
  }

  private static void layer(Site site) {
    Operand x = site.in(0);
    int axis = site.axis(site.whole("axis", -1), x.rank());
    int length = Arrays.stream(x.shape(), axis, x.rank()).reduce(1, (a, b) -> a * b);
    int rows = length == 0 ? 0 : x.size() / length;
    Operand mean = site.scratch(ElementType.F32, rows);
    Operand inverse = site.scratch(ElementType.F32, rows);
    Operand y = normalised(site, x, rows, length, mean, inverse);
    y = Arithmetic.multiply(site, y, site.in(1));
    site.outRounded(0, site.optional(2) == null ? y : Arithmetic.add(site, y, site.in(2)));
    int[] shape = x.shape().clone();
    Arrays.fill(shape, axis, shape.length, 1);
    site.out(1, mean.view(Layout.dense(shape)));
    site.out(2, inverse.view(Layout.dense(shape)));
  }

  private static Operand normalised(
      Site site, Operand x, int rows, int length, Operand mean, Operand inverse) {
    float epsilon = site.real("epsilon", 1e-5f);
    if (x.storage() != Storage.FLOAT) {
      throw site.refuse("it normalises floats of 16 or 32 bits, but got " + x + ".");
    }
    Operand source = site.dense(x);
    Operand y = site.scratch(x.type(), x.shape());
    long step = (long) Float.BYTES * length;
    site.run(
        memory ->
            Normalise.rows(
                source.at(memory),
                step,
                y.at(memory),
                step,
                length,
                rows,
                epsilon,
                mean.at(memory),
                inverse.at(memory)),
        List.of(source),
        List.of(y, mean, inverse));
    return y;
  }

  private static void instance(Site site) {
    Operand x = site.in(0);
    groups(site, x, x.size(1), true);
  }

  private static void group(Site site) {
    Operand x = site.in(0);
    groups(site, x, site.whole("num_groups", 1), site.version() >= 21);
  }

  /** Scale and bias are those of channels, or of groups. */
  private static void groups(Site site, Operand x, int groups, boolean perChannel) {
    int rows = x.size(0) * groups;
    int length = rows == 0 ? 0 : x.size() / rows;
    Operand mean = site.scratch(ElementType.F32, rows);
    Operand inverse = site.scratch(ElementType.F32, rows);
    Operand y = normalised(site, x, rows, length, mean, inverse);
    int parts = perChannel ? x.size(1) : groups;
    Operand split = site.reshaped(y, x.size(0), parts, length * groups / parts);
    Operand scale = site.in(1).view(site.in(1).layout().with(1));
    Operand bias = site.in(2).view(site.in(2).layout().with(1));
    Operand result = Arithmetic.add(site, Arithmetic.multiply(site, split, scale), bias);
    site.outRounded(0, site.reshaped(result, x.shape()));
  }
}
