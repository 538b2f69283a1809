package io.cellbelt.app;

import io.cellbelt.cells.Architecture;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.ReadyGraph;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The lines of Java that open a model of a graph's file and step it. */
final class GraphCode {
  private GraphCode() {}

  static List<String> of(
      Path file, Graph graph, Setup setup, ReadyGraph ready, GraphStream stream) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "try (OpenModel.AnyGraph model = Models.openGraph(Path.of("
            + Printable.literal(String.valueOf(file))
            + "))) {");
    lines.add("  ReadyGraph ready = model.graph().ready(" + setup(graph, setup, ready) + ");");
    lines.add("  try (GraphStream stream = ready.newStream()) {");
    List<String> outputs = new ArrayList<>(ready.outputs().keySet());
    outputs.removeAll(ready.states().stream().map(state -> state.output()).toList());
    List<String> inputs = List.copyOf(ready.inputs().keySet());
    boolean steps =
        inputs.size() == 1
            && outputs.size() == 1
            && type(graph, inputs.getFirst()).storage() == Storage.FLOAT
            && stream.get(outputs.getFirst()).type().storage() == Storage.FLOAT;
    if (steps) {
      lines.add("    float[] x = new float[" + size(ready.inputs(), inputs.getFirst()) + "];");
      lines.add("    float[] y = new float[" + size(ready.outputs(), outputs.getFirst()) + "];");
      lines.add("    stream.step(x, y);");
    } else {
      inputs.forEach(name -> lines.add("    " + put(graph, ready, name)));
      lines.add("    stream.run();");
      for (int i = 0; i < outputs.size(); i++) {
        String variable = "y" + (outputs.size() == 1 ? "" : i);
        String name = Printable.literal(outputs.get(i));
        lines.add("    Tensor " + variable + " = stream.get(" + name + ");");
      }
    }
    lines.add("  }");
    lines.add("}");
    return lines;
  }

  /** Of a file that opens as a network. */
  static List<String> of(Path file, Architecture architecture) {
    boolean tokens = architecture.input().tokens() > 0;
    boolean whole = architecture.needsWholeSequences();
    String rows = whole ? "steps * " : "";
    List<String> lines = new ArrayList<>();
    lines.add(
        "try (OpenModel model = Models.open(Path.of("
            + Printable.literal(String.valueOf(file))
            + "))) {");
    lines.add("  Network network = ((OpenModel.Recurrent) model).network();");
    lines.add("  try (Stream stream = network.newStream()) {");
    if (whole) {
      lines.add("    int steps = 100; // of a sequence, which its layers read from both ends");
    }
    if (!tokens) {
      lines.add("    float[] x = new float[" + rows + architecture.input().size() + "];");
    } else {
      lines.add(whole ? "    int[] x = new int[steps];" : "    int x = 0; // a token");
    }
    lines.add("    float[] y = new float[" + rows + architecture.outputSize() + "];");
    lines.add(
        !whole
            ? "    stream.step(x, y);"
            : tokens ? "    stream.run(x, y);" : "    stream.run(x, steps, y);");
    lines.add("  }");
    lines.add("}");
    return lines;
  }

  private static ElementType type(Graph graph, String input) {
    ElementType type =
        graph.inputs().stream()
            .filter(port -> port.name().equals(input))
            .findFirst()
            .map(Port::type)
            .orElse(null);
    return type == null ? ElementType.F32 : type;
  }

  private static String put(Graph graph, ReadyGraph ready, String name) {
    ElementType type = type(graph, name);
    String values = "new " + array(type) + "[" + size(ready.inputs(), name) + "]";
    String value =
        type == ElementType.F32 ? values : tensor(type, values, ready.inputs().get(name));
    return "stream.put(" + Printable.literal(name) + ", " + value + ");";
  }

  private static String tensor(ElementType type, String array, List<Integer> shape) {
    boolean plain = type == ElementType.F32 || type == ElementType.F64 || type == ElementType.I64;
    String start = plain ? "Tensor.of(" : "Tensor.wrap(ElementType." + type + ", ";
    return start + array + sizes(shape) + ")";
  }

  private static String array(ElementType type) {
    return switch (type.storage()) {
      case FLOAT -> "float";
      case DOUBLE -> "double";
      case LONG -> "long";
    };
  }

  private static int size(Map<String, List<Integer>> shapes, String name) {
    return shapes.get(name).stream().reduce(1, (a, b) -> a * b);
  }

  private static String sizes(List<Integer> shape) {
    return shape.stream().map(size -> ", " + size).collect(Collectors.joining());
  }

  /** What the setup must say: sizes that the file leaves open, constants, and named states. */
  private static String setup(Graph graph, Setup setup, ReadyGraph ready) {
    StringBuilder text = new StringBuilder("Setup.DEFAULT");
    for (Port port : graph.inputs()) {
      String literal = Printable.literal(port.name());
      List<Integer> shape = ready.inputs().get(port.name());
      boolean open = port.shape() == null || port.shape().stream().anyMatch(Port.Dimension::isOpen);
      if (shape != null && open) {
        text.append(".shape(").append(literal).append(sizes(shape)).append(')');
      }
      Tensor constant = setup.constants().get(port.name());
      if (constant != null) {
        text.append(".constant(").append(literal).append(", ").append(tensor(constant)).append(')');
      }
    }
    if (setup.states() != null) {
      text.append(setup.states().isEmpty() ? ".stateless()" : "");
      setup
          .states()
          .forEach(
              state ->
                  text.append(".state(new Carry(")
                      .append(Printable.literal(state.input()))
                      .append(", ")
                      .append(Printable.literal(state.output()))
                      .append(state.axis() < 0 ? "" : ", " + state.axis() + ", " + state.from())
                      .append("))"));
    }
    return text.toString();
  }

  private static String tensor(Tensor tensor) {
    boolean whole = tensor.type().storage() == Storage.LONG;
    List<String> values = new ArrayList<>();
    for (int i = 0; i < tensor.size(); i++) {
      values.add(
          whole
              ? Long.toString((long) tensor.doubleAt(i))
              : tensor.doubleAt(i) + (tensor.type() == ElementType.F64 ? "" : "f"));
    }
    String array = "new " + array(tensor.type()) + "[] {" + String.join(", ", values) + "}";
    return tensor(tensor.type(), array, Arrays.stream(tensor.shape()).boxed().toList());
  }
}
