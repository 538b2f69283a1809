package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Operators that put tensors, or copies of one, side by side. */
final class Joining {
  private Joining() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Concat" -> Operator.of(name, Joining::concat, "axis");
      case "Tile" -> Operator.of(name, Joining::tile);
      case "Pad" -> Operator.of(name, Joining::pad, "mode", "pads", "paddings", "value");
      default -> throw Operators.unknown(name);
    };
  }

  private static void concat(Site site) {
    List<Operand> parts = IntStream.range(0, site.inputs()).mapToObj(site::in).toList();
    Operand first = parts.getFirst();
    int axis = site.axis(site.whole("axis", 1), first.rank());
    int[] shape = first.shape().clone();
    shape[axis] = 0;
    for (Operand part : parts) {
      int[] other = part.shape().clone();
      if (other.length == shape.length) {
        shape[axis] += other[axis];
        other[axis] = shape[axis];
      }
      if (!Arrays.equals(other, shape) || part.type() != first.type()) {
        throw site.refuse("parts differ in axis " + axis + " alone, but got " + parts + ".");
      }
    }
    List<Operand> filled = parts.stream().filter(part -> part.size() > 0).toList();
    if (filled.size() == 1) {
      site.out(0, filled.getFirst());
      return;
    }
    Operand y = site.out(0, first.type(), shape);
    int from = 0;
    for (Operand part : filled) {
      site.copy(part, y.view(y.layout().sliced(axis, from, part.size(axis), 1)));
      from += part.size(axis);
    }
  }

  private static void tile(Site site) {
    Operand x = site.in(0);
    int[] repeats = site.knownWholes(1, "repeats");
    if (site.version() < 6) {
      int[] all = new int[x.rank()];
      Arrays.fill(all, 1);
      all[site.knownWholes(2, "the axis")[0]] = repeats[0];
      repeats = all;
    }
    int rank = x.rank();
    // Each dimension becomes two: the repeats, and what is repeated.
    Layout layout = x.layout();
    int[] wide = new int[2 * rank];
    int[] shape = new int[rank];
    for (int d = 0; d < rank; d++) {
      layout = layout.with(2 * d);
      wide[2 * d] = repeats[d];
      wide[2 * d + 1] = x.size(d);
      shape[d] = repeats[d] * x.size(d);
    }
    site.out(0, site.reshaped(x.view(layout.broadcast(wide)), shape));
  }

  private static void pad(Site site) {
    Operand x = site.in(0);
    int[] pads = site.has("paddings") ? site.wholes("paddings") : site.wholes("pads", 1);
    int rank = x.rank();
    int[] before = new int[rank];
    int[] after = new int[rank];
    Operand some = site.optional(3);
    int[] axes =
        some == null ? IntStream.range(0, rank).toArray() : site.knownWholes(3, "the axes");
    for (int i = 0; i < axes.length; i++) {
      before[site.axis(axes[i], rank)] = pads[i];
      after[site.axis(axes[i], rank)] = pads[axes.length + i];
    }
    String mode = site.text("mode", "constant");
    if (mode.equals("constant")) {
      site.out(0, filled(site, x, before, after, fill(site, x)));
      return;
    }
    Operand y = x;
    for (int d = 0; d < rank; d++) {
      y = before[d] == 0 && after[d] == 0 ? y : extended(site, y, d, before[d], after[d], mode);
    }
    site.out(0, y);
  }

  private static Operand fill(Site site, Operand x) {
    if (site.optional(2) != null) {
      return site.in(2);
    }
    double value = site.real("value", 0);
    return site.constant(Casts.converted(Tensor.of(new double[] {value}), x.type()));
  }

  /** Negative pads cut off. */
  static Operand filled(Site site, Operand x, int[] before, int[] after, Operand value) {
    int rank = x.rank();
    int[] shape = new int[rank];
    Layout from = x.layout();
    for (int d = 0; d < rank; d++) {
      shape[d] = before[d] + x.size(d) + after[d];
      if (shape[d] < 0) {
        throw site.refuse("more is cut off from " + x + " than there is.");
      }
      int cut = Math.max(0, -before[d]);
      from = from.sliced(d, cut, Math.max(0, x.size(d) - cut - Math.max(0, -after[d])), 1);
    }
    Operand y = site.scratch(x.type(), shape);
    Layout to = y.layout();
    for (int d = 0; d < rank; d++) {
      to = to.sliced(d, Math.max(0, before[d]), from.shape()[d], 1);
    }
    Operand one = value.view(new Layout(new int[0], new int[0], value.layout().offset()));
    site.copy(site.broadcast(one, shape), y);
    if (to.size() > 0) {
      site.copy(x.view(from), y.view(to));
    }
    return y;
  }

  /** One dimension longer at its ends by what it holds. */
  private static Operand extended(
      Site site, Operand x, int dimension, int before, int after, String mode) {
    int size = x.size(dimension);
    int[] source = new int[Math.max(0, before + size + after)];
    for (int i = 0; i < source.length; i++) {
      source[i] = source(site, i - before, size, mode);
    }
    List<int[]> runs = new ArrayList<>();
    for (int i = 0; i < source.length; ) {
      int step = i + 1 < source.length ? Math.clamp(source[i + 1] - source[i], -1, 1) : 1;
      int end = i + 1;
      while (end < source.length && source[end] == source[end - 1] + step) {
        end++;
      }
      runs.add(new int[] {i, source[i], end - i, step});
      i = end;
    }
    int[] shape = x.shape().clone();
    shape[dimension] = source.length;
    Operand y = site.scratch(x.type(), shape);
    for (int[] run : runs) {
      site.copy(
          x.view(x.layout().sliced(dimension, run[1], run[2], run[3])),
          y.view(y.layout().sliced(dimension, run[0], run[2], 1)));
    }
    return y;
  }

  private static int source(Site site, int index, int size, String mode) {
    return switch (mode) {
      case "edge" -> Math.clamp(index, 0, size - 1);
      case "wrap" -> Math.floorMod(index, size);
      case "reflect" -> {
        int period = Math.max(1, 2 * (size - 1));
        int at = Math.floorMod(index, period);
        yield at < size ? at : period - at;
      }
      default -> throw site.refuse("there is no mode '" + mode + "' of padding.");
    };
  }
}
