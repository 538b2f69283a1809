package io.cellbelt.graphs.rewrite;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.rewrite.RecurrentStep.Gate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds one step of an LSTM, a GRU or a plain recurrent layer by what is calculated from what;
 * names count for nothing, nor does the order of what is added or multiplied.
 */
final class StepMatcher {
  /** The functions that a recurrent node has and that exporters write as one node. */
  static final List<String> ACTIVATIONS =
      List.of("Sigmoid", "Tanh", "Relu", "HardSigmoid", "Softsign");

  private final Values values;

  StepMatcher(Values values) {
    this.values = values;
  }

  /** An activation, and the value that it takes. */
  private record Activated(String function, float alpha, float beta, String inner) {
    boolean sameFunction(Activated other) {
      return function.equals(other.function) && alpha == other.alpha && beta == other.beta;
    }
  }

  /** A gate of which the sum is known. */
  private record Gated(Activated activation, Affine sum) {}

  private Node node(String value) {
    return values.producer(values.origin(value));
  }

  private Activated activated(String value) {
    Node node = node(value);
    if (node == null || !node.domain().isEmpty() || !ACTIVATIONS.contains(node.operator())) {
      return null;
    }
    boolean hard = node.operator().equals("HardSigmoid");
    return new Activated(
        node.operator(),
        hard ? Values.real(node, "alpha", 0.2f) : 0,
        hard ? Values.real(node, "beta", 0.5f) : 0,
        node.inputs().getFirst());
  }

  private Gated gated(String value) {
    Activated activation = activated(value);
    Affine sum = activation == null ? null : Affine.of(activation.inner(), values);
    return sum == null || sum.sources().isEmpty() ? null : new Gated(activation, sum);
  }

  /** The two inputs of a node, in both orders; none where it is no such node. */
  private List<String[]> pairs(String value, String operator) {
    Node node = node(value);
    if (!Values.is(node, operator) || node.inputs().size() != 2) {
      return List.of();
    }
    String first = values.origin(node.inputs().getFirst());
    String second = values.origin(node.inputs().getLast());
    return List.of(new String[] {first, second}, new String[] {second, first});
  }

  /** Which of two values that are multiplied is h: of so many numbers, and not the other. */
  private static String[] xAndH(Affine sum, String h) {
    if (sum.sources().size() != 2) {
      return null;
    }
    List<String> both = new ArrayList<>(sum.sources());
    for (String state : both) {
      String other = both.get(0).equals(state) ? both.get(1) : both.get(0);
      if (h == null
          ? sum.takes(state, sum.width())
          : state.equals(h) && sum.takes(h, sum.width())) {
        return new String[] {other, state};
      }
    }
    return null;
  }

  /**
   * The step of an LSTM that gives a value as h.
   *
   * @param h the state before, where that is known; null to find it
   * @return null where there is none
   */
  RecurrentStep lstm(String nextH, String h) {
    for (String[] product : pairs(nextH, "Mul")) {
      Gated output = gated(product[0]);
      Activated memory = output == null ? null : activated(product[1]);
      if (memory == null) {
        continue;
      }
      String nextC = values.origin(memory.inner());
      for (String[] sum : pairs(nextC, "Add")) {
        for (String[] kept : pairs(sum[0], "Mul")) {
          for (String[] added : pairs(sum[1], "Mul")) {
            RecurrentStep step =
                lstm(
                    List.of(values.origin(nextH), nextC, kept[1]),
                    memory,
                    h,
                    gated(added[0]),
                    output,
                    gated(kept[0]),
                    gated(added[1]));
            if (step != null) {
              return step;
            }
          }
        }
      }
    }
    return null;
  }

  private static RecurrentStep lstm(
      List<String> states, Activated memory, String h, Gated i, Gated o, Gated f, Gated g) {
    if (i == null || f == null || g == null) {
      return null;
    }
    boolean sameGates =
        i.activation.sameFunction(f.activation) && i.activation.sameFunction(o.activation);
    String[] both = xAndH(i.sum, h);
    if (!sameGates || both == null || states.get(2).equals(both[1])) {
      return null;
    }
    List<Gate> gates = new ArrayList<>();
    for (Gated gate : List.of(i, o, f, g)) {
      if (!fits(gate.sum, i.sum, both)) {
        return null;
      }
      gates.add(Gate.of(gate.sum, both[0], both[1]));
    }
    // Sigmoid gates and a tanh cannot be told apart by order alone, but by their functions.
    return new RecurrentStep(
        "LSTM",
        attributes(i.sum.width(), List.of(i.activation, g.activation, memory)),
        both[0],
        both[1],
        states.get(2),
        states.get(0),
        states.get(1),
        RecurrentStep.weights(gates));
  }

  private static boolean fits(Affine sum, Affine like, String[] both) {
    return sum.width() == like.width()
        && sum.sources().equals(like.sources())
        && sum.takes(both[0], like.terms().get(both[0]).inputs())
        && sum.takes(both[1], like.width());
  }

  /**
   * The step of a GRU that gives a value, as {@link #lstm}: {@code z h + (1 - z) n} or {@code n + z
   * (h - n)}.
   */
  RecurrentStep gru(String nextH, String h) {
    for (String[] sum : pairs(nextH, "Add")) {
      for (String[] kept : pairs(sum[0], "Mul")) {
        Gated z = gated(kept[0]);
        String[] both = z == null ? null : xAndH(z.sum, h);
        if (both == null) {
          continue;
        }
        String n = candidate(sum[1], kept, both[1]);
        RecurrentStep step = n == null ? null : gru(values.origin(nextH), n, z, both);
        if (step != null) {
          return step;
        }
      }
    }
    return null;
  }

  /** The value n of what is added to {@code z} times something; null if it is none. */
  private String candidate(String added, String[] kept, String h) {
    if (kept[1].equals(h)) {
      for (String[] product : pairs(added, "Mul")) {
        Node rest = node(product[0]);
        if (Values.is(rest, "Sub")
            && Double.valueOf(1).equals(values.number(rest.inputs().getFirst()))
            && values.origin(rest.inputs().getLast()).equals(kept[0])) {
          return product[1];
        }
      }
      return null;
    }
    Node difference = node(kept[1]);
    boolean fits =
        Values.is(difference, "Sub")
            && values.origin(difference.inputs().getFirst()).equals(h)
            && values.origin(difference.inputs().getLast()).equals(values.origin(added));
    return fits ? added : null;
  }

  private RecurrentStep gru(String nextH, String n, Gated z, String[] both) {
    Activated candidate = activated(n);
    if (candidate == null) {
      return null;
    }
    Affine before = Affine.of(candidate.inner(), values);
    if (before != null && before.sources().size() == 2 && before.sources().contains(both[0])) {
      List<String> others = new ArrayList<>(before.sources());
      others.remove(both[0]);
      for (String[] reset : pairs(others.getFirst(), "Mul")) {
        Gated r = reset[1].equals(both[1]) ? gated(reset[0]) : null;
        String[] ofReset = {both[0], others.getFirst()};
        if (r != null
            && before.takes(both[0], z.sum.terms().get(both[0]).inputs())
            && before.takes(ofReset[1], z.sum.width())
            && before.width() == z.sum.width()) {
          return gru(nextH, candidate, z, r, both, Gate.of(before, both[0], ofReset[1]), false);
        }
      }
      return null;
    }
    for (String[] sum : pairs(candidate.inner(), "Add")) {
      Affine ofX = Affine.of(sum[0], values);
      for (String[] reset : pairs(sum[1], "Mul")) {
        Gated r = gated(reset[0]);
        Affine ofH = Affine.of(reset[1], values);
        if (r != null
            && ofX != null
            && ofH != null
            && ofX.width() == z.sum.width()
            && ofH.width() == z.sum.width()
            && ofX.sources().equals(Set.of(both[0]))
            && ofH.sources().equals(Set.of(both[1]))
            && ofX.takes(both[0], z.sum.terms().get(both[0]).inputs())
            && ofH.takes(both[1], z.sum.width())) {
          return gru(
              nextH, candidate, z, r, both, new Gate(ofX, ofH, both[0], both[1], false), true);
        }
      }
    }
    return null;
  }

  private static RecurrentStep gru(
      String nextH, Activated candidate, Gated z, Gated r, String[] both, Gate n, boolean after) {
    if (!fits(r.sum, z.sum, both) || !r.activation.sameFunction(z.activation)) {
      return null;
    }
    List<Gate> gates =
        List.of(Gate.of(z.sum, both[0], both[1]), Gate.of(r.sum, both[0], both[1]), n);
    Map<String, Attribute> attributes = attributes(z.sum.width(), List.of(z.activation, candidate));
    attributes.put("linear_before_reset", new Attribute.Whole(after ? 1 : 0));
    return new RecurrentStep(
        "GRU", attributes, both[0], both[1], null, nextH, null, RecurrentStep.weights(gates));
  }

  /** The step of a plain recurrent layer that gives a value, from a state that is known. */
  RecurrentStep rnn(String nextH, String h) {
    Gated gate = gated(nextH);
    String[] both = gate == null ? null : xAndH(gate.sum, h);
    if (both == null) {
      return null;
    }
    return new RecurrentStep(
        "RNN",
        attributes(gate.sum.width(), List.of(gate.activation)),
        both[0],
        both[1],
        null,
        values.origin(nextH),
        null,
        RecurrentStep.weights(List.of(Gate.of(gate.sum, both[0], both[1]))));
  }

  private static Map<String, Attribute> attributes(int hidden, List<Activated> functions) {
    Map<String, Attribute> attributes = new HashMap<>();
    attributes.put("hidden_size", new Attribute.Whole(hidden));
    attributes.put(
        "activations", new Attribute.Texts(functions.stream().map(Activated::function).toList()));
    List<Activated> hard =
        functions.stream().filter(one -> one.function().equals("HardSigmoid")).toList();
    if (!hard.isEmpty()) {
      attributes.put(
          "activation_alpha", new Attribute.Reals(hard.stream().map(Activated::alpha).toList()));
      attributes.put(
          "activation_beta", new Attribute.Reals(hard.stream().map(Activated::beta).toList()));
    }
    return attributes;
  }
}
