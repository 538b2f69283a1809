package io.cellbelt.graphs.rewrite;

import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Recurrent layers that a graph has written out, as a Loop, a Scan or one step in elementary nodes,
 * replaced by the operators LSTM, GRU and RNN, which run on the engine.
 *
 * <p>What is recognised gives the same values, but for rounding. Where sizes do not allow that, the
 * planner refuses the new nodes, and the graph is run as it was written.
 */
public final class Recurrences {
  /** Trying out more rounds of a loop would take longer than it saves. */
  private static final long MOST_ROUNDS = 100_000;

  private final Graph graph;
  private final Values values;
  private final List<String> sentences = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  /** New nodes by the node that they are put in place of. */
  private final Map<Node, List<Node>> replaced = new LinkedHashMap<>();

  private int count;

  private Recurrences(Graph graph) {
    this.graph = graph;
    values = Values.of(graph);
    names.addAll(graph.constants().keySet());
    graph.inputs().forEach(port -> names.add(port.name()));
    graph.nodes().forEach(node -> names.addAll(node.outputs()));
  }

  /**
   * What became of a graph.
   *
   * @param graph the same one where nothing was recognised
   * @param sentences about what was recognised
   */
  public record Recognised(Graph graph, List<String> sentences) {
    /** Copies the list. */
    public Recognised {
      sentences = List.copyOf(sentences);
    }
  }

  /** Recognises what a graph has written out. */
  public static Recognised of(Graph graph) {
    return mayHave(graph) ? new Recurrences(graph).recognised() : new Recognised(graph, List.of());
  }

  /** Whether it is worth while to look: most graphs have not what any such layer is made of. */
  private static boolean mayHave(Graph graph) {
    Set<String> operators = new HashSet<>();
    graph.nodes().forEach(node -> operators.add(node.operator()));
    boolean step =
        operators.contains("Mul")
            && operators.contains("Add")
            && (operators.contains("MatMul") || operators.contains("Gemm"))
            && StepMatcher.ACTIVATIONS.stream().anyMatch(operators::contains);
    return step || operators.contains("Loop") || operators.contains("Scan");
  }

  private Recognised recognised() {
    StepMatcher matcher = new StepMatcher(values);
    for (Node node : graph.nodes()) {
      if (Values.is(node, "Loop")) {
        LoopReader.loop(node, values, MOST_ROUNDS).ifPresent(layer -> replace(node, layer));
      } else if (Values.is(node, "Scan")) {
        LoopReader.scan(node, values).ifPresent(layer -> replace(node, layer));
      } else if (Values.is(node, "Mul")) {
        step(node, Optional.ofNullable(matcher.lstm(node.outputs().getFirst(), null)));
      } else if (Values.is(node, "Add")) {
        step(node, Optional.ofNullable(matcher.gru(node.outputs().getFirst(), null)));
      }
    }
    return replaced.isEmpty() ? new Recognised(graph, List.of()) : rewritten();
  }

  private Recognised rewritten() {
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      List<Node> others = replaced.get(node);
      if (others == null) {
        nodes.add(node);
      } else {
        nodes.addAll(others);
      }
    }
    Map<String, Tensor> all = new LinkedHashMap<>(graph.constants());
    all.putAll(constants);
    return new Recognised(
        new Graph(graph.name(), graph.inputs(), graph.outputs(), all, nodes), sentences);
  }

  /** One step: its states, from [batch, H], as ONNX has them, and back. */
  private void step(Node node, Optional<RecurrentStep> found) {
    if (found.isEmpty()) {
      return;
    }
    RecurrentStep step = found.get();
    // All that a memory is made from comes before it, and what takes it after.
    Node first = step.nextC() == null ? node : values.producer(step.nextC());
    if (replaced.containsKey(first) || replaced.containsKey(node)) {
      return;
    }
    RecurrentNodes made = new RecurrentNodes(step, this::fresh, constants);
    made.takes(made.unsqueezed(step.x()), made.unsqueezed(step.h()));
    if (step.c() != null) {
      made.takesMemory(made.unsqueezed(step.c()));
    }
    List<String> outputs = made.recurrent("forward", false, true, step.c() != null);
    made.squeezed(outputs.get(1), 0, node.outputs().getFirst());
    if (step.c() != null) {
      made.squeezed(outputs.get(2), 0, first.outputs().getFirst());
      replaced.put(node, List.of());
    }
    replaced.put(first, made.nodes());
    sentences.add(
        "The nodes that give '"
            + node.outputs().getFirst()
            + "' are one step of "
            + step.describe()
            + ".");
  }

  /** All steps: a Loop or Scan. */
  private void replace(Node node, LoopReader.Found found) {
    RecurrentStep step = found.step();
    RecurrentNodes made = new RecurrentNodes(step, this::fresh, constants);
    String sequence = found.sequence();
    if (found.rounds() > 0) {
      // Refused where the sequence has another length than the loop has rounds.
      sequence = made.reshaped(sequence, found.rounds(), 0, 0);
    }
    made.takes(sequence, made.unsqueezed(found.h()));
    if (step.c() != null) {
      made.takesMemory(made.unsqueezed(found.c()));
    }
    boolean all = !found.steps().isEmpty();
    List<String> outputs =
        made.recurrent(
            found.reverse() ? "reverse" : "forward",
            all,
            !found.lastH().isEmpty(),
            step.c() != null && !found.lastC().isEmpty());
    found.steps().forEach(name -> made.squeezed(outputs.getFirst(), 1, name));
    if (!found.lastH().isEmpty()) {
      made.squeezed(outputs.get(1), 0, found.lastH());
    }
    if (!found.lastC().isEmpty()) {
      made.squeezed(outputs.get(2), 0, found.lastC());
    }
    found.same().forEach(made::same);
    constants.putAll(found.counted());
    replaced.put(node, made.nodes());
    sentences.add(
        "The "
            + node.describe()
            + " is "
            + step.describe()
            + (found.rounds() > 0 ? " over " + found.rounds() + " steps." : "."));
  }

  private String fresh(String what) {
    String name = "recurrence." + count + "." + what;
    while (!names.add(name)) {
      count++;
      name = "recurrence." + count + "." + what;
    }
    return name;
  }
}
