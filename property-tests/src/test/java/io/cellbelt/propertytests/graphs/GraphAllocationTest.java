package io.cellbelt.propertytests.graphs;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.GraphStreams;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.ReadyGraph;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.propertytests.support.Allocations;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** Runs of graphs allocate nothing. */
@DisabledIfSystemProperty(
    named = "cellbelt.checkedSegments",
    matches = "true",
    disabledReason = "checked segments allocate a slice per access")
class GraphAllocationTest {
  private static final Map<String, Tensor> CONSTANTS =
      Map.ofEntries(
          weights("lstm W", 2, 32, 6),
          weights("lstm R", 2, 32, 8),
          weights("gru W", 2, 24, 6),
          weights("gru R", 2, 24, 8),
          weights("conv", 4, 6, 3),
          weights("wide", 70, 6, 3),
          weights("matrix", 6, 5),
          weights("bias", 5),
          weights("back", 6, 4, 3),
          Map.entry("first", Tensor.of(new long[] {0})),
          Map.entry("zero", Tensor.of(new float[1])));

  private static Map.Entry<String, Tensor> weights(String name, int... shape) {
    float[] all = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < all.length; i++) {
      all[i] = i * 37 % 64 / 64f - 0.5f;
    }
    return Map.entry(name, Tensor.of(all, shape));
  }

  private static Port port(String name, ElementType type, int... shape) {
    return new Port(name, type, Arrays.stream(shape).mapToObj(Dimension::of).toList());
  }

  private static Node node(String operator, List<String> inputs, Map<String, Attribute> more) {
    return Node.of(operator, inputs, List.of("y"), more);
  }

  private static Attribute whole(long value) {
    return new Attribute.Whole(value);
  }

  private static Attribute wholes(Long... values) {
    return new Attribute.Wholes(List.of(values));
  }

  private static Attribute text(String value) {
    return new Attribute.Text(value);
  }

  private static Attribute body(List<String> inputs, List<String> outputs, Node... nodes) {
    return new Attribute.Body(
        new Graph("body", ports(inputs), ports(outputs), Map.of(), List.of(nodes)));
  }

  private static List<Port> ports(List<String> names) {
    return names.stream().map(name -> new Port(name, null, null)).toList();
  }

  /** Runs nodes on x, {@code [2, 6, 5]}, and five lengths and a truth value. */
  private static void checkNone(Node... nodes) {
    Graph graph =
        new Graph(
            "case",
            List.of(
                port("x", ElementType.F32, 2, 6, 5),
                port("lengths", ElementType.I32, 5),
                port("yes", ElementType.BOOL)),
            ports(List.of("y")),
            CONSTANTS,
            List.of(nodes));
    try (GraphNetwork network = new GraphNetwork(graph)) {
      checkNone(nodes[nodes.length - 1].describe(), network.ready(Setup.DEFAULT.stateless()));
    }
  }

  private static void checkNone(String what, ReadyGraph ready) {
    try (GraphStream stream = ready.newStream()) {
      float[] x = new float[2 * 6 * 5];
      float[] y = new float[ready.outputs().get("y").stream().reduce(1, (a, b) -> a * b)];
      Tensor lengths = Tensor.wrap(ElementType.I32, new long[] {2, 0, 1, 2, 1}, 5);
      stream.put("lengths", lengths);
      Allocations.checkNone(
          what,
          () -> {
            stream.put("x", x);
            stream.put("lengths", lengths);
            stream.run();
            stream.get("y", y);
          });
    }
  }

  @Test
  void states() {
    Graph graph =
        new Graph(
            "case",
            List.of(port("x", ElementType.F32, 5), port("h", ElementType.F32, 5)),
            ports(List.of("y", "hn")),
            Map.of(),
            List.of(
                Node.of("Add", List.of("x", "h"), List.of("hn"), Map.of()),
                Node.of("Neg", List.of("hn"), List.of("y"), Map.of())));
    try (GraphNetwork network = new GraphNetwork(graph);
        GraphStream stream = network.ready(Setup.DEFAULT).newStream()) {
      float[] x = new float[5];
      float[] y = new float[5];
      float[] state = new float[stream.stateSize()];
      Allocations.checkNone(
          "a step",
          () -> {
            stream.step(x, y);
            stream.saveState(state);
            stream.restoreState(state);
          });
      Allocations.checkNone("a reset", stream::reset);
    }
  }

  @Test
  void streamsTogether() {
    Graph graph =
        new Graph(
            "case",
            List.of(port("x", ElementType.F32, 1, 6), port("h", ElementType.F32, 1, 5)),
            ports(List.of("y", "hn")),
            CONSTANTS,
            List.of(
                Node.of("MatMul", List.of("x", "matrix"), List.of("p"), Map.of()),
                Node.of("Add", List.of("p", "h"), List.of("hn"), Map.of()),
                Node.of("Tanh", List.of("hn"), List.of("y"), Map.of())));
    try (GraphNetwork network = new GraphNetwork(graph);
        GraphStreams streams = network.ready(Setup.DEFAULT).newStreams(4)) {
      assertThat(streams.largestBatch()).isEqualTo(4);
      int[] all = new int[7];
      Arrays.setAll(all, i -> streams.open());
      int[] some = {5, 1, 3};
      float[] x = new float[7 * 6];
      float[] y = new float[7 * 5];
      float[][] inputs = {new float[3 * 6]};
      float[][] outputs = {new float[3 * 5]};
      Allocations.checkNone(
          "a step of some streams",
          () -> {
            streams.advance(all, x, y);
            streams.advance(some, inputs, outputs);
            streams.reset(some[0]);
          });
      Allocations.checkNone("a stream anew", () -> streams.close(streams.open()));
    }
  }

  /** x as two steps of five sequences of six numbers. */
  private static Node turned() {
    return Node.of("Transpose", List.of("x"), List.of("t"), Map.of("perm", wholes(0L, 2L, 1L)));
  }

  @Test
  void recurrent() {
    Attribute both = text("bidirectional");
    checkNone(
        turned(),
        node("LSTM", List.of("t", "lstm W", "lstm R", "", "lengths"), Map.of("direction", both)));
    checkNone(
        turned(),
        node(
            "GRU",
            List.of("t", "gru W", "gru R"),
            Map.of(
                "direction",
                both,
                "activations",
                new Attribute.Texts(List.of("Sigmoid", "Tanh", "HardSigmoid", "Relu")))));
  }

  @Test
  void convolutions() {
    Map<String, Attribute> padded = Map.of("pads", wholes(1L, 1L));
    checkNone(node("Conv", List.of("x", "conv"), padded));
    checkNone(node("Conv", List.of("x", "wide"), Map.of()));
    checkNone(node("ConvTranspose", List.of("x", "back"), Map.of("strides", wholes(2L))));
  }

  @Test
  void products() {
    checkNone(turned(), node("MatMul", List.of("t", "matrix"), Map.of()));
    checkNone(turned(), node("MatMul", List.of("t", "x"), Map.of()));
    checkNone(
        Node.of("Gather", List.of("x", "first"), List.of("row"), Map.of()),
        node("Gemm", List.of("row", "matrix", "bias"), Map.of("transA", whole(1))));
  }

  @Test
  void pooling() {
    checkNone(node("MaxPool", List.of("x"), Map.of("kernel_shape", wholes(2L))));
    checkNone(node("GlobalAveragePool", List.of("x"), Map.of()));
  }

  @Test
  void control() {
    checkNone(
        node(
            "If",
            List.of("yes"),
            Map.of(
                "then_branch",
                body(List.of(), List.of("p"), Node.of("Neg", List.of("x"), List.of("p"), Map.of())),
                "else_branch",
                body(
                    List.of(),
                    List.of("p"),
                    Node.of("Tanh", List.of("x"), List.of("p"), Map.of())))));
    checkNone(
        node(
            "Scan",
            List.of("zero", "x"),
            Map.of(
                "num_scan_inputs",
                whole(1),
                "body",
                body(
                    List.of("s", "e"),
                    List.of("s2", "sum"),
                    Node.of("Identity", List.of("s"), List.of("s2"), Map.of()),
                    Node.of("Add", List.of("s", "e"), List.of("sum"), Map.of())))));
  }
}
