package io.cellbelt.models.stacks;

import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.OnnxRecurrent;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.rewrite.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A layer of a stack.
 *
 * @param nodes its node, or two for two directions
 * @param recurrent with the weights of all directions
 * @param merge what becomes of two directions
 */
record Level(List<Node> nodes, OnnxRecurrent recurrent, Merge merge) {
  private static final int LENGTHS = 4;

  /** Of the inputs that are weights, by their index. */
  private static final Map<Integer, String> WEIGHTS = Map.of(1, "W", 2, "R", 3, "B", 7, "P");

  Level {
    nodes = List.copyOf(nodes);
  }

  static Level of(Node node, Values values) {
    return new Level(
        List.of(node),
        OnnxRecurrent.of(node.operator(), OnnxRecurrent.attributes(node), weights(node, values)),
        Merge.CONCAT);
  }

  /** Two nodes of which one goes forward and the other in reverse. */
  static Level of(Node forward, Node reverse, Merge merge, Values values) {
    Map<String, Object> attributes = OnnxRecurrent.attributes(forward);
    Map<String, Object> others = OnnxRecurrent.attributes(reverse);
    Object first = attributes.getOrDefault("direction", "forward");
    Object second = others.getOrDefault("direction", "forward");
    attributes.put("direction", "bidirectional");
    others.put("direction", "bidirectional");
    Misfit.unless(
        forward.operator().equals(reverse.operator())
            && attributes.equals(others)
            && first.equals("forward")
            && second.equals("reverse"),
        forward.describe() + " and " + reverse.describe() + " are not the directions of a layer.");
    // What is told for each function is told for both directions.
    attributes.replaceAll(
        (name, value) -> name.startsWith("activation") ? twice((List<?>) value) : value);
    Map<String, Tensor> weights = weights(forward, values);
    Map<String, Tensor> more = weights(reverse, values);
    Misfit.unless(
        weights.keySet().equals(more.keySet()), forward.describe() + " has other weights.");
    weights.replaceAll((name, tensor) -> stacked(tensor, more.get(name)));
    return new Level(
        List.of(forward, reverse),
        OnnxRecurrent.of(forward.operator(), attributes, weights),
        merge);
  }

  private static List<Object> twice(List<?> list) {
    List<Object> both = new ArrayList<>(list);
    both.addAll(list);
    return both;
  }

  private static Map<String, Tensor> weights(Node node, Values values) {
    Misfit.unless(
        Values.input(node, LENGTHS).isEmpty(), node.describe() + " is told lengths of sequences.");
    Map<String, Tensor> weights = new LinkedHashMap<>();
    WEIGHTS.forEach(
        (index, name) -> {
          String input = Values.input(node, index);
          if (!input.isEmpty()) {
            Tensor tensor = values.constant(input);
            Misfit.unless(
                tensor != null && tensor.type() == ElementType.F32,
                node.describe() + " has weights that are no constant floats.");
            weights.put(name, tensor);
          }
        });
    return weights;
  }

  private static Tensor stacked(Tensor first, Tensor second) {
    int[] shape = first.shape();
    shape[0] *= 2;
    float[] both = new float[first.size() + second.size()];
    System.arraycopy(first.floats(), 0, both, 0, first.size());
    System.arraycopy(second.floats(), 0, both, first.size(), second.size());
    return Tensor.wrap(ElementType.F32, both, shape);
  }

  Layer layer() {
    return recurrent.layer().with(recurrent.direction(), merge);
  }
}
