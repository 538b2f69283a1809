package io.cellbelt.models.stacks;

import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.rewrite.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One index along an axis.
 *
 * @param axis counted from the end if negative
 * @param index likewise
 * @param end what a slice ends before; otherwise no less than any size
 * @param drops whether the axis goes; otherwise it stays, with one element
 */
record LastStep(long axis, long index, long end, boolean drops) {
  static LastStep gathered(Node node, Values values) {
    Tensor which = values.constant(Values.input(node, 1));
    long[] index = values.wholes(Values.input(node, 1));
    Misfit.unless(index != null && index.length == 1, node.describe() + " takes several steps.");
    return new LastStep(Values.whole(node, "axis", 0), index[0], Long.MAX_VALUE, which.rank() == 0);
  }

  static LastStep sliced(Node node, Values values) {
    long[] starts = values.wholes(node, "starts", 1);
    long[] ends = values.wholes(node, "ends", 2);
    long[] axes = values.wholes(node, "axes", 3);
    long[] steps = values.wholes(node, "steps", 4);
    Misfit.unless(
        starts != null
            && ends != null
            && starts.length == 1
            && ends.length == 1
            && (axes == null || axes.length == 1)
            && (steps == null || steps.length == 1 && steps[0] == 1),
        node.describe() + " takes several steps.");
    return new LastStep(axes == null ? 0 : axes[0], starts[0], ends[0], false);
  }

  /**
   * What is left of a value.
   *
   * @throws Misfit if it is not the last step of its time
   */
  Axes of(Node node, Axes from, String time) {
    long at = axis < 0 ? axis + from.rank() : axis;
    long steps = from.size(time);
    Misfit.unless(
        at >= 0
            && at < from.rank()
            && from.list().get((int) at).equals(time)
            && (index == -1 || index >= 0 && steps == index + 1)
            && (end >= Integer.MAX_VALUE || steps >= 0 && end >= steps),
        node.describe() + " takes other steps than the last.");
    List<String> other = new ArrayList<>(from.list());
    if (drops) {
      other.remove((int) at);
    } else {
      other.set((int) at, "");
    }
    return from.with(other, Map.of());
  }
}
