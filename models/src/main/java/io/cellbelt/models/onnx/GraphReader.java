package io.cellbelt.models.onnx;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.FunctionProto;
import io.cellbelt.models.onnx.OnnxProto.GraphProto;
import io.cellbelt.models.onnx.OnnxProto.NodeProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto;
import io.cellbelt.models.onnx.OnnxProto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Reads graphs, those inside of nodes too, and puts functions in place of their calls. */
final class GraphReader {
  /** The most nodes of a model, functions inlined. */
  private static final int MOST_NODES = 1 << 20;

  /** A node in memory, or one more name in it without its characters, at most. */
  private static final int NODE_BYTES = 400;

  private static final long NAME_BYTES = 100;

  private final OnnxFile file;
  private final Functions functions;
  private final boolean constantsAreInputs;
  private final TensorReader tensors;
  private final AttributeReader attributes;
  private final PortReader ports;
  private int nodesRead;

  /**
   * A reader of the graphs of a model.
   *
   * @param constantsAreInputs whether constants have to be declared as inputs too, as before IR 4
   */
  GraphReader(OnnxFile file, Functions functions, boolean constantsAreInputs) {
    this.file = file;
    this.functions = functions;
    this.constantsAreInputs = constantsAreInputs;
    tensors = new TensorReader(file);
    attributes =
        new AttributeReader(
            file, tensors, (proto, frame) -> new Attribute.Body(read(proto, frame)));
    ports = new PortReader(file);
  }

  /** Reads the graph of a model. */
  Graph readWhole(GraphProto proto, Frame model) throws ModelFileException {
    Graph graph = read(proto, model);
    Set<String> given = new HashSet<>(graph.constants().keySet());
    for (Port input : graph.inputs()) {
      if (input.type() == null) {
        throw file.refused("input %s has no type.", quote(input.name()));
      }
      given.add(input.name());
    }
    graph.nodes().forEach(node -> given.addAll(node.outputs()));
    for (Node node : graph.nodes()) {
      for (String value : NodeOrder.needs(node)) {
        if (!given.contains(value)) {
          throw file.refused(
              "the node %s needs %s, which nothing gives.", quote(node.describe()), quote(value));
        }
      }
    }
    for (Port output : graph.outputs()) {
      if (!given.contains(output.name())) {
        throw file.refused("nothing gives the output %s.", quote(output.name()));
      }
    }
    return graph;
  }

  private Graph read(GraphProto proto, Frame around) throws ModelFileException {
    Frame frame = around.inner();
    requireShallow(frame, "a graph");
    file.take(NODE_BYTES);
    takeNames(proto.getInputList().stream().map(ValueInfoProto::getName));
    takeNames(proto.getOutputList().stream().map(ValueInfoProto::getName));
    takeNames(proto.getInitializerList().stream().map(TensorProto::getName));
    proto.getInputList().forEach(input -> frame.declare(input.getName()));
    proto.getInitializerList().forEach(constant -> frame.declare(constant.getName()));
    proto.getNodeList().forEach(node -> node.getOutputList().forEach(frame::declare));

    Map<String, Tensor> constants = constants(proto, frame);
    List<Port> inputs = ports(proto.getInputList(), frame, "input");
    if (constantsAreInputs) {
      inputs.removeIf(input -> constants.containsKey(input.name()));
    }
    List<Node> nodes = new ArrayList<>();
    for (NodeProto node : proto.getNodeList()) {
      read(node, frame, nodes);
    }
    requireGivenOnce(inputs, constants, nodes);
    return new Graph(
        frame.label(proto.getName()),
        inputs,
        ports(proto.getOutputList(), frame, "output"),
        constants,
        NodeOrder.sorted(nodes, file));
  }

  private Map<String, Tensor> constants(GraphProto proto, Frame frame) throws ModelFileException {
    if (proto.getSparseInitializerCount() > 0) {
      throw file.refused(
          "the constant %s is a sparse tensor. Export the model with dense ones.",
          quote(proto.getSparseInitializer(0).getValues().getName()));
    }
    Map<String, Tensor> constants = new LinkedHashMap<>();
    for (TensorProto constant : proto.getInitializerList()) {
      if (constant.getName().isEmpty()) {
        throw file.refused("a constant of the graph %s has no name.", quote(proto.getName()));
      }
      Tensor tensor = tensors.read(constant, "a constant");
      if (constants.put(frame.value(constant.getName()), tensor) != null) {
        throw twice(constant.getName());
      }
    }
    return constants;
  }

  private List<Port> ports(List<ValueInfoProto> protos, Frame frame, String kind)
      throws ModelFileException {
    List<Port> all = new ArrayList<>();
    for (ValueInfoProto proto : protos) {
      all.add(ports.read(proto, frame.value(proto.getName()), kind));
    }
    return all;
  }

  private void requireGivenOnce(List<Port> inputs, Map<String, Tensor> constants, List<Node> nodes)
      throws ModelFileException {
    Set<String> given = new HashSet<>();
    for (Port input : inputs) {
      if (!given.add(input.name())) {
        throw twice(input.name());
      }
    }
    given.addAll(constants.keySet());
    for (Node node : nodes) {
      for (String output : node.outputs()) {
        if (!output.isEmpty() && !given.add(output)) {
          throw twice(output);
        }
      }
    }
  }

  private ModelFileException twice(String value) {
    return file.refused("the value %s is given twice in one graph.", quote(value));
  }

  /** Reads a node, or the nodes of the function that it calls. */
  private void read(NodeProto proto, Frame frame, List<Node> nodes) throws ModelFileException {
    if (++nodesRead > MOST_NODES) {
      throw file.refused("it has more than %d nodes, functions inlined.", MOST_NODES);
    }
    file.take(NODE_BYTES + NAME_BYTES * proto.getAttributeCount());
    takeNames(Stream.of(proto.getName()));
    takeNames(proto.getInputList().stream());
    takeNames(proto.getOutputList().stream());
    String what = "node " + quote(proto.getOpType() + label(proto));
    if (proto.getOpType().isEmpty() || proto.getOutputCount() == 0) {
      throw file.refused("%s needs an operator and an output.", what);
    }
    FunctionProto function = functions.calledBy(proto);
    if (function != null) {
      inline(function, proto, frame, nodes, what);
      return;
    }
    String domain = Functions.domain(proto.getDomain());
    int version = frame.version(domain);
    if (version == 0) {
      throw file.refused(
          "%s is an operator of the domain %s, but the model does not import that domain.",
          what, quote(proto.getDomain()));
    }
    nodes.add(
        new Node(
            frame.label(proto.getName()),
            proto.getOpType(),
            domain,
            version,
            proto.getInputList().stream().map(frame::value).toList(),
            proto.getOutputList().stream().map(frame::value).toList(),
            attributes.read(proto.getAttributeList(), frame, what)));
  }

  /** Accounts for names, which functions copy for each call. */
  private void takeNames(Stream<String> names) throws ModelFileException {
    file.take(names.mapToLong(name -> NAME_BYTES + (long) Character.BYTES * name.length()).sum());
  }

  private static String label(NodeProto proto) {
    if (!proto.getName().isEmpty()) {
      return " " + proto.getName();
    }
    return proto.getOutputCount() == 0 ? "" : " that gives " + proto.getOutput(0);
  }

  private void inline(
      FunctionProto function, NodeProto call, Frame caller, List<Node> nodes, String what)
      throws ModelFileException {
    if (call.getInputCount() > function.getInputCount()
        || call.getOutputCount() > function.getOutputCount()) {
      throw file.refused(
          "%s calls a function of the model with %d inputs and %d outputs, which has %d and %d.",
          what,
          call.getInputCount(),
          call.getOutputCount(),
          function.getInputCount(),
          function.getOutputCount());
    }
    takeNames(function.getInputList().stream());
    takeNames(function.getOutputList().stream());
    file.take(
        NAME_BYTES
            * (function.getAttributeProtoCount()
                + function.getOpsetImportCount()
                + caller.domains()));
    Frame frame = frame(function, call, caller, what);
    requireShallow(frame, what);
    for (int i = 0; i < call.getOutputCount(); i++) {
      String inside = function.getOutput(i);
      String outside = caller.value(call.getOutput(i));
      if (!outside.isEmpty() && frame.isBound(inside)) {
        // An input that is passed on, or an output with two names.
        nodes.add(copy(frame.value(inside), outside, frame));
      } else if (!outside.isEmpty()) {
        frame.bind(inside, outside);
      }
    }
    function.getNodeList().forEach(node -> node.getOutputList().forEach(frame::declare));
    for (NodeProto node : function.getNodeList()) {
      read(node, frame, nodes);
    }
  }

  private static Node copy(String from, String to, Frame frame) {
    int version = Math.max(1, frame.version(""));
    return new Node("", "Identity", "", version, List.of(from), List.of(to), Map.of());
  }

  private Frame frame(FunctionProto function, NodeProto call, Frame caller, String what)
      throws ModelFileException {
    Map<String, Attribute> arguments =
        new LinkedHashMap<>(attributes.read(function.getAttributeProtoList(), caller, what));
    arguments.putAll(attributes.read(call.getAttributeList(), caller, what));
    Frame frame =
        caller.call(
            Functions.versions(function.getOpsetImportList(), file),
            arguments,
            functions.nextPrefix());
    for (int i = 0; i < function.getInputCount(); i++) {
      String given = i < call.getInputCount() ? caller.value(call.getInput(i)) : "";
      frame.bind(function.getInput(i), given);
    }
    return frame;
  }

  private void requireShallow(Frame frame, String what) throws ModelFileException {
    if (frame.isTooDeep()) {
      throw file.refused(
          "%s lies in more than %d graphs and functions, or a function calls itself.",
          what, Frame.DEEPEST);
    }
  }
}
