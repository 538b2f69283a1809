package io.cellbelt.models.stacks;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Weights;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.OnnxRecurrent;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.rewrite.Recurrences;
import io.cellbelt.graphs.rewrite.Values;
import io.cellbelt.models.stacks.Hop.Branch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a graph as a network, where it is one: recurrent layers on top of each other, perhaps with
 * an embedding or one-hot tokens below and a linear head above. Nodes that only move elements about
 * are looked through where every step, sequence and unit stays what it is. Layers may be written
 * out.
 *
 * <p>Anything else is left to the graph: an activation after the head, layers that are fed lengths
 * or masks, states that do not start with zero, outputs besides.
 */
public final class StackReader {
  /** ONNX's numbers of the types that tokens are cast to. */
  private static final Set<Long> TOKENS = Set.of(6L, 7L);

  private static final long FLOATS = 1;

  private final Graph graph;
  private final Values values;
  private final List<Level> levels = new ArrayList<>();

  private Axes axes;
  private Input input;
  private boolean hasIntegers;
  private float[] table;
  private Head head;

  /** What the axes are called that are time, sequences, and what a step holds. */
  private String time = "";

  private String batch = "";
  private String step = "";
  private boolean last;

  private StackReader(Graph graph) {
    this.graph = graph;
    values = Values.of(graph);
  }

  /** The network that a graph is, or why it is none. */
  public static Reading read(Graph graph) {
    Graph recognised = Recurrences.of(graph).graph();
    if (recognised.nodes().stream().noneMatch(Path::isRecurrent) || graph.outputs().isEmpty()) {
      return new Reading.NoStack(Misfit.noLayers(recognised));
    }
    try {
      return new StackReader(recognised).read();
    } catch (Misfit | IllegalArgumentException | ArithmeticException e) {
      // The graph runs as it is, or says what is wrong with it.
      return new Reading.NoStack(String.valueOf(e.getMessage()));
    }
  }

  private Stack read() {
    String output = graph.outputs().getFirst().name();
    Path path = Path.to(output, graph, values);
    Port port =
        graph.inputs().stream()
            .filter(p -> p.name().equals(path.input()))
            .findFirst()
            .orElseThrow();
    Misfit.unless(
        port.shape() != null && !graph.constants().containsKey(port.name()),
        port + " has no shape, or a value of its own.");
    axes = Axes.of(port.shape().stream().map(Port.Dimension::size).toList());
    hasIntegers = port.type() == null || port.type().storage() == Storage.LONG;
    boolean isFloat = port.type() == ElementType.F32;
    Misfit.unless(isFloat || hasIntegers, port + " is neither floats nor tokens.");
    for (Hop hop : path.hops()) {
      switch (hop) {
        case Hop.One(Node node, int from) -> take(node, from);
        case Hop.Two(Branch first, Branch second, Node merge) -> take(first, second, merge);
      }
    }
    Misfit.unless(
        !levels.isEmpty()
            && count(step) == 1
            && count(time) == (last ? 0 : 1)
            && (batch.isEmpty() || count(batch) == 1),
        "The output '" + output + "' is not what a layer or head gives at a step.");
    Set<String> states = new CarriedStates(graph, values).of(path.input(), output, levels);
    return new Stack(weights(), remarks(states));
  }

  private long count(String axis) {
    return axes.list().stream().filter(axis::equals).count();
  }

  private Weights weights() {
    List<Layer> layers = levels.stream().map(Level::layer).toList();
    Architecture architecture =
        new Architecture(input, layers, Readout.linear(head == null ? 0 : head.outputs()));
    Map<String, float[]> parameters = new HashMap<>();
    for (int l = 0; l < layers.size(); l++) {
      parameters.putAll(levels.get(l).recurrent().parameters(architecture, l));
    }
    if (table != null) {
      parameters.put(Architecture.EMBEDDING, table);
    }
    if (head != null) {
      parameters.put(Architecture.HEAD, head.rows());
      parameters.put(Architecture.HEAD_BIAS, head.bias());
    }
    return Weights.of(architecture, parameters);
  }

  private List<String> remarks(Set<String> states) {
    List<String> remarks = new ArrayList<>();
    if (last) {
      remarks.add(
          "The file gives what comes out at the last step of a sequence. A network gives that at"
              + " every step; the last one is what the file gives.");
    }
    if (!states.isEmpty()) {
      remarks.add(
          "What the file is fed as "
              + String.join(", ", states.stream().map(name -> "'" + name + "'").sorted().toList())
              + " a stream keeps as its state, which starts with zeros.");
    }
    return remarks;
  }

  private void take(Node node, int from) {
    if (Path.isRecurrent(node)) {
      recurrent(node, from);
    } else if (Axes.moves(node)) {
      axes = axes.after(node, values);
    } else {
      Misfit.unless(node.domain().isEmpty(), Misfit.noPart(node));
      switch (node.operator()) {
        case "Cast" -> cast(node);
        case "Gather" -> gather(node);
        case "OneHot" -> tokens(node, Tokens.oneHot(node, values));
        case "Slice" -> takeLast(node, LastStep.sliced(node, values));
        case "MatMul" -> head(node, values.constant(Values.input(node, 1)), false);
        case "Gemm" -> gemm(node);
        case "Add" -> bias(node);
        case "Div", "Mul" -> mean(node);
        case "ReduceSum" -> merge(node, Merge.SUM);
        case "ReduceMean" -> merge(node, Merge.MEAN);
        case "ReduceProd" -> merge(node, Merge.PRODUCT);
        default -> throw new Misfit(Misfit.noPart(node));
      }
    }
  }

  private void cast(Node node) {
    long to = Values.whole(node, "to", 0);
    boolean beforeTokens = input == null && levels.isEmpty() && TOKENS.contains(to);
    hasIntegers |= beforeTokens;
    Misfit.unless(
        beforeTokens || !hasIntegers && to == FLOATS || input != null && to == FLOATS,
        node.describe() + " changes values.");
  }

  /** An embedding of tokens, or the last step. */
  private void gather(Node node) {
    Tensor rows = values.constant(node.inputs().getFirst());
    if (rows == null) {
      takeLast(node, LastStep.gathered(node, values));
      return;
    }
    tokens(node, Tokens.embedding(node, rows));
  }

  private void tokens(Node node, Tokens tokens) {
    Misfit.unless(input == null && hasIntegers, node.describe() + " is fed no tokens.");
    input = tokens.input();
    table = tokens.table();
    List<String> other = new ArrayList<>(axes.list());
    other.add("x");
    step = "x";
    axes = axes.with(other, Map.of("x", input.size()));
  }

  private void recurrent(Node node, int from) {
    Level level = Level.of(node, values);
    boolean layout = Values.whole(node, "layout", 0) != 0;
    feed(node, layout, level.recurrent().inputSize());
    boolean both = level.recurrent().directions() == 2;
    String directions = both ? "d" : "";
    if (from == 0) {
      axes = steps(layout, directions, level.recurrent().hiddenSize());
    } else {
      Misfit.unless(
          from == 1 && level.recurrent().direction() == Direction.FORWARD,
          node.describe() + " gives a state.");
      last = true;
      axes =
          axes.with(
              layout ? List.of(batch, "", "h") : List.of("", batch, "h"),
              Map.of("h", level.recurrent().hiddenSize()));
    }
    step = directions + "h";
    levels.add(level);
  }

  private Axes steps(boolean layout, String directions, int hidden) {
    return axes.with(
        layout ? List.of(batch, time, directions, "h") : List.of(time, directions, batch, "h"),
        Map.of("h", hidden, "d", 2));
  }

  /** Checks what a recurrent node is fed; the first one decides what the axes are. */
  private void feed(Node node, boolean layout, int size) {
    Misfit.unless(
        axes.rank() == 3 && !last && head == null && !(input == null && hasIntegers),
        node.describe() + " is fed something else than steps.");
    List<String> fed = axes.list();
    if (levels.isEmpty()) {
      time = fed.get(layout ? 1 : 0);
      batch = fed.get(layout ? 0 : 1);
      step = fed.get(2);
      Misfit.unless(
          time.length() == 1
              && step.length() == 1
              && batch.length() <= 1
              && (axes.size(step) < 0 || axes.size(step) == size),
          node.describe() + " is fed something else than steps.");
      input = input == null ? new Input.Dense(size) : input;
    }
    Misfit.unless(
        fed.equals(layout ? List.of(batch, time, step) : List.of(time, batch, step)),
        node.describe() + " is fed steps, sequences and units in another order.");
  }

  /** Two directions that are nodes of their own. */
  private void take(Branch first, Branch second, Node merge) {
    boolean layout = Values.whole(first.node(), "layout", 0) != 0;
    // The order counts only where units lie side by side.
    boolean swapped =
        !merge.operator().equals("Concat")
            && "reverse".equals(OnnxRecurrent.attributes(first.node()).get("direction"));
    Branch forward = swapped ? second : first;
    Branch reverse = swapped ? first : second;
    Merge how =
        switch (merge.operator()) {
          case "Add" -> Merge.SUM;
          case "Mul" -> Merge.PRODUCT;
          default -> Merge.CONCAT;
        };
    Level level = Level.of(forward.node(), reverse.node(), how, values);
    feed(first.node(), layout, level.recurrent().inputSize());
    Axes steps = steps(layout, "", level.recurrent().hiddenSize());
    Axes one = after(steps, first.moves());
    Misfit.unless(
        one.list().equals(after(steps, second.moves()).list()),
        merge.describe() + " joins different axes.");
    axes = one;
    step = "h";
    if (how == Merge.CONCAT) {
      long axis = Values.whole(merge, "axis", 0);
      int at = (int) (axis < 0 ? axis + one.rank() : axis);
      Misfit.unless(
          at >= 0 && at < one.rank() && one.list().get(at).equals("h"),
          merge.describe() + " does not join units.");
      List<String> joined = new ArrayList<>(one.list());
      joined.set(at, "dh");
      axes = one.with(joined, Map.of("d", 2));
      step = "dh";
    }
    levels.add(level);
  }

  /** One of two directions that are one node. */
  private void merge(Node node, Merge how) {
    long[] which = values.wholes(node, "axes", 1);
    int at = axes.list().indexOf("d");
    Misfit.unless(
        at >= 0
            && which != null
            && which.length == 1
            && (which[0] == at || which[0] == at - axes.rank())
            && levels.getLast().merge() == Merge.CONCAT,
        node.describe() + " does not merge directions.");
    Level both = levels.removeLast();
    levels.add(new Level(both.nodes(), both.recurrent(), how));
    List<String> other = new ArrayList<>(axes.list());
    if (Values.whole(node, "keepdims", 1) == 0) {
      other.remove(at);
    } else {
      other.set(at, "");
    }
    axes = axes.with(other, Map.of());
    step = "h";
  }

  private Axes after(Axes from, List<Node> moves) {
    Axes to = from;
    for (Node node : moves) {
      to = to.after(node, values);
    }
    return to;
  }

  /** Half of a sum. */
  private void mean(Node node) {
    Tensor other = null;
    for (String name : node.inputs()) {
      other = other == null ? values.constant(name) : other;
    }
    double half = node.operator().equals("Div") ? 2 : 0.5;
    boolean divides =
        node.operator().equals("Mul") || values.constant(node.inputs().getFirst()) == null;
    Misfit.unless(
        divides
            && other != null
            && other.size() == 1
            && other.rank() <= axes.rank()
            && other.doubleAt(0) == half
            && head == null
            && !last
            && !levels.isEmpty()
            && levels.getLast().merge() == Merge.SUM,
        node.describe() + " is no mean of two directions.");
    Level sum = levels.removeLast();
    levels.add(new Level(sum.nodes(), sum.recurrent(), Merge.MEAN));
  }

  private void takeLast(Node node, LastStep step) {
    Misfit.unless(
        !levels.isEmpty() && !last, node.describe() + " picks from other axes than time.");
    axes = step.of(node, axes, time);
    last = true;
  }

  private void gemm(Node node) {
    boolean plain =
        Values.real(node, "alpha", 1) == 1
            && Values.real(node, "beta", 1) == 1
            && Values.whole(node, "transA", 0) == 0
            && axes.rank() == 2;
    Misfit.unless(plain, node.describe() + " is no head.");
    head(node, values.constant(Values.input(node, 1)), Values.whole(node, "transB", 0) != 0);
    String bias = Values.input(node, 2);
    if (!bias.isEmpty()) {
      bias(node, values.constant(bias));
    }
  }

  private void head(Node node, Tensor weight, boolean transposed) {
    Misfit.unless(
        head == null && !levels.isEmpty() && axes.list().getLast().equals(step),
        node.describe() + " is no head.");
    head = Head.of(node, weight, transposed);
    Misfit.unless(axes.size(step) == head.inputs(), node.describe() + " takes other inputs.");
    List<String> other = new ArrayList<>(axes.list());
    step = "y";
    other.set(other.size() - 1, step);
    axes = axes.with(other, Map.of(step, head.outputs()));
  }

  private void bias(Node node) {
    Tensor first = values.constant(node.inputs().getFirst());
    bias(node, first == null ? values.constant(Values.input(node, 1)) : first);
  }

  private void bias(Node node, Tensor bias) {
    Misfit.unless(
        head != null
            && bias != null
            && bias.rank() <= axes.rank()
            && step.equals(axes.list().getLast()),
        node.describe() + " is no bias of a head.");
    head = head.with(node, bias);
  }
}
