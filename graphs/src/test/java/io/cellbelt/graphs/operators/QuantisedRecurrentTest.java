package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The LSTM with weights of 8 bits against loops over its formulas. */
final class QuantisedRecurrentTest {
  private static final int STEPS = 5;
  private static final int BATCH = 2;
  private static final int INPUTS = 3;
  private static final int HIDDEN = 4;

  private static final List<String> NAMES =
      List.of("x", "w", "r", "b", "n", "h", "c", "p", "sw", "zw", "sr", "zr");

  /** Options: b(iases), n (lengths), h (and c), p(eepholes), u(nsigned), e(ach column's scale). */
  @ParameterizedTest
  @CsvSource({
    "forward, '', 0",
    "forward, b, 0",
    "reverse, b, 0",
    "bidirectional, bh, 0",
    "forward, bu, 0",
    "bidirectional, be, 0",
    "forward, bn, 0",
    "reverse, bnh, 0",
    "bidirectional, bnhu, 0",
    "forward, bhp, 0",
    "reverse, bp, 0.5",
    "forward, bh, 0.5"
  })
  void lstm(String direction, String options, float clip) {
    Random random = new Random(direction.hashCode() + options.hashCode());
    int directions = direction.equals("bidirectional") ? 2 : 1;
    Map<String, Tensor> given = given(random, directions, options);
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("direction", new Attribute.Text(direction));
    attributes.put("hidden_size", new Attribute.Whole(HIDDEN));
    attributes.put("clip", new Attribute.Real(clip));
    double[] y = new double[STEPS * directions * BATCH * HIDDEN];
    double[] last = new double[directions * BATCH * HIDDEN];
    double[] cell = new double[last.length];
    for (int d = 0; d < directions; d++) {
      new Plain(given, d, directions, clip)
          .run(direction.equals("reverse") || d == 1, y, last, cell);
    }
    Node node = node(given.keySet(), attributes);
    for (Set<String> known : List.of(given.keySet(), Set.of("w", "r", "zw", "zr"))) {
      Map<String, Tensor> got = Reruns.of(node, given, known);
      ElementType type = ElementType.F32;
      Reruns.check("y", got.get("y"), 1e-6, type, y, STEPS, directions, BATCH, HIDDEN);
      Reruns.check("h", got.get("last"), 1e-6, type, last, directions, BATCH, HIDDEN);
      Reruns.check("c", got.get("cell"), 1e-6, type, cell, directions, BATCH, HIDDEN);
    }
  }

  private static Node node(Set<String> given, Map<String, Attribute> attributes) {
    List<String> inputs =
        new ArrayList<>(NAMES.stream().map(name -> given.contains(name) ? name : "").toList());
    return new Node(
        "q",
        "DynamicQuantizeLSTM",
        "com.microsoft",
        1,
        inputs,
        List.of("y", "last", "cell"),
        attributes);
  }

  private static Map<String, Tensor> given(Random random, int directions, String options) {
    boolean unsigned = options.contains("u");
    ElementType type = unsigned ? ElementType.U8 : ElementType.I8;
    int gates = 4 * HIDDEN;
    int[] scales = options.contains("e") ? new int[] {directions, gates} : new int[] {directions};
    Map<String, Tensor> given = new LinkedHashMap<>();
    given.put("x", reals(random, -1, 1, STEPS, BATCH, INPUTS));
    given.put("w", wholes(random, type, unsigned ? 0 : -127, 127, directions, INPUTS, gates));
    given.put("r", wholes(random, type, unsigned ? 0 : -127, 127, directions, HIDDEN, gates));
    if (options.contains("b")) {
      given.put("b", reals(random, -1, 1, directions, 2 * gates));
    }
    if (options.contains("n")) {
      given.put("n", Tensor.wrap(ElementType.I32, new long[] {STEPS - 2, STEPS}, BATCH));
    }
    if (options.contains("h")) {
      given.put("h", reals(random, -1, 1, directions, BATCH, HIDDEN));
      given.put("c", reals(random, -1, 1, directions, BATCH, HIDDEN));
    }
    if (options.contains("p")) {
      given.put("p", reals(random, -1, 1, directions, 3 * HIDDEN));
    }
    given.put("sw", reals(random, 0.004, 0.01, scales));
    given.put("zw", wholes(random, type, unsigned ? 60 : 0, unsigned ? 70 : 1, scales));
    given.put("sr", reals(random, 0.004, 0.01, scales));
    given.put("zr", wholes(random, type, unsigned ? 60 : 0, unsigned ? 70 : 1, scales));
    return given;
  }

  private static Tensor reals(Random random, double from, double to, int... shape) {
    double[] all = random.doubles(Reruns.size(shape), from, to).toArray();
    return Reruns.tensor(ElementType.F32, all, shape);
  }

  private static Tensor wholes(Random random, ElementType type, int from, int to, int... shape) {
    double[] all = random.ints(Reruns.size(shape), from, to).asDoubleStream().toArray();
    return Reruns.tensor(type, all, shape);
  }

  /** One direction. */
  private record Plain(Map<String, Tensor> given, int direction, int directions, float clip) {
    double at(String name, int index) {
      Tensor all = given.get(name);
      return all == null ? 0 : all.doubleAt(direction * (all.size() / directions) + index);
    }

    void run(boolean isReverse, double[] y, double[] last, double[] cell) {
      int gates = 4 * HIDDEN;
      double[] x = given.get("x").as(ElementType.F64).doubles();
      double[] sums = product(x, INPUTS, "w");
      double[] h = new double[BATCH * HIDDEN];
      for (int i = 0; i < h.length; i++) {
        h[i] = at("h", i);
        cell[direction * h.length + i] = at("c", i);
      }
      for (int step = 0; step < STEPS; step++) {
        double[] more = product(h, HIDDEN, "r");
        for (int b = 0; b < BATCH; b++) {
          int length = given.containsKey("n") ? (int) given.get("n").doubleAt(b) : STEPS;
          int time = isReverse ? length - 1 - step : step;
          for (int j = 0; j < HIDDEN; j++) {
            int index = b * HIDDEN + j;
            if (step >= length) {
              h[index] = 0;
              continue;
            }
            double[] sum = new double[4];
            for (int g = 0; g < 4; g++) {
              int column = g * HIDDEN + j;
              sum[g] = sums[(time * BATCH + b) * gates + column] + more[b * gates + column];
              sum[g] += at("b", column) + at("b", gates + column);
            }
            int to = direction * h.length + index;
            double before = cell[to];
            double in = sigmoid(sum[0] + at("p", j) * before);
            double forget = sigmoid(sum[2] + at("p", 2 * HIDDEN + j) * before);
            double c = forget * before + in * Math.tanh(clipped(sum[3]));
            double out = sigmoid(sum[1] + at("p", HIDDEN + j) * c);
            cell[to] = c;
            h[index] = out * Math.tanh(c);
            last[to] = h[index];
            y[((time * directions + direction) * BATCH + b) * HIDDEN + j] = h[index];
          }
        }
      }
    }

    double clipped(double sum) {
      return clip == 0 ? sum : Math.clamp(sum, -clip, clip);
    }

    double sigmoid(double sum) {
      return 1 / (1 + Math.exp(-clipped(sum)));
    }

    /** Rows, quantised together, times quantised weights. */
    double[] product(double[] rows, int size, String weights) {
      float low = 0;
      float high = 0;
      for (double one : rows) {
        low = Math.min(low, (float) one);
        high = Math.max(high, (float) one);
      }
      float scale = low == high ? 1 : (high - low) / 255;
      double zero = Math.rint(Math.clamp(-low / scale, 0f, 255f));
      int gates = 4 * HIDDEN;
      double[] all = new double[rows.length / size * gates];
      for (int i = 0; i < all.length; i++) {
        int column = i % gates;
        int each = given.get("s" + weights).rank() == 2 ? column : 0;
        double sum = 0;
        for (int k = 0; k < size; k++) {
          float quotient = (float) rows[i / gates * size + k] / scale;
          double quantised = Math.clamp(Math.rint(quotient) + zero, 0, 255);
          sum += (quantised - zero) * (at(weights, k * gates + column) - at("z" + weights, each));
        }
        all[i] = sum * scale * at("s" + weights, each);
      }
      return all;
    }
  }

  @Test
  void couplesGatesAndTakesOtherActivations() {
    Map<String, Tensor> given = given(new Random(5), 1, "bh");
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    attributes.put("input_forget", new Attribute.Whole(1));
    attributes.put("activations", new Attribute.Texts(List.of("HardSigmoid", "Affine", "Affine")));
    attributes.put("activation_alpha", new Attribute.Reals(List.of(0f, 0f, 2f)));
    attributes.put("activation_beta", new Attribute.Reals(List.of(0.25f, 3f, 1f)));
    // The input gate is 1/4, the forget gate 3/4 and the candidate 3.
    double[] c = new double[BATCH * HIDDEN];
    double[] h = new double[c.length];
    for (int i = 0; i < c.length; i++) {
      c[i] = given.get("c").doubleAt(i);
      for (int step = 0; step < STEPS; step++) {
        c[i] = 0.75 * c[i] + 0.75;
      }
      h[i] = 0.25 * (2 * c[i] + 1);
    }
    Map<String, Tensor> got = Reruns.of(node(given.keySet(), attributes), given, Set.of("w", "r"));
    Reruns.check("c", got.get("cell"), 1e-6, ElementType.F32, c, 1, BATCH, HIDDEN);
    Reruns.check("h", got.get("last"), 1e-6, ElementType.F32, h, 1, BATCH, HIDDEN);
  }

  @Test
  void refusesWhatDoesNotFit() {
    Map<String, Tensor> given = given(new Random(6), 1, "bh");
    refuse("its direction is", given, "direction", new Attribute.Text("both"));
    refuse("hidden_size is as R has it, 4", given, "hidden_size", new Attribute.Whole(5));
    refuse("its activations are", given, "activations", new Attribute.Texts(List.of("Tanh")));
    refuse("its input 1 is", given, "direction", new Attribute.Text("bidirectional"));
    Map<String, Tensor> less = new LinkedHashMap<>(given);
    less.remove("sw");
    refuse("its input 8 is missing", less, "clip", new Attribute.Real(0));
    less.put("sw", given.get("sw"));
    less.put("h", Tensor.of(new float[3], 1, 1, 3));
    refuse("its input 5 is [1, 2, 4]", less, "clip", new Attribute.Real(0));
    less.put("x", Tensor.of(new double[6], 1, 2, 3));
    refuse("x is of F32", less, "clip", new Attribute.Real(0));
  }

  private static void refuse(
      String sentence, Map<String, Tensor> given, String name, Attribute attribute) {
    Node node = node(given.keySet(), Map.of(name, attribute));
    assertThatThrownBy(() -> Reruns.of(node, given, Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }
}
