package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.DependsOnValuesException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SelectingTest {
  private static final List<String> Y = List.of("y");

  @Test
  void findsWhatIsNotZero() {
    Random random = new Random(1);
    for (int i = 0; i < 40; i++) {
      int rank = random.nextInt(0, 4);
      int[] shape = Indexed.shape(random, rank);
      Tensor x = Indexed.between(random, Indexed.type(random), -1, 1, shape);
      List<int[]> found = new ArrayList<>();
      Tensor unused =
          Indexed.of(
              ElementType.F64,
              shape,
              index -> {
                if (Indexed.at(x, index) != 0) {
                  found.add(index);
                }
                return 0;
              });
      assertThat(unused.size()).isEqualTo(x.size());
      Tensor y =
          Indexed.of(
              ElementType.I64,
              new int[] {rank, found.size()},
              index -> found.get(index[1])[index[0]]);
      EveryWay.check(
          OperatorCase.node("NonZero", List.of("x"), Y, Map.of()),
          Map.of("x", x),
          Set.of("x"),
          Map.of("y", y));
    }
  }

  @Test
  void keepsWhatHoldsAlongAnAxis() {
    Random random = new Random(2);
    for (int i = 0; i < 60; i++) {
      int rank = random.nextInt(1, 4);
      Tensor x = Indexed.random(random, Indexed.type(random), Indexed.shape(random, rank));
      boolean flat = random.nextInt(4) == 0;
      int axis = random.nextInt(rank);
      Tensor from = flat ? x.reshaped(x.size()) : x;
      int along = flat ? 0 : axis;
      int length = random.nextInt(from.shape()[along] + 1);
      Tensor condition = Indexed.random(random, ElementType.BOOL, length);
      int[] kept = IntStream.range(0, length).filter(d -> condition.doubleAt(d) != 0).toArray();
      Tensor y =
          Indexed.of(
              x.type(),
              Indexed.with(from.shape(), along, kept.length),
              index -> Indexed.at(from, Indexed.with(index, along, kept[index[along]])));
      EveryWay.check(
          OperatorCase.node(
              "Compress",
              List.of("x", "c"),
              Y,
              flat
                  ? Map.of()
                  : Map.of("axis", new Attribute.Whole(random.nextBoolean() ? axis : axis - rank))),
          Map.of("x", x, "c", condition),
          Set.of("c"),
          Map.of("y", y));
    }
  }

  /** The elements at an index of a dimension, row-major. */
  private static double[] slice(Tensor x, int axis, int place) {
    int[] shape = Indexed.with(x.shape(), axis, 1);
    return Indexed.of(
            ElementType.F64, shape, index -> Indexed.at(x, Indexed.with(index, axis, place)))
        .doubles();
  }

  @Test
  void keepsOneOfEqualSlices() {
    Random random = new Random(3);
    for (int i = 0; i < 60; i++) {
      int rank = random.nextInt(1, 4);
      int[] shape = Indexed.shape(random, rank);
      int axis = random.nextInt(rank);
      shape[axis] = random.nextInt(1, 7);
      Tensor x = Indexed.between(random, Indexed.type(random), 0, 1, shape);
      boolean flat = random.nextInt(3) == 0;
      boolean sorted = random.nextBoolean();
      Tensor from = flat ? x.reshaped(x.size()) : x;
      int along = flat ? 0 : axis;
      List<double[]> slices =
          IntStream.range(0, from.shape()[along])
              .mapToObj(place -> slice(from, along, place))
              .toList();
      List<double[]> different = new ArrayList<>();
      for (double[] slice : slices) {
        if (different.stream().noneMatch(other -> Arrays.equals(other, slice))) {
          different.add(slice);
        }
      }
      if (sorted) {
        different.sort(Comparator.comparing(slice -> slice, Arrays::compare));
      }
      int count = different.size();
      Tensor firsts =
          Indexed.of(ElementType.I64, new int[] {count}, at -> find(slices, different.get(at[0])));
      Tensor inverse =
          Indexed.of(
              ElementType.I64, new int[] {slices.size()}, at -> find(different, slices.get(at[0])));
      Tensor counts =
          Indexed.of(
              ElementType.I64,
              new int[] {count},
              at ->
                  slices.stream().filter(one -> Arrays.equals(one, different.get(at[0]))).count());
      Tensor y =
          Indexed.of(
              x.type(),
              Indexed.with(from.shape(), along, count),
              index -> {
                int place = (int) firsts.doubleAt(index[along]);
                return Indexed.at(from, Indexed.with(index, along, place));
              });
      Attribute order = new Attribute.Whole(sorted ? 1 : 0);
      EveryWay.check(
          OperatorCase.node(
              "Unique",
              List.of("x"),
              List.of("y", "first", "inverse", "count"),
              flat
                  ? Map.of("sorted", order)
                  : Map.of("sorted", order, "axis", new Attribute.Whole(axis))),
          Map.of("x", x),
          Set.of("x"),
          Map.of("y", y, "first", firsts, "inverse", inverse, "count", counts));
    }
  }

  private static int find(List<double[]> all, double[] one) {
    return IntStream.range(0, all.size())
        .filter(i -> Arrays.equals(all.get(i), one))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void takesNanForOneNumberAndBothZerosToo() {
    Map<String, Tensor> result =
        OperatorCase.run(
            OperatorCase.node("Unique", List.of("x"), List.of("y", "", "", "n"), Map.of()),
            Map.of("x", Tensor.of(new float[] {Float.NaN, 0, 3, -0f, Float.NaN, -1}, 6)));
    assertThat(result.get("y").floats()).containsExactly(-1, 0, 3, Float.NaN);
    assertThat(result.get("n").longs()).containsExactly(1, 2, 1, 2);
  }

  @Test
  void refusesValuesOfARunThatShapesDependOn() {
    Tensor x = Tensor.of(new float[3], 3);
    for (String operator : List.of("NonZero", "Unique")) {
      Node node = OperatorCase.node(operator, List.of("x"), Y, Map.of());
      assertThatThrownBy(() -> OperatorCase.runFed(node, Map.of("x", x), Set.of()))
          .isInstanceOf(DependsOnValuesException.class)
          .hasMessageContaining("shapes would change");
    }
    Node node = OperatorCase.node("Compress", List.of("x", "c"), Y, Map.of());
    Tensor all = Tensor.wrap(ElementType.BOOL, new long[] {1, 1, 1, 1}, 4);
    assertThatThrownBy(() -> OperatorCase.runFed(node, Map.of("x", x, "c", all), Set.of("x")))
        .isInstanceOf(DependsOnValuesException.class)
        .hasMessageContaining("the condition");
    assertThatThrownBy(() -> OperatorCase.run(node, Map.of("x", x, "c", all)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("under 3, but one is 3");
  }
}
