package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.Arrays;
import java.util.List;

/** What is known as soon as shapes are. */
final class Constants {
  private Constants() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Constant" ->
          Operator.of(
              name,
              Constants::constant,
              "value",
              "value_float",
              "value_floats",
              "value_int",
              "value_ints");
      case "ConstantOfShape" -> Operator.of(name, Constants::constantOfShape, "value");
      case "ConstantFill" ->
          Operator.of(
              name,
              Constants::constantFill,
              "value",
              "dtype",
              "shape",
              "extra_shape",
              "input_as_shape");
      case "Shape" -> Operator.of(name, Constants::shape, "start", "end");
      case "Size" ->
          Operator.of(name, site -> site.out(0, Tensor.of(new long[] {site.in(0).size()})));
      case "Range" -> Operator.of(name, Constants::range, "stash_type");
      case "EyeLike" -> Operator.of(name, Constants::eyeLike, "dtype", "k");
      default -> throw Operators.unknown(name);
    };
  }

  private static void constant(Site site) {
    Tensor value =
        switch (site.node().attributes().values().iterator().next()) {
          case Attribute.Constant(Tensor tensor) -> tensor;
          case Attribute.Real(float real) -> Tensor.of(new float[] {real});
          case Attribute.Whole(long whole) -> Tensor.of(new long[] {whole});
          case Attribute.Reals(List<Float> reals) -> {
            float[] all = new float[reals.size()];
            for (int i = 0; i < all.length; i++) {
              all[i] = reals.get(i);
            }
            yield Tensor.of(all, all.length);
          }
          case Attribute.Wholes(List<Long> wholes) ->
              Tensor.of(wholes.stream().mapToLong(Long::longValue).toArray(), wholes.size());
          default -> throw site.refuse("constants are numbers, or tensors of them.");
        };
    site.out(0, value);
  }

  private static void constantOfShape(Site site) {
    int[] shape = site.knownWholes(0, "the shape");
    Tensor one = site.tensor("value");
    Operand value = site.constant(one == null ? Tensor.of(new float[1]) : one.reshaped());
    site.out(0, site.broadcast(value, shape));
  }

  /** An experimental operator that PyTorch wrote before there was ConstantOfShape. */
  private static void constantFill(Site site) {
    int[] shape;
    if (site.inputs() == 0) {
      shape = site.wholes("shape");
    } else if (site.whole("input_as_shape", 0) != 0) {
      shape = site.knownWholes(0, "the shape");
    } else {
      shape = site.in(0).shape();
    }
    int[] extra = site.wholes("extra_shape");
    if (shape == null) {
      throw site.refuse("it has neither a shape nor an input.");
    }
    if (extra != null) {
      int[] whole = Arrays.copyOf(shape, shape.length + extra.length);
      System.arraycopy(extra, 0, whole, shape.length, extra.length);
      shape = whole;
    }
    Tensor value = Tensor.wrap(new double[] {site.real("value", 0)});
    ElementType type = Casts.type(site, site.whole("dtype", 1));
    site.out(0, site.broadcast(site.constant(Casts.converted(value, type)), shape));
  }

  private static void shape(Site site) {
    int[] shape = site.in(0).shape();
    int from = bound(site.whole("start", 0), shape.length);
    int to = bound(site.whole("end", shape.length), shape.length);
    long[] sizes = Arrays.stream(shape, Math.min(from, to), to).mapToLong(size -> size).toArray();
    site.out(0, Tensor.of(sizes, sizes.length));
  }

  private static int bound(int index, int rank) {
    return Math.clamp(index < 0 ? index + (long) rank : index, 0, rank);
  }

  private static void range(Site site) {
    Tensor start = site.known(0, "the start of a range");
    Tensor limit = site.known(1, "the end of a range");
    Tensor delta = site.known(2, "the step of a range");
    double first = start.doubleAt(0);
    double step = delta.doubleAt(0);
    if (step == 0) {
      throw site.refuse("the step of a range is not 0.");
    }
    double count = Math.max(0, Math.ceil((limit.doubleAt(0) - first) / step));
    if (count > Integer.MAX_VALUE) {
      throw site.refuse("the range would have " + count + " elements.");
    }
    double[] values = new double[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = first + i * step;
    }
    site.out(0, Casts.converted(Tensor.wrap(values, values.length), start.type()));
  }

  private static void eyeLike(Site site) {
    Operand input = site.in(0);
    if (input.rank() != 2) {
      throw site.refuse("its input is a matrix, but has the shape " + input + ".");
    }
    int rows = input.size(0);
    int columns = input.size(1);
    int shift = site.whole("k", 0);
    double[] values = new double[rows * columns];
    for (int row = 0; row < rows; row++) {
      int column = row + shift;
      if (column >= 0 && column < columns) {
        values[row * columns + column] = 1;
      }
    }
    ElementType type = site.has("dtype") ? Casts.type(site, site.whole("dtype", 1)) : input.type();
    site.out(0, Casts.converted(Tensor.wrap(values, rows, columns), type));
  }
}
