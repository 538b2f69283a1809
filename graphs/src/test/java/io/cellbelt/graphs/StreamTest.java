package io.cellbelt.graphs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Calls of graphs one after the other, and what is left of one for the next. */
class StreamTest {
  private static final int INPUTS = CellGraph.INPUTS;
  private static final int UNITS = CellGraph.UNITS;

  /** The same, step by step. */
  private static final class Expected {
    double[] h = new double[UNITS];

    void step(float[] x) {
      double[] next = new double[UNITS];
      for (int u = 0; u < UNITS; u++) {
        double sum = 0;
        for (int i = 0; i < INPUTS; i++) {
          sum += x[i] * CellGraph.W.doubleAt(i * UNITS + u);
        }
        for (int i = 0; i < UNITS; i++) {
          sum += h[i] * CellGraph.U.doubleAt(i * UNITS + u);
        }
        next[u] = Math.tanh(sum);
      }
      h = next;
    }
  }

  private static float[] x(Random random) {
    return new float[] {random.nextFloat() - 0.5f, random.nextFloat(), -random.nextFloat()};
  }

  private static void checkStep(GraphStream stream, Expected expected, float[] x) {
    float[] y = new float[UNITS];
    stream.step(x, y);
    expected.step(x);
    for (int u = 0; u < UNITS; u++) {
      assertThat((double) -y[u]).isCloseTo(expected.h[u], offset(1e-5));
    }
  }

  private static void with(Graph graph, Setup setup, Consumer<GraphStream> test) {
    try (GraphNetwork network = new GraphNetwork(graph);
        GraphStream stream = network.ready(setup).newStream()) {
      test.accept(stream);
    }
  }

  @Test
  void streamsShareWeightsAndDoNotMix() {
    Random random = new Random(3);
    try (GraphNetwork network = new GraphNetwork(CellGraph.cell())) {
      ReadyGraph ready = network.ready(Setup.DEFAULT);
      assertThat(ready.states()).containsExactly(new Carry("h", "hn"));
      assertThat(ready.inputs()).isEqualTo(Map.of("x", List.of(1, INPUTS)));
      assertThat(ready.outputs().keySet()).containsExactly("y", "hn");
      long bytes = network.byteSize();
      try (GraphStream first = ready.newStream();
          GraphStream second = network.ready(Setup.DEFAULT).newStream()) {
        assertThat(network.byteSize()).isEqualTo(bytes);
        Expected one = new Expected();
        Expected other = new Expected();
        for (int i = 0; i < 50; i++) {
          boolean turn = random.nextBoolean();
          checkStep(turn ? first : second, turn ? one : other, x(random));
        }
      }
    }
  }

  /** Of few weights and of many, little of the memory that holds them stays empty. */
  @Test
  void memoryFitsTheWeights() {
    try (GraphNetwork network = new GraphNetwork(CellGraph.cell())) {
      network.ready(Setup.DEFAULT);
      assertThat(network.byteSize()).isBetween(4L * (INPUTS + UNITS) * UNITS, 8192L);
    }
    Map<String, Tensor> constants = new LinkedHashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      constants.put("c" + i, CellGraph.random(i, 1, 300));
      nodes.add(CellGraph.node("Add", "x" + (i + 1), "x" + i, "c" + i));
    }
    List<Port> inputs = List.of(CellGraph.port("x0", 1, 300));
    List<Port> outputs = List.of(CellGraph.port("x100", 1, 300));
    Graph graph = new Graph("", inputs, outputs, constants, nodes);
    try (GraphNetwork network = new GraphNetwork(graph)) {
      network.ready(Setup.DEFAULT);
      assertThat(network.byteSize()).isBetween(120_000L, 160_000L);
    }
  }

  @Test
  void savesRestoresAndResets() {
    Random random = new Random(4);
    with(
        CellGraph.cell(),
        Setup.DEFAULT,
        stream -> {
          Expected expected = new Expected();
          float[] saved = new float[stream.stateSize()];
          assertThat(saved).hasSize(UNITS);
          checkStep(stream, expected, x(random));
          stream.saveState(saved);
          double[] then = expected.h;
          checkStep(stream, expected, x(random));
          stream.restoreState(saved);
          expected.h = then;
          checkStep(stream, expected, x(random));
          stream.reset();
          expected.h = new double[UNITS];
          checkStep(stream, expected, x(random));
        });
  }

  @Test
  void aStateStartsAsTheGraphSays() {
    Graph plain = CellGraph.cell();
    Map<String, Tensor> constants = new LinkedHashMap<>(plain.constants());
    Tensor start = CellGraph.random(5, 1, UNITS);
    constants.put("h", start);
    Graph graph = new Graph("", plain.inputs(), plain.outputs(), constants, plain.nodes());
    for (Setup setup : List.of(Setup.DEFAULT, Setup.DEFAULT.state(new Carry("h", "hn")))) {
      with(
          graph,
          setup,
          stream -> {
            Expected expected = new Expected();
            expected.h = start.doubles();
            checkStep(stream, expected, new float[INPUTS]);
            checkStep(stream, expected, new float[INPUTS]);
            stream.reset();
            expected.h = start.doubles();
            checkStep(stream, expected, new float[INPUTS]);
          });
    }
    // Without states it is what the graph says in every call.
    with(
        graph,
        Setup.DEFAULT.stateless(),
        stream -> {
          for (int i = 0; i < 2; i++) {
            Expected expected = new Expected();
            expected.h = start.doubles();
            expected.step(new float[INPUTS]);
            stream.run();
            assertThat(stream.get("hn").doubleAt(0)).isCloseTo(expected.h[0], offset(1e-5));
          }
        });
  }

  @Test
  void whatIsNotFedHasTheValueOfTheGraph() {
    Graph graph =
        new Graph(
            "",
            List.of(CellGraph.port("x", 2), CellGraph.port("scale", 1), CellGraph.port("W", 2, 2)),
            List.of(CellGraph.port("y", 2)),
            Map.of("scale", Tensor.of(new float[] {3}, 1), "W", Tensor.of(new float[4], 2, 2)),
            List.of(CellGraph.node("Mul", "y", "x", "scale")));
    with(graph, Setup.DEFAULT, stream -> checkOnly(stream, 3, 6));
    Setup other = Setup.DEFAULT.constant("scale", Tensor.of(new float[] {5}, 1));
    with(graph, other, stream -> checkOnly(stream, 5, 10));
    with(
        graph,
        Setup.DEFAULT.shape("scale", 1),
        stream -> {
          stream.put("scale", new float[] {7});
          stream.put("x", new float[] {1, 2});
          stream.run();
          assertThat(stream.get("y").floats()).containsExactly(7, 14);
        });
  }

  private static void checkOnly(GraphStream stream, float... expected) {
    float[] y = new float[2];
    stream.step(new float[] {1, 2}, y);
    assertThat(y).containsExactly(expected);
  }

  @Test
  void aStateMayBeWhatAnotherWas() {
    // The delays of a line: each is what the one before was, and none is changed too soon.
    Graph graph =
        new Graph(
            "",
            List.of(CellGraph.port("x", 2), CellGraph.port("a_in", 2), CellGraph.port("b_in", 2)),
            List.of(CellGraph.port("y", 2), CellGraph.port("a_out", 2), CellGraph.port("b_out", 2)),
            Map.of(),
            List.of(
                CellGraph.node("Neg", "y", "b_in"),
                CellGraph.node("Identity", "a_out", "x"),
                CellGraph.node("Identity", "b_out", "a_in")));
    Setup setup = Setup.DEFAULT.state(new Carry("a_in", "a_out")).state(new Carry("b_in", "b_out"));
    Setup reverse =
        Setup.DEFAULT.state(new Carry("b_in", "b_out")).state(new Carry("a_in", "a_out"));
    for (Setup one : List.of(setup, reverse)) {
      with(
          graph,
          one,
          stream -> {
            float[] y = new float[2];
            for (int i = 1; i < 9; i++) {
              stream.step(new float[] {i, -i}, y);
              assertThat(y[1]).isEqualTo(Math.max(0, i - 2));
              assertThat(stream.get("a_out").floats()).containsExactly(i, -i);
              assertThat(stream.get("b_out").floats()[0]).isEqualTo(i - 1);
            }
          });
    }
  }

  @Test
  void aStateMayBeAPartOfAnOutput() {
    Graph graph =
        new Graph(
            "",
            List.of(
                CellGraph.port("x", 1, 2), CellGraph.port("p", 1, 2), CellGraph.port("q", 1, 2)),
            List.of(CellGraph.port("all", 1, 6)),
            Map.of(),
            List.of(
                CellGraph.node("Add", "p+", "p", "x"),
                CellGraph.node("Sub", "q-", "q", "x"),
                Node.of(
                    "Concat",
                    List.of("x", "q-", "p+"),
                    List.of("all"),
                    Map.of("axis", new Attribute.Whole(1)))));
    Setup setup =
        Setup.DEFAULT.state(new Carry("p", "all", 1, 4)).state(new Carry("q", "all", 1, 2));
    with(
        graph,
        setup,
        stream -> {
          for (int i = 1; i < 4; i++) {
            stream.put("x", new float[] {1, 10});
            stream.run();
            assertThat(stream.get("all").floats()).containsExactly(1, 10, -i, -10 * i, i, 10 * i);
          }
        });
  }

  @Test
  void aRunThatThrowsChangesNoState() {
    Graph graph =
        new Graph(
            "",
            List.of(new Port("index", ElementType.I64, List.of()), CellGraph.port("h", 2)),
            List.of(CellGraph.port("hn", 2)),
            Map.of("table", Tensor.of(new float[] {1, 2, 10, 20}, 2, 2)),
            List.of(
                CellGraph.node("Gather", "row", "table", "index"),
                CellGraph.node("Add", "hn", "h", "row")));
    with(
        graph,
        Setup.DEFAULT,
        stream -> {
          stream.put("index", Tensor.of(new long[] {1}));
          stream.run();
          for (long index : new long[] {2, 1000, -3}) {
            stream.put("index", Tensor.of(new long[] {index}));
            assertThatThrownBy(stream::run).isInstanceOf(RuntimeException.class);
            float[] state = new float[2];
            stream.saveState(state);
            assertThat(state).containsExactly(10, 20);
          }
          stream.put("index", Tensor.of(new long[] {0}));
          stream.run();
          assertThat(stream.get("hn").floats()).containsExactly(11, 22);
        });
  }

  @Test
  void outputsMayBeKnownOrInputs() {
    Graph graph =
        new Graph(
            "",
            List.of(CellGraph.port("x", 2)),
            List.of(
                CellGraph.port("same", 2), CellGraph.port("known", 3), CellGraph.port("part", 1)),
            Map.of(
                "known", Tensor.of(new float[] {1, 2, 3}, 3),
                "from", Tensor.of(new long[] {1}, 1),
                "to", Tensor.of(new long[] {2}, 1)),
            List.of(
                CellGraph.node("Identity", "same", "x"),
                CellGraph.node("Slice", "part", "x", "from", "to")));
    with(
        graph,
        Setup.DEFAULT,
        stream -> {
          stream.put("x", new float[] {4, 5});
          stream.run();
          stream.put("x", new float[] {6, 7});
          float[] known = new float[3];
          stream.get("known", known);
          assertThat(known).containsExactly(1, 2, 3);
          assertThat(stream.get("known").floats()).containsExactly(1, 2, 3);
          assertThat(stream.get("same").floats()).containsExactly(4, 5);
          assertThat(stream.get("part").floats()).containsExactly(5);
        });
    Graph only =
        new Graph(
            "",
            List.of(CellGraph.port("x", 2)),
            List.of(CellGraph.port("known", 3)),
            graph.constants(),
            List.of());
    float[] known = new float[3];
    with(only, Setup.DEFAULT, stream -> stream.step(new float[2], known));
    assertThat(known).containsExactly(1, 2, 3);
  }
}
