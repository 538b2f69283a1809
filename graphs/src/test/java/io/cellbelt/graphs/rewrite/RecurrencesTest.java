package io.cellbelt.graphs.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recurrent layers that are written out: what is recognised, and that the numbers stay. */
class RecurrencesTest {
  private static final int I = 5;
  private static final int H = 4;
  private static final int B = 3;
  private static final int T = 7;

  /** Ways of writing a step. */
  enum Form {
    LSTM_SPLIT("an LSTM"),
    LSTM_GATES_APART("an LSTM"),
    LSTM_JOINED("an LSTM"),
    GRU_AFTER("a GRU"),
    GRU_BEFORE("a GRU"),
    GRU_BY_DIFFERENCE("a GRU"),
    RNN("an RNN");

    private final String name;

    Form(String name) {
      this.name = name;
    }

    boolean isLstm() {
      return name().startsWith("LSTM");
    }

    int states() {
      return isLstm() ? 2 : 1;
    }

    /** Writes a step; h after it and, of an LSTM, c. */
    List<String> step(Written g, String x, String h, String c) {
      return switch (this) {
        case LSTM_SPLIT -> {
          String sum =
              g.add(
                  "Add",
                  g.add(
                      "Add",
                      g.add("MatMul", x, g.weights(I, 4 * H)),
                      g.add("MatMul", h, g.weights(H, 4 * H))),
                  g.weights(4 * H));
          List<String> parts = g.split(sum, 4);
          yield lstm(g, parts.get(0), parts.get(1), parts.get(2), parts.get(3), c);
        }
        case LSTM_GATES_APART ->
            lstm(g, gate(g, x, h), gate(g, x, h), gate(g, x, h), gate(g, x, h), c);
        case LSTM_JOINED -> {
          String both = g.add("Concat", "axis", 1, x, h);
          String sum = g.add("Gemm", "transB", 1, both, g.weights(4 * H, I + H), g.weights(4 * H));
          List<String> parts = g.split(sum, 4);
          yield lstm(g, parts.get(2), parts.get(3), parts.get(0), parts.get(1), c);
        }
        case GRU_AFTER -> {
          List<String> ofX = g.split(product(g, x, I), 3);
          List<String> ofH = g.split(product(g, h, H), 3);
          String z = g.add("Sigmoid", g.add("Add", ofX.get(0), ofH.get(0)));
          String r = g.add("Sigmoid", g.add("Add", ofX.get(1), ofH.get(1)));
          String n = g.add("Tanh", g.add("Add", ofX.get(2), g.add("Mul", r, ofH.get(2))));
          yield List.of(
              g.add("Add", g.add("Mul", z, h), g.add("Mul", g.add("Sub", g.number(1), z), n)));
        }
        case GRU_BEFORE -> {
          String z = g.add("Sigmoid", gate(g, x, h));
          String r = g.add("Sigmoid", gate(g, x, h));
          String n = g.add("Tanh", gate(g, x, g.add("Mul", h, r)));
          yield List.of(
              g.add("Add", g.add("Mul", n, g.add("Sub", g.number(1), z)), g.add("Mul", h, z)));
        }
        case GRU_BY_DIFFERENCE -> {
          String z = g.add("Sigmoid", gate(g, x, h));
          String r = g.add("Sigmoid", gate(g, x, h));
          String ofX = g.add("Add", g.weights(H), g.add("MatMul", x, g.weights(I, H)));
          String ofH = g.add("Add", g.add("MatMul", h, g.weights(H, H)), g.weights(H));
          String n = g.add("Tanh", g.add("Add", g.add("Mul", ofH, r), ofX));
          yield List.of(g.add("Add", n, g.add("Mul", g.add("Sub", h, n), z)));
        }
        case RNN -> List.of(g.add("Relu", gate(g, x, h)));
      };
    }

    private static String gate(Written g, String x, String h) {
      return g.add(
          "Add",
          g.add("MatMul", x, g.weights(I, H)),
          g.add("Add", g.weights(1, H), g.add("MatMul", h, g.weights(H, H))));
    }

    private static String product(Written g, String value, int size) {
      return g.add("Add", g.add("MatMul", value, g.weights(size, 3 * H)), g.weights(3 * H));
    }

    private static List<String> lstm(
        Written g, String i, String f, String candidate, String o, String c) {
      String kept = g.add("Mul", c, g.add("Sigmoid", f));
      String added = g.add("Mul", g.add("Sigmoid", i), g.add("Tanh", candidate));
      String next = g.add("Add", added, kept);
      return List.of(g.add("Mul", g.add("Tanh", next), g.add("Sigmoid", o)), next);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aScanIsALayer(Form form) {
    check(scan(form, false), form.name + " with 5 inputs and 4 units.");
    check(scan(form, true), form.name + " with 5 inputs and 4 units.");
  }

  private static Graph scan(Form form, boolean reverse) {
    Written body = new Written("body.", 1);
    List<String> states = bodyStates(body, form);
    String x = body.input("x.step", -1, I);
    List<String> next = form.step(body, x, states.getFirst(), states.getLast());
    next.forEach(body::output);
    body.output(body.add("Identity", next.getFirst()));
    Written graph = new Written("", 2);
    List<String> takes = states(graph, form);
    takes.add(graph.input("x", -1, -2, I));
    Map<String, Attribute> attributes = new HashMap<>();
    attributes.put("body", new Attribute.Body(body.graph()));
    attributes.put("num_scan_inputs", new Attribute.Whole(1));
    if (reverse) {
      attributes.put("scan_input_directions", new Attribute.Wholes(List.of(1L)));
      attributes.put("scan_output_directions", new Attribute.Wholes(List.of(1L)));
    }
    graph
        .add("Scan", attributes, form.states() + 1, takes.toArray(String[]::new))
        .forEach(graph::output);
    return graph.graph();
  }

  private static List<String> bodyStates(Written body, Form form) {
    List<String> states = new ArrayList<>(List.of(body.input("h.step", -1, H)));
    if (form.isLstm()) {
      states.add(body.input("c.step", -1, H));
    }
    return states;
  }

  private static List<String> states(Written graph, Form form) {
    List<String> states = new ArrayList<>(List.of(graph.input("h", -2, H)));
    if (form.isLstm()) {
      states.add(graph.input("c", -2, H));
    }
    return states;
  }

  @ParameterizedTest
  @EnumSource
  void aLoopIsALayer(Form form) {
    check(loop(form, T, T, false), form.name + " with 5 inputs and 4 units over 7 steps.");
  }

  @ParameterizedTest
  @ValueSource(ints = {T - 3, 1})
  void aLoopOverSomeStepsRunsAsItIsWritten(int rounds) {
    // It is recognised, but the sequence turns out to be longer.
    check(loop(Form.LSTM_SPLIT, rounds, rounds, false), "over " + rounds + " steps.");
  }

  @Test
  void aLoopThatStopsByItselfIsNone() {
    check(loop(Form.LSTM_SPLIT, T, T - 2, false));
  }

  @Test
  void aLoopThatTakesStepsInAnotherOrderIsNone() {
    check(loop(Form.LSTM_SPLIT, T, T, true));
  }

  private static Graph loop(Form form, int rounds, int until, boolean backwards) {
    Written body = new Written("body.", 1);
    String round = body.input("round", ElementType.I64);
    body.input("goes", ElementType.BOOL);
    List<String> states = bodyStates(body, form);
    String time = body.input("time", ElementType.I64);
    String index = backwards ? body.add("Sub", body.whole(T - 1), round) : time;
    String x = body.add("Gather", "axis", 0, "x", index);
    List<String> next = form.step(body, x, states.getFirst(), states.getLast());
    String later = body.add("Add", time, body.whole(1));
    body.output(body.add("Less", later, body.whole(until)));
    next.forEach(body::output);
    body.output(later);
    body.output(body.add("Identity", next.getFirst()));
    Written graph = new Written("", 2);
    graph.input("x", T, B, I);
    List<String> takes = new ArrayList<>(List.of(graph.whole(rounds), ""));
    takes.addAll(states(graph, form));
    takes.add(graph.whole(0));
    graph
        .add(
            "Loop",
            Map.of("body", new Attribute.Body(body.graph())),
            form.states() + 2,
            takes.toArray(String[]::new))
        .forEach(graph::output);
    return graph.graph();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RNN")
  void oneStepIsALayer(Form form) {
    Written graph = new Written("", 3);
    String x = graph.input("x", B, I);
    List<String> states = states(graph, form);
    form.step(graph, x, states.getFirst(), states.getLast()).forEach(graph::output);
    check(graph.graph(), "are one step of " + form.name + " with 5 inputs and 4 units.");
  }

  @Test
  void twoStepsAreTwo() {
    Written graph = new Written("", 3);
    List<String> states = states(graph, Form.LSTM_SPLIT);
    for (int t = 0; t < 2; t++) {
      String x = graph.input("x" + t, B, I);
      states = Form.LSTM_SPLIT.step(graph, x, states.getFirst(), states.getLast());
    }
    states.forEach(graph::output);
    check(graph.graph(), "one step of an LSTM", "one step of an LSTM");
  }

  @Test
  void aPeepholeIsNoLstm() {
    Written g = new Written("", 3);
    String x = g.input("x", B, I);
    List<String> states = states(g, Form.LSTM_SPLIT);
    String c = states.getLast();
    String i = g.add("Add", Form.gate(g, x, "h"), g.add("Mul", g.weights(H), c));
    Form.lstm(g, i, Form.gate(g, x, "h"), Form.gate(g, x, "h"), Form.gate(g, x, "h"), c)
        .forEach(g::output);
    check(g.graph());
  }

  @Test
  void aStateOfOneSequenceForAllRunsAsItIsWritten() {
    Written g = new Written("", 3);
    String x = g.input("x", B, I);
    String h = g.input("h", 1, H);
    String c = g.input("c", 1, H);
    Form.LSTM_SPLIT.step(g, x, h, c).forEach(g::output);
    check(g.graph(), "one step of an LSTM");
  }

  /** Checks the sentences, and that the numbers are those of the graph as it is written. */
  private static void check(Graph graph, String... sentences) {
    Random random = new Random(4);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    graph
        .inputs()
        .forEach(
            port -> {
              int[] shape = new int[port.shape().size()];
              int size = 1;
              for (int d = 0; d < shape.length; d++) {
                int given = port.shape().get(d).size();
                boolean time = port.shape().get(d).isOpen() && shape.length == 3 && d == 0;
                shape[d] = given >= 0 ? given : time ? T : B;
                size *= shape[d];
              }
              float[] values = new float[size];
              for (int i = 0; i < size; i++) {
                values[i] = (float) random.nextGaussian();
              }
              inputs.put(port.name(), Tensor.of(values, shape));
            });
    try (GraphNetwork network = new GraphNetwork(graph);
        GraphNetwork written = GraphNetwork.asWritten(graph)) {
      assertThat(written.recognised()).isEmpty();
      assertThat(network.recognised()).hasSize(sentences.length);
      for (int i = 0; i < sentences.length; i++) {
        assertThat(network.recognised().get(i)).contains(sentences[i]);
      }
      Map<String, Tensor> expected = written.run(inputs);
      network
          .run(inputs)
          .forEach(
              (name, output) -> {
                assertThat(output.shape()).as(name).isEqualTo(expected.get(name).shape());
                assertThat(output.floats())
                    .as(name)
                    .containsExactly(expected.get(name).floats(), Offset.offset(2e-6f));
              });
    }
  }
}
