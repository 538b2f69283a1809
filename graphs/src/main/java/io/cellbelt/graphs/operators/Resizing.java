package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Operators that sample dimensions anew. The nearest elements are picked, all dimensions at once;
 * weighted sums are made one dimension after the other.
 */
final class Resizing {
  private Resizing() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Resize" ->
          Operator.of(
              name,
              Resizing::resize,
              "antialias",
              "axes",
              "coordinate_transformation_mode",
              "cubic_coeff_a",
              "exclude_outside",
              "extrapolation_value",
              "keep_aspect_ratio_policy",
              "mode",
              "nearest_mode");
      case "Upsample" ->
          Operator.of(name, Resizing::upsample, "mode", "scales", "height_scale", "width_scale");
      default -> throw Operators.unknown(name);
    };
  }

  private static void upsample(Site site) {
    Operand x = site.in(0);
    float[] scales;
    if (site.version() < 7) {
      scales = new float[] {1, 1, site.real("height_scale", 1), site.real("width_scale", 1)};
    } else {
      scales = site.version() < 9 ? reals(site) : site.known(1, "a scale").floats();
    }
    int[] axes = IntStream.range(0, x.rank()).toArray();
    resize(site, scaled(site, axes, scales, null), "asymmetric", "");
  }

  private static float[] reals(Site site) {
    if (site.node().attributes().get("scales") instanceof Attribute.Reals(List<Float> values)) {
      float[] scales = new float[values.size()];
      for (int i = 0; i < scales.length; i++) {
        scales[i] = values.get(i);
      }
      return scales;
    }
    throw site.refuse("the attribute scales is a list of floats.");
  }

  private static void resize(Site site) {
    Operand x = site.in(0);
    int rank = x.rank();
    boolean old = site.version() < 11;
    int[] given = site.wholes("axes");
    int[] axes =
        given == null
            ? IntStream.range(0, rank).toArray()
            : Arrays.stream(given).map(axis -> site.axis(axis, rank)).toArray();
    String coordinates =
        site.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
    boolean crop = coordinates.equals(ResizedAxis.CROP);
    float[] part = crop ? site.known(1, "the part that is resized").floats() : null;
    if (crop && part.length != 2 * axes.length) {
      throw site.refuse(
          "the part that is resized has a start and an end in "
              + axes.length
              + " axes, but got "
              + part.length
              + " numbers.");
    }
    Tensor scales = given(site, old ? 1 : 2, "a scale");
    Tensor sizes = given(site, 3, "a size");
    if ((scales == null) == (sizes == null)) {
      throw site.refuse("either scales or sizes are given.");
    }
    ResizedAxis[] all =
        scales != null
            ? scaled(site, axes, scales.floats(), part)
            : sized(site, axes, site.knownWholes(3, "a size"), part);
    resize(site, all, coordinates, site.text("nearest_mode", old ? "" : "round_prefer_floor"));
  }

  /** An input that is not left out, and not left empty either. */
  private static Tensor given(Site site, int index, String what) {
    Operand input = site.optional(index);
    return input == null || input.size() == 0 ? null : site.known(index, what);
  }

  private static ResizedAxis[] scaled(Site site, int[] axes, float[] scales, float[] part) {
    checkCount(site, axes, scales == null ? 0 : scales.length);
    ResizedAxis[] all = new ResizedAxis[site.in(0).rank()];
    for (int i = 0; i < axes.length; i++) {
      float scale = scales[i];
      int input = site.in(0).size(axes[i]);
      double start = part == null ? 0 : part[i];
      double end = part == null ? 1 : part[axes.length + i];
      // In floats, as ONNX itself calculates shapes.
      double size = Math.floor(input * scale * (float) (end - start));
      if (!(scale > 0) || !(size >= 0 && size <= Integer.MAX_VALUE)) {
        throw site.refuse("scales are more than 0 and results have a size, but got " + scale + ".");
      }
      double width = (double) scale * input * (end - start);
      all[axes[i]] = new ResizedAxis(input, (int) size, scale, width, start, end);
    }
    return all;
  }

  private static ResizedAxis[] sized(Site site, int[] axes, int[] sizes, float[] part) {
    checkCount(site, axes, sizes.length);
    Operand x = site.in(0);
    double[] scales = new double[sizes.length];
    Arrays.setAll(scales, i -> (double) sizes[i] / x.size(axes[i]));
    String policy = site.text("keep_aspect_ratio_policy", "stretch");
    boolean stretch = policy.equals("stretch");
    double common =
        switch (policy) {
          case "stretch" -> 0;
          case "not_larger" -> Arrays.stream(scales).min().orElse(1);
          case "not_smaller" -> Arrays.stream(scales).max().orElse(1);
          default -> throw site.refuse("there is no policy '" + policy + "' of aspect ratios.");
        };
    ResizedAxis[] all = new ResizedAxis[x.rank()];
    for (int i = 0; i < axes.length; i++) {
      int input = x.size(axes[i]);
      double width = stretch ? sizes[i] : common * input;
      int size = stretch ? sizes[i] : (int) (width + 0.5);
      if (size < 0) {
        throw site.refuse("sizes are 0 or more, but got " + Arrays.toString(sizes) + ".");
      }
      double start = part == null ? 0 : part[i];
      double end = part == null ? 1 : part[axes.length + i];
      double scale = stretch ? scales[i] : common;
      all[axes[i]] = new ResizedAxis(input, size, scale, width, start, end);
    }
    return all;
  }

  private static void checkCount(Site site, int[] axes, int count) {
    if (count != axes.length) {
      throw site.refuse(
          "there is a scale or a size for each of "
              + axes.length
              + " axes, but got "
              + count
              + ".");
    }
  }

  /**
   * Resizes the first input.
   *
   * @param axes by dimension; null for one that stays
   */
  private static void resize(Site site, ResizedAxis[] axes, String coordinates, String nearest) {
    Operand x = site.in(0);
    int[] shape = x.shape().clone();
    for (int d = 0; d < axes.length; d++) {
      shape[d] = axes[d] == null ? shape[d] : axes[d].output();
    }
    if (Layout.dense(shape).size() == 0) {
      site.out(0, site.scratch(x.type(), shape));
      return;
    }
    if (x.size() == 0) {
      throw site.refuse("nothing can be resized to " + Arrays.toString(shape) + ".");
    }
    double[][] points = new double[axes.length][];
    for (int d = 0; d < axes.length; d++) {
      points[d] = axes[d] == null ? null : axes[d].coordinates(site, coordinates);
    }
    boolean crop = coordinates.equals(ResizedAxis.CROP);
    String mode = site.text("mode", "nearest");
    switch (mode) {
      case "nearest" -> site.out(0, nearest(site, axes, points, nearest, crop));
      case "linear", "bilinear" -> interpolate(site, axes, points, false, crop);
      case "cubic" -> interpolate(site, axes, points, true, crop);
      default -> throw site.refuse("there is no mode '" + mode + "' of interpolation.");
    }
  }

  private static Operand nearest(
      Site site, ResizedAxis[] axes, double[][] points, String mode, boolean crop) {
    Operand x = site.in(0);
    int[][] positions = new int[axes.length][];
    boolean[][] outside = new boolean[axes.length][];
    for (int d = 0; d < axes.length; d++) {
      if (axes[d] == null) {
        continue;
      }
      ResizedAxis axis = axes[d];
      positions[d] =
          Arrays.stream(points[d]).mapToInt(at -> axis.nearest(site, mode, at)).toArray();
      outside[d] = outside(axis, points[d], crop);
    }
    Operand y = Picking.grid(site, x, positions);
    for (int d = 0; d < axes.length; d++) {
      y = outside[d] == null ? y : blank(site, y, d, outside[d]);
    }
    return y;
  }

  /** Which coordinates have no element; null if all have one. */
  private static boolean[] outside(ResizedAxis axis, double[] points, boolean crop) {
    boolean[] outside = new boolean[points.length];
    boolean any = false;
    for (int i = 0; crop && i < points.length; i++) {
      outside[i] = axis.isOutside(points[i]);
      any |= outside[i];
    }
    return any ? outside : null;
  }

  /** Fixed values at some indices of a dimension, over a copy. */
  private static Operand blank(Site site, Operand x, int dimension, boolean[] outside) {
    Operand y = site.scratch(x.type(), x.shape());
    site.copy(x, y);
    double value = site.real("extrapolation_value", 0);
    Operand one =
        site.constant(Casts.converted(Tensor.of(new double[] {value}), x.type()).reshaped());
    Along along = Along.of(x.shape(), dimension);
    int[] blanks = IntStream.range(0, outside.length).filter(i -> outside[i]).toArray();
    int[] targets =
        IntStream.range(0, along.rows())
            .flatMap(row -> Arrays.stream(blanks).map(i -> along.first(row) + along.inner() * i))
            .toArray();
    site.scatter(one, new int[targets.length], y, targets);
    return y;
  }

  private static void interpolate(
      Site site, ResizedAxis[] axes, double[][] points, boolean cubic, boolean crop) {
    Operand x = site.in(0);
    if (x.type() == ElementType.BOOL) {
      throw site.refuse("truth values have no weighted sums; use the mode nearest.");
    }
    boolean smaller = Arrays.stream(axes).anyMatch(axis -> axis != null && axis.scale() < 1);
    if (smaller && site.whole("antialias", 0) != 0) {
      throw site.refuse("smoothing what becomes smaller (antialias) is not supported.");
    }
    boolean whole = x.storage() == Storage.LONG;
    Operand from = whole ? Casts.cast(site, x, ElementType.F64) : x;
    Operand y = from;
    double a = site.real("cubic_coeff_a", -0.75f);
    boolean exclude = site.whole("exclude_outside", 0) != 0;
    for (int d = 0; d < axes.length; d++) {
      if (axes[d] == null || isSame(axes[d], points[d])) {
        continue;
      }
      y = sums(site, y, d, axes[d].taps(points[d], cubic, a, exclude));
      boolean[] outside = outside(axes[d], points[d], crop);
      y = outside == null ? y : blank(site, y, d, outside);
    }
    if (y == from) {
      site.out(0, x);
    } else {
      site.outRounded(0, whole ? whole(site, y, x.type()) : y);
    }
  }

  private static boolean isSame(ResizedAxis axis, double[] points) {
    return axis.output() == axis.input()
        && IntStream.range(0, points.length).allMatch(i -> points[i] == i);
  }

  /** Weighted sums along a dimension. */
  private static Operand sums(Site site, Operand operand, int axis, ResizedAxis.Taps taps) {
    Operand x = site.dense(operand);
    int[] shape = x.shape().clone();
    Along along = Along.of(shape, axis);
    int outputs = taps.indices().length / taps.count();
    shape[axis] = outputs;
    Operand y = site.scratch(x.type(), shape);
    long step = x.storage().bytes();
    int inner = along.inner();
    site.run(
        memory -> {
          long to = y.at(memory);
          for (int outer = 0; outer < along.outer(); outer++) {
            long from = x.at(memory) + step * along.size() * inner * outer;
            for (int i = 0; i < outputs; i++) {
              for (int j = 0; j < inner; j++, to += step) {
                Elements.set(x.storage(), to, sum(x.storage(), from + step * j, inner, taps, i));
              }
            }
          }
        },
        List.of(x),
        List.of(y));
    return y;
  }

  private static double sum(Storage storage, long from, int inner, ResizedAxis.Taps taps, int i) {
    double sum = 0;
    long row = (long) storage.bytes() * inner;
    for (int tap = taps.count() * i; tap < taps.count() * (i + 1); tap++) {
      sum += taps.weights()[tap] * Elements.get(storage, from + row * taps.indices()[tap]);
    }
    return sum;
  }

  /** The nearest integers that a type has. */
  private static Operand whole(Site site, Operand x, ElementType type) {
    int bits = type.isUnsigned() ? type.bits() : type.bits() - 1;
    double high = Math.scalb(1.0, bits) - 1;
    double low = type.isUnsigned() ? 0 : -high - 1;
    Operand rounded = Flat.doubles(site, x, value -> Math.clamp(Math.rint(value), low, high));
    return Casts.cast(site, rounded, type);
  }
}
