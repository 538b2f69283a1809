package io.cellbelt.models.stacks;

import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.rewrite.Values;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The states before and after a call: each is zero before, or is fed and comes out again, so that a
 * stream keeps it. Anything else is no stack.
 */
final class CarriedStates {
  private static final int INITIAL = 5;

  private final Graph graph;
  private final Values values;
  private final Set<String> zeros = new HashSet<>();

  /** Where states come out: by the node and its output, the graph's output and the row of it. */
  private final Map<State, Place> outputs = new LinkedHashMap<>();

  /** Inputs that are states, and the outputs that they are in the next call. */
  private final Map<String, String> carried = new LinkedHashMap<>();

  private record State(Node node, int output) {}

  /** A state of several in one input or output, or the only one: -1. */
  private record Place(String port, long row) {}

  CarriedStates(Graph graph, Values values) {
    this.graph = graph;
    this.values = values;
    findZeros();
  }

  /**
   * The inputs that are states of a stream.
   *
   * @throws Misfit if not all inputs and outputs are the data or states
   */
  Set<String> of(String input, String output, List<Level> levels) {
    graph.outputs().stream().map(Port::name).filter(n -> !n.equals(output)).forEach(this::comesOut);
    Set<State> used = new HashSet<>();
    Set<Place> fed = new HashSet<>();
    for (Level level : levels) {
      for (Node node : level.nodes()) {
        int states = node.operator().equals("LSTM") ? 2 : 1;
        for (int i = 0; i < states; i++) {
          String initial = Values.input(node, INITIAL + i);
          if (!initial.isEmpty() && !zeros.contains(initial)) {
            State state = new State(node, 1 + i);
            Misfit.unless(
                level.recurrent().direction() == Direction.FORWARD
                    && fed.add(carry(state, initial)),
                node.describe() + " starts from what is no state of a stream.");
            used.add(state);
          }
        }
      }
    }
    Set<String> inputs = new HashSet<>(carried.keySet());
    inputs.add(input);
    graph.inputs().stream()
        .map(Port::name)
        .forEach(
            name ->
                Misfit.unless(
                    inputs.contains(name),
                    "The input '" + name + "' is neither data nor a state."));
    Misfit.unless(!carried.containsKey(input), "The input '" + input + "' is data and a state.");
    outputs.forEach(
        (state, place) ->
            Misfit.unless(
                used.contains(state),
                "The output '" + place.port() + "' is a state that is fed by no input."));
    return carried.keySet();
  }

  /** The place where a state is fed. */
  private Place carry(State state, String initial) {
    Place in = fed(initial);
    Place out = outputs.get(state);
    Misfit.unless(
        out != null
            && in.row() == out.row()
            && out.port().equals(carried.computeIfAbsent(in.port(), key -> out.port())),
        state.node().describe() + " has a state that does not come out as it goes in.");
    Tensor start = graph.constants().get(in.port());
    Misfit.unless(
        start == null || isZero(start),
        "The state '" + in.port() + "' does not start from zero, as that of a network does.");
    return in;
  }

  private Place fed(String initial) {
    String value = values.origin(initial);
    long row = -1;
    while (!values.isFed(value)) {
      Node node = values.producer(value);
      Misfit.unless(
          node != null, "A layer starts from '" + value + "', which is neither zero nor an input.");
      if (!Axes.moves(node)) {
        Misfit.unless(row < 0, node.describe() + " takes a part of a part.");
        row = row(node, value);
      }
      value = values.origin(node.inputs().getFirst());
    }
    return new Place(value, row);
  }

  /** Which one of several states on the first axis a node takes. */
  private long row(Node node, String value) {
    if (Values.is(node, "Split") && Values.whole(node, "axis", 0) == 0) {
      return node.outputs().indexOf(value);
    }
    if (Values.is(node, "Gather") && Values.whole(node, "axis", 0) == 0) {
      long[] index = values.wholes(Values.input(node, 1));
      Misfit.unless(
          index != null && index.length == 1 && index[0] >= 0, node.describe() + " is no row.");
      return index[0];
    }
    long[] starts = values.wholes(node, "starts", 1);
    long[] ends = values.wholes(node, "ends", 2);
    long[] axes = values.wholes(node, "axes", 3);
    Misfit.unless(
        Values.is(node, "Slice")
            && starts != null
            && ends != null
            && starts.length == 1
            && ends.length == 1
            && starts[0] >= 0
            && ends[0] == starts[0] + 1
            && (axes == null || axes.length == 1 && axes[0] == 0),
        node.describe() + " is no row.");
    return starts[0];
  }

  private void comesOut(String output) {
    String value = pastMoves(output);
    Node node = values.producer(value);
    Misfit.unless(node != null, "Nothing gives '" + output + "'.");
    if (Values.is(node, "Concat") && Values.whole(node, "axis", 0) == 0) {
      for (int i = 0; i < node.inputs().size(); i++) {
        comesOut(pastMoves(node.inputs().get(i)), new Place(output, i));
      }
    } else {
      comesOut(value, new Place(output, -1));
    }
  }

  private void comesOut(String value, Place place) {
    Node node = values.producer(value);
    Misfit.unless(
        Path.isRecurrent(node)
            && node.outputs().indexOf(value) > 0
            && outputs.put(new State(node, node.outputs().indexOf(value)), place) == null,
        "The output '" + place.port() + "' is neither what the layers give nor a state of theirs.");
  }

  private String pastMoves(String end) {
    String value = values.origin(end);
    for (Node node = values.producer(value);
        node != null && Axes.moves(node);
        node = values.producer(value)) {
      value = values.origin(node.inputs().getFirst());
    }
    return value;
  }

  /** Zeros of whatever shape, which exporters make from the shape of the input. */
  private void findZeros() {
    graph
        .constants()
        .forEach(
            (name, tensor) -> {
              if (!values.isFed(name) && isZero(tensor)) {
                zeros.add(name);
              }
            });
    for (Node node : graph.nodes()) {
      boolean zero =
          switch (node.operator()) {
            case "Constant" ->
                node.attributes().get("value") instanceof Attribute.Constant(Tensor value)
                    && isZero(value);
            case "ConstantOfShape" ->
                !(node.attributes().get("value") instanceof Attribute.Constant(Tensor value))
                    || isZero(value);
            case "Concat" -> zeros.containsAll(node.inputs());
            case "Expand",
                "Identity",
                "Unsqueeze",
                "Squeeze",
                "Reshape",
                "Transpose",
                "Cast",
                "Slice",
                "Gather",
                "Split",
                "Tile" ->
                zeros.contains(node.inputs().getFirst());
            default -> false;
          };
      if (zero && node.domain().isEmpty()) {
        zeros.addAll(node.outputs());
      }
    }
  }

  private static boolean isZero(Tensor tensor) {
    if (tensor.type().storage() != Storage.FLOAT) {
      return false;
    }
    for (int i = 0; i < tensor.size(); i++) {
      if (tensor.doubleAt(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
