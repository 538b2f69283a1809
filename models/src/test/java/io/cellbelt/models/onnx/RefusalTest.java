package io.cellbelt.models.onnx;

import static io.cellbelt.models.onnx.Protos.attribute;
import static io.cellbelt.models.onnx.Protos.body;
import static io.cellbelt.models.onnx.Protos.graph;
import static io.cellbelt.models.onnx.Protos.model;
import static io.cellbelt.models.onnx.Protos.node;
import static io.cellbelt.models.onnx.Protos.opset;
import static io.cellbelt.models.onnx.Protos.port;
import static io.cellbelt.models.onnx.Protos.read;
import static io.cellbelt.models.onnx.Protos.tensor;
import static io.cellbelt.models.onnx.Protos.vector;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.AttributeProto.AttributeType;
import io.cellbelt.models.onnx.OnnxProto.GraphProto;
import io.cellbelt.models.onnx.OnnxProto.ModelProto;
import io.cellbelt.models.onnx.OnnxProto.NodeProto;
import io.cellbelt.models.onnx.OnnxProto.SparseTensorProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto.DataType;
import io.cellbelt.models.onnx.OnnxProto.TypeProto;
import io.cellbelt.models.onnx.OnnxProto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sound messages that are no model here: each gets a sentence that says why. */
final class RefusalTest {
  @TempDir Path folder;

  static Stream<Arguments> graphs() {
    return Stream.of(
        arguments(graph(node("Add", "x y", "y")), "depends on its own output"),
        arguments(
            graph(node("Relu", "x", "h"), node("Add", "h b", "a"), node("Abs", "a", "b"))
                .addNode(node("Exp", "b", "y")),
            "depends on its own output"),
        arguments(
            graph(node("If", "x", "y").addAttribute(body("then_branch", branch("y")))),
            "depends on its own output"),
        arguments(graph(node("Abs", "x", "y"), node("Exp", "x", "y")), "\"y\" is given twice"),
        arguments(graph(node("Split", "x", "y y")), "\"y\" is given twice"),
        arguments(graph(node("Abs", "x", "x")), "\"x\" is given twice"),
        arguments(graph(node("Abs", "x", "y")).addInput(port("x", 2)), "\"x\" is given twice"),
        arguments(
            graph(node("Abs", "x", "y"))
                .addInitializer(vector("w", 1))
                .addInitializer(vector("w", 1)),
            "\"w\" is given twice"),
        arguments(
            graph(node("Abs", "x", "y")).addInitializer(vector("y", 1)), "\"y\" is given twice"),
        arguments(graph(node("Abs", "z", "y")), "needs \"z\", which nothing gives"),
        arguments(
            graph(node("If", "x", "y").addAttribute(body("then_branch", branch("z")))),
            "needs \"z\", which nothing gives"),
        arguments(graph(node("Abs", "x", "z")), "nothing gives the output \"y\""),
        arguments(
            graph(node("If", "x", "y").addAttribute(body("then_branch", output("inner")))),
            "needs \"inner\", which nothing gives"),
        arguments(
            graph(node("Abs", "x", "y"))
                .addSparseInitializer(SparseTensorProto.newBuilder().setValues(vector("s", 1))),
            "the constant \"s\" is a sparse tensor"),
        arguments(
            graph(node("Abs", "x", "y")).addInitializer(tensor("s", DataType.STRING, 1)),
            "tensor \"s\" has elements of the type STRING"),
        arguments(
            graph(node("Abs", "x", "y")).addInitializer(tensor("", DataType.FLOAT, 0)),
            "a constant of the graph \"g\" has no name"),
        arguments(graph(node("", "x", "y")), "needs an operator and an output"),
        arguments(graph(node("Abs", "x", "")), "needs an operator and an output"),
        arguments(
            graph(node("Abs", "x", "y").setDomain("com.example")),
            "the domain \"com.example\", but the model does not import"),
        arguments(graph(node("Abs", "x", "y")).addInput(port("", 1)), "an input of a graph has no"),
        arguments(
            graph(node("Abs", "x", "y")).addInput(ValueInfoProto.newBuilder().setName("z").build()),
            "input \"z\" has no type"),
        arguments(
            graph(node("Abs", "x", "y")).addInput(port("z", 1L << 31)),
            "input \"z\" has a dimension of 2147483648"),
        arguments(
            graph(node("Abs", "x", "y"))
                .addInput(
                    typed("z", type().setSequenceType(TypeProto.Sequence.getDefaultInstance()))),
            "input \"z\" is no dense tensor (SEQUENCE_TYPE)"),
        arguments(
            graph(node("Abs", "x", "y"))
                .addInput(
                    typed("z", type().setOptionalType(TypeProto.Optional.getDefaultInstance()))),
            "input \"z\" is no dense tensor (OPTIONAL_TYPE)"),
        arguments(
            graph(node("Abs", "x", "y"))
                .addInput(
                    typed(
                        "z",
                        type()
                            .setTensorType(
                                TypeProto.Tensor.newBuilder()
                                    .setElemType(DataType.STRING.getNumber())))),
            "input \"z\" has elements of the type STRING"));
  }

  private static GraphProto.Builder branch(String value) {
    return output("b").addNode(node("Abs", value, "b"));
  }

  private static GraphProto.Builder output(String name) {
    return GraphProto.newBuilder().addOutput(ValueInfoProto.newBuilder().setName(name));
  }

  private static TypeProto.Builder type() {
    return TypeProto.newBuilder();
  }

  private static ValueInfoProto typed(String name, TypeProto.Builder type) {
    return ValueInfoProto.newBuilder().setName(name).setType(type).build();
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void refusesGraphs(GraphProto.Builder graph, String sentence) {
    assertRefused(model(graph), sentence);
  }

  static Stream<Arguments> attributes() {
    return Stream.of(
        arguments(with("a", AttributeType.UNDEFINED), "has neither a value nor a type"),
        arguments(with("a", AttributeType.TENSOR), "has a type, but no value"),
        arguments(with("a", AttributeType.GRAPH), "has a type, but no value"),
        arguments(with("a", AttributeType.SPARSE_TENSOR), "is of the kind SPARSE_TENSOR"),
        arguments(with("a", AttributeType.TYPE_PROTO), "is of the kind TYPE_PROTO"),
        arguments(with("a", AttributeType.GRAPHS), "is of the kind GRAPHS"),
        arguments(with("a", AttributeType.TENSORS), "is of the kind TENSORS"),
        arguments(
            with("a", AttributeType.INT).addAttribute(attribute("a", AttributeType.INT)),
            "the attribute \"a\" of node \"Abs that gives y\" is given twice"),
        arguments(
            node("Abs", "x", "y")
                .addAttribute(attribute("a", AttributeType.INT).setRefAttrName("b")),
            "it is in no function"),
        arguments(
            node("Constant", "", "y")
                .setName("k")
                .addAttribute(
                    attribute("value", AttributeType.TENSOR).setT(tensor("", DataType.STRING, 1))),
            "the tensor of the attribute \"value\" of node \"Constant k\" has elements of"));
  }

  private static NodeProto.Builder with(String name, AttributeType type) {
    return node("Abs", "x", "y").addAttribute(attribute(name, type));
  }

  @ParameterizedTest
  @MethodSource("attributes")
  void refusesAttributes(NodeProto.Builder node, String sentence) {
    assertRefused(model(graph(node)), sentence);
  }

  @Test
  void refusesModels() {
    GraphProto.Builder graph = graph(node("Abs", "x", "y"));
    assertRefused(model(graph).clearGraph(), "it has no graph, so it is no ONNX model");
    assertRefused(model(graph).clearIrVersion(), "it has no version, so it is no ONNX model");
    assertRefused(model(graph).clearOpsetImport(), "does not import that domain");
    assertRefused(model(graph).addOpsetImport(opset("z", 0)), "imports version 0 of");
    assertRefused(model(graph).addOpsetImport(opset("z", 1L << 31)), "versions count from 1");
    ModelProto.Builder twice = model(graph);
    twice.addMetadataPropsBuilder().setKey("k");
    twice.addMetadataPropsBuilder().setKey("k");
    assertRefused(twice, "the metadata \"k\" twice");
  }

  @Test
  void refusesDeepNesting() {
    GraphProto.Builder graph = output("y").addNode(node("Abs", "x", "y"));
    for (int i = 0; i < 200; i++) {
      graph = output("y").addNode(node("If", "x", "y").addAttribute(body("then_branch", graph)));
    }
    assertRefused(model(graph.addInput(port("x", 2))), "nested too deeply");
  }

  @Test
  void refusesPathsThatAreNoFiles() throws IOException {
    assertThatThrownBy(() -> OnnxReader.read(folder.resolve("none.onnx")))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("there is no such file");
    assertThatThrownBy(() -> OnnxReader.read(folder))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("it is not a regular file");
    assertThatThrownBy(() -> OnnxReader.read(null)).isInstanceOf(NullPointerException.class);
    Path text = Files.writeString(folder.resolve("text.onnx"), "<html>404</html>");
    assertThatThrownBy(() -> OnnxReader.read(text))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("no valid protocol buffer");
  }

  @Test
  void messagesAreShortAndHarmless() {
    String name = "\u001b[31m" + "n".repeat(100_000);
    assertThatThrownBy(() -> read(folder, model(graph(node("Abs", name, "y")))))
        .isInstanceOf(ModelFileException.class)
        .hasMessageNotContaining("\u001b")
        .message()
        .hasSizeLessThan(600);
  }

  private void assertRefused(ModelProto.Builder model, String sentence) {
    assertThatThrownBy(() -> read(folder, model))
        .isInstanceOf(ModelFileException.class)
        .hasMessageStartingWith("Cannot read " + folder)
        .hasMessageContaining(sentence)
        .hasMessageEndingWith(".");
  }
}
