package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Site;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes an LSTM with quantised weights as a graph of ONNX's operators; built once, then used. */
final class QuantisedLstmGraph {
  private static final int FLOAT = 1;

  private static final Set<String> ACTIVATIONS =
      Set.of(
          "Affine",
          "Elu",
          "HardSigmoid",
          "LeakyRelu",
          "Relu",
          "ScaledTanh",
          "Sigmoid",
          "Softplus",
          "Softsign",
          "Tanh",
          "ThresholdedRelu");

  private final Site site;
  private final List<Port> ports;
  private final Set<String> given;
  private final int steps;
  private final int batch;
  private final int hidden;
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private List<Node> nodes = new ArrayList<>();
  private int names;

  QuantisedLstmGraph(Site site, List<Port> ports, int steps, int batch, int hidden) {
    this.site = site;
    this.ports = ports;
    this.given = ports.stream().map(Port::name).collect(Collectors.toSet());
    this.steps = steps;
    this.batch = batch;
    this.hidden = hidden;
  }

  /** The graph, which gives Y, the last h and the last c. */
  Graph build(int directions, boolean isReverse) {
    List<String> x = quantised("X");
    List<List<String>> parts = new ArrayList<>();
    for (int d = 0; d < directions; d++) {
      parts.add(direction(x, d, isReverse || d == 1));
    }
    List<Port> outputs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int output = i;
      List<String> each = parts.stream().map(part -> part.get(output)).toList();
      String all = one("Concat", each, Map.of("axis", new Attribute.Whole(i == 0 ? 1 : 0)));
      outputs.add(new Port(all, null, null));
    }
    return new Graph("DynamicQuantizeLSTM", ports, outputs, constants, nodes);
  }

  private List<String> direction(List<String> x, int direction, boolean isReverse) {
    boolean hasLengths = given.contains("lengths");
    String rows = product(x, "W", direction);
    if (isReverse && hasLengths) {
      rows = reversed(rows);
    }
    String h = initial("h", direction);
    List<String> inputs = new ArrayList<>(List.of(h, initial("c", direction)));
    if (hasLengths) {
      inputs.add(h);
      long[] all = IntStream.range(0, steps).asLongStream().toArray();
      inputs.add(constant(Tensor.wrap(ElementType.I32, all, steps)));
    }
    inputs.add(rows);
    List<Node> outer = nodes;
    nodes = new ArrayList<>();
    Graph body = step(direction);
    nodes = outer;
    long backwards = isReverse && !hasLengths ? 1 : 0;
    int scanned = hasLengths ? 2 : 1;
    List<String> results =
        add(
            "Scan",
            inputs,
            body.outputs().size(),
            Map.of(
                "body", new Attribute.Body(body),
                "num_scan_inputs", new Attribute.Whole(scanned),
                "scan_input_directions",
                    new Attribute.Wholes(Collections.nCopies(scanned, backwards)),
                "scan_output_directions", new Attribute.Wholes(List.of(backwards))));
    String y = isReverse && hasLengths ? reversed(results.getLast()) : results.getLast();
    String last = results.get(hasLengths ? 2 : 0);
    return List.of(unsqueezed(y, 1), unsqueezed(last, 0), unsqueezed(results.get(1), 0));
  }

  /**
   * One step: h, c and a row of x W; gives h, c and the row of Y. With lengths, h is zero after the
   * end of a sequence, so that its last one is carried too, and the number of the step comes in.
   */
  private Graph step(int direction) {
    List<Port> inputs = new ArrayList<>(List.of(port(name()), port(name())));
    boolean hasLengths = given.contains("lengths");
    String number = name();
    if (hasLengths) {
      inputs.add(port(name()));
      inputs.add(port(number));
    }
    String row = name();
    inputs.add(port(row));
    String hBefore = inputs.get(0).name();
    String cBefore = inputs.get(1).name();
    String sum = two("Add", row, product(quantised(hBefore), "R", direction));
    if (given.contains("B")) {
      List<String> halves = split(picked("B", direction), 0, 2);
      sum = two("Add", sum, two("Add", halves.get(0), halves.get(1)));
    }
    List<String> gates = split(sum, 1, 4);
    List<String> peepholes =
        given.contains("P") ? split(picked("P", direction), 0, 3) : List.of("", "", "");
    String i = activated(peeped(gates.get(0), peepholes.get(0), cBefore), direction, 0);
    String f =
        site.whole("input_forget", 0) != 0
            ? two("Sub", constant(Tensor.of(new float[] {1})), i)
            : activated(peeped(gates.get(2), peepholes.get(2), cBefore), direction, 0);
    String g = activated(gates.get(3), direction, 1);
    String c = two("Add", two("Mul", f, cBefore), two("Mul", i, g));
    String o = activated(peeped(gates.get(1), peepholes.get(1), c), direction, 0);
    String h = two("Mul", o, activation(c, direction, 2));
    List<Port> outputs = List.of(port(h), port(c), port(h));
    if (hasLengths) {
      String goesOn = unsqueezed(two("Less", number, "lengths"), 1);
      String last = where(goesOn, h, inputs.get(2).name());
      h = where(goesOn, h, constant(Tensor.of(new float[1])));
      c = where(goesOn, c, cBefore);
      outputs = List.of(port(h), port(c), port(last), port(h));
    }
    return new Graph("step", inputs, outputs, Map.of(), nodes);
  }

  private String where(String condition, String yes, String no) {
    return one("Where", List.of(condition, yes, no), Map.of());
  }

  private String peeped(String gate, String weight, String c) {
    return weight.isEmpty() ? gate : two("Add", gate, two("Mul", weight, c));
  }

  private String activated(String sum, int direction, int which) {
    float clip = site.real("clip", 0);
    return activation(
        clip == 0
            ? sum
            : one(
                "Clip",
                List.of(
                    sum,
                    constant(Tensor.wrap(ElementType.F32, new float[] {-clip})),
                    constant(Tensor.wrap(ElementType.F32, new float[] {clip}))),
                Map.of()),
        direction,
        which);
  }

  /** Of the gates, of the candidate, or of the output. */
  private String activation(String x, int direction, int which) {
    List<String> names =
        site.node().attributes().get("activations") instanceof Attribute.Texts(List<String> all)
            ? all
            : List.of("Sigmoid", "Tanh", "Tanh");
    int index = names.size() == 3 ? which : 3 * direction + which;
    if (index >= names.size() || !ACTIVATIONS.contains(names.get(index))) {
      throw site.refuse("its activations are three for each direction of those that ONNX names.");
    }
    Map<String, Attribute> parameters = new LinkedHashMap<>();
    for (String parameter : List.of("alpha", "beta")) {
      if (site.node().attributes().get("activation_" + parameter)
              instanceof Attribute.Reals(List<Float> all)
          && index < all.size()
          && Operators.of(Node.of(names.get(index), List.of(x), List.of("y"), Map.of()))
              .attributes()
              .contains(parameter)) {
        parameters.put(parameter, new Attribute.Real(all.get(index)));
      }
    }
    return one(names.get(index), List.of(x), parameters);
  }

  private List<String> quantised(String x) {
    return add("DynamicQuantizeLinear", List.of(x), 3, Map.of());
  }

  /** Quantised rows times a quantised matrix of a direction, as floats. */
  private String product(List<String> x, String matrix, int direction) {
    String zero = given.contains("zero" + matrix) ? picked("zero" + matrix, direction) : "";
    String whole =
        one(
            "MatMulInteger",
            List.of(x.get(0), picked(matrix, direction), x.get(2), zero),
            Map.of());
    String real = one("Cast", List.of(whole), Map.of("to", new Attribute.Whole(FLOAT)));
    return two("Mul", real, two("Mul", x.get(1), picked("scale" + matrix, direction)));
  }

  private String initial(String state, int direction) {
    return given.contains(state)
        ? picked(state, direction)
        : constant(Tensor.of(new float[batch * hidden], batch, hidden));
  }

  private String picked(String all, int direction) {
    String index = constant(Tensor.wrap(ElementType.I64, new long[] {direction}));
    return one("Gather", List.of(all, index), Map.of());
  }

  private String reversed(String rows) {
    return one(
        "ReverseSequence",
        List.of(rows, one("Cast", List.of("lengths"), Map.of("to", new Attribute.Whole(7)))),
        Map.of("time_axis", new Attribute.Whole(0), "batch_axis", new Attribute.Whole(1)));
  }

  private List<String> split(String x, int axis, int count) {
    return add(
        "Split",
        List.of(x),
        count,
        Map.of("axis", new Attribute.Whole(axis), "num_outputs", new Attribute.Whole(count)));
  }

  private String unsqueezed(String x, int axis) {
    return one("Unsqueeze", List.of(x, constant(Tensor.of(new long[] {axis}, 1))), Map.of());
  }

  private String two(String operator, String a, String b) {
    return one(operator, List.of(a, b), Map.of());
  }

  private String one(String operator, List<String> inputs, Map<String, Attribute> attributes) {
    return add(operator, inputs, 1, attributes).getFirst();
  }

  private List<String> add(
      String operator, List<String> inputs, int count, Map<String, Attribute> attributes) {
    List<String> outputs = IntStream.range(0, count).mapToObj(i -> name()).toList();
    nodes.add(Node.of(operator, inputs, outputs, attributes));
    return outputs;
  }

  private String constant(Tensor value) {
    String name = name();
    constants.put(name, value);
    return name;
  }

  private String name() {
    return "quantised." + names++;
  }

  private static Port port(String name) {
    return new Port(name, null, null);
  }
}
