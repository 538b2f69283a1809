package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequencesTest {
  private static final List<String> Y = List.of("y");

  @Test
  void sumsUpAlongAnAxis() {
    Random random = new Random(1);
    for (int i = 0; i < 60; i++) {
      int rank = random.nextInt(1, 4);
      int[] shape = Indexed.shape(random, rank);
      Tensor x = Indexed.random(random, Indexed.number(random), shape);
      int axis = random.nextInt(rank);
      boolean exclusive = random.nextBoolean();
      boolean reverse = random.nextBoolean();
      Tensor y =
          Indexed.of(
              x.type(),
              shape,
              index -> {
                double sum = 0;
                for (int other = 0; other < shape[axis]; other++) {
                  int before = reverse ? other - index[axis] : index[axis] - other;
                  if (before > 0 || before == 0 && !exclusive) {
                    sum += Indexed.at(x, Indexed.with(index, axis, other));
                  }
                }
                return sum;
              });
      long given = random.nextBoolean() ? axis : axis - rank;
      EveryWay.check(
          OperatorCase.node(
              "CumSum",
              List.of("x", "axis"),
              Y,
              Map.of(
                  "exclusive", new Attribute.Whole(exclusive ? 1 : 0),
                  "reverse", new Attribute.Whole(reverse ? 1 : 0))),
          Map.of(
              "x",
              x,
              "axis",
              random.nextBoolean()
                  ? Tensor.of(new long[] {given})
                  : Tensor.of(new long[] {given}, 1)),
          Set.of("axis"),
          Map.of("y", y));
    }
  }

  @Test
  void sumsStayInTheRangeOfTheType() {
    Map<String, Tensor> inputs =
        Map.of(
            "x", Indexed.of(ElementType.I8, new double[] {100, 100, 100}, 3),
            "axis", Tensor.of(new long[1]));
    Node node = OperatorCase.node("CumSum", List.of("x", "axis"), Y, Map.of());
    assertThat(OperatorCase.run(node, inputs).get("y").longs()).containsExactly(100, -56, 44);
    Map<String, Tensor> halves =
        Map.of(
            "x", Indexed.of(ElementType.F16, new double[] {2048, 1, 2}, 3),
            "axis", Tensor.of(new long[1]));
    assertThat(OperatorCase.run(node, halves).get("y").floats()).containsExactly(2048, 2048, 2052);
  }

  @Test
  void keepsATriangle() {
    Random random = new Random(2);
    for (int i = 0; i < 80; i++) {
      int rank = random.nextInt(2, 5);
      int[] shape = Indexed.shape(random, rank);
      shape[rank - random.nextInt(1, 3)] = random.nextInt(0, 6);
      Tensor x = Indexed.random(random, Indexed.type(random), shape);
      boolean upper = random.nextBoolean();
      boolean given = random.nextInt(4) > 0;
      long k = given ? random.nextInt(-7, 8) : 0;
      Tensor y =
          Indexed.of(
              x.type(),
              shape,
              index -> {
                int above = index[rank - 1] - index[rank - 2];
                boolean kept = upper ? above >= k : above <= k;
                return kept ? Indexed.at(x, index) : 0;
              });
      Map<String, Tensor> inputs = new HashMap<>(Map.of("x", x));
      if (given) {
        inputs.put("k", Tensor.of(new long[] {k}));
      }
      EveryWay.check(
          OperatorCase.node(
              "Trilu",
              given ? List.of("x", "k") : List.of("x"),
              Y,
              Map.of("upper", new Attribute.Whole(upper ? 1 : 0))),
          inputs,
          Set.of(),
          Map.of("y", y));
    }
  }

  @Test
  void diagonalsMayBeAnywhere() {
    Node upper = OperatorCase.node("Trilu", List.of("x", "k"), Y, Map.of());
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    for (Set<String> known : List.of(Set.of("x", "k"), Set.<String>of())) {
      Map<String, Tensor> low = Map.of("x", x, "k", Tensor.of(new long[] {Long.MIN_VALUE}));
      assertThat(OperatorCase.runFed(upper, low, known).get("y").floats())
          .containsExactly(1, 2, 3, 4, 5, 6);
      Map<String, Tensor> high = Map.of("x", x, "k", Tensor.of(new long[] {Long.MAX_VALUE}));
      assertThat(OperatorCase.runFed(upper, high, known).get("y").floats())
          .containsExactly(0, 0, 0, 0, 0, 0);
    }
  }

  @Test
  void reversesEachSequence() {
    Random random = new Random(3);
    for (int i = 0; i < 60; i++) {
      int rank = random.nextInt(2, 5);
      int[] shape = Indexed.shape(random, rank);
      Tensor x = Indexed.random(random, Indexed.type(random), shape);
      int time = random.nextInt(2);
      Tensor lengths = Indexed.between(random, ElementType.I64, 0, shape[time], shape[1 - time]);
      Tensor y =
          Indexed.of(
              x.type(),
              shape,
              index -> {
                int length = (int) lengths.doubleAt(index[1 - time]);
                int step = index[time];
                int from = step < length ? length - 1 - step : step;
                return Indexed.at(x, Indexed.with(index, time, from));
              });
      EveryWay.check(
          OperatorCase.node(
              "ReverseSequence",
              List.of("x", "n"),
              Y,
              Map.of(
                  "time_axis", new Attribute.Whole(time),
                  "batch_axis", new Attribute.Whole(1 - time))),
          Map.of("x", x, "n", lengths),
          Set.of(),
          Map.of("y", y));
    }
  }

  @Test
  void refusesLengthsThatAreNotThere() {
    Node node = OperatorCase.node("ReverseSequence", List.of("x", "n"), Y, Map.of());
    Tensor x = Tensor.of(new float[6], 3, 2);
    for (long length : new long[] {-1, 4, Long.MIN_VALUE, Long.MAX_VALUE}) {
      Map<String, Tensor> inputs = Map.of("x", x, "n", Tensor.of(new long[] {3, length}, 2));
      for (Set<String> known : List.of(Set.<String>of(), Set.of("n"), Set.of("x", "n"))) {
        assertThatThrownBy(() -> OperatorCase.runFed(node, inputs, known))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("0 to 3 steps, but one has the length " + length);
      }
    }
  }
}
