package io.cellbelt.graphs;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.operators.Operators;
import io.cellbelt.graphs.plan.Constants;
import io.cellbelt.graphs.plan.DependsOnValuesException;
import io.cellbelt.graphs.plan.Plan;
import io.cellbelt.graphs.plan.Planner;
import io.cellbelt.graphs.rewrite.Recurrences;
import io.cellbelt.graphs.rewrite.Recurrences.Recognised;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.simd.LibrarySlab;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A graph that runs. It is made {@linkplain #ready ready} for sizes, several at a time if need be,
 * which all share one set of packed weights; calls and streams are then made from that.
 *
 * <p>Thread safety: may be used from any threads. Ownership: holds memory off the heap, and is
 * closed by whoever opened it, after what was made from it.
 */
public final class GraphNetwork implements AutoCloseable {
  private final Graph graph;

  /** The graph with the recurrences that it has written out as recurrent nodes. */
  private final Recognised recognised;

  private final Constants constants;

  /** Held by all that was made from this network. */
  private final LibrarySlab users;

  /**
   * A network that runs a graph.
   *
   * @throws IllegalArgumentException if it has operators that are not supported, all of which the
   *     message names
   * @throws IllegalStateException if this JVM would run the kernels slowly
   */
  public GraphNetwork(Graph graph) {
    this(graph, true);
  }

  private GraphNetwork(Graph graph, boolean recognises) {
    Objects.requireNonNull(graph, "A network runs a graph, but got null.");
    SimdEnvironment.require(); // before an operator's class asks for vectors
    this.graph = graph;
    List<String> unsupported = Operators.unsupported(graph);
    if (!unsupported.isEmpty()) {
      throw new IllegalArgumentException(
          "The graph uses what this library does not support; export the model without it:\n  "
              + String.join("\n  ", unsupported));
    }
    recognised = recognises ? Recurrences.of(graph) : new Recognised(graph, List.of());
    constants = new Constants();
    users = new LibrarySlab(1);
  }

  /**
   * What of a graph is not supported, a line for each node and reason; empty where a network can be
   * made of it.
   */
  public static List<String> unsupported(Graph graph) {
    Objects.requireNonNull(graph, "What is looked at is a graph, but got null.");
    return Operators.unsupported(graph);
  }

  /**
   * A network that runs a graph node by node as it is written, and recognises nothing: to compare
   * with.
   *
   * @throws IllegalArgumentException as the constructor
   * @throws IllegalStateException as the constructor
   */
  public static GraphNetwork asWritten(Graph graph) {
    return new GraphNetwork(graph, false);
  }

  /** The graph, as it was given. */
  public Graph graph() {
    return graph;
  }

  /**
   * Sentences about recurrences that the graph has written out, as a Loop, a Scan or one step, and
   * that run as the LSTM, GRU or RNN that they are. For sizes that do not fit those, the graph runs
   * as it is written.
   */
  public List<String> recognised() {
    return recognised.sentences();
  }

  /**
   * Makes the graph ready to run with some sizes. This takes a while and allocates; do it once.
   *
   * @throws IllegalArgumentException if the sizes do not fit the graph
   */
  public ReadyGraph ready(Setup setup) {
    Objects.requireNonNull(setup, "A graph is made ready for a setup, but got null.");
    return ReadyGraph.of(this, setup);
  }

  /**
   * Calls the graph once: for tests and tools. It makes the graph ready for the inputs' shapes each
   * time, so whoever calls often makes it {@linkplain #ready ready} once.
   *
   * @param inputs by name
   * @return the outputs by name, in the graph's order
   * @throws IllegalArgumentException if an input is missing, unknown or does not fit
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    Map<String, Tensor> given = Given.map("inputs", inputs);
    for (Port port : graph.inputs()) {
      if (!given.containsKey(port.name()) && !graph.constants().containsKey(port.name())) {
        throw new IllegalArgumentException("The input " + port + " is missing.");
      }
    }
    try {
      return run(given, tensor -> tensor.type().storage() == Storage.LONG && tensor.size() <= 1);
    } catch (DependsOnValuesException some) {
      try {
        return run(given, tensor -> tensor.type().storage() == Storage.LONG);
      } catch (DependsOnValuesException more) {
        return run(given, tensor -> true);
      }
    }
  }

  private interface IsKnown {
    boolean test(Tensor tensor);
  }

  private Map<String, Tensor> run(Map<String, Tensor> inputs, IsKnown known) {
    Setup setup = Setup.DEFAULT.stateless();
    for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
      setup =
          known.test(input.getValue())
              ? setup.constant(input.getKey(), input.getValue())
              : setup.shape(
                  input.getKey(),
                  Arrays.stream(input.getValue().shape()).boxed().toArray(Integer[]::new));
    }
    ReadyGraph ready = ready(setup);
    try (GraphStream stream = ready.newStream()) {
      for (String name : ready.inputs().keySet()) {
        stream.put(name, inputs.get(name));
      }
      stream.run();
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      ready.outputs().keySet().forEach(name -> outputs.put(name, stream.get(name)));
      return outputs;
    }
  }

  /** Plans run one after the other, as they share what is packed. */
  synchronized Plan plan(Map<String, int[]> shapes, Map<String, Tensor> known) {
    users.acquire();
    try {
      return planned(shapes, known);
    } finally {
      users.release();
    }
  }

  private Plan planned(Map<String, int[]> shapes, Map<String, Tensor> known) {
    if (!recognised.sentences().isEmpty()) {
      try {
        return Planner.plan(recognised.graph(), shapes, known, constants);
      } catch (IllegalArgumentException e) {
        // As it is written it may run, or say what is wrong in the graph's own words.
      }
    }
    return Planner.plan(graph, shapes, known, constants);
  }

  synchronized Constants.Hold hold() {
    users.acquire();
    try {
      return constants.hold();
    } catch (Throwable e) {
      users.release();
      throw e;
    }
  }

  void release(Constants.Hold hold) {
    hold.close();
    users.release();
  }

  /** Bytes held off the heap: constants and packed weights of what is ready. */
  public synchronized long byteSize() {
    return constants.byteSize();
  }

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if streams are still open
   */
  @Override
  public synchronized void close() {
    users.close();
    constants.close();
  }
}
