package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Binary;
import io.cellbelt.kernels.elementwise.Normalise;
import io.cellbelt.kernels.elementwise.Reduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Normalisations by the mean and variance of parts of the tensor itself, which become rows. */
final class RowNormalisations {
  private static final float EPSILON = 1e-5f;

  private RowNormalisations() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "LayerNormalization" ->
          Operator.of(name, RowNormalisations::layer, "axis", "epsilon", "stash_type");
      case "RMSNormalization" ->
          Operator.of(name, RowNormalisations::rootMeanSquare, "axis", "epsilon", "stash_type");
      case "InstanceNormalization" ->
          Operator.of(name, RowNormalisations::instance, "epsilon", "consumed_inputs");
      case "GroupNormalization" ->
          Operator.of(name, RowNormalisations::group, "epsilon", "num_groups", "stash_type");
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

  private static void layer(Site site) {
    Operand x = floats(site);
    int axis = site.axis(site.whole("axis", -1), x.rank());
    Operand scale = site.in(1);
    Operand bias = site.optional(2);
    if (x.storage() != Storage.FLOAT) {
      layerInDouble(site, x, axis, scale, bias);
      return;
    }
    RowWise rows = RowWise.of(site, x, axis, x.rank());
    Operand means = site.scratch(ElementType.F32, rows.rows());
    Operand inverses = site.scratch(ElementType.F32, rows.rows());
    float epsilon = site.real("epsilon", EPSILON);
    int floats = rows.floats();
    long row = (long) Float.BYTES * floats;
    Operand factors = ofRow(site, x, axis, scale);
    Operand shifts = bias == null ? null : ofRow(site, x, axis, bias);
    List<Operand> reads = new ArrayList<>(List.of(factors));
    reads.addAll(shifts == null ? List.of() : List.of(shifts));
    rows.run(
        site,
        (memory, from, fromRow, to, count, first) -> {
          long mean = means.at(memory) + (long) Float.BYTES * first;
          long inverse = inverses.at(memory) + (long) Float.BYTES * first;
          for (int i = 0; i < count; i++) {
            long at = to + i * row;
            long next = (long) Float.BYTES * i;
            Normalise.rows(
                from + i * fromRow, 0, at, 0, floats, 1, epsilon, mean + next, inverse + next);
            multiply(at, factors.at(memory), floats);
            if (shifts != null) {
              add(at, shifts.at(memory), false, floats);
            }
          }
        },
        reads,
        List.of(means, inverses));
    site.outRounded(0, rows.y());
    site.out(1, means.view(rows.perRow()));
    site.out(2, inverses.view(rows.perRow()));
  }

  private static void multiply(long y, long factors, int floats) {
    Binary.MULTIPLY.apply(y, 0, false, factors, 0, false, y, 0, floats, 1);
  }

  private static void add(long y, long shift, boolean single, int floats) {
    Binary.ADD.apply(y, 0, false, shift, 0, single, y, 0, floats, 1);
  }

  /** A parameter as one number for each element of a row. */
  private static Operand ofRow(Site site, Operand x, int axis, Operand parameter) {
    int[] shape = Arrays.copyOfRange(x.shape(), axis, x.rank());
    if (parameter.storage() != Storage.FLOAT
        || !Arrays.equals(shape, Broadcasting.shape(site, shape, parameter.shape()))) {
      throw site.refuse(
          "scale and bias are floats that repeat to "
              + Arrays.toString(shape)
              + ", but got "
              + parameter
              + ".");
    }
    return site.dense(site.broadcast(parameter, shape));
  }

  private static void layerInDouble(Site site, Operand x, int axis, Operand scale, Operand bias) {
    boolean[] along = new boolean[x.rank()];
    Arrays.fill(along, axis, x.rank(), true);
    Operand mean = Reductions.mean(site, x, along);
    Operand centred = Arithmetic.subtract(site, x, mean);
    Operand inverse = inverse(site, centred, along);
    Operand y = Arithmetic.multiply(site, Arithmetic.multiply(site, centred, inverse), scale);
    site.out(0, bias == null ? y : Arithmetic.add(site, y, bias));
    site.out(1, Casts.cast(site, mean, ElementType.F32));
    site.out(2, Casts.cast(site, inverse, ElementType.F32));
  }

  /** {@code 1 / sqrt(mean of squares + epsilon)} of doubles. */
  private static Operand inverse(Site site, Operand x, boolean[] along) {
    Operand squares = Flat.doubles(site, x, value -> value * value);
    double epsilon = site.real("epsilon", EPSILON);
    return Flat.doubles(
        site, Reductions.mean(site, squares, along), value -> 1 / Math.sqrt(value + epsilon));
  }

  private static void rootMeanSquare(Site site) {
    Operand x = floats(site);
    int axis = site.axis(site.whole("axis", -1), x.rank());
    Operand scale = site.in(1);
    if (x.storage() != Storage.FLOAT) {
      boolean[] along = new boolean[x.rank()];
      Arrays.fill(along, axis, x.rank(), true);
      Operand y = Arithmetic.multiply(site, x, inverse(site, x, along));
      site.out(0, Arithmetic.multiply(site, y, scale));
      return;
    }
    RowWise rows = RowWise.of(site, x, axis, x.rank());
    Operand factors = ofRow(site, x, axis, scale);
    Operand number = site.scratch(ElementType.F32, 1);
    double epsilon = site.real("epsilon", EPSILON);
    int floats = rows.floats();
    rows.run(
        site,
        (memory, from, fromRow, to, count, first) -> {
          long inverse = number.at(memory);
          for (int i = 0; i < count; i++) {
            long source = from + i * fromRow;
            long at = to + (long) Float.BYTES * floats * i;
            Reduction.SUM_OF_SQUARES.rows(source, 0, floats, 1, inverse);
            double mean = (double) Elements.getFloat(inverse) / floats;
            Elements.setFloat(inverse, (float) (1 / Math.sqrt(mean + epsilon)));
            Binary.MULTIPLY.apply(source, 0, false, inverse, 0, true, at, 0, floats, 1);
            multiply(at, factors.at(memory), floats);
          }
        },
        List.of(factors),
        List.of(number));
    site.outRounded(0, rows.y());
  }

  private static void instance(Site site) {
    Operand x = site.in(0);
    groups(site, x.rank() < 2 ? 1 : x.size(1), true);
  }

  /** Up to opset 20 scale and bias are those of groups, then of channels. */
  private static void group(Site site) {
    groups(site, site.whole("num_groups", 1), site.version() >= 21);
  }

  private static void groups(Site site, int groups, boolean byChannel) {
    Operand x = floats(site);
    if (x.rank() < 2 || groups < 1 || x.size(1) % groups != 0) {
      throw site.refuse(
          "x has a batch and channels, which " + groups + " groups divide, but got " + x + ".");
    }
    int parts = byChannel ? x.size(1) : groups;
    Operand scale = parameter(site, 1, parts);
    Operand bias = parameter(site, 2, parts);
    int rows = x.size(0) * groups;
    int length = x.size() / Math.max(1, rows);
    if (x.storage() != Storage.FLOAT) {
      site.out(0, groupsInDouble(site, x, groups, parts, scale, bias));
      return;
    }
    Operand from = site.dense(x);
    Operand y = site.scratch(x.type(), x.shape());
    Operand normal = site.scratch(ElementType.F32, length);
    float epsilon = site.real("epsilon", EPSILON);
    int partsOfRow = parts / groups;
    int floats = length / Math.max(1, partsOfRow);
    if (x.size() > 0) {
      site.run(
          memory -> {
            long row = normal.at(memory);
            for (int r = 0; r < rows; r++) {
              long start = (long) Float.BYTES * length * r;
              Normalise.rows(from.at(memory) + start, 0, row, 0, length, 1, epsilon);
              for (int i = 0; i < partsOfRow; i++) {
                long parameter = (long) Float.BYTES * (r % groups * partsOfRow + i);
                long part = (long) Float.BYTES * floats * i;
                long to = y.at(memory) + start + part;
                Binary.MULTIPLY.apply(
                    row + part, 0, false, scale.at(memory) + parameter, 0, true, to, 0, floats, 1);
                add(to, bias.at(memory) + parameter, true, floats);
              }
            }
          },
          List.of(from, scale, bias),
          List.of(y, normal));
    }
    site.outRounded(0, y);
  }

  private static Operand parameter(Site site, int index, int size) {
    Operand parameter = site.in(index);
    boolean wide = site.in(0).storage() == Storage.DOUBLE;
    if (parameter.rank() != 1
        || parameter.size() != size
        || parameter.storage() != (wide ? Storage.DOUBLE : Storage.FLOAT)) {
      throw site.refuse(
          "scale and bias are "
              + size
              + " floats as wide as those of x, but got "
              + parameter
              + ".");
    }
    return site.dense(parameter);
  }

  private static Operand groupsInDouble(
      Site site, Operand x, int groups, int parts, Operand scale, Operand bias) {
    int rows = x.size(0) * groups;
    int length = x.size() / Math.max(1, rows);
    boolean[] along = {false, true};
    Operand flat = site.reshaped(x, rows, length);
    Operand centred = Arithmetic.subtract(site, flat, Reductions.mean(site, flat, along));
    Operand normal = Arithmetic.multiply(site, centred, inverse(site, centred, along));
    int floats = length * groups / parts;
    Operand split = site.reshaped(normal, x.size(0), parts, floats);
    Operand scaled = Arithmetic.multiply(site, split, scale.view(scale.layout().with(1)));
    Operand shifted = Arithmetic.add(site, scaled, bias.view(bias.layout().with(1)));
    return site.reshaped(shifted, x.shape());
  }
}
