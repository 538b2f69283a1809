package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Layout;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Moves;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** temporary. */
final class Picking {
  static final List<Operator> ALL =
      List.of(
          Operator.of("Gather", Picking::gather, "axis"),
          Operator.of("ScatterND", Picking::scatterNd, "reduction"));

  private Picking() {}

  private static void gather(Site site) {
    Operand x = site.in(0);
    Operand indices = site.in(1);
    int axis = site.axis(site.whole("axis", 0), x.rank());
    int size = x.size(axis);
    int[] shape = new int[x.rank() - 1 + indices.rank()];
    System.arraycopy(x.shape(), 0, shape, 0, axis);
    System.arraycopy(indices.shape(), 0, shape, axis, indices.rank());
    System.arraycopy(x.shape(), axis + 1, shape, axis + indices.rank(), x.rank() - 1 - axis);
    if (indices.isConstant()) {
      long[] all = indices.value().longs();
      for (int i = 0; i < all.length; i++) {
        all[i] = all[i] < 0 ? all[i] + size : all[i];
        if (all[i] < 0 || all[i] >= size) {
          throw site.refuse("an index is " + all[i]);
        }
      }
      if (indices.rank() == 0) {
        site.out(0, x.view(x.layout().picked(axis, (int) all[0])));
        return;
      }
      long step = all.length > 1 ? all[1] - all[0] : 1;
      boolean regular = all.length > 0;
      for (int i = 1; i < all.length; i++) {
        regular &= all[i] - all[i - 1] == step;
      }
      if (regular) {
        Operand part = x.view(x.layout().sliced(axis, (int) all[0], all.length, (int) step));
        site.out(0, site.reshaped(part, shape));
        return;
      }
      Layout outside = x.layout();
      int[] offsets = new int[0];
      for (long index : all) {
        int[] one = outside.picked(axis, (int) index).relativeIndices();
        offsets = offsets.length == 0 ? new int[all.length * one.length] : offsets;
      }
      int each = offsets.length / all.length;
      int inner = Arrays.stream(x.shape(), axis + 1, x.rank()).reduce(1, (a, b) -> a * b);
      for (int i = 0; i < all.length; i++) {
        int[] one = outside.picked(axis, (int) all[i]).indices();
        for (int j = 0; j < each; j++) {
          int outer = j / inner;
          offsets[(outer * all.length + i) * inner + j % inner] = one[j] - outside.offset();
        }
      }
      Operand y = site.out(0, x.type(), shape);
      site.gather(x, offsets, y);
      return;
    }
    int outer = Arrays.stream(x.shape(), 0, axis).reduce(1, (a, b) -> a * b);
    int inner = Arrays.stream(x.shape(), axis + 1, x.rank()).reduce(1, (a, b) -> a * b);
    Operand source = site.dense(x);
    Operand picks = site.dense(indices);
    Operand y = site.out(0, x.type(), shape);
    int count = indices.size();
    long row = (long) inner * x.storage().bytes();
    long words = row / Float.BYTES;
    site.run(
        memory -> {
          long to = y.at(memory);
          for (int o = 0; o < outer; o++) {
            for (int i = 0; i < count; i++, to += row) {
              long index = Elements.getLong(picks.at(memory) + (long) Long.BYTES * i);
              index = index < 0 ? index + size : index;
              if (index < 0 || index >= size) {
                throw site.refuse("an index is " + index + " of " + size);
              }
              Moves.copy(source.at(memory) + row * ((long) o * size + index), to, words);
            }
          }
        },
        List.of(source, picks),
        List.of(y));
  }

  private static void scatterNd(Site site) {
    Operand x = site.in(0);
    int[] indices = site.knownWholes(1, "where it scatters");
    Operand updates = site.in(2);
    int deep = site.in(1).size(site.in(1).rank() - 1);
    Operand y = site.out(0, x.type(), x.shape());
    site.copy(x, y);
    List<Integer> targets = new ArrayList<>();
    for (int i = 0; i < indices.length / deep; i++) {
      Layout layout = y.layout();
      for (int d = 0; d < deep; d++) {
        int index = indices[i * deep + d];
        layout = layout.picked(0, index < 0 ? index + layout.shape()[0] : index);
      }
      Arrays.stream(layout.indices()).forEach(targets::add);
    }
    site.scatter(
        updates,
        updates.layout().relativeIndices(),
        y,
        targets.stream().mapToInt(t -> t).toArray());
  }
}
