package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Constants;
import io.cellbelt.graphs.plan.Planner;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PickingTest {
  private static final List<String> X_I = List.of("x", "i");
  private static final List<String> Y = List.of("y");

  @Test
  void picksAlongAnAxis() {
    Random random = new Random(1);
    for (int i = 0; i < 80; i++) {
      int rank = random.nextInt(1, 5);
      Tensor x = Indexed.random(random, Indexed.type(random), Indexed.shape(random, rank));
      int axis = random.nextInt(rank);
      int size = x.shape()[axis];
      int[] shape = random.ints(random.nextInt(3), 0, 5).toArray();
      int first = random.nextInt(-size, size);
      boolean regular = random.nextBoolean();
      Tensor indices =
          Indexed.of(
              random.nextBoolean() ? ElementType.I64 : ElementType.I32,
              shape,
              index -> {
                int up = first + Arrays.stream(index).sum();
                return regular && up < size ? up : random.nextInt(-size, size);
              });
      int[] result =
          joined(
              Arrays.copyOf(x.shape(), axis),
              joined(shape, Arrays.copyOfRange(x.shape(), axis + 1, rank)));
      Tensor y =
          Indexed.of(
              x.type(),
              result,
              index -> {
                int[] own = Arrays.copyOfRange(index, axis, axis + shape.length);
                int picked = Math.floorMod((int) Indexed.at(indices, own), size);
                int[] rest = Arrays.copyOfRange(index, axis + shape.length, index.length);
                return Indexed.at(
                    x, joined(joined(Arrays.copyOf(index, axis), new int[] {picked}), rest));
              });
      Node node = node("Gather", "axis", random.nextBoolean() ? axis : axis - rank);
      EveryWay.check(node, Map.of("x", x, "i", indices), Set.of(), Map.of("y", y));
    }
  }

  private static int[] joined(int[] a, int[] b) {
    return IntStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray();
  }

  private static Node node(String operator, String attribute, long value) {
    return OperatorCase.node(operator, X_I, Y, Map.of(attribute, new Attribute.Whole(value)));
  }

  @Test
  void picksEachElementByAnIndexOfItsOwn() {
    Random random = new Random(2);
    for (int i = 0; i < 60; i++) {
      int rank = random.nextInt(1, 4);
      Tensor x = Indexed.random(random, Indexed.type(random), Indexed.shape(random, rank));
      int axis = random.nextInt(rank);
      int size = x.shape()[axis];
      int[] shape = new int[rank];
      Arrays.setAll(
          shape, d -> d == axis ? random.nextInt(0, 6) : random.nextInt(1, x.shape()[d] + 1));
      Tensor indices = Indexed.between(random, ElementType.I64, -size, size - 1, shape);
      Tensor y =
          Indexed.of(
              x.type(),
              shape,
              index -> {
                int picked = Math.floorMod((int) Indexed.at(indices, index), size);
                return Indexed.at(x, Indexed.with(index, axis, picked));
              });
      EveryWay.check(
          node("GatherElements", "axis", random.nextBoolean() ? axis : axis - rank),
          Map.of("x", x, "i", indices),
          Set.of(),
          Map.of("y", y));
    }
  }

  @Test
  void picksBlocksByTuples() {
    Random random = new Random(3);
    for (int i = 0; i < 60; i++) {
      int rank = random.nextInt(1, 5);
      Tensor x = Indexed.random(random, Indexed.type(random), Indexed.shape(random, rank));
      int batch = random.nextInt(rank);
      int deep = random.nextInt(1, rank - batch + 1);
      int[] own = random.ints(random.nextInt(3), 1, 4).toArray();
      int[] places = joined(Arrays.copyOf(x.shape(), batch), own);
      Tensor indices =
          Indexed.of(
              ElementType.I64,
              joined(places, new int[] {deep}),
              index -> {
                int size = x.shape()[batch + index[places.length]];
                return random.nextInt(-size, size);
              });
      int[] block = Arrays.copyOfRange(x.shape(), batch + deep, rank);
      Tensor y =
          Indexed.of(
              x.type(),
              joined(places, block),
              index -> {
                int[] source = new int[rank];
                int[] place = Arrays.copyOf(index, places.length);
                System.arraycopy(index, 0, source, 0, batch);
                for (int d = 0; d < deep; d++) {
                  int picked = (int) Indexed.at(indices, joined(place, new int[] {d}));
                  source[batch + d] = Math.floorMod(picked, x.shape()[batch + d]);
                }
                System.arraycopy(index, places.length, source, batch + deep, block.length);
                return Indexed.at(x, source);
              });
      EveryWay.check(
          node("GatherND", "batch_dims", batch),
          Map.of("x", x, "i", indices),
          Set.of(),
          Map.of("y", y));
    }
  }

  @Test
  void givesTheExamplesOfOnnx() {
    Map<String, Tensor> elements =
        OperatorCase.run(
            node("GatherElements", "axis", 0),
            Map.of(
                "x",
                Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3),
                "i",
                Tensor.of(new long[] {-1, -2, 0, -2, 0, 0}, 2, 3)));
    assertThat(elements.get("y").floats()).containsExactly(7, 5, 3, 4, 2, 3);

    Map<String, Tensor> tuples =
        OperatorCase.run(
            node("GatherND", "batch_dims", 1),
            Map.of(
                "x",
                Tensor.of(new long[] {0, 1, 2, 3, 4, 5, 6, 7}, 2, 2, 2),
                "i",
                Tensor.of(new long[] {1, 0}, 2, 1)));
    assertThat(tuples.get("y").longs()).containsExactly(2, 3, 4, 5);
    assertThat(tuples.get("y").shape()).containsExactly(2, 2);
  }

  @Test
  void movesNothingWhereKnownIndicesAreRegular() {
    // Windows of three, two apart: an element may lie in two of them.
    Tensor windows = Tensor.of(new long[] {0, 1, 2, 2, 3, 4, 4, 5, 6}, 3, 3);
    for (Tensor indices : List.of(Tensor.of(new long[] {-1}), windows)) {
      Graph graph =
          new Graph(
              "",
              List.of(new Port("x", ElementType.F32, null)),
              List.of(new Port("y", null, null)),
              Map.of("i", indices),
              List.of(node("Gather", "axis", 1)));
      try (Constants constants = new Constants()) {
        assertThat(Planner.plan(graph, Map.of("x", new int[] {2, 7}), Map.of(), constants).nodes())
            .noneMatch(node -> node.contains("Gather"));
      }
    }
  }

  @Test
  void refusesIndicesOutsideOfTheirDimension() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    for (String operator : List.of("Gather", "GatherElements", "GatherND")) {
      for (long index : new long[] {2, -3, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32}) {
        Map<String, Tensor> inputs = Map.of("x", x, "i", Tensor.of(new long[] {0, index}, 1, 2));
        for (Set<String> known : List.of(Set.<String>of(), Set.of("i"), Set.of("x", "i"))) {
          Node node = OperatorCase.node(operator, X_I, Y, Map.of());
          assertThatThrownBy(() -> OperatorCase.runFed(node, inputs, known))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining(operator)
              .hasMessageContaining("are -2 or more and under 2, but one is " + index);
        }
      }
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    Tensor x = Tensor.of(new float[4], 2, 2);
    Map<String, Tensor> scalar = Map.of("x", Tensor.of(new float[1]), "i", Tensor.of(new long[1]));
    assertThatThrownBy(() -> OperatorCase.run(node("Gather", "axis", 0), scalar))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("scalar");
    Map<String, Tensor> real = Map.of("x", x, "i", Tensor.of(new float[1]));
    assertThatThrownBy(() -> OperatorCase.run(node("Gather", "axis", 0), real))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("indices are integers");
    Map<String, Tensor> wide = Map.of("x", x, "i", Tensor.of(new long[3], 1, 3));
    assertThatThrownBy(() -> OperatorCase.run(node("GatherElements", "axis", 0), wide))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none but axis 0 is larger");
    assertThatThrownBy(() -> OperatorCase.run(node("GatherND", "batch_dims", 0), wide))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tuples of 3");
    assertThatThrownBy(() -> OperatorCase.run(node("GatherND", "batch_dims", 2), wide))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 shared dimensions");
  }
}
