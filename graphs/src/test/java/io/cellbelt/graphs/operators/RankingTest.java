package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.DependsOnValuesException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankingTest {
  private static final List<String> BOTH = List.of("v", "i");

  /** Indices of a row of x, the first by an order first; of equal ones in their own order. */
  private static List<Integer> ranked(Tensor x, int axis, int[] index, Comparator<Double> order) {
    List<Integer> all = new ArrayList<>(IntStream.range(0, x.shape()[axis]).boxed().toList());
    all.sort(Comparator.comparing(place -> Indexed.at(x, Indexed.with(index, axis, place)), order));
    return all;
  }

  @Test
  void findsTheFirstOfEachRow() {
    Random random = new Random(1);
    for (int i = 0; i < 80; i++) {
      int rank = random.nextInt(1, 4);
      int[] shape = Indexed.shape(random, rank);
      int axis = random.nextInt(rank);
      shape[axis] = random.nextInt(1, 20);
      Tensor x = Indexed.random(random, Indexed.number(random), shape);
      int k = random.nextInt(shape[axis] + 1);
      int opset = List.of(1, 10, 11, 24).get(random.nextInt(4));
      boolean largest = opset < 11 || random.nextBoolean();
      Comparator<Double> order = largest ? Comparator.reverseOrder() : Comparator.naturalOrder();
      Tensor indices =
          Indexed.of(
              ElementType.I64,
              Indexed.with(shape, axis, k),
              index -> ranked(x, axis, index, order).get(index[axis]));
      Tensor values =
          Indexed.of(
              x.type(),
              indices.shape(),
              index -> Indexed.at(x, Indexed.with(index, axis, (int) Indexed.at(indices, index))));
      Map<String, Attribute> attributes = new HashMap<>();
      attributes.put("axis", new Attribute.Whole(random.nextBoolean() ? axis : axis - rank));
      if (opset >= 11) {
        attributes.put("largest", new Attribute.Whole(largest ? 1 : 0));
        attributes.put("sorted", new Attribute.Whole(random.nextInt(2)));
      }
      Map<String, Tensor> inputs = new HashMap<>(Map.of("x", x));
      if (opset == 1) {
        attributes.put("k", new Attribute.Whole(k));
      } else {
        inputs.put("k", Tensor.of(new long[] {k}, 1));
      }
      EveryWay.check(
          OperatorCase.node(
              opset, "TopK", opset == 1 ? List.of("x") : List.of("x", "k"), BOTH, attributes),
          inputs,
          Set.of("k"),
          Map.of("v", values, "i", indices));
    }
  }

  @Test
  void findsTheBestOfEachRow() {
    Random random = new Random(2);
    for (int i = 0; i < 80; i++) {
      int rank = random.nextInt(1, 4);
      int[] shape = Indexed.shape(random, rank);
      int axis = random.nextInt(rank);
      Tensor x = Indexed.between(random, Indexed.number(random), -2, 2, shape);
      boolean largest = random.nextBoolean();
      boolean last = random.nextBoolean();
      boolean keep = random.nextBoolean();
      Comparator<Double> order = largest ? Comparator.reverseOrder() : Comparator.naturalOrder();
      Tensor best =
          Indexed.of(
              ElementType.I64,
              Indexed.with(shape, axis, 1),
              index -> {
                List<Integer> ranked = ranked(x, axis, index, order);
                double value = Indexed.at(x, Indexed.with(index, axis, ranked.getFirst()));
                return ranked.stream()
                    .filter(place -> Indexed.at(x, Indexed.with(index, axis, place)) == value)
                    .reduce((a, b) -> last ? b : a)
                    .orElseThrow();
              });
      int[] without = IntStream.range(0, rank).filter(d -> d != axis).map(d -> shape[d]).toArray();
      EveryWay.check(
          OperatorCase.node(
              largest ? "ArgMax" : "ArgMin",
              List.of("x"),
              List.of("y"),
              Map.of(
                  "axis", new Attribute.Whole(random.nextBoolean() ? axis : axis - rank),
                  "keepdims", new Attribute.Whole(keep ? 1 : 0),
                  "select_last_index", new Attribute.Whole(last ? 1 : 0))),
          Map.of("x", x),
          Set.of(),
          Map.of("y", keep ? best : best.reshaped(without)));
    }
  }

  @Test
  void knowsTheOrderOfNanAndOfUnsignedNumbers() {
    float nan = Float.NaN;
    Map<String, Tensor> inputs =
        Map.of(
            "x", Tensor.of(new float[] {1, nan, 3, Float.POSITIVE_INFINITY, nan}, 5),
            "k", Tensor.of(new long[] {4}, 1));
    Node most = OperatorCase.node("TopK", List.of("x", "k"), BOTH, Map.of());
    assertThat(OperatorCase.run(most, inputs).get("i").longs()).containsExactly(1, 4, 3, 2);
    Node least =
        OperatorCase.node(
            "TopK", List.of("x", "k"), BOTH, Map.of("largest", new Attribute.Whole(0)));
    assertThat(OperatorCase.run(least, inputs).get("i").longs()).containsExactly(0, 2, 3, 1);
    for (String operator : List.of("ArgMax", "ArgMin")) {
      Node node = OperatorCase.node(operator, List.of("x"), List.of("y"), Map.of());
      assertThat(OperatorCase.run(node, Map.of("x", inputs.get("x"))).get("y").longs())
          .containsExactly(1);
    }
    Map<String, Tensor> unsigned =
        Map.of(
            "x", Tensor.wrap(ElementType.U64, new long[] {5, -1, 7}, 3),
            "k", Tensor.of(new long[] {3}, 1));
    assertThat(OperatorCase.run(most, unsigned).get("i").longs()).containsExactly(1, 2, 0);
    // Longs that are the same double.
    long large = 1L << 60;
    Map<String, Tensor> close =
        Map.of(
            "x", Tensor.of(new long[] {large, large + 1, large - 1}, 3),
            "k", Tensor.of(new long[] {3}, 1));
    assertThat(OperatorCase.run(most, close).get("v").longs())
        .containsExactly(large + 1, large, large - 1);
  }

  @Test
  void refusesWhatIsNotThere() {
    Node node = OperatorCase.node("TopK", List.of("x", "k"), BOTH, Map.of());
    Tensor x = Tensor.of(new float[3], 3);
    for (long k : new long[] {-1, 4}) {
      Map<String, Tensor> inputs = Map.of("x", x, "k", Tensor.of(new long[] {k}, 1));
      assertThatThrownBy(() -> OperatorCase.run(node, inputs))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("axis 0 of F32 [3], but got");
    }
    Map<String, Tensor> fed = Map.of("x", x, "k", Tensor.of(new long[] {1}, 1));
    assertThatThrownBy(() -> OperatorCase.runFed(node, fed, Set.of("x")))
        .isInstanceOf(DependsOnValuesException.class)
        .hasMessageContaining("k is calculated from what is fed");
    Node best = OperatorCase.node("ArgMax", List.of("x"), List.of("y"), Map.of());
    Map<String, Tensor> empty = Map.of("x", Tensor.of(new float[0], 0, 3));
    assertThatThrownBy(() -> OperatorCase.run(best, empty))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is empty");
  }
}
