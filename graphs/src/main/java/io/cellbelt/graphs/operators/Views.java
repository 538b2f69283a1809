package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Operators that look at the same elements in another way, and so move nothing. */
final class Views {
  private Views() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Identity" -> Operator.of(name, Views::same);
      case "Dropout" ->
          Operator.of(name, Views::dropout, "ratio", "is_test", "seed", "consumed_inputs");
      case "Reshape" -> Operator.of(name, Views::reshape, "shape", "allowzero", "consumed_inputs");
      case "Flatten" -> Operator.of(name, Views::flatten, "axis");
      case "Squeeze" -> Operator.of(name, Views::squeeze, "axes");
      case "Unsqueeze" -> Operator.of(name, Views::unsqueeze, "axes");
      case "Transpose" -> Operator.of(name, Views::transpose, "perm");
      case "Expand" -> Operator.of(name, Views::expand);
      case "Slice" -> Operator.of(name, Views::slice, "starts", "ends", "axes");
      case "Split" -> Operator.of(name, Views::split, "axis", "split", "num_outputs");
      case "DepthToSpace" -> Operator.of(name, Views::depthToSpace, "blocksize", "mode");
      case "SpaceToDepth" -> Operator.of(name, Views::spaceToDepth, "blocksize");
      default -> throw Operators.unknown(name);
    };
  }

  private static void same(Site site) {
    site.out(0, site.in(0));
  }

  private static void dropout(Site site) {
    Operand training = site.optional(2);
    if (training != null && (!training.isConstant() || training.value().doubleAt(0) != 0)) {
      throw site.refuse("this library runs models, so training_mode must be false.");
    }
    Operand x = site.in(0);
    site.out(0, x);
    if (site.wanted(1)) {
      Tensor yes =
          site.version() < 10 ? Casts.converted(Tensor.of(new double[] {1}), x.type()) : Casts.TRUE;
      site.out(1, site.broadcast(site.constant(yes.reshaped()), x.shape()));
    }
  }

  private static void reshape(Site site) {
    Operand x = site.in(0);
    int[] shape = site.wholes("shape", 1).clone();
    int open = -1;
    long rest = 1;
    for (int d = 0; d < shape.length; d++) {
      if (shape[d] == 0 && site.whole("allowzero", 0) == 0) {
        if (d >= x.rank()) {
          throw site.refuse("the shape keeps dimension " + d + " of " + x + ", which has none.");
        }
        shape[d] = x.size(d);
      }
      if (shape[d] < -1 || shape[d] == -1 && open >= 0) {
        throw site.refuse("the shape " + Arrays.toString(shape) + " is none.");
      }
      open = shape[d] == -1 ? d : open;
      rest *= shape[d] == -1 ? 1 : shape[d];
    }
    if (open >= 0) {
      shape[open] = rest == 0 ? 0 : (int) (x.size() / rest);
    }
    if (Layout.dense(shape).size() != x.size()) {
      throw site.refuse(
          x + " has " + x.size() + " elements, which do not fill " + Arrays.toString(shape) + ".");
    }
    site.out(0, site.reshaped(x, shape));
  }

  private static void flatten(Site site) {
    Operand x = site.in(0);
    int axis = site.whole("axis", 1);
    axis = axis == x.rank() ? axis : site.axis(axis, x.rank());
    int rows = Arrays.stream(x.shape(), 0, axis).reduce(1, (a, b) -> a * b);
    int columns = Arrays.stream(x.shape(), axis, x.rank()).reduce(1, (a, b) -> a * b);
    site.out(0, site.reshaped(x, rows, columns));
  }

  private static void squeeze(Site site) {
    Operand x = site.in(0);
    int[] axes = site.wholes("axes", 1);
    TreeSet<Integer> removed = new TreeSet<>();
    if (axes == null) {
      IntStream.range(0, x.rank()).filter(d -> x.size(d) == 1).forEach(removed::add);
    } else {
      for (int axis : axes) {
        int d = site.axis(axis, x.rank());
        if (x.size(d) != 1) {
          throw site.refuse("dimension " + d + " of " + x + " is not 1, so it must stay.");
        }
        removed.add(d);
      }
    }
    Layout layout = x.layout();
    for (int d : removed.descendingSet()) {
      layout = layout.without(d);
    }
    site.out(0, x.view(layout));
  }

  private static void unsqueeze(Site site) {
    Operand x = site.in(0);
    int[] axes = site.wholes("axes", 1);
    TreeSet<Integer> added = new TreeSet<>();
    for (int axis : axes) {
      added.add(site.axis(axis, x.rank() + axes.length));
    }
    if (added.size() < axes.length) {
      throw site.refuse("the axes " + Arrays.toString(axes) + " name one twice.");
    }
    Layout layout = x.layout();
    for (int d : added) {
      layout = layout.with(d);
    }
    site.out(0, x.view(layout));
  }

  private static void transpose(Site site) {
    Operand x = site.in(0);
    int[] order = site.wholes("perm");
    if (order == null) {
      order = IntStream.range(0, x.rank()).map(d -> x.rank() - 1 - d).toArray();
    }
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, IntStream.range(0, x.rank()).toArray())) {
      throw site.refuse(
          "the order " + Arrays.toString(order) + " does not name each dimension of " + x + ".");
    }
    site.out(0, x.view(x.layout().permuted(order)));
  }

  private static void expand(Site site) {
    Operand x = site.in(0);
    int[] shape = Broadcasting.shape(site, x.shape(), site.knownWholes(1, "the shape"));
    site.out(0, site.broadcast(x, shape));
  }

  private static void slice(Site site) {
    Operand x = site.in(0);
    int[] starts = site.wholes("starts", 1);
    int[] ends = site.wholes("ends", 2);
    int[] axes = site.wholes("axes", 3);
    int[] steps =
        site.inputs() > 4 && site.optional(4) != null ? site.knownWholes(4, "steps") : null;
    Layout layout = x.layout();
    for (int i = 0; i < starts.length; i++) {
      int axis = axes == null ? i : site.axis(axes[i], x.rank());
      int step = steps == null ? 1 : steps[i];
      if (step == 0) {
        throw site.refuse("steps are not 0.");
      }
      int size = x.size(axis);
      int from;
      int count;
      if (step > 0) {
        from = clamp(starts[i], size, 0, size);
        int to = clamp(ends[i], size, 0, size);
        count = Math.max(0, Math.ceilDiv(to - from, step));
      } else {
        from = clamp(starts[i], size, 0, size - 1);
        int to = clamp(ends[i], size, -1, size - 1);
        count = (int) Math.max(0, Math.ceilDiv((long) from - to, -(long) step));
      }
      layout = layout.sliced(axis, from, count, step);
    }
    site.out(0, x.view(layout));
  }

  private static int clamp(int index, int size, int low, int high) {
    return Math.clamp(index < 0 ? index + (long) size : index, low, Math.max(low, high));
  }

  private static void split(Site site) {
    Operand x = site.in(0);
    int axis = site.axis(site.whole("axis", 0), x.rank());
    int size = x.size(axis);
    int[] parts = site.wholes("split", 1);
    if (parts == null) {
      int count = site.whole("num_outputs", site.outputs());
      int each = Math.ceilDiv(size, count);
      parts = new int[count];
      for (int i = 0; i < count; i++) {
        parts[i] = Math.clamp((long) size - (long) i * each, 0, each);
      }
    }
    if (Arrays.stream(parts).sum() != size || parts.length < site.outputs()) {
      throw site.refuse(
          "the parts "
              + Arrays.toString(parts)
              + " do not fill dimension "
              + axis
              + " of "
              + x
              + ".");
    }
    int from = 0;
    for (int i = 0; i < parts.length; from += parts[i], i++) {
      site.out(i, x.view(x.layout().sliced(axis, from, parts[i], 1)));
    }
  }

  private static void depthToSpace(Site site) {
    Operand x = site.in(0);
    int block = site.whole("blocksize", 1);
    int[] s = x.shape();
    if (s.length != 4 || block < 1 || s[1] % ((long) block * block) != 0) {
      throw site.refuse("blocks of " + block + " x " + block + " do not fill " + x + ".");
    }
    int depth = s[1] / (block * block);
    boolean columns = site.text("mode", "DCR").equals("CRD");
    Operand split =
        columns
            ? site.reshaped(x, s[0], depth, block, block, s[2], s[3])
            : site.reshaped(x, s[0], block, block, depth, s[2], s[3]);
    int[] order = columns ? new int[] {0, 1, 4, 2, 5, 3} : new int[] {0, 3, 4, 1, 5, 2};
    Operand moved = split.view(split.layout().permuted(order));
    site.out(0, site.reshaped(moved, s[0], depth, s[2] * block, s[3] * block));
  }

  private static void spaceToDepth(Site site) {
    Operand x = site.in(0);
    int block = site.whole("blocksize", 1);
    int[] s = x.shape();
    if (s.length != 4 || block < 1 || s[2] % block != 0 || s[3] % block != 0) {
      throw site.refuse("blocks of " + block + " x " + block + " do not fill " + x + ".");
    }
    Operand split = site.reshaped(x, s[0], s[1], s[2] / block, block, s[3] / block, block);
    Operand moved = split.view(split.layout().permuted(0, 3, 5, 1, 2, 4));
    site.out(0, site.reshaped(moved, s[0], s[1] * block * block, s[2] / block, s[3] / block));
  }
}
