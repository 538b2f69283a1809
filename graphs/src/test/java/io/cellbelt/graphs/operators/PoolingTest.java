package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pooling against what is in each window. */
class PoolingTest {
  /** A random node, what it is given, and what it should give. */
  private static final class Trial {
    final Random random;
    final String operator;
    final ElementType type;
    final int space;
    final int[] kernel;
    final int[] strides;
    final int[] dilations;
    final int[] before;
    final int[] after;
    final int[] output;
    final boolean counted;
    final int p;
    final Tensor x;
    final Map<String, Attribute> attributes = new LinkedHashMap<>();

    Trial(String operator, ElementType type, long seed) {
      random = new Random(seed);
      this.operator = operator;
      this.type = type;
      space = random.nextInt(1, 4);
      boolean global = operator.startsWith("Global");
      int[] input = random.ints(space, 1, 12 / space + 2).toArray();
      int[] shape = IntStream.concat(random.ints(2, 1, 4), Arrays.stream(input)).toArray();
      x =
          type.isFloating()
              ? Reruns.random(random, type, 2, shape)
              : Reruns.tensor(
                  type, random.ints(Reruns.size(shape), -9, 10).asDoubleStream().toArray(), shape);
      kernel = global ? input : random.ints(space, 1, 4).toArray();
      strides = global || random.nextBoolean() ? ones() : random.ints(space, 1, 4).toArray();
      dilations = global || random.nextBoolean() ? ones() : random.ints(space, 1, 3).toArray();
      before = new int[space];
      after = new int[space];
      output = new int[space];
      counted = operator.equals("AveragePool") && random.nextBoolean();
      p = operator.endsWith("LpPool") && random.nextBoolean() ? random.nextInt(1, 4) : 2;
      if (p != 2 || operator.endsWith("LpPool") && random.nextBoolean()) {
        attributes.put("p", new Attribute.Whole(p));
      }
      if (counted || operator.equals("AveragePool") && random.nextBoolean()) {
        attributes.put("count_include_pad", new Attribute.Whole(counted ? 1 : 0));
      }
      if (global) {
        Arrays.fill(output, 1);
      } else {
        windows(input);
      }
    }

    private int[] ones() {
      int[] ones = new int[space];
      Arrays.fill(ones, 1);
      return ones;
    }

    private void put(String name, int... values) {
      attributes.put(
          name, new Attribute.Wholes(Arrays.stream(values).asLongStream().boxed().toList()));
    }

    private void windows(int[] input) {
      put("kernel_shape", kernel);
      if (Arrays.stream(strides).sum() > space || random.nextBoolean()) {
        put("strides", strides);
      }
      if (Arrays.stream(dilations).sum() > space || random.nextBoolean()) {
        put("dilations", dilations);
      }
      boolean ceiling = random.nextBoolean();
      if (ceiling || random.nextBoolean()) {
        attributes.put("ceil_mode", new Attribute.Whole(ceiling ? 1 : 0));
      }
      String auto =
          List.of("", "", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER").get(random.nextInt(6));
      boolean given = auto.isEmpty() && random.nextBoolean() || auto.equals("NOTSET");
      for (int d = 0; d < space; d++) {
        int reach = dilations[d] * (kernel[d] - 1) + 1;
        if (given) {
          // Less than the kernel, so that a window has an element at least where it is not sparse.
          before[d] = random.nextInt(kernel[d]);
          after[d] = random.nextInt(kernel[d]);
        } else if (auto.startsWith("SAME")) {
          int windows = (input[d] + strides[d] - 1) / strides[d];
          int all = Math.max(0, (windows - 1) * strides[d] + reach - input[d]);
          before[d] = auto.equals("SAME_UPPER") ? all / 2 : all - all / 2;
          after[d] = all - before[d];
        }
        double room = input[d] + before[d] + after[d] - reach;
        output[d] = (int) (ceiling ? Math.ceil(room / strides[d]) : Math.floor(room / strides[d]));
        output[d] = Math.max(0, output[d] + 1);
        if (ceiling && (output[d] - 1) * strides[d] >= input[d] + before[d]) {
          output[d]--;
        }
      }
      if (given) {
        put("pads", IntStream.concat(Arrays.stream(before), Arrays.stream(after)).toArray());
      }
      if (!auto.isEmpty()) {
        attributes.put("auto_pad", new Attribute.Text(auto));
      }
    }

    void check(double tolerance) {
      boolean indexed = operator.equals("MaxPool") && random.nextBoolean();
      Node node =
          OperatorCase.node(
              operator, List.of("x"), indexed ? List.of("y", "i") : List.of("y"), attributes);
      int[] shape =
          IntStream.concat(Arrays.stream(x.shape(), 0, 2), Arrays.stream(output)).toArray();
      double[] y = new double[Reruns.size(shape)];
      double[] indices = new double[y.length];
      for (int i = 0; i < y.length; i++) {
        pool(i, shape, y, indices);
      }
      Map<String, Tensor> given = Map.of("x", x);
      for (Map<String, Tensor> results :
          List.of(
              Reruns.of(node, given, Set.of("x")),
              Reruns.of(node, given, Set.of()),
              Reruns.turned(node, given, Set.of()))) {
        String what = node + " of " + given;
        Reruns.check(what, results.get("y"), tolerance, type, y, shape);
        if (indexed) {
          Reruns.check(what, results.get("i"), 0, ElementType.I64, indices, shape);
        }
      }
    }

    private void pool(int i, int[] shape, double[] y, double[] indices) {
      int[] at = index(i, shape);
      DoubleUnaryOperator part =
          switch (operator.replace("Global", "")) {
            case "LpPool" -> one -> Math.pow(Math.abs(one), p);
            default -> one -> one;
          };
      double sum = 0;
      double most = type == ElementType.I8 ? -128 : type == ElementType.U8 ? 0 : -1 / 0.0;
      boolean found = false;
      int count = 0;
      int plane = Reruns.size(x.shape()) / x.shape()[0] / x.shape()[1];
      indices[i] = (at[0] * x.shape()[1] + at[1]) * plane - 1.0;
      for (int tap = 0; tap < Reruns.size(kernel); tap++) {
        int[] k = index(tap, kernel);
        int from = at[0] * x.shape()[1] + at[1];
        boolean inside = true;
        boolean within = true;
        for (int d = 0; d < space; d++) {
          int own = at[2 + d] * strides[d] + k[d] * dilations[d] - before[d];
          inside &= own >= 0 && own < x.shape()[2 + d];
          within &= own < x.shape()[2 + d] + after[d];
          from = from * x.shape()[2 + d] + own;
        }
        count += inside || counted && within ? 1 : 0;
        if (inside) {
          sum += part.applyAsDouble(x.doubleAt(from));
          if (!found || x.doubleAt(from) > most) {
            found = true;
            most = x.doubleAt(from);
            indices[i] = from;
          }
        }
      }
      y[i] =
          switch (operator.replace("Global", "")) {
            case "MaxPool" -> most;
            case "AveragePool" -> sum / count;
            default -> Math.pow(sum, 1.0 / p);
          };
    }

    private static int[] index(int at, int[] shape) {
      int[] index = new int[shape.length];
      int rest = at;
      for (int d = shape.length - 1; d >= 0; d--) {
        index[d] = rest % shape[d];
        rest /= shape[d];
      }
      return index;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MaxPool",
        "AveragePool",
        "LpPool",
        "GlobalMaxPool",
        "GlobalAveragePool",
        "GlobalLpPool"
      })
  void pools(String operator) {
    int cases = operator.startsWith("Global") ? 20 : 120;
    for (int i = 0; i < cases; i++) {
      new Trial(operator, ElementType.F32, i).check(1e-5);
    }
    for (int i = 0; i < cases / 5; i++) {
      new Trial(operator, ElementType.F64, 1000 + i).check(1e-12);
      new Trial(operator, ElementType.F16, 2000 + i).check(1e-3);
    }
  }

  @Test
  void takesTheLargestInteger() {
    for (int i = 0; i < 20; i++) {
      new Trial("MaxPool", ElementType.I8, i).check(0);
      new Trial("MaxPool", ElementType.U8, 100 + i).check(0);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor x = Tensor.of(new float[40], 2, 4, 5);
    Attribute two = new Attribute.Wholes(List.of(2L));
    refuse("kernel_shape is missing", "MaxPool", x, Map.of());
    refuse(
        "dimensions of space",
        "MaxPool",
        x,
        Map.of("kernel_shape", new Attribute.Wholes(List.of(2L, 2L))));
    refuse("one dimension or more", "MaxPool", x.reshaped(8, 5), Map.of("kernel_shape", two));
    refuse("one dimension or more", "GlobalMaxPool", x.reshaped(40), Map.of());
    refuse(
        "it pools floats",
        "AveragePool",
        Tensor.of(new long[8], 1, 2, 4),
        Map.of("kernel_shape", two));
    refuse(
        "storage_order must be 0",
        "MaxPool",
        x,
        Map.of("kernel_shape", two, "storage_order", new Attribute.Whole(1)));
  }

  private static void refuse(
      String sentence, String operator, Tensor x, Map<String, Attribute> attributes) {
    boolean indexed = attributes.containsKey("storage_order");
    Node node =
        OperatorCase.node(
            operator, List.of("x"), indexed ? List.of("y", "i") : List.of("y"), attributes);
    assertThatThrownBy(() -> Reruns.of(node, Map.of("x", x), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }
}
