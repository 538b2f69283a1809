package io.cellbelt.models.stacks;

import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.rewrite.Values;
import io.cellbelt.models.stacks.Hop.Branch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * The one way from an input of a graph to an output.
 *
 * @param input its name
 * @param hops in order
 */
record Path(String input, List<Hop> hops) {
  private static final String[] RECURRENT = {"LSTM", "GRU", "RNN"};

  /** Those that a stack is made of; any other says at once that a graph is none. */
  private static final Set<String> OPERATORS =
      Set.of(
          "LSTM",
          "GRU",
          "RNN",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Reshape",
          "Flatten",
          "Cast",
          "Gather",
          "OneHot",
          "Slice",
          "MatMul",
          "Gemm",
          "Add",
          "Mul",
          "Div",
          "Concat",
          "ReduceSum",
          "ReduceMean",
          "ReduceProd");

  Path {
    hops = List.copyOf(hops);
  }

  static boolean isRecurrent(Node node) {
    return Values.is(node, RECURRENT);
  }

  /**
   * Goes back from an output.
   *
   * @throws Misfit if there is more than one way, or none
   */
  static Path to(String output, Graph graph, Values values) {
    List<Hop> hops = new ArrayList<>();
    String value = values.origin(output);
    while (!values.isFed(value)) {
      Node node = values.producer(value);
      Misfit.unless(
          node != null && hops.size() < graph.nodes().size(), "Nothing gives '" + value + "'.");
      Misfit.unless(OPERATORS.contains(node.operator()), Misfit.noPart(node));
      if (Values.is(node, "Concat", "Add", "Mul") && varying(node, values).size() == 2) {
        Hop.Two both =
            new Hop.Two(
                branch(node, node.inputs().getFirst(), values),
                branch(node, node.inputs().getLast(), values),
                node);
        hops.add(both);
        value = values.origin(Values.input(both.first().node(), 0));
        Misfit.unless(
            value.equals(values.origin(Values.input(both.second().node(), 0))),
            node.describe() + " joins layers that are fed different values.");
      } else {
        hops.add(new Hop.One(node, node.outputs().indexOf(value)));
        value = values.origin(next(node, values));
      }
    }
    Collections.reverse(hops);
    return new Path(value, hops);
  }

  /** The inputs that are no constants. */
  private static List<String> varying(Node node, Values values) {
    return node.inputs().stream()
        .filter(name -> !name.isEmpty() && !values.isConstant(name))
        .toList();
  }

  /** The one input that is no constant; of nodes that also take shapes or states, the first. */
  private static String next(Node node, Values values) {
    if (isRecurrent(node) || Axes.moves(node)) {
      return node.inputs().getFirst();
    }
    List<String> inputs = varying(node, values);
    Misfit.unless(inputs.size() == 1, node.describe() + " takes several values that vary.");
    return inputs.getFirst();
  }

  private static Branch branch(Node merge, String end, Values values) {
    List<Node> moves = new ArrayList<>();
    String value = values.origin(end);
    Node node = values.producer(value);
    for (; node != null && Axes.moves(node); node = values.producer(value)) {
      moves.add(node);
      value = values.origin(node.inputs().getFirst());
    }
    Misfit.unless(
        isRecurrent(node) && node.outputs().indexOf(value) == 0,
        merge.describe() + " takes '" + end + "', which is not all steps of a recurrent layer.");
    Collections.reverse(moves);
    return new Branch(node, moves);
  }
}
