package io.cellbelt.app;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.cellbelt.cells.Weights;
import io.cellbelt.graphs.Carry;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.ReadyGraph;
import io.cellbelt.graphs.Setup;
import io.cellbelt.models.Models;
import io.cellbelt.models.OpenModel.About;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code cellbelt inspect} tells of a graph.
 *
 * @param file the file
 * @param about what it says besides the graph
 * @param inputs as the file declares them
 * @param outputs as the file declares them
 * @param nodes by operator
 * @param parameters numbers that were trained
 * @param refused a line for each thing that is not supported
 * @param figures of the graph made ready; null where it is not
 * @param notReady why it is not; empty otherwise
 * @param recognised sentences
 * @param network that {@link Models#open} gives; null where it gives a graph
 * @param whyNoStack why it gives a graph; empty otherwise
 * @param code lines of Java
 */
record GraphReport(
    Path file,
    About about,
    List<Port> inputs,
    List<Port> outputs,
    List<NodeCount> nodes,
    long parameters,
    List<String> refused,
    Figures figures,
    String notReady,
    List<String> recognised,
    NetworkFigures network,
    String whyNoStack,
    List<String> code)
    implements Report {
  private static final Gson GSON = new GsonBuilder().create();
  private static final int LONGEST_VALUE = 200;
  private static final int LONGEST_NAME = 60;

  /**
   * What a call takes.
   *
   * @param inputs shapes of what is fed, by name
   * @param outputs shapes, by name
   * @param states which output is which input of the next call
   * @param multiplyAdds a call, in products, convolutions and recurrent nodes
   * @param weightBytes off the heap, of all streams together
   * @param streamBytes off the heap, of each stream
   */
  record Figures(
      Map<String, List<Integer>> inputs,
      Map<String, List<Integer>> outputs,
      List<Carry> states,
      long multiplyAdds,
      long weightBytes,
      long streamBytes) {}

  static GraphReport of(Path file, Models.Described read, SetupOptions setups) {
    Graph graph = read.graph();
    Setup setup = setups.setup(graph.inputs());
    List<String> refused = GraphNetwork.unsupported(graph);
    List<String> running = List.of();
    List<String> code = List.of();
    Figures figures = null;
    String notReady = "";
    List<String> recognised = new ArrayList<>();
    if (refused.isEmpty()) {
      try (GraphNetwork network = new GraphNetwork(graph)) {
        ReadyGraph ready = network.ready(setup);
        running = ready.nodes();
        recognised.addAll(network.recognised());
        recognised.addAll(NodeCount.recognised(graph, running));
        try (GraphStream stream = ready.newStream()) {
          code = GraphCode.of(file, graph, setup, ready, stream);
        }
        figures =
            new Figures(
                ready.inputs(),
                ready.outputs(),
                ready.states(),
                ready.multiplyAdds(),
                network.byteSize(),
                ready.streamBytes());
      } catch (IllegalArgumentException e) {
        notReady = e.getMessage();
      }
    }
    Optional<Weights> stack = refused.isEmpty() ? read.stack() : Optional.empty();
    if (stack.isPresent()) {
      recognised.add(
          "A stack of recurrent layers: Models.open gives a Network, which can be trained, and"
              + " Models.openGraph the graph of which inputs, outputs, nodes and a call are told.");
      code = GraphCode.of(file, stack.get().architecture());
    }
    return new GraphReport(
        file,
        read.about(),
        graph.inputs(),
        graph.outputs(),
        NodeCount.of(graph, running),
        NodeCount.parameters(graph),
        refused,
        figures,
        notReady,
        recognised,
        stack.map(NetworkFigures::of).orElse(null),
        refused.isEmpty() ? read.whyNoStack().orElse("") : "",
        code);
  }

  @Override
  public List<String> lines(Console console) {
    List<String> lines = new ArrayList<>();
    lines.add(
        console.bold(
            String.format(
                Locale.ROOT,
                "%s: %s, %,d nodes, %,d parameters",
                Printable.text(String.valueOf(file), LONGEST_VALUE),
                about.format(),
                nodes.stream().mapToInt(NodeCount::inFile).sum(),
                parameters)));
    section(lines, console, "Inputs", ports(inputs, true));
    section(lines, console, "Outputs", ports(outputs, false));
    section(lines, console, "Nodes", nodeLines());
    if (figures != null) {
      section(
          lines,
          console,
          "A call",
          List.of(
              String.format(Locale.ROOT, "  %,d multiply-adds", figures.multiplyAdds()),
              String.format(
                  Locale.ROOT,
                  "  %,d bytes of weights, which all streams share",
                  figures.weightBytes()),
              String.format(
                  Locale.ROOT,
                  "  %,d bytes a stream, %,d numbers of them state",
                  figures.streamBytes(),
                  stateSize())));
    }
    section(lines, console, "Recognised", indented(recognised));
    if (network != null) {
      lines.addAll(network.lines(console));
    }
    if (!whyNoStack.isEmpty()) {
      section(lines, console, "Why it is a graph and no Network", indented(List.of(whyNoStack)));
    }
    section(lines, console, "Would be refused", indented(refused));
    if (!notReady.isEmpty()) {
      section(
          lines,
          console,
          "Not made ready",
          indented(
              List.of(
                  notReady,
                  "Here, sizes are given with --shape INPUT=N,N, and inputs that are always the same"
                      + " with --set INPUT=X.")));
    }
    section(lines, console, "Metadata", metadata());
    section(lines, console, "Remarks", indented(about.remarks()));
    section(lines, console, "Open it with", indented(code));
    return lines;
  }

  private static void section(
      List<String> lines, Console console, String title, List<String> content) {
    if (!content.isEmpty()) {
      lines.add("");
      lines.add(console.bold(title));
      lines.addAll(content);
    }
  }

  private static List<String> indented(List<String> texts) {
    return texts.stream().map(text -> "  " + Printable.text(text, Integer.MAX_VALUE)).toList();
  }

  private long stateSize() {
    Map<String, Port> all = new LinkedHashMap<>();
    inputs.forEach(port -> all.put(port.name(), port));
    return figures.states().stream()
        .map(state -> all.get(state.input()))
        .filter(port -> port != null && port.shape() != null)
        .mapToLong(
            port ->
                port.shape().stream()
                    .mapToLong(d -> d.isOpen() ? 1 : d.size())
                    .reduce(1, (a, b) -> a * b))
        .sum();
  }

  /** Name, type and declared shape, the shape of a call where it differs, and the state. */
  private List<String> ports(List<Port> ports, boolean in) {
    List<List<String>> rows = new ArrayList<>();
    for (Port port : ports) {
      String declared =
          port.shape() == null
              ? "any"
              : String.join(", ", port.shape().stream().map(Object::toString).toList());
      List<Integer> ready =
          figures == null ? null : (in ? figures.inputs() : figures.outputs()).get(port.name());
      String sizes = ready == null ? "" : ready.toString();
      rows.add(
          List.of(
              Printable.text(port.name(), LONGEST_NAME),
              port.type() == null ? "" : port.type().toString(),
              Printable.text("[" + declared + "]", LONGEST_VALUE),
              sizes.equals("[" + declared + "]") ? "" : sizes,
              state(port.name(), in)));
    }
    return rows.isEmpty() ? List.of() : Printable.table(rows, Set.of());
  }

  private String state(String name, boolean in) {
    if (figures == null) {
      return "";
    }
    return String.join(
        "; ",
        figures.states().stream()
            .filter(state -> (in ? state.input() : state.output()).equals(name))
            .map(
                state ->
                    in
                        ? "state, from " + Printable.text(state.output(), LONGEST_NAME)
                        : "state, to " + Printable.text(state.input(), LONGEST_NAME))
            .toList());
  }

  private List<String> nodeLines() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("operator", "in the file", "run", "kernels"));
    nodes.forEach(node -> rows.add(node.row()));
    rows.add(
        new NodeCount(
                "all",
                nodes.stream().mapToInt(NodeCount::inFile).sum(),
                nodes.stream().mapToInt(NodeCount::run).sum(),
                nodes.stream().mapToInt(NodeCount::kernels).sum())
            .row());
    return Printable.table(rows, Set.of(1, 2, 3));
  }

  private List<String> metadata() {
    return about.metadata().entrySet().stream()
        .map(
            entry ->
                "  "
                    + Printable.text(entry.getKey(), LONGEST_NAME)
                    + " = "
                    + Printable.text(entry.getValue(), LONGEST_VALUE))
        .toList();
  }

  @Override
  public JsonObject json() {
    JsonObject all = new JsonObject();
    all.addProperty("format", about.format());
    all.add("inputs", GSON.toJsonTree(inputs));
    all.add("outputs", GSON.toJsonTree(outputs));
    all.add("nodes", GSON.toJsonTree(nodes));
    all.addProperty("parameters", parameters);
    if (figures != null) {
      all.add("call", GSON.toJsonTree(figures));
    }
    all.add("recognised", GSON.toJsonTree(recognised));
    if (network != null) {
      all.add("network", GSON.toJsonTree(network));
    }
    if (!whyNoStack.isEmpty()) {
      all.addProperty("whyNoStack", whyNoStack);
    }
    all.add("refused", GSON.toJsonTree(refused));
    if (!notReady.isEmpty()) {
      all.addProperty("notReady", notReady);
    }
    all.add("metadata", GSON.toJsonTree(about.metadata()));
    all.add("remarks", GSON.toJsonTree(about.remarks()));
    all.add("code", GSON.toJsonTree(code));
    return all;
  }
}
