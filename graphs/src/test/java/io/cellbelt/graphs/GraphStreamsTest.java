package io.cellbelt.graphs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that advance together have the bits of each alone. */
class GraphStreamsTest {
  private static final int INPUTS = CellGraph.INPUTS;
  private static final int UNITS = CellGraph.UNITS;

  /** The cell, whose batch is fixed to 1 by a reshape: two streams would not fit through it. */
  private static Graph forOneStream() {
    Graph cell = CellGraph.cell();
    List<Node> nodes = new ArrayList<>(cell.nodes().subList(0, 4));
    nodes.add(CellGraph.node("Reshape", "same", "hn", "shape"));
    nodes.add(CellGraph.node("Neg", "y", "same"));
    Map<String, Tensor> constants = new HashMap<>(cell.constants());
    constants.put("shape", Tensor.of(new long[] {1, UNITS}, 2));
    return new Graph("one", cell.inputs(), cell.outputs(), constants, nodes);
  }

  /** The cell with the average over all streams taken away: what is in a batch is mixed. */
  private static Graph mixing() {
    Graph cell = CellGraph.cell();
    List<Node> nodes = new ArrayList<>(cell.nodes().subList(0, 4));
    nodes.add(
        Node.of(
            "ReduceMean",
            List.of("hn"),
            List.of("mean"),
            Map.of("axes", new Attribute.Wholes(List.of(0L)))));
    nodes.add(CellGraph.node("Sub", "y", "hn", "mean"));
    List<Node> old = nodes.stream().map(node -> versioned(node, 11)).toList();
    return new Graph("mixing", cell.inputs(), cell.outputs(), cell.constants(), old);
  }

  private static Node versioned(Node node, int version) {
    return new Node(
        node.name(),
        node.operator(),
        node.domain(),
        version,
        node.inputs(),
        node.outputs(),
        node.attributes());
  }

  private static float[] numbers(Random random, int count) {
    float[] all = new float[count];
    for (int i = 0; i < count; i++) {
      all[i] = random.nextFloat() - 0.5f;
    }
    return all;
  }

  /** Random subsets, each stream compared with one of its own. */
  private static void checkSubsets(Graph graph, int most, int largest) {
    Random random = new Random(most);
    try (GraphNetwork network = new GraphNetwork(graph)) {
      ReadyGraph ready = network.ready(Setup.DEFAULT);
      List<GraphStream> alone = new ArrayList<>();
      try (GraphStreams streams = ready.newStreams(most)) {
        assertThat(streams.largestBatch()).isEqualTo(largest);
        for (int i = 0; i < 70; i++) {
          assertThat(streams.open()).isEqualTo(i);
          alone.add(ready.newStream());
        }
        assertThat(streams.count()).isEqualTo(70);
        for (int round = 0; round < 30; round++) {
          int[] some = random.ints(0, 70).distinct().limit(random.nextInt(1, 71)).toArray();
          float[] x = numbers(random, some.length * INPUTS);
          float[] y = new float[some.length * UNITS];
          if (round % 2 == 0) {
            streams.advance(some, x, y);
          } else {
            streams.advance(some, new float[][] {x}, new float[][] {y});
          }
          float[] expected = new float[some.length * UNITS];
          float[] one = new float[UNITS];
          for (int row = 0; row < some.length; row++) {
            float[] own = Arrays.copyOfRange(x, row * INPUTS, (row + 1) * INPUTS);
            alone.get(some[row]).step(own, one);
            System.arraycopy(one, 0, expected, row * UNITS, UNITS);
          }
          assertThat(y).isEqualTo(expected);
        }
        float[] state = new float[streams.stateSize()];
        float[] expected = new float[streams.stateSize()];
        for (int i = 0; i < 70; i++) {
          streams.saveState(i, state);
          alone.get(i).saveState(expected);
          assertThat(state).isEqualTo(expected);
        }
      } finally {
        alone.forEach(GraphStream::close);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 16, 64})
  void anySubsetAdvancesWithTheBitsOfEachAlone(int most) {
    checkSubsets(CellGraph.cell(), most, most);
  }

  @Test
  void oneByOneWhereAGraphAllowsNoBatch() {
    checkSubsets(forOneStream(), 8, 1);
    checkSubsets(mixing(), 8, 1);
  }

  /** States of two layers in one tensor, whose batch is in the middle; open dimensions. */
  @Test
  void findsTheBatchWhereverItIs() {
    Port x = new Port("x", ElementType.F32, List.of(Port.Dimension.open("n"), dimension(2)));
    Port h =
        new Port(
            "state",
            ElementType.F32,
            List.of(dimension(2), Port.Dimension.open("n"), dimension(2)));
    Graph graph =
        new Graph(
            "two",
            List.of(x, h),
            List.of(new Port("y", null, null), new Port("stateN", null, null)),
            Map.of(),
            List.of(
                CellGraph.node("Add", "stateN", "state", "x"),
                Node.of(
                    "ReduceSum",
                    List.of("stateN"),
                    List.of("y"),
                    Map.of("keepdims", new Attribute.Whole(1)))));
    // The sum over everything mixes streams, a sum over the layers does not.
    assertLargest(graph, 1);
    List<Node> apart =
        List.of(
            graph.nodes().getFirst(),
            versioned(
                Node.of(
                    "ReduceSum",
                    List.of("stateN"),
                    List.of("y"),
                    Map.of("axes", new Attribute.Wholes(List.of(0L)))),
                11));
    assertLargest(new Graph("two", graph.inputs(), graph.outputs(), Map.of(), apart), 4);
  }

  /** Two streams fit, but of four rows only three are kept, or four and three cannot be added. */
  @Test
  void asManyTogetherAsTheGraphAllows() {
    Map<String, Tensor> constants =
        Map.of("from", Tensor.of(new long[] {0}, 1), "to", Tensor.of(new long[] {3}, 1));
    Node slice = CellGraph.node("Slice", "kept", "x", "from", "to");
    List<Port> outputs = List.of(new Port("y", null, null));
    for (Node last :
        List.of(CellGraph.node("Neg", "y", "kept"), CellGraph.node("Add", "y", "x", "kept"))) {
      List<Port> inputs = List.of(CellGraph.port("x", 1, INPUTS));
      Graph graph = new Graph("kept", inputs, outputs, constants, List.of(slice, last));
      try (GraphNetwork network = new GraphNetwork(graph);
          GraphStreams streams = network.ready(Setup.DEFAULT).newStreams(8)) {
        assertThat(streams.largestBatch()).isEqualTo(2);
        int[] all = IntStream.range(0, 5).map(i -> streams.open()).toArray();
        float[] x = numbers(new Random(1), 5 * INPUTS);
        float[] y = new float[5 * INPUTS];
        streams.advance(all, x, y);
        float factor = last.operator().equals("Neg") ? -1 : 2;
        for (int i = 0; i < y.length; i++) {
          assertThat(y[i]).isEqualTo(factor * x[i]);
        }
      }
    }
  }

  private static Port.Dimension dimension(int size) {
    return Port.Dimension.of(size);
  }

  private static void assertLargest(Graph graph, int largest) {
    try (GraphNetwork network = new GraphNetwork(graph);
        GraphStreams streams = network.ready(Setup.DEFAULT).newStreams(4)) {
      assertThat(streams.largestBatch()).isEqualTo(largest);
    }
  }

  @Test
  void closedStreamsAreGivenAgainAndStartAnew() {
    try (GraphNetwork network = new GraphNetwork(CellGraph.cell());
        GraphStreams streams = network.ready(Setup.DEFAULT).newStreams(4)) {
      int first = streams.open();
      int second = streams.open();
      float[] y = new float[UNITS];
      float[] fresh = new float[UNITS];
      float[] x = {1, 2, 3};
      streams.advance(new int[] {second}, x, fresh);
      streams.advance(new int[] {second}, x, y);
      assertThat(y).isNotEqualTo(fresh);
      streams.close(second);
      assertThat(streams.open()).isEqualTo(second);
      streams.advance(new int[] {second}, x, y);
      assertThat(y).isEqualTo(fresh);
      streams.reset(second);
      float[] state = new float[streams.stateSize()];
      streams.saveState(second, state);
      assertThat(state).containsOnly(0);
      streams.advance(new int[] {second}, x, y);
      streams.saveState(second, state);
      streams.restoreState(first, state);
      float[] both = new float[2 * UNITS];
      streams.advance(new int[] {first, second}, new float[] {1, 2, 3, 1, 2, 3}, both);
      assertThat(Arrays.copyOf(both, UNITS)).isEqualTo(Arrays.copyOfRange(both, UNITS, 2 * UNITS));
    }
  }

  @Test
  void aMistakeChangesNothing() {
    try (GraphNetwork network = new GraphNetwork(CellGraph.cell())) {
      GraphStreams streams = network.ready(Setup.DEFAULT).newStreams(4);
      int[] all = IntStream.range(0, 3).map(i -> streams.open()).toArray();
      float[] x = numbers(new Random(1), 3 * INPUTS);
      float[] y = new float[3 * UNITS];
      streams.advance(all, x, y);
      float[] before = new float[UNITS];
      streams.saveState(0, before);
      assertThatThrownBy(() -> streams.advance(new int[] {0, 3}, x, y))
          .hasMessage("The stream 3 is not open; 3 others are.");
      assertThatThrownBy(() -> streams.advance(new int[] {0, 1, 0}, x, y))
          .hasMessage("A stream advances once at a time, but 0 was given twice.");
      assertThatThrownBy(() -> streams.advance(all, new float[8], y))
          .hasMessage(
              "The input 'x' is F32 [1, 3] for each stream, so an array of length 9 for 3, but got"
                  + " one of length 8.");
      assertThatThrownBy(() -> streams.advance(all, x, new float[16]))
          .hasMessage(
              "The output 'y' is F32 [1, 5] for each stream, so an array of length 15 for 3, but"
                  + " got one of length 16.");
      assertThatThrownBy(
              () -> streams.advance(all, new float[][] {new float[10]}, new float[][] {y}))
          .hasMessageContaining("so an array of length 9 for 3, but got one of length 10.");
      assertThatThrownBy(() -> streams.advance(all, new float[0][], new float[][] {y}))
          .hasMessage(
              "There is an array for each input, of which there are [x], but got 0 arrays.");
      assertThatThrownBy(() -> streams.restoreState(0, new float[4]))
          .hasMessage("The state of a stream has 5 floats, but got an array of 4.");
      assertThatThrownBy(() -> network.ready(Setup.DEFAULT).newStreams(0))
          .hasMessage("One stream or more advance in a pass, but got 0.");
      float[] after = new float[UNITS];
      streams.saveState(0, after);
      assertThat(after).isEqualTo(before);
      assertThatThrownBy(network::close).isInstanceOf(IllegalStateException.class);
      streams.close();
      streams.close();
      assertThatThrownBy(() -> streams.advance(all, x, y))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
