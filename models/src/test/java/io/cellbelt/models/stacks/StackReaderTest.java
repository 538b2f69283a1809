package io.cellbelt.models.stacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Rnn;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs as exporters write them: which ones are networks, and with what numbers. */
class StackReaderTest {
  private static final Dimension TIME = Dimension.open("time");
  private static final Dimension BATCH = Dimension.open("batch");
  private static final int I = 3;
  private static final int H = 4;

  private final List<Port> inputs = new ArrayList<>();
  private final List<Port> outputs = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Random random = new Random(1);

  private String input(String name, ElementType type, Dimension... shape) {
    inputs.add(new Port(name, type, List.of(shape)));
    return name;
  }

  private String constant(Tensor tensor) {
    constants.put("k" + constants.size(), tensor);
    return "k" + (constants.size() - 1);
  }

  private String wholes(long... values) {
    return constant(Tensor.of(values, values.length));
  }

  private String weights(int... shape) {
    float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.4f;
    }
    return constant(Tensor.of(values, shape));
  }

  private String add(String operator, Map<String, Attribute> attributes, String... takes) {
    return add(operator, attributes, 1, takes).getFirst();
  }

  private String add(String operator, String... takes) {
    return add(operator, Map.of(), takes);
  }

  private List<String> add(
      String operator, Map<String, Attribute> attributes, int gives, String... takes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < gives; i++) {
      names.add(operator + nodes.size() + "." + i);
    }
    nodes.add(Node.of(operator, List.of(takes), names, attributes));
    return names;
  }

  private String transposed(String value, Long... order) {
    return add("Transpose", Map.of("perm", new Attribute.Wholes(List.of(order))), value);
  }

  /** All steps, h and c of an LSTM. */
  private List<String> lstm(String x, int size, String direction, String... states) {
    int directions = direction.equals("bidirectional") ? 2 : 1;
    Map<String, Attribute> attributes = new HashMap<>();
    attributes.put("hidden_size", new Attribute.Whole(H));
    attributes.put("direction", new Attribute.Text(direction));
    List<String> takes = new ArrayList<>();
    takes.add(x);
    takes.add(weights(directions, 4 * H, size));
    takes.add(weights(directions, 4 * H, H));
    takes.add(weights(directions, 8 * H));
    takes.add("");
    takes.addAll(List.of(states));
    return add("LSTM", attributes, 3, takes.toArray(String[]::new));
  }

  private String squeezed(String steps) {
    return add("Squeeze", steps, wholes(1));
  }

  private Graph graph(String... results) {
    for (String result : results) {
      outputs.add(new Port(result, null, null));
    }
    return new Graph("", inputs, outputs, constants, nodes);
  }

  private static Stack network(Graph graph) {
    Reading reading = StackReader.read(graph);
    assertThat(reading).isInstanceOf(Stack.class);
    Stack stack = (Stack) reading;
    try (Network network = new Network(stack.weights());
        GraphNetwork asGraph = new GraphNetwork(graph)) {
      BothWays.check(network, asGraph, 6);
    }
    return stack;
  }

  private static void none(Graph graph, String reason) {
    assertThat(StackReader.read(graph))
        .isInstanceOfSatisfying(
            Reading.NoStack.class,
            none -> assertThat(none.reason()).contains(reason).endsWith("."));
  }

  @Test
  void batchesMayBeFirst() {
    String x = input("x", ElementType.F32, BATCH, TIME, Dimension.of(I));
    String first = squeezed(lstm(transposed(x, 1L, 0L, 2L), I, "forward").getFirst());
    String second = lstm(add("Identity", first), H, "forward").getFirst();
    String rows = transposed(second, 2L, 1L, 0L, 3L); // [batch, 1, time, H]
    rows = add("Squeeze", transposed(rows, 0L, 2L, 1L, 3L), wholes(2));
    String head = add("Add", weights(2), add("MatMul", rows, weights(H, 2)));
    Stack stack = network(graph(head));
    assertThat(stack.weights().architecture().layers()).hasSize(2);
    assertThat(stack.weights().architecture().outputSize()).isEqualTo(2);
    assertThat(stack.remarks()).isEmpty();
  }

  @Test
  void statesInOneTensorAreThoseOfAStream() {
    String x = input("x", ElementType.F32, TIME, BATCH, Dimension.of(I));
    Dimension two = Dimension.of(2);
    String h = input("h0", ElementType.F32, two, BATCH, Dimension.of(H));
    String c = input("c0", ElementType.F32, two, BATCH, Dimension.of(H));
    List<String> hs = new ArrayList<>();
    List<String> cs = new ArrayList<>();
    String value = x;
    for (int l = 0; l < 2; l++) {
      String[] states = {
        add("Slice", h, wholes(l), wholes(l + 1), wholes(0)),
        add("Slice", c, wholes(l), wholes(l + 1), wholes(0))
      };
      List<String> all = lstm(value, l == 0 ? I : H, "forward", states);
      value = squeezed(all.getFirst());
      hs.add(all.get(1));
      cs.add(all.get(2));
    }
    Map<String, Attribute> rows = Map.of("axis", new Attribute.Whole(0));
    String hn = add("Concat", rows, hs.toArray(String[]::new));
    String cn = add("Concat", rows, cs.toArray(String[]::new));
    Stack stack = network(graph(value, hn, cn));
    assertThat(stack.remarks()).singleElement().asString().contains("'c0', 'h0'");
  }

  @Test
  void statesThatComeOutSwappedAreNone() {
    String x = input("x", ElementType.F32, TIME, BATCH, Dimension.of(I));
    String h = input("h0", ElementType.F32, Dimension.of(1), BATCH, Dimension.of(H));
    List<String> all = lstm(x, I, "forward", h, h);
    none(
        graph(squeezed(all.getFirst()), all.get(1), all.get(2)),
        "has a state that does not come out as it goes in");
  }

  @Test
  void theLastStepMayBeTaken() {
    String x = input("x", ElementType.F32, TIME, BATCH, Dimension.of(I));
    String steps = squeezed(lstm(x, I, "forward").getFirst());
    Map<String, Attribute> axis = Map.of("axis", new Attribute.Whole(0));
    String last = add("Gather", axis, steps, constant(Tensor.of(new long[] {-1})));
    Map<String, Attribute> transposed = Map.of("transB", new Attribute.Whole(1));
    Stack stack = network(graph(add("Gemm", transposed, last, weights(2, H), weights(2))));
    assertThat(stack.remarks()).singleElement().asString().contains("the last step");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -2})
  void otherStepsMayNot(long index) {
    String x = input("x", ElementType.F32, TIME, BATCH, Dimension.of(I));
    String steps = squeezed(lstm(x, I, "forward").getFirst());
    Map<String, Attribute> axis = Map.of("axis", new Attribute.Whole(0));
    String one = add("Gather", axis, steps, constant(Tensor.of(new long[] {index})));
    none(graph(one), "takes other steps than the last");
  }

  @Test
  void theLastStateOfAReverseLayerIsItsFirstStep() {
    String x = input("x", ElementType.F32, TIME, BATCH, Dimension.of(I));
    String last = lstm(x, I, "reverse").get(1);
    none(graph(add("Squeeze", last, wholes(0))), "gives a state");
  }

  @ParameterizedTest
  @EnumSource
  void directionsMayBeNodesOfTheirOwn(Merge merge) {
    String x = input("x", ElementType.F32, TIME, BATCH, Dimension.of(I));
    String forward = squeezed(lstm(x, I, "forward").getFirst());
    String reverse = squeezed(lstm(x, I, "reverse").getFirst());
    Map<String, Attribute> axis = Map.of("axis", new Attribute.Whole(-1));
    String merged =
        switch (merge) {
          case CONCAT -> add("Concat", axis, forward, reverse);
          case SUM -> add("Add", reverse, forward);
          case PRODUCT -> add("Mul", forward, reverse);
          case MEAN ->
              add("Div", add("Add", forward, reverse), constant(Tensor.of(new float[] {2})));
        };
    Stack stack = network(graph(merged));
    assertThat(stack.weights().architecture().layers().getFirst().direction())
        .isEqualTo(Direction.BIDIRECTIONAL);
    assertThat(stack.weights().architecture().layers().getFirst().merge()).isEqualTo(merge);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void directionsMayBePutSideBySideBySizes(int told) {
    String x = input("x", ElementType.F32, Dimension.of(6), Dimension.of(1), Dimension.of(I));
    String steps = transposed(lstm(x, I, "bidirectional").getFirst(), 0L, 2L, 1L, 3L);
    long[] sizes = {6, 1, 2 * H};
    if (told < 2) {
      sizes[told] = -1;
    }
    Stack stack = network(graph(add("Reshape", steps, wholes(sizes))));
    assertThat(stack.weights().architecture().outputSize()).isEqualTo(2 * H);
  }

  @Test
  void directionsInTheOtherOrderAreNone() {
    String x = input("x", ElementType.F32, TIME, BATCH, Dimension.of(I));
    String forward = squeezed(lstm(x, I, "forward").getFirst());
    String reverse = squeezed(lstm(x, I, "reverse").getFirst());
    Map<String, Attribute> axis = Map.of("axis", new Attribute.Whole(-1));
    none(graph(add("Concat", axis, reverse, forward)), "are not the directions of a layer");
  }

  @Test
  void tokensMayBeFloats() {
    String ids = input("ids", ElementType.F32, TIME, BATCH);
    String whole = add("Cast", Map.of("to", new Attribute.Whole(7)), ids);
    String x = add("Gather", weights(9, I), whole);
    Stack stack = network(graph(squeezed(lstm(x, I, "forward").getFirst())));
    assertThat(stack.weights().architecture().input()).isEqualTo(new Input.Embedding(9, I));
  }

  @Test
  void zerosOfTheShapeOfTheInputAreNoState() {
    String x = input("x", ElementType.F32, TIME, BATCH, Dimension.of(I));
    String batch = add("Gather", add("Shape", x), wholes(1));
    String shape =
        add("Concat", Map.of("axis", new Attribute.Whole(0)), wholes(1), batch, wholes(H));
    String zeros = add("Expand", constant(Tensor.of(new float[] {0})), shape);
    network(graph(squeezed(lstm(x, I, "forward", zeros, zeros).getFirst())));
  }

  @Test
  void layersMayBeWrittenOut() {
    String x = input("x", ElementType.F32, TIME, BATCH, Dimension.of(I));
    String zeros = input("h0", ElementType.F32, BATCH, Dimension.of(H));
    Graph body =
        new Graph(
            "",
            List.of(new Port("h", null, null), new Port("step", null, null)),
            List.of(new Port("next", null, null), new Port("all", null, null)),
            Map.of(),
            List.of(
                Node.of("MatMul", List.of("step", weights(I, H)), List.of("wx"), Map.of()),
                Node.of("MatMul", List.of("h", weights(H, H)), List.of("uh"), Map.of()),
                Node.of("Add", List.of("wx", "uh"), List.of("sum"), Map.of()),
                Node.of("Tanh", List.of("sum"), List.of("next"), Map.of()),
                Node.of("Identity", List.of("next"), List.of("all"), Map.of())));
    Map<String, Attribute> attributes =
        Map.of("body", new Attribute.Body(body), "num_scan_inputs", new Attribute.Whole(1));
    List<String> both = add("Scan", attributes, 2, zeros, x);
    Stack stack = network(graph(both.getLast(), both.getFirst()));
    assertThat(stack.weights().architecture().layers()).containsExactly(Layer.of(new Rnn(I, H)));
  }

  /** What a network cannot say, around a layer that it can. */
  enum Besides {
    ACTIVATION(true, "Sigmoid 'Sigmoid4.0' (opset 25) is neither a recurrent layer nor"),
    SECOND_HEAD(true, "MatMul 'MatMul4.0' (opset 25) is no head"),
    SECOND_BIAS(true, "Add 'Add4.0' (opset 25) is no bias of a head"),
    OTHER_OUTPUT(false, "The output 'LSTM0.1' is a state that is fed by no input"),
    STATE_NOT_ZERO(false, "A layer starts from 'k0', which is neither zero nor an input"),
    LENGTHS(false, "LSTM 'LSTM0.0' (opset 25) is told lengths of sequences"),
    SCALE(true, "Mul 'Mul4.0' (opset 25) is no mean of two directions");

    private final boolean above;
    private final String reason;

    Besides(boolean above, String reason) {
      this.above = above;
      this.reason = reason;
    }
  }

  @ParameterizedTest
  @EnumSource
  void anythingElseStaysAGraph(Besides what) {
    String x = input("x", ElementType.F32, TIME, BATCH, Dimension.of(I));
    String[] states = {};
    if (what == Besides.STATE_NOT_ZERO) {
      states = new String[] {weights(1, 1, H)};
    }
    List<String> all = lstm(x, I, "forward", states);
    if (what == Besides.LENGTHS) {
      Node node = nodes.removeLast();
      List<String> takes = new ArrayList<>(node.inputs());
      takes.set(4, constant(Tensor.wrap(ElementType.I32, new long[] {2}, 1)));
      nodes.add(Node.of("LSTM", takes, node.outputs(), node.attributes()));
    }
    UnaryOperator<String> head =
        value -> add("Add", add("MatMul", value, weights(H, H)), weights(H));
    String value = head.apply(squeezed(all.getFirst()));
    if (what.above) {
      value =
          switch (what) {
            case ACTIVATION -> add("Sigmoid", value);
            case SECOND_HEAD -> head.apply(value);
            case SECOND_BIAS -> add("Add", value, weights(H));
            default -> add("Mul", value, weights(H));
          };
    }
    Graph graph = what == Besides.OTHER_OUTPUT ? graph(value, all.get(1)) : graph(value);
    none(graph, what.reason);
  }

  @Test
  void aGraphWithoutRecurrenceIsNone() {
    none(graph(add("Sigmoid", input("x", ElementType.F32, TIME))), "There is no LSTM, GRU or RNN");
  }

  @Test
  void layersInABranchAreNone() {
    String x = input("x", ElementType.F32, TIME, BATCH, Dimension.of(I));
    String whether = input("whether", ElementType.BOOL);
    String steps = lstm(x, I, "forward").getFirst();
    Graph branch =
        new Graph(
            "", List.of(), List.of(new Port(steps, null, null)), Map.of(), List.copyOf(nodes));
    nodes.clear();
    Attribute body = new Attribute.Body(branch);
    String y = add("If", Map.of("then_branch", body, "else_branch", body), whether);
    none(graph(y), "RNN among its nodes; what is inside of If 'If0.0' (opset 25) counts as one");
  }
}
