package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Convolutions against sums over all taps of all windows. */
class ConvolutionsTest {
  private static final double TOLERANCE = 2e-5;

  /** A random node, what it is given, and what it should give. */
  private static final class Trial {
    final Random random;
    final boolean transposed;
    final ElementType type;
    final int space;
    final int groups;
    final int[] input;
    final int[] kernel;
    final int[] strides;
    final int[] dilations;
    final int[] before;
    final int[] output;
    final Map<String, Attribute> attributes = new LinkedHashMap<>();
    final Map<String, Tensor> tensors = new LinkedHashMap<>();

    Trial(boolean transposed, ElementType type, long seed) {
      random = new Random(seed);
      this.transposed = transposed;
      this.type = type;
      space = random.nextInt(1, 4);
      groups = random.nextBoolean() ? 1 : random.nextInt(1, 5);
      int most = space == 1 ? 40 : space == 2 ? 9 : 5;
      kernel = random.ints(space, 1, space == 1 ? 8 : 4).toArray();
      strides = random.nextBoolean() ? ones() : random.ints(space, 1, 4).toArray();
      dilations = random.nextBoolean() ? ones() : random.ints(space, 1, 3).toArray();
      input = new int[space];
      Arrays.setAll(input, d -> random.nextInt(transposed ? 1 : reach(d) + 1, reach(d) + most));
      if (groups > 1 || random.nextBoolean()) {
        attributes.put("group", new Attribute.Whole(groups));
      }
      put("kernel_shape", random.nextBoolean() ? null : kernel);
      put("strides", Arrays.equals(strides, ones()) ? null : strides);
      put("dilations", Arrays.equals(dilations, ones()) ? null : dilations);
      before = new int[space];
      output = new int[space];
      if (transposed) {
        cut();
      } else {
        pad();
      }
      int channels = random.nextInt(4) == 0 ? 1 : random.nextInt(1, 6);
      int filters = random.nextInt(3) == 0 ? random.nextInt(33, 70) : random.nextInt(1, 6);
      int batch = random.nextInt(1, 4);
      int[] w =
          transposed
              ? new int[] {groups * channels, filters}
              : new int[] {groups * filters, channels};
      double bound = 1 / Math.sqrt(channels * Reruns.size(kernel));
      tensors.put("x", Reruns.random(random, type, 1, shape(batch, groups * channels, input)));
      tensors.put("w", Reruns.random(random, type, bound, shape(w[0], w[1], kernel)));
      if (random.nextBoolean()) {
        tensors.put("b", Reruns.random(random, type, 1, groups * filters));
      }
    }

    private int[] ones() {
      int[] ones = new int[space];
      Arrays.fill(ones, 1);
      return ones;
    }

    /** From the first tap to the last. */
    private int reach(int d) {
      return dilations[d] * (kernel[d] - 1);
    }

    private void put(String name, int[] values) {
      if (values != null) {
        attributes.put(
            name, new Attribute.Wholes(Arrays.stream(values).asLongStream().boxed().toList()));
      }
    }

    private void pad() {
      int[] pads = new int[2 * space];
      String auto =
          List.of("", "", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER").get(random.nextInt(6));
      boolean given = auto.isEmpty() && random.nextBoolean() || auto.equals("NOTSET");
      for (int d = 0; d < space; d++) {
        if (given) {
          pads[d] = random.nextInt(3);
          pads[space + d] = random.nextInt(3);
        } else if (auto.startsWith("SAME")) {
          int windows = (input[d] + strides[d] - 1) / strides[d];
          int all = Math.max(0, (windows - 1) * strides[d] + reach(d) + 1 - input[d]);
          pads[d] = auto.equals("SAME_UPPER") ? all / 2 : all - all / 2;
          pads[space + d] = all - pads[d];
        }
        before[d] = pads[d];
        int room = input[d] + pads[d] + pads[space + d] - reach(d) - 1;
        output[d] = room / strides[d] + 1;
      }
      put("pads", given ? pads : null);
      if (!auto.isEmpty()) {
        attributes.put("auto_pad", new Attribute.Text(auto));
      }
    }

    private void cut() {
      int[] pads = new int[2 * space];
      int[] extra = new int[space];
      String auto =
          List.of("", "", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER").get(random.nextInt(6));
      boolean given = auto.isEmpty() && random.nextBoolean() || auto.equals("NOTSET");
      boolean shaped = !given && random.nextInt(3) == 0;
      boolean extended = random.nextInt(3) == 0;
      for (int d = 0; d < space; d++) {
        extra[d] = extended ? random.nextInt(Math.max(strides[d], dilations[d])) : 0;
        int full = strides[d] * (input[d] - 1) + extra[d] + reach(d) + 1;
        if (given) {
          pads[d] = random.nextInt((full + 1) / 2);
          pads[space + d] = random.nextInt((full + 1) / 2);
        } else if (shaped || auto.startsWith("SAME")) {
          int size = shaped ? random.nextInt(1, full + 3) : input[d] * strides[d];
          int all = Math.max(0, full - size);
          pads[d] = auto.equals("SAME_UPPER") ? all / 2 : all - all / 2;
          pads[space + d] = full - size - pads[d];
        }
        before[d] = pads[d];
        output[d] = full - pads[d] - pads[space + d];
      }
      put("pads", given ? pads : null);
      put("output_padding", extended ? extra : null);
      put("output_shape", shaped ? output : null);
      if (!auto.isEmpty()) {
        attributes.put("auto_pad", new Attribute.Text(auto));
      }
    }

    Node node() {
      List<String> inputs = tensors.containsKey("b") ? List.of("x", "w", "b") : List.of("x", "w");
      String operator = transposed ? "ConvTranspose" : "Conv";
      return OperatorCase.node(operator, inputs, List.of("y"), attributes);
    }

    void check(double tolerance) {
      Node node = node();
      Set<String> weights = Set.of("w", "b");
      check(node, Reruns.of(node, tensors, tensors.keySet()), tolerance, "known");
      check(node, Reruns.of(node, tensors, weights), tolerance, "fed but weights");
      Set<String> some = Reruns.some(random, tensors.keySet());
      check(node, Reruns.of(node, tensors, some), tolerance, "known " + some);
      check(node, Reruns.turned(node, tensors, some), tolerance, "turned, known " + some);
      check(node, channelsLast(node, weights), tolerance, "channels last");
      check(node, channelsLast(node, Set.of()), tolerance, "channels last, all fed");
    }

    /** With x as {@code [N, .., C]}, whose dimensions a node before this changes. */
    private Map<String, Tensor> channelsLast(Node node, Set<String> known) {
      Map<String, Tensor> given = new LinkedHashMap<>(tensors);
      Tensor x = given.remove("x");
      int[] shape = x.shape();
      int[] last = new int[shape.length];
      last[0] = shape[0];
      last[space + 1] = shape[1];
      System.arraycopy(input, 0, last, 1, space);
      double[] all = new double[x.size()];
      for (int i = 0; i < all.length; i++) {
        int[] at = index(i, shape);
        int[] to = new int[at.length];
        to[0] = at[0];
        to[space + 1] = at[1];
        System.arraycopy(at, 2, to, 1, space);
        all[flat(to, last)] = x.doubleAt(i);
      }
      given.put("x last", Reruns.tensor(type, all, last));
      List<Long> order = new ArrayList<>(List.of(0L, (long) space + 1));
      IntStream.rangeClosed(1, space).forEach(d -> order.add((long) d));
      Node transpose =
          Node.of(
              "Transpose",
              List.of("x last"),
              List.of("x"),
              Map.of("perm", new Attribute.Wholes(order)));
      return Reruns.of(List.of(transpose, node), given, known, Map.of());
    }

    private void check(Node node, Map<String, Tensor> results, double tolerance, String way) {
      int batch = tensors.get("x").shape()[0];
      int filters = groups * tensors.get("w").shape()[1];
      int[] shape = shape(batch, transposed ? filters : tensors.get("w").shape()[0], output);
      Reruns.check(
          node + " of " + tensors + ", " + way,
          results.get("y"),
          tolerance,
          type,
          transposed ? spread(shape) : sums(shape),
          shape);
    }

    /** Each element of y as a sum over channels and taps. */
    private double[] sums(int[] shape) {
      Tensor x = tensors.get("x");
      Tensor w = tensors.get("w");
      int filters = w.shape()[0] / groups;
      int channels = w.shape()[1];
      double[] y = new double[Reruns.size(shape)];
      for (int i = 0; i < y.length; i++) {
        int[] at = index(i, shape);
        y[i] = tensors.containsKey("b") ? tensors.get("b").doubleAt(at[1]) : 0;
        for (int tap = 0; tap < channels * Reruns.size(kernel); tap++) {
          int[] k = index(tap, shape(1, channels, kernel));
          int[] from = {at[0], at[1] / filters * channels + k[1]};
          from = Arrays.copyOf(from, shape.length);
          for (int d = 0; d < space; d++) {
            from[2 + d] = at[2 + d] * strides[d] + k[2 + d] * dilations[d] - before[d];
          }
          k[0] = at[1];
          int source = flat(from, x.shape());
          y[i] += source < 0 ? 0 : x.doubleAt(source) * w.doubleAt(flat(k, w.shape()));
        }
      }
      return y;
    }

    /** Each element of x added to all of y that it goes to. */
    private double[] spread(int[] shape) {
      Tensor x = tensors.get("x");
      Tensor w = tensors.get("w");
      int channels = w.shape()[0] / groups;
      int filters = w.shape()[1];
      double[] y = new double[Reruns.size(shape)];
      for (int i = 0; tensors.containsKey("b") && i < y.length; i++) {
        y[i] = tensors.get("b").doubleAt(index(i, shape)[1]);
      }
      for (int i = 0; i < x.size(); i++) {
        int[] at = index(i, x.shape());
        for (int tap = 0; tap < filters * Reruns.size(kernel); tap++) {
          int[] k = index(tap, shape(1, filters, kernel));
          int[] to = {at[0], at[1] / channels * filters + k[1]};
          to = Arrays.copyOf(to, shape.length);
          for (int d = 0; d < space; d++) {
            to[2 + d] = at[2 + d] * strides[d] + k[2 + d] * dilations[d] - before[d];
          }
          k[0] = at[1];
          int target = flat(to, shape);
          if (target >= 0) {
            y[target] += x.doubleAt(i) * w.doubleAt(flat(k, w.shape()));
          }
        }
      }
      return y;
    }
  }

  private static int[] shape(int first, int second, int[] rest) {
    return IntStream.concat(IntStream.of(first, second), Arrays.stream(rest)).toArray();
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

  /** Where an index lies, -1 where it is outside. */
  private static int flat(int[] index, int[] shape) {
    int at = 0;
    for (int d = 0; d < shape.length; d++) {
      if (index[d] < 0 || index[d] >= shape[d]) {
        return -1;
      }
      at = at * shape[d] + index[d];
    }
    return at;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void convolves(boolean transposed) {
    for (int i = 0; i < 30; i++) {
      new Trial(transposed, ElementType.F32, i).check(TOLERANCE);
    }
  }

  @ParameterizedTest
  @Tag("slow")
  @ValueSource(booleans = {false, true})
  void convolvesWhateverItIsGiven(boolean transposed) {
    for (int i = 30; i < 300; i++) {
      new Trial(transposed, ElementType.F32, i).check(TOLERANCE);
    }
  }

  @Test
  void roundsNarrowFloats() {
    for (int i = 0; i < 5; i++) {
      new Trial(false, ElementType.F16, 2000 + i).check(2e-3);
      new Trial(true, ElementType.F16, 3000 + i).check(2e-3);
    }
  }

  @Test
  void givesNothingForNothing() {
    Map<String, Tensor> given =
        Map.of("x", Tensor.of(new float[0], 0, 2, 5), "w", Tensor.of(new float[18], 3, 2, 3));
    Node node = OperatorCase.node("Conv", List.of("x", "w"), List.of("y"), Map.of());
    Reruns.check(
        "no batch",
        Reruns.of(node, given, Set.of("w")).get("y"),
        0,
        ElementType.F32,
        new double[0],
        0,
        3,
        3);
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor x = Tensor.of(new float[40], 2, 4, 5);
    Tensor w = Tensor.of(new float[24], 3, 4, 2);
    refuse("do not fit together", "Conv", Map.of(), x, Tensor.of(new float[18], 3, 3, 2));
    refuse("groups", "Conv", Map.of("group", new Attribute.Whole(2)), x, w);
    refuse("groups", "Conv", Map.of("group", new Attribute.Whole(0)), x, w);
    refuse("groups", "ConvTranspose", Map.of("group", new Attribute.Whole(0)), x, w);
    refuse("do not fit together", "ConvTranspose", Map.of(), x, w);
    refuse("it convolves floats", "Conv", Map.of(), Tensor.of(new long[40], 2, 4, 5), w);
    refuse("it convolves floats", "Conv", Map.of(), Tensor.of(new float[8], 2, 4), w);
    refuse("kernel_shape", "Conv", Map.of("kernel_shape", wholes(3L)), x, w);
    refuse("dimensions of space", "Conv", Map.of("strides", wholes(1L, 1L)), x, w);
    refuse("dimensions of space", "Conv", Map.of("pads", wholes(1L)), x, w);
    refuse("1 or more", "Conv", Map.of("strides", wholes(0L)), x, w);
    refuse("bias", "Conv", Map.of(), x, w, Tensor.of(new float[2], 2));
    refuse("bias", "Conv", Map.of(), x, w, Tensor.of(new float[4], 4));
    refuse("bias", "Conv", Map.of(), x, w, Tensor.of(new double[3], 3));
    refuse("do not fit together", "Conv", Map.of(), x, Tensor.of(new float[24], 3, 4, 2, 1));
  }

  private static Attribute wholes(Long... values) {
    return new Attribute.Wholes(List.of(values));
  }

  private static void refuse(
      String sentence, String operator, Map<String, Attribute> attributes, Tensor... tensors) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (int i = 0; i < tensors.length; i++) {
      given.put("xwb".substring(i, i + 1), tensors[i]);
    }
    Node node = OperatorCase.node(operator, List.copyOf(given.keySet()), List.of("y"), attributes);
    for (Set<String> known : List.of(Set.<String>of(), Set.of("w", "b"))) {
      assertThatThrownBy(() -> Reruns.of(node, given, known))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(sentence);
    }
  }
}
