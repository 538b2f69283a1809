package io.cellbelt.graphs.plan;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.operators.Operators;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Makes a graph ready: asks the operator of every node for its shapes and kernels, calculates what
 * is known already, and places the rest in memory. Used once.
 */
public final class Planner {
  /** Stands for what happens after the last node. */
  private static final Node OUTPUT =
      new Node("", "Output", Node.OWN, 1, List.of(), List.of("output"), Map.of());

  /** Loops that are written out in loops come to any number. */
  private static final int MOST_NODES = 1 << 22;

  private final Constants constants;
  private final List<Step> steps = new ArrayList<>();
  private final List<Supplier<? extends AutoCloseable>> tools = new ArrayList<>();
  private final Map<Place, Map<Layout, Operand>> copies = new HashMap<>();
  private long multiplyAdds;

  private int nodes;

  Planner(Constants constants) {
    this.constants = constants;
  }

  /**
   * Makes a graph ready.
   *
   * @param shapes of all inputs that are fed
   * @param known inputs that are always the same
   * @param constants where constants are written to; they must outlive the plan
   * @throws IllegalArgumentException if something does not fit or is not supported
   * @throws OutOfMemoryError with a sentence, if its values need more memory than there is
   */
  public static Plan plan(
      Graph graph, Map<String, int[]> shapes, Map<String, Tensor> known, Constants constants) {
    try {
      return new Planner(constants).plan(graph, shapes, known);
    } catch (OutOfMemoryError e) {
      if (String.valueOf(e.getMessage()).endsWith(".")) {
        throw e;
      }
      throw new OutOfMemoryError(
          "To make the graph ready needs more memory than this JVM may use. Give it more with -Xmx,"
              + " or smaller sizes.");
    }
  }

  private Plan plan(Graph graph, Map<String, int[]> shapes, Map<String, Tensor> known) {
    Scope scope = new Scope(null);
    Map<String, Operand> inputs = new LinkedHashMap<>();
    for (Port port : graph.inputs()) {
      String name = port.name();
      if (known.containsKey(name)) {
        scope.put(name, Operand.of(known.get(name), constants));
      } else if (shapes.containsKey(name)) {
        inputs.put(name, own(port.type(), shapes.get(name)));
        scope.put(name, inputs.get(name));
      }
    }
    Map<String, Operand> outputs = new LinkedHashMap<>();
    List<Operand> results = plan(graph, scope);
    for (int i = 0; i < results.size(); i++) {
      outputs.put(graph.outputs().get(i).name(), output(results.get(i), inputs));
    }
    return finish(inputs, outputs);
  }

  private Plan finish(Map<String, Operand> inputs, Map<String, Operand> outputs) {
    Set<Place> wanted =
        outputs.values().stream()
            .filter(output -> !output.isConstant())
            .map(Operand::place)
            .collect(Collectors.toSet());
    List<Step> kept = MemoryPlan.withoutDead(steps, wanted);
    Set<Place> fed = inputs.values().stream().map(Operand::place).collect(Collectors.toSet());
    long bytes = MemoryPlan.assign(kept, fed, wanted);
    return new Plan(kept, bytes, multiplyAdds, tools, inputs, outputs);
  }

  /** Plans the nodes of a graph whose inputs are in the scope; returns its outputs. */
  private List<Operand> plan(Graph graph, Scope scope) {
    graph
        .constants()
        .forEach(
            (name, tensor) -> {
              if (!scope.has(name)) {
                scope.put(name, Operand.of(tensor, constants));
              }
            });
    Set<String> needed = needed(graph);
    for (Node node : graph.nodes()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        add(node, scope, needed);
      }
    }
    return graph.outputs().stream()
        .map(
            port -> {
              Operand output = scope.get(port.name());
              if (output == null) {
                throw new IllegalArgumentException(
                    "Nothing gives the output '" + port.name() + "'.");
              }
              return output;
            })
        .toList();
  }

  /** The values that outputs depend on, and all that bodies mention. */
  private static Set<String> needed(Graph graph) {
    Set<String> needed = new HashSet<>();
    graph.outputs().forEach(port -> needed.add(port.name()));
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        needed.addAll(node.inputs());
        bodies(node).forEach(body -> mention(body, needed));
      }
    }
    needed.remove("");
    return needed;
  }

  private static void mention(Graph body, Set<String> names) {
    body.outputs().forEach(port -> names.add(port.name()));
    for (Node node : body.nodes()) {
      names.addAll(node.inputs());
      bodies(node).forEach(inner -> mention(inner, names));
    }
  }

  private static List<Graph> bodies(Node node) {
    return node.attributes().values().stream()
        .filter(Attribute.Body.class::isInstance)
        .map(attribute -> ((Attribute.Body) attribute).value())
        .toList();
  }

  private void add(Node node, Scope scope, Set<String> needed) {
    if (++nodes > MOST_NODES) {
      throw new IllegalArgumentException(
          node.describe()
              + ": with all rounds of its loops, the graph has more than "
              + MOST_NODES
              + " nodes.");
    }
    List<Operand> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      Operand input = name.isEmpty() ? null : scope.get(name);
      if (input == null && !name.isEmpty()) {
        throw new IllegalArgumentException(
            node.describe() + ": nothing gives its input '" + name + "'.");
      }
      inputs.add(input);
    }
    boolean known = inputs.stream().allMatch(input -> input == null || input.isConstant());
    boolean folded = known && bodies(node).isEmpty();
    List<Operand> outputs =
        folded
            ? calculate(node, inputs, needed)
            : ready(new Site(this, node, scope, inputs, needed));
    multiplyAdds += folded ? 0 : MultiplyAdds.of(node, inputs, outputs);
    for (int i = 0; i < node.outputs().size(); i++) {
      if (outputs.get(i) != null) {
        scope.put(node.outputs().get(i), outputs.get(i));
      }
    }
  }

  private static List<Operand> ready(Site site) {
    try {
      Operators.of(site.node()).rule().ready(site);
      return site.finish();
    } catch (ArithmeticException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      // A rule need not ask for every number that no true model has.
      IllegalArgumentException refused =
          site.refuse("its inputs and attributes do not fit each other, or are too large.");
      refused.initCause(e);
      throw refused;
    }
  }

  /** The outputs of a node whose inputs are all known, by the same kernels. */
  private List<Operand> calculate(Node node, List<Operand> inputs, Set<String> needed) {
    try (Constants passing = new Constants()) {
      Planner planner = new Planner(passing);
      List<Operand> same = new ArrayList<>();
      for (Operand input : inputs) {
        same.add(input == null ? null : input.in(passing));
      }
      List<Operand> results = ready(new Site(planner, node, null, same, needed));
      Map<String, Operand> outputs = new LinkedHashMap<>();
      for (int i = 0; i < results.size(); i++) {
        if (results.get(i) != null) {
          outputs.put(node.outputs().get(i), planner.result(results.get(i)));
        }
      }
      Plan plan = planner.finish(Map.of(), outputs);
      Map<String, Operand> values = new HashMap<>();
      if (outputs.values().stream().allMatch(Operand::isConstant)) {
        outputs.forEach((name, output) -> values.put(name, output.in(constants)));
      } else {
        try (Memory memory = plan.memory()) {
          plan.run(memory);
          outputs.forEach(
              (name, output) ->
                  values.put(
                      name,
                      output.isConstant()
                          ? output.in(constants)
                          : Operand.of(Elements.read(output, memory), constants)));
        }
      }
      List<Operand> all = new ArrayList<>();
      node.outputs().forEach(name -> all.add(values.get(name)));
      return all;
    }
  }

  /** Plans a body here, as if its nodes stood in place of the node that has it. */
  List<Operand> inline(Graph body, Scope outer, List<Operand> inputs) {
    Scope scope = new Scope(outer);
    for (int i = 0; i < body.inputs().size() && i < inputs.size(); i++) {
      scope.put(body.inputs().get(i).name(), inputs.get(i));
    }
    return plan(body, scope);
  }

  /** The steps that come up while something is planned, taken out of this plan. */
  List<Step> apart(Runnable planning) {
    int before = steps.size();
    planning.run();
    List<Step> own = List.copyOf(steps.subList(before, steps.size()));
    steps.subList(before, steps.size()).clear();
    // What was copied in there may not have been by the time that the rest runs.
    copies.clear();
    return own;
  }

  Operand own(ElementType type, int... shape) {
    Layout layout = Layout.dense(shape);
    long bytes = (long) type.storage().bytes() * layout.size();
    return Operand.of(type, layout, Place.own(bytes));
  }

  /** Memory of a run with rows that are padded to more elements than the last dimension has. */
  Operand padded(ElementType type, int row, int... shape) {
    int last = shape.length - 1;
    int[] wide = shape.clone();
    wide[last] = row;
    Layout layout = new Layout(shape, Layout.dense(wide).strides(), 0);
    long bytes = (long) type.storage().bytes() * Layout.dense(wide).size();
    return Operand.of(type, layout, Place.own(bytes));
  }

  Constants constants() {
    return constants;
  }

  void add(Node node, Kernel kernel, List<Operand> reads, List<Operand> writes) {
    steps.add(
        new Step(
            node,
            kernel,
            reads.stream().map(Operand::place).distinct().toList(),
            writes.stream().map(Operand::place).distinct().toList()));
  }

  /** A kernel that runs steps of its own besides. */
  void add(Node node, Kernel kernel, List<Step> inside, List<Operand> reads, List<Operand> writes) {
    Set<Place> read = new LinkedHashSet<>();
    Set<Place> written = new LinkedHashSet<>();
    reads.forEach(operand -> read.add(operand.place()));
    writes.forEach(operand -> written.add(operand.place()));
    for (Step step : inside) {
      read.addAll(step.reads());
      written.addAll(step.writes());
    }
    steps.add(new Step(node, kernel, List.copyOf(read), List.copyOf(written)));
  }

  int tool(Supplier<? extends AutoCloseable> tool) {
    tools.add(tool);
    return tools.size() - 1;
  }

  /** The operand in row-major order without gaps: itself, or a copy that is made once. */
  Operand dense(Node node, Operand operand) {
    if (operand.layout().isDense()) {
      return operand;
    }
    if (operand.isConstant()) {
      return Operand.of(constants.dense(operand), constants);
    }
    Map<Layout, Operand> known = copies.computeIfAbsent(operand.place(), key -> new HashMap<>());
    Operand copy = known.get(operand.layout());
    if (copy == null) {
      copy = own(operand.type(), operand.shape());
      add(node, Copying.of(operand, copy), List.of(operand), List.of(copy));
      known.put(operand.layout(), copy);
    }
    return copy;
  }

  /**
   * An output of the graph: dense, and in other memory than the inputs, which are written to while
   * it is still read.
   */
  private Operand output(Operand output, Map<String, Operand> inputs) {
    Operand dense = dense(OUTPUT, output);
    Place place = dense.place();
    if (inputs.values().stream().noneMatch(input -> input.place() == place)) {
      return dense;
    }
    Operand copy = own(dense.type(), dense.shape());
    add(OUTPUT, Copying.of(dense, copy), List.of(dense), List.of(copy));
    return copy;
  }

  /** A result that is read when all else is done. */
  private Operand result(Operand result) {
    return result.isConstant() ? result : dense(OUTPUT, result);
  }
}
