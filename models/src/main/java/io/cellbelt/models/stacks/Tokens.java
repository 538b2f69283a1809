package io.cellbelt.models.stacks;

import io.cellbelt.cells.Input;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.rewrite.Values;

/**
 * An input that is tokens.
 *
 * @param table of an embedding; null for one-hot tokens
 */
record Tokens(Input input, float[] table) {
  /** The rows of a table, by their index. */
  static Tokens embedding(Node node, Tensor rows) {
    Misfit.unless(
        rows.rank() == 2 && rows.type() == ElementType.F32 && Values.whole(node, "axis", 0) == 0,
        node.describe() + " is no embedding.");
    int[] shape = rows.shape();
    return new Tokens(new Input.Embedding(shape[0], shape[1]), rows.floats());
  }

  static Tokens oneHot(Node node, Values values) {
    Tensor ends = values.constant(Values.input(node, 2));
    Double depth = values.number(Values.input(node, 1));
    Misfit.unless(
        depth != null
            && ends != null
            && ends.type() == ElementType.F32
            && ends.size() == 2
            && ends.doubleAt(0) == 0
            && ends.doubleAt(1) == 1
            && Values.whole(node, "axis", -1) == -1,
        node.describe() + " is no one-hot input.");
    return new Tokens(new Input.OneHot(Math.toIntExact(depth.longValue())), null);
  }
}
