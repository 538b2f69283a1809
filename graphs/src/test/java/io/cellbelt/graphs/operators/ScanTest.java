package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Scans, written out by hand. */
class ScanTest {
  /** {@code s = s / 2 + a - b}; s and a b come out of every step. */
  private static Graph steps() {
    return new Graph(
        "body",
        ports("s", "a", "b"),
        ports("next", "next", "product"),
        Map.of("half", Tensor.of(new float[] {0.5f})),
        List.of(
            node("Mul", "s", "half", "h"),
            node("Sub", "a", "b", "d"),
            node("Add", "h", "d", "next"),
            node("Mul", "a", "b", "product")));
  }

  private static List<Port> ports(String... names) {
    return Arrays.stream(names).map(name -> new Port(name, null, null)).toList();
  }

  private static Node node(String operator, String a, String b, String y) {
    return Node.of(operator, List.of(a, b), List.of(y), Map.of());
  }

  private static int[] with(int axis, int steps, int p, int q) {
    int[] shape = {p, q, 0};
    System.arraycopy(shape, axis, shape, axis + 1, 2 - axis);
    shape[axis] = steps;
    return shape;
  }

  /** Where the element i of the p x q of a step lies. */
  private static int at(int axis, int t, int i, int steps, int q, int all) {
    int step = axis == 2 ? 1 : axis == 1 ? q : all;
    int outer = i / step;
    return (outer * steps + t) * step + i % step;
  }

  private static Attribute wholes(int... values) {
    return new Attribute.Wholes(Arrays.stream(values).asLongStream().boxed().toList());
  }

  @Test
  void scans() {
    Random random = new Random(2);
    for (int i = 0; i < 60; i++) {
      int steps = random.nextInt(1, 6);
      int p = random.nextInt(1, 4);
      int q = random.nextInt(1, 4);
      int[] axes = random.nextBoolean() ? new int[4] : random.ints(4, 0, 3).toArray();
      int[] back = random.nextBoolean() ? new int[4] : random.ints(4, 0, 2).toArray();
      int shift = random.nextBoolean() ? 3 : 0;
      Map<String, Attribute> attributes = new LinkedHashMap<>();
      attributes.put("body", new Attribute.Body(steps()));
      attributes.put("num_scan_inputs", new Attribute.Whole(2));
      if (Arrays.stream(axes).sum() > 0) {
        attributes.put("scan_input_axes", wholes(axes[0] - shift, axes[1] - shift));
        attributes.put("scan_output_axes", wholes(axes[2] - shift, axes[3] - shift));
      }
      if (Arrays.stream(back).sum() > 0) {
        attributes.put("scan_input_directions", wholes(back[0], back[1]));
        attributes.put("scan_output_directions", wholes(back[2], back[3]));
      }
      Map<String, Tensor> given = new LinkedHashMap<>();
      given.put("s0", Reruns.random(random, ElementType.F32, 1, p, q));
      given.put("as", Reruns.random(random, ElementType.F32, 1, with(axes[0], steps, p, q)));
      given.put("bs", Reruns.random(random, ElementType.F32, 1, with(axes[1], steps, p, q)));
      double[] s = given.get("s0").doubles();
      double[] states = new double[steps * p * q];
      double[] products = new double[steps * p * q];
      for (int t = 0; t < steps; t++) {
        for (int j = 0; j < s.length; j++) {
          int[] from = new int[4];
          for (int k = 0; k < 4; k++) {
            from[k] = at(axes[k], back[k] != 0 ? steps - 1 - t : t, j, steps, q, s.length);
          }
          double a = given.get("as").doubleAt(from[0]);
          double b = given.get("bs").doubleAt(from[1]);
          s[j] = s[j] / 2 + a - b;
          states[from[2]] = s[j];
          products[from[3]] = a * b;
        }
      }
      Node node =
          OperatorCase.node(
              random.nextBoolean() ? 9 : 21,
              "Scan",
              List.of("s0", "as", "bs"),
              List.of("s", "states", "products"),
              attributes);
      Set<String> some = Reruns.some(random, given.keySet());
      for (Map<String, Tensor> results :
          List.of(
              Reruns.of(node, given, given.keySet()),
              Reruns.of(node, given, some),
              Reruns.turned(node, given, some))) {
        String what = node + " of " + given + ": ";
        Reruns.check(what + "s", results.get("s"), 1e-5, ElementType.F32, s, p, q);
        int[] shape = with(axes[2], steps, p, q);
        Reruns.check(what + "states", results.get("states"), 1e-5, ElementType.F32, states, shape);
        shape = with(axes[3], steps, p, q);
        Reruns.check(
            what + "products", results.get("products"), 1e-5, ElementType.F32, products, shape);
      }
    }
  }

  @Test
  void scansEachOfABatchByItself() {
    Random random = new Random(3);
    for (int i = 0; i < 20; i++) {
      int batch = random.nextInt(1, 4);
      int steps = random.nextInt(1, 5);
      int each = random.nextInt(1, 4);
      int[] back = random.ints(2, 0, 2).toArray();
      Map<String, Tensor> given = new LinkedHashMap<>();
      given.put("s0", Reruns.random(random, ElementType.F32, 1, batch, each));
      given.put("as", Reruns.random(random, ElementType.F32, 1, batch, steps, each));
      given.put("bs", Reruns.random(random, ElementType.F32, 1, batch, steps, each));
      double[] s = given.get("s0").doubles();
      double[] states = new double[batch * steps * each];
      double[] products = new double[batch * steps * each];
      for (int b = 0; b < batch; b++) {
        for (int t = 0; t < steps; t++) {
          for (int j = 0; j < each; j++) {
            int fromA = back[0] != 0 ? steps - 1 - t : t;
            int fromB = back[1] != 0 ? steps - 1 - t : t;
            double x = given.get("as").doubleAt((b * steps + fromA) * each + j);
            double y = given.get("bs").doubleAt((b * steps + fromB) * each + j);
            s[b * each + j] = s[b * each + j] / 2 + x - y;
            states[(b * steps + t) * each + j] = s[b * each + j];
            products[(b * steps + t) * each + j] = x * y;
          }
        }
      }
      Node node =
          OperatorCase.node(
              8,
              "Scan",
              List.of("", "s0", "as", "bs"),
              List.of("s", "states", "products"),
              Map.of(
                  "body",
                  new Attribute.Body(steps()),
                  "num_scan_inputs",
                  new Attribute.Whole(2),
                  "directions",
                  wholes(back)));
      Set<String> some = Reruns.some(random, given.keySet());
      Map<String, Tensor> results = Reruns.turned(node, given, some);
      int[] shape = {batch, steps, each};
      Reruns.check("s", results.get("s"), 1e-5, ElementType.F32, s, batch, each);
      Reruns.check("states", results.get("states"), 1e-5, ElementType.F32, states, shape);
      Reruns.check("products", results.get("products"), 1e-5, ElementType.F32, products, shape);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Map<String, Tensor> given =
        Map.of(
            "n", Tensor.of(new long[] {2}, 1),
            "s0", Tensor.of(new float[2], 1, 2),
            "as", Tensor.of(new float[6], 1, 3, 2),
            "bs", Tensor.of(new float[4], 1, 2, 2));
    List<String> inputs = List.of("s0", "as", "bs");
    refuse("as many steps", 9, 2, given, inputs, Map.of("scan_input_axes", wholes(1, 1)));
    refuse(
        "scan_input_axes has 2 numbers", 9, 2, given, inputs, Map.of("scan_input_axes", wholes(1)));
    refuse("the axis is 3", 9, 2, given, inputs, Map.of("scan_input_axes", wholes(1, 3)));
    refuse("num_scan_inputs is 4", 9, 4, given, inputs, Map.of());
    refuse("num_scan_inputs is 0", 9, 0, given, inputs, Map.of());
    refuse("sequence_lens", 8, 2, given, List.of("n", "s0", "as", "bs"), Map.of());
    refuse("its body gives", 9, 1, given, List.of("s0", "s0", "s0", "s0", "as"), Map.of());
  }

  private static void refuse(
      String sentence,
      int opset,
      int scanned,
      Map<String, Tensor> given,
      List<String> inputs,
      Map<String, Attribute> more) {
    Map<String, Attribute> attributes = new LinkedHashMap<>(more);
    attributes.put("body", new Attribute.Body(steps()));
    attributes.put("num_scan_inputs", new Attribute.Whole(scanned));
    Node node = OperatorCase.node(opset, "Scan", inputs, List.of("y"), attributes);
    assertThatThrownBy(() -> Reruns.of(node, given, Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }
}
