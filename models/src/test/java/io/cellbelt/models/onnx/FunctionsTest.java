package io.cellbelt.models.onnx;

import static io.cellbelt.models.onnx.Protos.attribute;
import static io.cellbelt.models.onnx.Protos.body;
import static io.cellbelt.models.onnx.Protos.graph;
import static io.cellbelt.models.onnx.Protos.model;
import static io.cellbelt.models.onnx.Protos.names;
import static io.cellbelt.models.onnx.Protos.node;
import static io.cellbelt.models.onnx.Protos.opset;
import static io.cellbelt.models.onnx.Protos.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.AttributeProto.AttributeType;
import io.cellbelt.models.onnx.OnnxProto.FunctionProto;
import io.cellbelt.models.onnx.OnnxProto.GraphProto;
import io.cellbelt.models.onnx.OnnxProto.ModelProto;
import io.cellbelt.models.onnx.OnnxProto.NodeProto;
import io.cellbelt.models.onnx.OnnxProto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions of a model's own, which are inlined. */
final class FunctionsTest {
  private static final String DOMAIN = "own";

  @TempDir Path folder;

  private static FunctionProto.Builder function(
      String name, String inputs, String outputs, NodeProto.Builder... nodes) {
    FunctionProto.Builder function =
        FunctionProto.newBuilder()
            .setDomain(DOMAIN)
            .setName(name)
            .addAllInput(names(inputs))
            .addAllOutput(names(outputs));
    for (NodeProto.Builder node : nodes) {
      function.addNode(node);
    }
    return function;
  }

  private static NodeProto.Builder call(String name, String inputs, String outputs) {
    return node(name, inputs, outputs).setDomain(DOMAIN);
  }

  private static ModelProto.Builder with(
      GraphProto.Builder graph, FunctionProto.Builder... functions) {
    ModelProto.Builder model = model(graph).addOpsetImport(opset(DOMAIN, 1));
    for (FunctionProto.Builder function : functions) {
      model.addFunctions(function);
    }
    return model;
  }

  @Test
  void eachCallHasValuesOfItsOwn() throws IOException {
    FunctionProto.Builder twice =
        function("Twice", "a", "b", node("Abs", "a", "t").setName("n"), node("Exp", "t", "b"));
    Graph graph =
        read(folder, with(graph(call("Twice", "x", "t"), call("Twice", "t", "y")), twice));
    List<Node> nodes = graph.nodes();
    assertThat(nodes).extracting(Node::operator).containsExactly("Abs", "Exp", "Abs", "Exp");
    assertThat(nodes.get(0).inputs()).containsExactly("x");
    assertThat(nodes.get(1).outputs()).containsExactly("t");
    assertThat(nodes.get(2).inputs()).containsExactly("t");
    assertThat(nodes.get(3).outputs()).containsExactly("y");
    assertThat(nodes.get(1).inputs()).isEqualTo(nodes.get(0).outputs());
    assertThat(nodes.get(3).inputs()).isEqualTo(nodes.get(2).outputs());
    Set<String> values = new HashSet<>();
    nodes.forEach(node -> values.addAll(node.outputs()));
    assertThat(values).hasSize(4);
    assertThat(nodes.get(0).name()).isNotEqualTo(nodes.get(2).name()).endsWith("n");
  }

  @Test
  void namesOfTheGraphAreNotTaken() throws IOException {
    FunctionProto.Builder function =
        function("F", "a", "b", node("Abs", "a", "t"), node("Exp", "t", "b"));
    Graph first = read(folder, with(graph(call("F", "x", "y")), function));
    String taken = first.nodes().getFirst().outputs().getFirst();
    Graph graph =
        read(folder, with(graph(node("Neg", "x", taken), call("F", taken, "y")), function));
    assertThat(graph.nodes().get(1).outputs()).doesNotContain(taken);
  }

  @Test
  void attributesComeFromTheCallOrTheDefault() throws IOException {
    NodeProto.Builder inner = node("Clip", "a", "b");
    for (String name : List.of("given", "usual", "missing")) {
      inner.addAttribute(attribute("my_" + name, AttributeType.INT).setRefAttrName(name));
    }
    FunctionProto.Builder function =
        function("F", "a", "b", inner)
            .addAttribute("given")
            .addAttribute("missing")
            .addAttributeProto(attribute("usual", AttributeType.INT).setI(5));
    NodeProto.Builder call =
        call("F", "x", "y").addAttribute(attribute("given", AttributeType.INT).setI(3));
    assertThat(read(folder, with(graph(call), function)).nodes().getFirst().attributes())
        .containsOnly(
            entry("my_given", new Attribute.Whole(3)), entry("my_usual", new Attribute.Whole(5)));
    call.addAttribute(attribute("usual", AttributeType.INT).setI(6));
    assertThat(read(folder, with(graph(call), function)).nodes().getFirst().attributes())
        .containsEntry("my_usual", new Attribute.Whole(6));
  }

  @Test
  void attributesAreHandedDown() throws IOException {
    NodeProto.Builder inner =
        node("Clip", "a", "b")
            .addAttribute(attribute("k", AttributeType.INT).setRefAttrName("inner"));
    NodeProto.Builder outer =
        call("Inner", "a", "b")
            .addAttribute(attribute("inner", AttributeType.INT).setRefAttrName("outer"));
    NodeProto.Builder call =
        call("Outer", "x", "y").addAttribute(attribute("outer", AttributeType.INT).setI(9));
    Graph graph =
        read(
            folder,
            with(
                graph(call),
                function("Outer", "a", "b", outer),
                function("Inner", "a", "b", inner)));
    assertThat(graph.nodes()).hasSize(1);
    assertThat(graph.nodes().getFirst().inputs()).containsExactly("x");
    assertThat(graph.nodes().getFirst().outputs()).containsExactly("y");
    assertThat(graph.nodes().getFirst().attributes())
        .containsExactly(entry("k", new Attribute.Whole(9)));
  }

  @Test
  void versionsAreThoseOfTheFunction() throws IOException {
    FunctionProto.Builder function =
        function("F", "a", "b", node("Abs", "a", "b")).addOpsetImport(opset("", 13));
    Graph graph = read(folder, with(graph(node("Exp", "x", "t"), call("F", "t", "y")), function));
    assertThat(graph.nodes()).extracting(Node::version).containsExactly(18, 13);
  }

  @Test
  void graphsInFunctionsSeeItsValues() throws IOException {
    GraphProto.Builder branch =
        GraphProto.newBuilder()
            .addNode(node("Add", "a t", "s"))
            .addNode(call("Inner", "s", "r"))
            .addOutput(ValueInfoProto.newBuilder().setName("r"));
    FunctionProto.Builder function =
        function(
            "F",
            "a",
            "b",
            node("Abs", "a", "t"),
            node("If", "a", "b").addAttribute(body("then_branch", branch)));
    FunctionProto.Builder inner = function("Inner", "a", "b", node("Exp", "a", "b"));
    Graph graph = read(folder, with(graph(call("F", "x", "y")), function, inner));
    String t = graph.nodes().get(0).outputs().getFirst();
    Graph then = ((Attribute.Body) graph.nodes().get(1).attributes().get("then_branch")).value();
    assertThat(then.nodes()).extracting(Node::operator).containsExactly("Add", "Exp");
    assertThat(then.nodes().get(0).inputs()).containsExactly("x", t);
    assertThat(then.nodes().get(1).inputs()).isEqualTo(then.nodes().get(0).outputs());
    assertThat(then.outputs().getFirst().name())
        .isEqualTo(then.nodes().get(1).outputs().getFirst());
  }

  @Test
  void outputsMayBeInputsOrUnwanted() throws IOException {
    FunctionProto.Builder function =
        function("F", "a b", "a t u", node("Add", "a b", "t"), node("Abs", "t", "u"));
    Graph graph = read(folder, with(graph(call("F", "x", "p - y")), function));
    assertThat(graph.nodes())
        .extracting(Node::operator)
        .containsExactlyInAnyOrder("Identity", "Add", "Abs");
    Node add = graph.nodes().stream().filter(n -> n.operator().equals("Add")).findAny().get();
    assertThat(add.inputs()).as("the second is left out").containsExactly("x", "");
  }

  @Test
  void overloadsAreTwoFunctions() throws IOException {
    Graph graph =
        read(
            folder,
            with(
                graph(call("F", "x", "t"), call("F", "t", "y").setOverload("o")),
                function("F", "a", "b", node("Abs", "a", "b")),
                function("F", "a", "b", node("Exp", "a", "b")).setOverload("o")));
    assertThat(graph.nodes()).extracting(Node::operator).containsExactly("Abs", "Exp");
  }

  @Test
  void refusesWhatCannotBeInlined() {
    refuses(
        with(graph(call("F", "x", "y")), function("F", "a", "b", call("F", "a", "b"))),
        "or a function calls itself");
    refuses(
        with(graph(call("F", "x x", "y")), function("F", "a", "b", node("Abs", "a", "b"))),
        "with 2 inputs and 1 outputs, which has 1 and 1");
    refuses(
        with(graph(call("F", "x", "y z")), function("F", "a", "b", node("Abs", "a", "b"))),
        "with 1 inputs and 2 outputs, which has 1 and 1");
    refuses(
        with(graph(call("F", "x", "y")), function("F", "a", "b", node("Abs", "a", "t"))),
        "nothing gives the output \"y\"");
    refuses(
        with(graph(call("F", "x", "y")), function("F", "a", "b", node("Abs", "x", "b"))),
        "which nothing gives");
    refuses(
        with(
            graph(call("F", "x", "y")),
            function("F", "a", "b", node("Abs", "a", "b"), node("Exp", "a", "b"))),
        "\"y\" is given twice");
    refuses(
        with(
            graph(call("F", "x", "y")),
            function("F", "a", "b", node("Abs", "a", "b")),
            function("F", "a", "b", node("Exp", "a", "b"))),
        "two functions \"F\"");
  }

  @Test
  void refusesFunctionsThatGrowWithoutEnd() {
    ModelProto.Builder model = with(graph(call("F0", "x", "y")));
    String name = "n".repeat(1000);
    for (int i = 0; i < 40; i++) {
      String next = "F" + (i + 1);
      model.addFunctions(function("F" + i, "a", "b", call(next, "a", name), call(next, name, "b")));
    }
    model.addFunctions(function("F40", "a", "b", node("Abs", "a", "b")));
    refuses(model, "calls the same functions too often");
  }

  private void refuses(ModelProto.Builder model, String sentence) {
    assertThatThrownBy(() -> read(folder, model))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Cannot read " + folder)
        .hasMessageContaining(sentence)
        .hasMessageEndingWith(".");
  }
}
