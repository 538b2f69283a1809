package io.cellbelt.graphs;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Constants;
import io.cellbelt.graphs.plan.DependsOnValuesException;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A graph made ready for sizes: shapes, memory and kernels are decided, and streams can be made.
 *
 * <p>Immutable, thread-safe. It needs no closing, but lives no longer than its network.
 */
public final class ReadyGraph {
  private final GraphNetwork network;
  private final Map<String, int[]> shapes;
  private final Map<String, Tensor> known;
  private final Plan plan;
  private final List<Carry> states;

  private ReadyGraph(
      GraphNetwork network,
      Map<String, int[]> shapes,
      Map<String, Tensor> known,
      Plan plan,
      List<Carry> states) {
    this.network = network;
    this.shapes = shapes;
    this.known = known;
    this.plan = plan;
    this.states = List.copyOf(states);
  }

  static ReadyGraph of(GraphNetwork network, Setup setup) {
    Map<String, int[]> shapes = new LinkedHashMap<>();
    Map<String, Tensor> known = new LinkedHashMap<>();
    List<Port> open = new ArrayList<>();
    checkNames(network.graph(), setup);
    for (Port port : network.graph().inputs()) {
      String name = port.name();
      Tensor constant = setup.constants().get(name);
      if (constant != null) {
        checkShape(port, constant.type(), constant.shape());
        known.put(name, constant);
      } else if (setup.shapes().containsKey(name)) {
        int[] shape = setup.shapes().get(name).stream().mapToInt(size -> size).toArray();
        checkShape(port, port.type(), shape);
        shapes.put(name, shape);
      } else if (!network.graph().constants().containsKey(name) || isCarried(setup, name)) {
        shapes.put(name, defaultShape(network.graph(), port));
        if (port.shape() != null && States.isOpen(port)) {
          open.add(port);
        }
      }
    }
    Plan plan = plan(network, shapes, known, open);
    List<Carry> states = setup.states();
    if (states == null) {
      states = found(network.graph(), known, plan);
      int before = shapes.size();
      for (Carry state : states) {
        shapes.computeIfAbsent(
            state.input(), name -> network.graph().constants().get(name).shape());
      }
      // What has a value where it is not fed was taken for that, but a state is fed.
      plan = shapes.size() > before ? plan(network, shapes, known, open) : plan;
    }
    for (Carry state : states) {
      check(plan, state);
    }
    return new ReadyGraph(network, shapes, known, plan, states);
  }

  /** A plan, or what is wrong, with the sizes that nobody has given. */
  private static Plan plan(
      GraphNetwork network, Map<String, int[]> shapes, Map<String, Tensor> known, List<Port> open) {
    try {
      return network.plan(shapes, known);
    } catch (DependsOnValuesException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      if (open.isEmpty()) {
        throw e;
      }
      String first = open.getFirst().name();
      String sizes =
          Arrays.stream(shapes.get(first))
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          e.getMessage()
              + " The model leaves sizes open, which were taken as 1: "
              + open.stream()
                  .map(port -> port + " as " + Arrays.toString(shapes.get(port.name())))
                  .collect(Collectors.joining("; "))
              + ". Where it needs others, give them in the setup, as Setup.DEFAULT.shape(\""
              + first
              + "\", "
              + sizes
              + ") gives these.",
          e);
    }
  }

  /** The states among all inputs that may be fed. */
  private static List<Carry> found(Graph graph, Map<String, Tensor> known, Plan plan) {
    Map<String, int[]> inputs = new LinkedHashMap<>();
    for (Port port : graph.inputs()) {
      Operand fed = plan.inputs().get(port.name());
      Tensor start = known.containsKey(port.name()) ? null : graph.constants().get(port.name());
      if (fed != null && fed.storage() == Storage.FLOAT) {
        inputs.put(port.name(), fed.shape());
      } else if (fed == null && start != null && start.type().storage() == Storage.FLOAT) {
        inputs.put(port.name(), start.shape());
      }
    }
    Map<String, int[]> outputs = new LinkedHashMap<>();
    plan.outputs()
        .forEach(
            (name, output) -> {
              if (output.storage() == Storage.FLOAT) {
                outputs.put(name, output.shape());
              }
            });
    return States.of(graph, inputs, outputs);
  }

  private static boolean isCarried(Setup setup, String input) {
    return setup.states() != null
        && setup.states().stream().anyMatch(state -> state.input().equals(input));
  }

  private static int[] defaultShape(Graph graph, Port port) {
    Tensor constant = graph.constants().get(port.name());
    if (constant != null) {
      return constant.shape();
    }
    if (port.shape() == null) {
      throw new IllegalArgumentException(
          "The graph does not say the shape of " + port + "; name one in the setup.");
    }
    return States.shape(port);
  }

  private static void checkNames(Graph graph, Setup setup) {
    List<String> names = graph.inputs().stream().map(Port::name).toList();
    List<String> unknown = new ArrayList<>(setup.shapes().keySet());
    unknown.addAll(setup.constants().keySet());
    unknown.removeAll(names);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "The graph has no inputs " + unknown + "; it has " + names + ".");
    }
  }

  private static void checkShape(Port port, ElementType type, int[] shape) {
    boolean fits = port.type() == null || port.type() == type;
    if (port.shape() != null) {
      fits &= port.shape().size() == shape.length;
      for (int d = 0; fits && d < shape.length; d++) {
        Port.Dimension dimension = port.shape().get(d);
        fits = shape[d] >= 0 && (dimension.isOpen() || dimension.size() == shape[d]);
      }
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "The input "
              + port
              + " was given as "
              + type
              + " "
              + Arrays.toString(shape)
              + "; give it the type and the sizes that it has.");
    }
  }

  private static void check(Plan plan, Carry state) {
    Operand input = plan.inputs().get(state.input());
    Operand output = plan.outputs().get(state.output());
    if (input == null || output == null || input.storage() != Storage.FLOAT) {
      throw new IllegalArgumentException(
          "The state "
              + state
              + " names no input of floats and output; there are the inputs "
              + plan.inputs().keySet()
              + " and the outputs "
              + plan.outputs().keySet()
              + ".");
    }
    int[] part = output.shape().clone();
    if (state.axis() >= 0 && state.axis() < part.length && state.axis() < input.rank()) {
      boolean inside =
          state.from() >= 0 && state.from() + input.size(state.axis()) <= part[state.axis()];
      part[state.axis()] = inside ? input.size(state.axis()) : -1;
    }
    if (!Arrays.equals(part, input.shape()) || input.type() != output.type()) {
      throw new IllegalArgumentException(
          "The state "
              + state
              + " goes from "
              + output
              + " to "
              + input
              + ", but both must have one type and shape.");
    }
  }

  /** Shapes of what is fed, by name: all inputs but constants and states. */
  public Map<String, List<Integer>> inputs() {
    Map<String, List<Integer>> all = new LinkedHashMap<>();
    plan.inputs().forEach((name, input) -> all.put(name, shape(input)));
    states.forEach(state -> all.remove(state.input()));
    return Collections.unmodifiableMap(all);
  }

  /** Shapes of all outputs, by name. */
  public Map<String, List<Integer>> outputs() {
    Map<String, List<Integer>> all = new LinkedHashMap<>();
    plan.outputs().forEach((name, output) -> all.put(name, shape(output)));
    return Collections.unmodifiableMap(all);
  }

  /** Names of the outputs that are no states, in the graph's order. */
  public List<String> results() {
    return plan.outputs().keySet().stream()
        .filter(name -> states.stream().noneMatch(state -> state.output().equals(name)))
        .toList();
  }

  private static List<Integer> shape(Operand operand) {
    return Arrays.stream(operand.shape()).boxed().toList();
  }

  /** The states: outputs that are inputs of the next step. */
  public List<Carry> states() {
    return states;
  }

  /** Bytes that a stream holds off the heap, without what recurrent nodes work in. */
  public long streamBytes() {
    return plan.bytes();
  }

  /**
   * Numbers that a run multiplies and adds up in products, convolutions and recurrent nodes; of
   * branches that a run chooses between, in all of them.
   */
  public long multiplyAdds() {
    return plan.multiplyAdds();
  }

  /** The nodes that run, in order; constants and views are not among them. */
  public List<String> nodes() {
    return plan.nodes();
  }

  /**
   * A stream with its states at their start.
   *
   * @throws IllegalStateException if the network is closed
   */
  public GraphStream newStream() {
    Constants.Hold hold = network.hold();
    try {
      return new GraphStream(network, plan, states, hold);
    } catch (Throwable e) {
      network.release(hold);
      throw e;
    }
  }

  /**
   * Streams that advance together, any of them at a time. Whether the graph allows a batch is tried
   * out with numbers, which takes a while.
   *
   * @param most the most streams that advance in one pass, 1 or more, as far as the graph allows:
   *     memory for the steps of so many is held
   * @throws IllegalStateException if the network is closed
   */
  public GraphStreams newStreams(int most) {
    if (most < 1) {
      throw new IllegalArgumentException(
          "One stream or more advance in a pass, but got " + most + ".");
    }
    BatchSearch.Found found = most == 1 ? null : BatchSearch.of(this);
    List<Plan> plans = new ArrayList<>(List.of(plan));
    List<Integer> sizes = new ArrayList<>(List.of(1));
    while (found != null && sizes.getLast() < most) {
      int size = Math.min(2 * sizes.getLast(), most);
      try {
        plans.add(size == 2 ? found.plan() : plan(found.axes(), size));
      } catch (IllegalArgumentException e) {
        break; // sizes that do not fit: the graph counts on fewer streams
      }
      sizes.add(size);
    }
    Constants.Hold hold = network.hold();
    try {
      return new GraphStreams(network, this, plans, sizes, hold);
    } catch (Throwable e) {
      network.release(hold);
      throw e;
    }
  }

  Graph graph() {
    return network.graph();
  }

  Plan plan() {
    return plan;
  }

  /** Shapes of what is fed and of states, by input. */
  Map<String, int[]> shapes() {
    return shapes;
  }

  /** A plan for so many streams, which a dimension of each input counts. */
  Plan plan(Map<String, Integer> axes, int batch) {
    Map<String, int[]> larger = new LinkedHashMap<>();
    shapes.forEach(
        (name, shape) -> {
          int[] sizes = shape.clone();
          sizes[axes.get(name)] *= batch;
          larger.put(name, sizes);
        });
    Plan batched = network.plan(larger, known);
    for (Carry state : states) {
      check(batched, state);
    }
    return batched;
  }

  /** What the states of a stream start from. */
  float[] start() {
    List<StateCopy> all =
        states.stream().map(state -> StateCopy.of(network.graph(), plan, state)).toList();
    float[] start = new float[all.stream().mapToInt(StateCopy::size).sum()];
    int at = 0;
    for (StateCopy state : all) {
      System.arraycopy(state.start(), 0, start, at, state.size());
      at += state.size();
    }
    return start;
  }
}
