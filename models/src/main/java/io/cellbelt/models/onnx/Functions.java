package io.cellbelt.models.onnx;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.AttributeProto;
import io.cellbelt.models.onnx.OnnxProto.FunctionProto;
import io.cellbelt.models.onnx.OnnxProto.GraphProto;
import io.cellbelt.models.onnx.OnnxProto.ModelProto;
import io.cellbelt.models.onnx.OnnxProto.NodeProto;
import io.cellbelt.models.onnx.OnnxProto.OperatorSetIdProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto;
import io.cellbelt.models.onnx.OnnxProto.ValueInfoProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The functions of a model, and prefixes for the values of each call. */
final class Functions {
  private static final String ONNX = "ai.onnx";

  private final Map<Key, FunctionProto> functions = new HashMap<>();

  /** No name of the graph begins with it. */
  private final String prefix;

  private int calls;

  private record Key(String domain, String name, String overload) {}

  private Functions(String prefix) {
    this.prefix = prefix;
  }

  /** The functions of a model. */
  static Functions of(ModelProto model, OnnxFile file) throws ModelFileException {
    Functions all = new Functions(model.getFunctionsCount() == 0 ? "" : unused(model.getGraph()));
    for (FunctionProto function : model.getFunctionsList()) {
      Key key = new Key(domain(function.getDomain()), function.getName(), function.getOverload());
      if (all.functions.put(key, function) != null) {
        throw file.refused("it has two functions %s.", quote(function.getName()));
      }
    }
    return all;
  }

  /** The function that a node calls, or null. */
  FunctionProto calledBy(NodeProto node) {
    return functions.get(new Key(domain(node.getDomain()), node.getOpType(), node.getOverload()));
  }

  /** A prefix that no value has so far. */
  String nextPrefix() {
    return prefix + calls++ + ".";
  }

  /** The versions of operators that a model or a function imports, by domain. */
  static Map<String, Integer> versions(List<OperatorSetIdProto> imports, OnnxFile file)
      throws ModelFileException {
    Map<String, Integer> versions = new HashMap<>();
    for (OperatorSetIdProto one : imports) {
      if (one.getVersion() < 1 || one.getVersion() > Integer.MAX_VALUE) {
        throw file.refused(
            "it imports version %d of the operators of the domain %s; versions count from 1.",
            one.getVersion(), quote(one.getDomain()));
      }
      versions.merge(domain(one.getDomain()), (int) one.getVersion(), Math::max);
    }
    return versions;
  }

  /** A domain by its one name: ONNX's own has two. */
  static String domain(String name) {
    return name.equals(ONNX) ? "" : name;
  }

  /** A prefix up to a dot that no name of the graph has. */
  private static String unused(GraphProto graph) {
    Set<String> heads =
        names(graph).map(name -> name.split("\\.", 2)[0]).collect(Collectors.toSet());
    int number = 0;
    while (heads.contains("call" + number)) {
      number++;
    }
    return "call" + number + ".";
  }

  private static Stream<String> names(GraphProto graph) {
    Stream<String> own =
        Stream.of(
                graph.getInputList().stream().map(ValueInfoProto::getName),
                graph.getOutputList().stream().map(ValueInfoProto::getName),
                graph.getInitializerList().stream().map(TensorProto::getName),
                graph.getNodeList().stream().flatMap(node -> node.getInputList().stream()),
                graph.getNodeList().stream().flatMap(node -> node.getOutputList().stream()))
            .flatMap(names -> names);
    Stream<String> inner =
        graph.getNodeList().stream()
            .flatMap(node -> node.getAttributeList().stream())
            .filter(AttributeProto::hasG)
            .flatMap(attribute -> names(attribute.getG()));
    return Stream.concat(own, inner);
  }
}
