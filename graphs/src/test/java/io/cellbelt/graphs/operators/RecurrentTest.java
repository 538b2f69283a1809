package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.operators.RecurrentReference.Function;
import io.cellbelt.graphs.operators.RecurrentReference.Given;
import io.cellbelt.graphs.operators.RecurrentReference.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recurrent nodes against ONNX's equations. */
class RecurrentTest {
  private static final int CASES = 60;

  private static final List<Function> FUNCTIONS =
      List.of(
          new Function("Affine", 0.7, 0.2),
          new Function("Relu", 0, 0),
          new Function("LeakyRelu", 0.1, 0),
          new Function("ThresholdedRelu", 0.25, 0),
          new Function("Tanh", 0, 0),
          new Function("Sigmoid", 0, 0),
          new Function("HardSigmoid", 0.3, 0.4),
          new Function("ScaledTanh", 1.5, 0.6),
          new Function("Elu", 0.8, 0),
          new Function("Softsign", 0, 0),
          new Function("Softplus", 0, 0));

  /** A random node and what it is given. */
  private static final class Trial {
    final Random random;
    final String op;
    final boolean masked;
    final ElementType type;
    final boolean batchFirst;
    final int steps;
    final int batch;
    final int inputs;
    final int hidden;
    final int directions;
    final Map<String, Attribute> attributes = new LinkedHashMap<>();
    final Map<String, Tensor> tensors = new LinkedHashMap<>();
    final RecurrentReference reference;
    final Given given;

    Trial(String op, boolean masked, ElementType type, long seed) {
      random = new Random(seed);
      this.op = op;
      this.masked = masked;
      this.type = type;
      batchFirst = random.nextBoolean();
      steps = masked || random.nextInt(12) > 0 ? random.nextInt(1, 7) : 0;
      batch = random.nextInt(1, 5);
      inputs = random.nextInt(1, 20);
      hidden = random.nextInt(1, 20);
      String direction = List.of("forward", "reverse", "bidirectional").get(random.nextInt(3));
      directions = direction.equals("bidirectional") ? 2 : 1;
      if (random.nextBoolean() || !direction.equals("forward")) {
        attributes.put("direction", new Attribute.Text(direction));
      }
      put("layout", batchFirst);
      if (random.nextBoolean()) {
        attributes.put("hidden_size", new Attribute.Whole(hidden));
      }
      double clip = random.nextInt(4) == 0 ? 0.5 : Double.POSITIVE_INFINITY;
      if (clip < 1) {
        attributes.put("clip", new Attribute.Real((float) clip));
      }
      boolean coupled = op.equals("LSTM") && random.nextInt(4) == 0;
      boolean after = op.equals("GRU") && random.nextBoolean();
      put("input_forget", coupled);
      put("linear_before_reset", after);
      List<Boolean> reverse =
          directions == 2 ? List.of(false, true) : List.of(direction.equals("reverse"));
      reference = new RecurrentReference(op, functions(), reverse, clip, coupled, after);
      given = given();
    }

    private void put(String flag, boolean set) {
      if (set) {
        attributes.put(flag, new Attribute.Whole(1));
      }
    }

    /** Those of both directions, the same or not. */
    private List<Function> functions() {
      List<Function> all = new ArrayList<>();
      List<String> usual =
          switch (op) {
            case "LSTM" -> List.of("Sigmoid", "Tanh", "Tanh");
            case "GRU" -> List.of("Sigmoid", "Tanh");
            default -> List.of("Tanh");
          };
      boolean alike = random.nextBoolean();
      if (random.nextInt(3) == 0) {
        for (int d = 0; d < directions; d++) {
          usual.forEach(name -> all.add(new Function(name, 0, 0)));
        }
        return all;
      }
      for (int i = 0; i < directions * usual.size(); i++) {
        boolean again = alike && i >= usual.size();
        all.add(
            again ? all.get(i - usual.size()) : FUNCTIONS.get(random.nextInt(FUNCTIONS.size())));
      }
      attributes.put("activations", new Attribute.Texts(all.stream().map(Function::name).toList()));
      attributes.put(
          "activation_alpha",
          new Attribute.Reals(all.stream().map(one -> (float) one.alpha()).toList()));
      attributes.put(
          "activation_beta",
          new Attribute.Reals(all.stream().map(one -> (float) one.beta()).toList()));
      return all;
    }

    private Given given() {
      int gates =
          switch (op) {
            case "LSTM" -> 4;
            case "GRU" -> 3;
            default -> 1;
          };
      double bound = 1 / Math.sqrt(hidden + inputs);
      int rows = gates * hidden;
      Tensor x = Reruns.random(random, type, 1, steps, batch, inputs);
      Tensor w = Reruns.random(random, type, bound, directions, rows, inputs);
      Tensor r = Reruns.random(random, type, bound, directions, rows, hidden);
      Tensor b = maybe(directions, 2 * rows);
      Tensor h = maybe(directions, batch, hidden);
      Tensor c = op.equals("LSTM") ? maybe(directions, batch, hidden) : null;
      Tensor p = op.equals("LSTM") ? maybe(directions, 3 * hidden) : null;
      int[] lengths = new int[batch];
      Arrays.fill(lengths, steps);
      tensors.put("x", batchFirst ? swapped(x) : x);
      tensors.put("W", w);
      tensors.put("R", r);
      put("B", b);
      if (!masked && random.nextBoolean()) {
        Arrays.setAll(lengths, i -> random.nextInt(steps + 1));
        double[] all = Arrays.stream(lengths).asDoubleStream().toArray();
        tensors.put("lengths", Reruns.tensor(ElementType.I32, all, batch));
      }
      put("h", batchFirst && h != null ? swapped(h) : h);
      put("c", batchFirst && c != null ? swapped(c) : c);
      put("P", p);
      boolean carry = random.nextBoolean();
      if (masked && (!carry || random.nextBoolean())) {
        attributes.put("masked", new Attribute.Text(carry ? "carry" : "zero"));
      }
      return new Given(x, lengths, masked ? mask() : null, carry, w, r, b, p, h, c);
    }

    private boolean[][] mask() {
      boolean[][] mask = new boolean[batch][steps];
      double[] all = new double[batch * steps];
      for (int i = 0; i < all.length; i++) {
        mask[i / steps][i % steps] = random.nextBoolean();
        all[i] = mask[i / steps][i % steps] ? 1 : 0;
      }
      tensors.put("mask", Reruns.tensor(ElementType.BOOL, all, batch, steps));
      return mask;
    }

    private Tensor maybe(int... shape) {
      return random.nextInt(3) == 0 ? null : Reruns.random(random, type, 0.7, shape);
    }

    private void put(String name, Tensor tensor) {
      if (tensor != null) {
        tensors.put(name, tensor);
      }
    }

    /** With the first two dimensions changed round. */
    private Tensor swapped(Tensor tensor) {
      int[] shape = tensor.shape();
      return Reruns.tensor(
          type,
          swapped(tensor.doubles(), shape[0], shape[1], shape[2]),
          shape[1],
          shape[0],
          shape[2]);
    }

    static double[] swapped(double[] all, int first, int second, int inside) {
      double[] other = new double[all.length];
      for (int i = 0; i < first; i++) {
        for (int j = 0; j < second; j++) {
          System.arraycopy(all, (i * second + j) * inside, other, (j * first + i) * inside, inside);
        }
      }
      return other;
    }

    Node node(List<String> outputs) {
      List<String> inputs = new ArrayList<>(List.of("x", "W", "R", "B", "lengths", "h"));
      if (op.equals("LSTM")) {
        inputs.addAll(List.of("c", "P"));
      }
      if (masked) {
        inputs.add("mask");
      }
      inputs.replaceAll(name -> tensors.containsKey(name) ? name : "");
      while (inputs.getLast().isEmpty()) {
        inputs.removeLast();
      }
      return new Node(
          "layer",
          masked ? "Masked" + op : op,
          masked ? Node.OWN : "",
          14,
          inputs,
          outputs,
          attributes);
    }

    void check(double tolerance) {
      List<String> outputs = new ArrayList<>(List.of("Y", "Yh"));
      if (op.equals("LSTM")) {
        outputs.add("Yc");
      }
      int only = random.nextInt(4);
      if (only < outputs.size()) {
        String wanted = outputs.get(only);
        outputs.replaceAll(name -> name.equals(wanted) ? name : "");
      }
      Node node = node(outputs);
      Set<String> weights = Set.of("W", "R", "B", "P");
      check(node, Reruns.of(node, tensors, tensors.keySet()), tolerance, "known");
      Map<String, Tensor> before = new LinkedHashMap<>();
      if (tensors.containsKey("lengths")) {
        double[] all = new double[batch];
        Arrays.fill(all, steps);
        before.put("lengths", Reruns.tensor(ElementType.I32, all, batch));
      }
      check(node, Reruns.of(List.of(node), tensors, weights, before), tolerance, "fed but weights");
      Set<String> some = Reruns.some(random, tensors.keySet());
      check(node, Reruns.of(List.of(node), tensors, some, before), tolerance, "known " + some);
      check(node, Reruns.turned(node, tensors, some), tolerance, "turned, known " + some);
    }

    private void check(Node node, Map<String, Tensor> results, double tolerance, String way) {
      String what = node + " of " + tensors + ", " + way;
      Result result = reference.run(given);
      int[] shape =
          batchFirst
              ? new int[] {batch, steps, directions, hidden}
              : new int[] {steps, directions, batch, hidden};
      int[] last =
          batchFirst
              ? new int[] {batch, directions, hidden}
              : new int[] {directions, batch, hidden};
      assertThat(results).isNotEmpty();
      results.forEach(
          (name, tensor) -> {
            boolean whole = name.equals("Y");
            double[] wanted = whole ? result.y() : name.equals("Yh") ? result.h() : result.c();
            if (batchFirst && whole) {
              wanted = swapped(wanted, steps * directions, batch, hidden);
            } else if (batchFirst) {
              wanted = swapped(wanted, directions, batch, hidden);
            }
            Reruns.check(what + " " + name, tensor, tolerance, type, wanted, whole ? shape : last);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LSTM", "GRU", "RNN"})
  void followsTheEquations(String op) {
    for (int i = 0; i < CASES; i++) {
      new Trial(op, false, ElementType.F32, i).check(2e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LSTM", "GRU", "RNN"})
  void takesOtherFloats(String op) {
    for (int i = 0; i < CASES / 4; i++) {
      new Trial(op, false, ElementType.F64, 1000 + i).check(2e-5);
      // Outputs are rounded to 11 bits.
      new Trial(op, false, ElementType.F16, 2000 + i).check(1e-3);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LSTM", "GRU", "RNN"})
  void skipsMaskedSteps(String op) {
    for (int i = 0; i < CASES; i++) {
      new Trial(op, true, ElementType.F32, 3000 + i).check(2e-5);
    }
  }

  @Test
  void whatIsNotANumberStaysInItsSequence() {
    int batch = 3;
    int hidden = 5;
    Random random = new Random(7);
    Tensor w = Reruns.random(random, ElementType.F32, 1, 1, hidden, 3);
    Tensor r = Reruns.random(random, ElementType.F32, 1, 1, hidden, hidden);
    double[] x = new double[4 * batch * 3];
    Arrays.fill(x, 3, 6, Double.NaN);
    Map<String, Tensor> given =
        Map.of("x", Reruns.tensor(ElementType.F32, x, 4, batch, 3), "W", w, "R", r);
    Node node = OperatorCase.node("RNN", List.of("x", "W", "R"), List.of("Y"), Map.of());
    for (Set<String> known : List.of(Set.of("W", "R"), Set.<String>of())) {
      double[] y = Reruns.of(node, given, known).get("Y").doubles();
      for (int i = 0; i < y.length; i++) {
        assertThat(Double.isNaN(y[i])).isEqualTo(i / hidden % batch == 1);
      }
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Map<String, Tensor> given = new LinkedHashMap<>();
    given.put("x", Tensor.of(new float[12], 2, 2, 3));
    given.put("W", Tensor.of(new float[12], 1, 4, 3));
    given.put("R", Tensor.of(new float[16], 1, 4, 4));
    refuse(given, "x", Tensor.of(new float[8], 2, 2, 2), "W");
    refuse(given, "x", Tensor.of(new float[8], 2, 4), "x has 3 dimensions");
    refuse(given, "x", Tensor.of(new long[12], 2, 2, 3), "x has 3 dimensions of floats");
    refuse(given, "W", Tensor.of(new float[12], 1, 3, 4), "W has the shape");
    refuse(given, "B", Tensor.of(new float[4], 1, 4), "B has the shape");
    refuse(given, "lengths", Tensor.of(new long[1], 1), "sequence_lens");
    refuse(given, "lengths", Tensor.of(new float[2], 2), "sequence_lens");
    refuse(given, "lengths", Tensor.of(new long[] {3, 1}, 2), "0 to 2 steps");
    refuse(given, "lengths", Tensor.of(new long[] {-1, 1}, 2), "0 to 2 steps");
    refuse(given, "h", Tensor.of(new float[8], 2, 4), "initial state");
    refuse(given, "h", Tensor.of(new float[8], 2, 1, 4), "initial state");
  }

  private static void refuse(Map<String, Tensor> good, String name, Tensor bad, String sentence) {
    Map<String, Tensor> given = new LinkedHashMap<>(good);
    given.put(name, bad);
    List<String> inputs = new ArrayList<>(List.of("x", "W", "R", "B", "lengths", "h"));
    inputs.replaceAll(one -> given.containsKey(one) ? one : "");
    Node node = OperatorCase.node("RNN", inputs, List.of("Y"), Map.of());
    assertThatThrownBy(() -> Reruns.of(node, given, Collections.emptySet()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void refusesAMaskThatDoesNotFit() {
    Map<String, Tensor> given =
        Map.of(
            "x", Tensor.of(new float[12], 2, 2, 3),
            "W", Tensor.of(new float[12], 1, 4, 3),
            "R", Tensor.of(new float[16], 1, 4, 4),
            "m", Tensor.of(new float[4], 2, 2));
    Node node =
        new Node(
            "layer",
            "MaskedRNN",
            Node.OWN,
            1,
            List.of("x", "W", "R", "", "", "", "m"),
            List.of("Y"),
            Map.of());
    assertThatThrownBy(() -> Reruns.of(node, given, Set.of("W", "R")))
        .hasMessageContaining("the mask says");
  }
}
