package io.cellbelt.graphs.rewrite;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a Loop or Scan that is a recurrent layer. */
final class LoopReader {
  /**
   * A layer.
   *
   * @param rounds how often a Loop runs; 0 for a Scan, which runs over its sequence
   * @param sequence the value around it, {@code [T, B, I]}
   * @param h the value around it that is the state before the first step
   * @param c likewise; null where there is none
   * @param steps outputs that are all h
   * @param lastH the output that is the last h; empty where nobody wants it
   * @param lastC likewise
   * @param same outputs that are a value around it
   * @param counted outputs that are counted up
   */
  record Found(
      RecurrentStep step,
      boolean reverse,
      long rounds,
      String sequence,
      String h,
      String c,
      List<String> steps,
      String lastH,
      String lastC,
      Map<String, String> same,
      Map<String, Tensor> counted) {}

  private final Node node;
  private final Graph body;
  private final Values values;
  private final Map<String, String> same = new LinkedHashMap<>();

  /** Of the body's states, the first input of the node, of the body, and output of the body. */
  private final int firstInput;

  private final int firstPort;
  private final int firstOutput;
  private final int states;

  private LoopReader(
      Node node,
      Graph body,
      Values outer,
      int firstInput,
      int firstPort,
      int firstOutput,
      int states) {
    this.node = node;
    this.body = body;
    this.firstInput = firstInput;
    this.firstPort = firstPort;
    this.firstOutput = firstOutput;
    this.states = states;
    Map<String, String> bound = new HashMap<>();
    for (int s = 0; s < states; s++) {
      String before = port(s);
      if (bare(body, after(s)).equals(before)) {
        bound.put(before, initial(s));
        same.put(output(s), initial(s));
      }
    }
    same.remove("");
    values = outer.inside(body, bound);
  }

  /** A value past nodes that do nothing, of which there are few. */
  private static String bare(Graph body, String value) {
    String name = value;
    for (Node node : body.nodes().reversed()) {
      if (node.outputs().contains(name) && Values.is(node, "Identity")) {
        name = node.inputs().getFirst();
      }
    }
    return name;
  }

  private String port(int state) {
    return body.inputs().get(firstPort + state).name();
  }

  private String initial(int state) {
    return node.inputs().get(firstInput + state);
  }

  private String after(int state) {
    return body.outputs().get(firstOutput + state).name();
  }

  private String output(int index) {
    return index < node.outputs().size() ? node.outputs().get(index) : "";
  }

  private static Graph body(Node node) {
    return node.attributes().get("body") instanceof Attribute.Body(Graph body) ? body : null;
  }

  static Optional<Found> loop(Node node, Values outer, long mostRounds) {
    Graph body = body(node);
    long[] rounds = outer.wholes(Values.input(node, 0));
    String condition = Values.input(node, 1);
    boolean starts = condition.isEmpty() || Double.valueOf(1).equals(outer.number(condition));
    int states = node.inputs().size() - 2;
    boolean fits =
        body != null
            && rounds != null
            && rounds.length == 1
            && rounds[0] >= 1
            && rounds[0] <= mostRounds
            && starts
            && body.inputs().size() == states + 2
            && body.outputs().size() > states;
    return fits
        ? new LoopReader(node, body, outer, 2, 2, 1, states).loop(outer, rounds[0])
        : Optional.empty();
  }

  private Optional<Found> loop(Values outer, long rounds) {
    Counters counters = new Counters(values, body.inputs().getFirst().name());
    List<Integer> others = new ArrayList<>();
    Map<String, Tensor> counted = new HashMap<>();
    for (int s = 0; s < states; s++) {
      if (values.isFed(port(s))) {
        Tensor start = outer.constant(initial(s));
        if (counters.add(port(s), start, after(s))) {
          if (!output(s).isEmpty()) {
            long[] end = {counters.after(port(s), rounds)};
            counted.put(output(s), Tensor.wrap(start.type(), end));
          }
        } else {
          others.add(s);
        }
      }
    }
    if (!counters.goesOn(body.outputs().getFirst().name(), rounds)) {
      return Optional.empty();
    }
    RecurrentStep step = step(others);
    Node taken = step == null ? null : values.producer(step.x());
    boolean inTurn =
        Values.is(taken, "Gather")
            && Values.whole(taken, "axis", 0) == 0
            && values.isFromOutside(taken.inputs().getFirst())
            && counters.isRound(taken.inputs().getLast());
    return inTurn
        ? found(step, false, rounds, values.outside(taken.inputs().getFirst()), counted)
        : Optional.empty();
  }

  static Optional<Found> scan(Node node, Values outer) {
    Graph body = body(node);
    int sequences = (int) Values.whole(node, "num_scan_inputs", 0);
    int states = node.inputs().size() - sequences;
    boolean fits =
        body != null
            && node.version() >= 9
            && sequences == 1
            && states >= 1
            && body.inputs().size() == node.inputs().size()
            && body.outputs().size() >= states
            && all(node, "scan_input_axes", 0)
            && all(node, "scan_output_axes", 0);
    return fits ? new LoopReader(node, body, outer, 0, 0, 0, states).scan() : Optional.empty();
  }

  private static boolean all(Node node, String attribute, long value) {
    return !(node.attributes().get(attribute) instanceof Attribute.Wholes(List<Long> values))
        || values.stream().allMatch(one -> one == value);
  }

  private Optional<Found> scan() {
    List<Integer> others = new ArrayList<>();
    for (int s = 0; s < states; s++) {
      if (values.isFed(port(s))) {
        others.add(s);
      }
    }
    boolean reverse = !all(node, "scan_input_directions", 0);
    boolean sameOrder =
        body.outputs().size() == states
            || (reverse
                ? node.attributes().containsKey("scan_output_directions")
                    && all(node, "scan_output_directions", 1)
                : all(node, "scan_output_directions", 0));
    RecurrentStep step = step(others);
    boolean fits = step != null && sameOrder && step.x().equals(body.inputs().getLast().name());
    return fits ? found(step, reverse, 0, node.inputs().getLast(), Map.of()) : Optional.empty();
  }

  /** The step that all states are those of. */
  private RecurrentStep step(List<Integer> others) {
    StepMatcher matcher = new StepMatcher(values);
    for (int s : others) {
      RecurrentStep step =
          switch (others.size()) {
            case 1 -> {
              RecurrentStep gru = matcher.gru(after(s), port(s));
              yield gru == null ? matcher.rnn(after(s), port(s)) : gru;
            }
            case 2 -> matcher.lstm(after(s), port(s));
            default -> null;
          };
      if (step != null && (step.c() == null || isMemory(step, others, s))) {
        return step;
      }
    }
    return null;
  }

  private boolean isMemory(RecurrentStep step, List<Integer> others, int h) {
    int c = others.getFirst() == h ? others.getLast() : others.getFirst();
    return step.c().equals(port(c)) && step.nextC().equals(values.origin(after(c)));
  }

  private Optional<Found> found(
      RecurrentStep step,
      boolean reverse,
      long rounds,
      String sequence,
      Map<String, Tensor> counted) {
    List<String> steps = new ArrayList<>();
    for (int i = firstOutput + states; i < body.outputs().size(); i++) {
      Port scanned = body.outputs().get(i);
      if (!values.origin(scanned.name()).equals(step.nextH())) {
        return Optional.empty();
      }
      steps.add(output(i - firstOutput));
    }
    steps.removeAll(Set.of(""));
    String h = "";
    String c = null;
    String lastH = "";
    String lastC = "";
    for (int s = 0; s < states; s++) {
      if (port(s).equals(step.h())) {
        h = initial(s);
        lastH = output(s);
      } else if (port(s).equals(step.c())) {
        c = initial(s);
        lastC = output(s);
      }
    }
    return Optional.of(
        new Found(step, reverse, rounds, sequence, h, c, steps, lastH, lastC, same, counted));
  }
}
