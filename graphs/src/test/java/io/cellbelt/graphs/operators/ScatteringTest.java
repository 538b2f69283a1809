package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScatteringTest {
  private static final List<String> X_I_U = List.of("x", "i", "u");
  private static final List<String> Y = List.of("y");
  private static final Map<String, DoubleBinaryOperator> REDUCTIONS =
      Map.of(
          "none", (a, b) -> b,
          "add", Double::sum,
          "mul", (a, b) -> a * b,
          "max", Math::max,
          "min", Math::min);

  /** Elements that change, by their row-major number. */
  private static final class Changed {
    private final Tensor x;
    private final DoubleBinaryOperator reduction;
    private final double[] all;

    Changed(Tensor x, String reduction) {
      this.x = x;
      this.reduction = REDUCTIONS.get(reduction);
      all = x.doubles();
    }

    void update(double update, int... index) {
      int at = 0;
      for (int d = 0; d < index.length; d++) {
        at = at * x.shape()[d] + index[d];
      }
      all[at] = reduction.applyAsDouble(all[at], update);
    }

    Tensor result() {
      return Indexed.of(x.type(), all, x.shape());
    }
  }

  private static String reduction(Random random) {
    return List.of("none", "add", "mul", "max", "min").get(random.nextInt(5));
  }

  private static Map<String, Attribute> attributes(String reduction) {
    Map<String, Attribute> attributes = new HashMap<>();
    if (!reduction.equals("none")) {
      attributes.put("reduction", new Attribute.Text(reduction));
    }
    return attributes;
  }

  @Test
  void writesEachElementByAnIndexOfItsOwn() {
    Random random = new Random(1);
    for (int i = 0; i < 60; i++) {
      int rank = random.nextInt(1, 4);
      Tensor x = Indexed.between(random, Indexed.number(random), 1, 5, Indexed.shape(random, rank));
      int axis = random.nextInt(rank);
      int size = x.shape()[axis];
      int[] shape = new int[rank];
      Arrays.setAll(
          shape, d -> d == axis ? random.nextInt(0, 4) : random.nextInt(1, x.shape()[d] + 1));
      Tensor indices = Indexed.between(random, ElementType.I64, -size, size - 1, shape);
      Tensor updates = Indexed.between(random, x.type(), 1, 3, shape);
      String reduction = reduction(random);
      Changed changed = new Changed(x, reduction);
      Indexed.of(
          ElementType.F64,
          shape,
          index -> {
            int place = Math.floorMod((int) Indexed.at(indices, index), size);
            changed.update(Indexed.at(updates, index), Indexed.with(index, axis, place));
            return 0;
          });
      Map<String, Attribute> attributes = attributes(reduction);
      attributes.put("axis", new Attribute.Whole(random.nextBoolean() ? axis : axis - rank));
      String operator =
          reduction.equals("none") && random.nextBoolean() ? "Scatter" : "ScatterElements";
      EveryWay.check(
          OperatorCase.node(operator, X_I_U, Y, attributes),
          Map.of("x", x, "i", indices, "u", updates),
          Set.of(),
          Map.of("y", changed.result()));
    }
  }

  @Test
  void writesBlocksByTuples() {
    Random random = new Random(2);
    for (int i = 0; i < 60; i++) {
      int rank = random.nextInt(1, 4);
      Tensor x = Indexed.between(random, Indexed.number(random), 1, 5, Indexed.shape(random, rank));
      int deep = random.nextInt(1, rank + 1);
      int[] places = random.ints(random.nextInt(3), 0, 4).toArray();
      Tensor indices =
          Indexed.of(
              ElementType.I64,
              joined(places, new int[] {deep}),
              index -> {
                int size = x.shape()[index[places.length]];
                return random.nextInt(-size, size);
              });
      int[] block = Arrays.copyOfRange(x.shape(), deep, rank);
      Tensor updates = Indexed.between(random, x.type(), 1, 3, joined(places, block));
      String reduction = reduction(random);
      Changed changed = new Changed(x, reduction);
      Indexed.of(
          ElementType.F64,
          updates.shape(),
          index -> {
            int[] place = Arrays.copyOf(index, places.length);
            int[] target = new int[rank];
            for (int d = 0; d < deep; d++) {
              int one = (int) Indexed.at(indices, joined(place, new int[] {d}));
              target[d] = Math.floorMod(one, x.shape()[d]);
            }
            System.arraycopy(index, places.length, target, deep, block.length);
            changed.update(Indexed.at(updates, index), target);
            return 0;
          });
      EveryWay.check(
          OperatorCase.node("ScatterND", X_I_U, Y, attributes(reduction)),
          Map.of("x", x, "i", indices, "u", updates),
          Set.of(),
          Map.of("y", changed.result()));
    }
  }

  private static int[] joined(int[] a, int[] b) {
    return IntStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray();
  }

  @Test
  void staysInTheRangeOfTheType() {
    Node add = OperatorCase.node("ScatterND", X_I_U, Y, attributes("add"));
    Tensor index = Tensor.of(new long[1], 1, 1);
    for (Set<String> known : List.of(Set.<String>of(), Set.of("x", "i", "u"))) {
      Map<String, Tensor> bytes =
          Map.of(
              "x", Indexed.of(ElementType.U8, new double[] {250}, 1),
              "i", index,
              "u", Indexed.of(ElementType.U8, new double[] {10}, 1));
      assertThat(OperatorCase.runFed(add, bytes, known).get("y").longs()).containsExactly(4);
      Map<String, Tensor> halves =
          Map.of(
              "x", Indexed.of(ElementType.F16, new double[] {2048}, 1),
              "i", index,
              "u", Indexed.of(ElementType.F16, new double[] {1}, 1));
      assertThat(OperatorCase.runFed(add, halves, known).get("y").floats()).containsExactly(2048);
    }
    Node most = OperatorCase.node("ScatterND", X_I_U, Y, attributes("max"));
    Map<String, Tensor> unsigned =
        Map.of(
            "x", Tensor.wrap(ElementType.U64, new long[] {-1}, 1),
            "i", index,
            "u", Tensor.wrap(ElementType.U64, new long[] {7}, 1));
    assertThat(OperatorCase.run(most, unsigned).get("y").longs()).containsExactly(-1);
  }

  @Test
  void refusesIndicesOutsideOfTheirDimension() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    for (String reduction : REDUCTIONS.keySet()) {
      for (String operator : List.of("ScatterElements", "ScatterND")) {
        int[] shape = operator.equals("ScatterND") ? new int[] {1, 1} : new int[] {1};
        for (long index : new long[] {2, -3, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32}) {
          Map<String, Tensor> inputs =
              Map.of(
                  "x", x,
                  "i", Tensor.of(new long[] {index}, shape),
                  "u", Tensor.of(new float[] {9}, 1));
          Node node = OperatorCase.node(operator, X_I_U, Y, attributes(reduction));
          for (Set<String> known : List.of(Set.<String>of(), Set.of("i"))) {
            assertThatThrownBy(() -> OperatorCase.runFed(node, inputs, known))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(operator)
                .hasMessageContaining("under 2, but one is " + index);
          }
        }
      }
    }
  }

  @Test
  void refusesUpdatesThatDoNotFit() {
    Node node = OperatorCase.node("ScatterND", X_I_U, Y, Map.of());
    Map<String, Tensor> inputs =
        Map.of(
            "x", Tensor.of(new float[4], 2, 2),
            "i", Tensor.of(new long[1], 1, 1),
            "u", Tensor.of(new float[2], 2));
    assertThatThrownBy(() -> OperatorCase.run(node, inputs))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("F32 [1, 2], but got F32 [2]");
    Node unknown =
        OperatorCase.node("ScatterND", X_I_U, Y, Map.of("reduction", new Attribute.Text("or")));
    Map<String, Tensor> fitting =
        Map.of("x", inputs.get("x"), "i", inputs.get("i"), "u", Tensor.of(new float[2], 1, 2));
    assertThatThrownBy(() -> OperatorCase.run(unknown, fitting))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not or");
  }

  @Test
  void marksOneElementForEachIndex() {
    Random random = new Random(3);
    for (int i = 0; i < 60; i++) {
      int rank = random.nextInt(0, 4);
      int depth = random.nextInt(0, 5);
      int opset = random.nextBoolean() ? 9 : 11;
      // Some are in no range.
      Tensor indices =
          Indexed.between(random, Indexed.number(random), -6, 6, Indexed.shape(random, rank));
      Tensor values = Indexed.random(random, Indexed.number(random), 2);
      int axis = random.nextInt(rank + 1);
      int[] shape = new int[rank + 1];
      for (int d = 0; d <= rank; d++) {
        shape[d] = d == axis ? depth : indices.shape()[d < axis ? d : d - 1];
      }
      Tensor y =
          Indexed.of(
              values.type(),
              shape,
              index -> {
                int[] place =
                    IntStream.range(0, rank + 1)
                        .filter(d -> d != axis)
                        .map(d -> index[d])
                        .toArray();
                double one = Indexed.at(indices, place);
                boolean on = one == index[axis] || opset > 9 && one == index[axis] - depth;
                return values.doubleAt(on ? 1 : 0);
              });
      Tensor deep =
          Indexed.of(
              Indexed.number(random),
              new double[] {depth},
              random.nextInt(2) == 0 ? new int[0] : new int[] {1});
      EveryWay.check(
          OperatorCase.node(
              opset,
              "OneHot",
              List.of("i", "depth", "v"),
              Y,
              Map.of("axis", new Attribute.Whole(random.nextBoolean() ? axis : axis - rank - 1))),
          Map.of("i", indices, "depth", deep, "v", values),
          Set.of("depth"),
          Map.of("y", y));
    }
  }
}
