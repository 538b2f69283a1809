package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operators give the same whether their input lies in order, or is a part of something else. */
class LayoutsTest {
  private final Random random = new Random(12);

  private static Attribute wholes(List<Integer> values) {
    return new Attribute.Wholes(values.stream().map(Integer::longValue).toList());
  }

  /** Nodes that turn, cut and repeat {@code x} to {@code view}. */
  private List<Node> views(int[] shape, Map<String, Tensor> constants) {
    List<Node> nodes = new ArrayList<>();
    List<Integer> order = new ArrayList<>(IntStream.range(0, shape.length).boxed().toList());
    Collections.shuffle(order, random);
    nodes.add(Node.of("Transpose", List.of("x"), List.of("turned"), Map.of("perm", wholes(order))));
    int axis = random.nextInt(shape.length);
    int size = shape[order.get(axis)];
    int step = List.of(1, 1, 2, -1).get(random.nextInt(4));
    int from = step < 0 ? size - 1 : random.nextInt(Math.max(1, size / 2));
    constants.put("from", Tensor.of(new long[] {from}, 1));
    constants.put("to", Tensor.of(new long[] {step < 0 ? -size - 1 : size}, 1));
    constants.put("axis", Tensor.of(new long[] {axis}, 1));
    constants.put("step", Tensor.of(new long[] {step}, 1));
    nodes.add(
        Node.of(
            "Slice", List.of("turned", "from", "to", "axis", "step"), List.of("cut"), Map.of()));
    if (random.nextInt(4) == 0) {
      int[] more = new int[shape.length];
      Arrays.fill(more, 1);
      constants.put("more", Tensor.of(new long[] {2, 1, 1, 1, 1}, shape.length + 1));
      nodes.add(Node.of("Expand", List.of("cut", "more"), List.of("view"), Map.of()));
    } else {
      nodes.add(Node.of("Identity", List.of("cut"), List.of("view"), Map.of()));
    }
    return nodes;
  }

  /** The last node's output, after two runs. */
  private static Tensor run(List<Node> nodes, Map<String, Tensor> constants, Tensor x) {
    Port input = new Port("x", x.type(), Arrays.stream(x.shape()).mapToObj(Dimension::of).toList());
    String output = nodes.getLast().outputs().getFirst();
    Graph graph =
        new Graph("views", List.of(input), List.of(new Port(output, null, null)), constants, nodes);
    try (GraphNetwork network = new GraphNetwork(graph);
        GraphStream stream = network.ready(Setup.DEFAULT.stateless()).newStream()) {
      stream.put("x", x);
      stream.run();
      stream.run();
      return stream.get(output);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sigmoid",
        "Sin",
        "Gelu",
        "Not",
        "IsNaN",
        "Cast",
        "Equal",
        "Where",
        "ReduceSum",
        "ReduceL2",
        "ReduceMax",
        "ReduceMean",
        "Softmax",
        "Hardmax",
        "LayerNormalization",
        "RMSNormalization",
        "InstanceNormalization",
        "GroupNormalization",
        "BatchNormalization",
        "LRN",
        "LpNormalization",
        "MeanVarianceNormalization",
        "DFT",
        "QuantizeLinear",
        "MatMulInteger",
        "ConvInteger",
        "DynamicQuantizeLinear"
      })
  void sameAsInOrder(String operator) {
    for (int run = 0; run < 40; run++) {
      ElementType type =
          switch (operator) {
            case "Not" -> ElementType.BOOL;
            case "MatMulInteger", "ConvInteger" -> ElementType.U8;
            default -> ElementType.F32;
          };
      Tensor x = Trial.random(random, type, false, Trial.shape(random, 4, 9));
      Map<String, Tensor> constants = new HashMap<>();
      List<Node> nodes = views(x.shape(), constants);
      Tensor view = run(nodes, constants, x);
      List<Node> rest = nodes(operator, view, constants);
      nodes.addAll(rest);
      Tensor y = run(nodes, constants, x);
      List<Node> alone = new ArrayList<>();
      alone.add(Node.of("Identity", List.of("x"), List.of("view"), Map.of()));
      alone.addAll(rest);
      Tensor expected = run(alone, constants, view);
      assertThat(y.type()).isEqualTo(expected.type());
      assertThat(y.shape()).containsExactly(expected.shape());
      Trial.assertClose(y, expected.doubles(), 2e-5, operator + " of " + view);
    }
  }

  private List<Node> nodes(String operator, Tensor view, Map<String, Tensor> constants) {
    int rank = view.rank();
    int axis = random.nextInt(rank);
    List<String> inputs = new ArrayList<>(List.of("view"));
    Map<String, Attribute> attributes = new HashMap<>();
    switch (operator) {
      case "Cast" -> attributes.put("to", new Attribute.Whole(7));
      case "Equal" -> inputs.add("view");
      case "Where" -> {
        constants.put(
            "truth", Trial.random(random, ElementType.BOOL, false, view.shape()[rank - 1]));
        constants.put(
            "other", Trial.random(random, ElementType.F32, false, view.shape()[0], 1, 1, 1));
        return List.of(
            Node.of(
                "Where",
                List.of("truth", "view", rank == 4 ? "other" : "view"),
                List.of("y"),
                Map.of()));
      }
      case "ReduceSum", "ReduceL2", "ReduceMax", "ReduceMean" -> {
        long[] axes =
            IntStream.range(0, rank).filter(d -> random.nextBoolean()).asLongStream().toArray();
        constants.put("axes", Tensor.of(axes, axes.length));
        inputs.add("axes");
      }
      case "Softmax", "Hardmax", "LpNormalization" ->
          attributes.put("axis", new Attribute.Whole(axis));
      case "LayerNormalization", "RMSNormalization" -> {
        attributes.put("axis", new Attribute.Whole(axis));
        constants.put(
            "scale",
            Trial.random(
                random, ElementType.F32, false, Arrays.copyOfRange(view.shape(), axis, rank)));
        inputs.add("scale");
      }
      case "InstanceNormalization", "GroupNormalization", "BatchNormalization" -> {
        for (String name : List.of("scale", "bias", "mean", "variance")) {
          constants.put(name, QuantisedTest.scales(random, view.shape()[1]));
          inputs.add(name);
        }
        int all = operator.startsWith("Batch") ? 5 : 3;
        inputs.subList(all, 5).clear();
        if (operator.startsWith("Group")) {
          attributes.put("num_groups", new Attribute.Whole(view.shape()[1]));
        }
      }
      case "LRN" -> attributes.put("size", new Attribute.Whole(3));
      case "MeanVarianceNormalization" -> attributes.put("axes", wholes(List.of(axis)));
      case "DFT" -> {
        constants.put("last", Tensor.of(new long[] {rank}, 1));
        constants.put("line", Tensor.of(new long[] {axis}));
        return List.of(
            Node.of("Unsqueeze", List.of("view", "last"), List.of("signal"), Map.of()),
            Node.of("DFT", List.of("signal", "", "line"), List.of("y"), Map.of()));
      }
      case "QuantizeLinear" -> {
        constants.put("scale", QuantisedTest.scales(random, view.shape()[axis]));
        inputs.add("scale");
        attributes.put("axis", new Attribute.Whole(axis));
      }
      case "MatMulInteger" -> {
        constants.put("w", Trial.random(random, ElementType.I8, true, view.shape()[rank - 1], 5));
        inputs.add("w");
      }
      case "ConvInteger" -> {
        int[] kernel = new int[rank];
        Arrays.fill(kernel, 1);
        kernel[0] = 3;
        kernel[1] = view.shape()[1];
        constants.put("w", Trial.random(random, ElementType.I8, true, kernel));
        inputs.add("w");
      }
      default -> {}
    }
    return List.of(Node.of(operator, inputs, List.of("y"), attributes));
  }
}
