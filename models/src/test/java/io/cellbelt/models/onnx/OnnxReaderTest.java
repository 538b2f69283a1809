package io.cellbelt.models.onnx;

import static io.cellbelt.models.onnx.Protos.attribute;
import static io.cellbelt.models.onnx.Protos.body;
import static io.cellbelt.models.onnx.Protos.graph;
import static io.cellbelt.models.onnx.Protos.model;
import static io.cellbelt.models.onnx.Protos.node;
import static io.cellbelt.models.onnx.Protos.opset;
import static io.cellbelt.models.onnx.Protos.port;
import static io.cellbelt.models.onnx.Protos.read;
import static io.cellbelt.models.onnx.Protos.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.groups.Tuple.tuple;

import com.google.protobuf.ByteString;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.models.onnx.OnnxProto.AttributeProto.AttributeType;
import io.cellbelt.models.onnx.OnnxProto.GraphProto;
import io.cellbelt.models.onnx.OnnxProto.ModelProto;
import io.cellbelt.models.onnx.OnnxProto.NodeProto;
import io.cellbelt.models.onnx.OnnxProto.StringStringEntryProto;
import io.cellbelt.models.onnx.OnnxProto.TensorShapeProto;
import io.cellbelt.models.onnx.OnnxProto.TypeProto;
import io.cellbelt.models.onnx.OnnxProto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OnnxReaderTest {
  @TempDir Path folder;

  @Test
  void readsWhatIsSaidAboutTheModel() throws IOException {
    ModelProto.Builder model =
        model(graph(node("Relu", "x", "h"), node("Scaler", "h", "y").setDomain("ai.onnx.ml")))
            .clearOpsetImport()
            .addOpsetImport(opset("ai.onnx", 11))
            .addOpsetImport(opset("ai.onnx.ml", 2))
            .setProducerName("exporter")
            .setProducerVersion("2.1")
            .addMetadataProps(text("b", "2"))
            .addMetadataProps(text("a", "1"));
    OnnxModel read = OnnxReader.read(Protos.save(folder, model.build()));
    assertThat(read.irVersion()).isEqualTo(10);
    assertThat(read.producer()).isEqualTo("exporter 2.1");
    assertThat(read.opsets()).containsExactly(entry("", 11), entry("ai.onnx.ml", 2));
    assertThat(read.metadata()).containsExactly(entry("a", "1"), entry("b", "2"));
    assertThat(read.graph().nodes())
        .extracting(Node::domain, Node::version)
        .containsExactly(tuple("", 11), tuple("ai.onnx.ml", 2));
  }

  private static StringStringEntryProto.Builder text(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value);
  }

  @Test
  void bothNamesOfTheDefaultDomainAreOne() throws IOException {
    Graph graph =
        read(
            folder,
            model(graph(node("Relu", "x", "h").setDomain("ai.onnx"), node("Relu", "h", "y"))));
    assertThat(graph.nodes()).allMatch(node -> node.domain().isEmpty() && node.version() == 18);
  }

  @Test
  void earlyModelsDeclareConstantsAsInputs() throws IOException {
    GraphProto.Builder graph =
        graph(node("Add", "x w", "y")).addInput(port("w", 2)).addInitializer(vector("w", 3, 4));
    Graph early = read(folder, model(graph).setIrVersion(3));
    assertThat(early.inputs()).extracting(Port::name).containsExactly("x");
    assertThat(early.constants()).containsOnlyKeys("w");

    Graph late = read(folder, model(graph).setIrVersion(4));
    assertThat(late.inputs()).extracting(Port::name).containsExactly("x", "w");
    assertThat(late.constants()).containsOnlyKeys("w");
    assertThat(late.constants().get("w").floats()).containsExactly(3, 4);
  }

  @Test
  void theFirstVersionHasNoImports() throws IOException {
    Graph graph =
        read(folder, model(graph(node("Relu", "x", "y"))).clearOpsetImport().setIrVersion(1));
    assertThat(graph.nodes().getFirst().version()).isEqualTo(1);
  }

  @Test
  void dimensionsAreKnownOrOpen() throws IOException {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDimBuilder().setDimValue(3);
    shape.addDimBuilder().setDimValue(0);
    shape.addDimBuilder().setDimValue(-1);
    shape.addDimBuilder().setDimParam("batch");
    shape.addDimBuilder().setDimValue(0).setDimParam("time");
    shape.addDimBuilder().setDimValue(5).setDimParam("five");
    shape.addDimBuilder();
    TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder().setElemType(1).setShape(shape);
    Graph graph =
        read(
            folder,
            model(
                graph(node("Relu", "z", "y"))
                    .addInput(named("z").setType(TypeProto.newBuilder().setTensorType(type)))
                    .addOutput(named("z"))));
    assertThat(graph.inputs().get(1).shape())
        .containsExactly(
            Dimension.of(3),
            Dimension.of(0),
            Dimension.open(null),
            Dimension.open("batch"),
            Dimension.open("time"),
            Dimension.of(5),
            Dimension.open(null));
    assertThat(graph.inputs().get(1).type()).isEqualTo(ElementType.F32);
    assertThat(graph.outputs().get(1)).isEqualTo(new Port("z", null, null));
  }

  private static ValueInfoProto.Builder named(String name) {
    return ValueInfoProto.newBuilder().setName(name);
  }

  @Test
  void sortsNodesAndElseKeepsTheirOrder() throws IOException {
    GraphProto.Builder inner =
        GraphProto.newBuilder().addNode(node("Relu", "d", "i")).addOutput(named("i"));
    Graph graph =
        read(
            folder,
            model(
                graph(
                    node("Sum", "a b c", "y"),
                    node("If", "x", "c").addAttribute(body("then_branch", inner)),
                    node("Abs", "x", "b"),
                    node("Neg", "x", "a"),
                    node("Exp", "b", "d"))));
    assertThat(graph.nodes())
        .extracting(Node::operator)
        .containsExactly("Abs", "Neg", "Exp", "If", "Sum");
  }

  @Test
  void namesMayBeLeftOut() throws IOException {
    Graph graph = read(folder, model(graph(node("Clip", "x - x", "y -"), node("Abs", "x", "-"))));
    assertThat(graph.nodes().getFirst().inputs()).containsExactly("x", "", "x");
    assertThat(graph.nodes().getFirst().outputs()).containsExactly("y", "");
  }

  @Test
  void readsAttributesOfEachKind() throws IOException {
    NodeProto.Builder node =
        node("Any", "x", "y")
            .addAttribute(attribute("real", AttributeType.FLOAT).setF(0.5f))
            .addAttribute(attribute("whole", AttributeType.INT).setI(Long.MIN_VALUE))
            .addAttribute(attribute("zero", AttributeType.INT))
            .addAttribute(attribute("text", AttributeType.STRING).setS(utf8("größe")))
            .addAttribute(attribute("reals", AttributeType.FLOATS).addFloats(1).addFloats(2))
            .addAttribute(attribute("wholes", AttributeType.INTS).addInts(-1).addInts(7))
            .addAttribute(attribute("none", AttributeType.INTS))
            .addAttribute(attribute("texts", AttributeType.STRINGS).addStrings(utf8("a")))
            .addAttribute(attribute("tensor", AttributeType.TENSOR).setT(vector("", 8, 9)))
            .addAttribute(body("body", GraphProto.newBuilder().setName("b").addOutput(named("x"))));
    Graph graph = read(folder, model(graph(node)));
    var attributes = graph.nodes().getFirst().attributes();
    assertThat(attributes)
        .hasSize(10)
        .containsEntry("real", new Attribute.Real(0.5f))
        .containsEntry("whole", new Attribute.Whole(Long.MIN_VALUE))
        .containsEntry("zero", new Attribute.Whole(0))
        .containsEntry("text", new Attribute.Text("größe"))
        .containsEntry("reals", new Attribute.Reals(List.of(1f, 2f)))
        .containsEntry("wholes", new Attribute.Wholes(List.of(-1L, 7L)))
        .containsEntry("none", new Attribute.Wholes(List.of()))
        .containsEntry("texts", new Attribute.Texts(List.of("a")));
    assertThat(((Attribute.Constant) attributes.get("tensor")).value().floats())
        .containsExactly(8, 9);
    assertThat(((Attribute.Body) attributes.get("body")).value().name()).isEqualTo("b");
  }

  @Test
  void earlyAttributesTellTheirKindByTheirValue() throws IOException {
    NodeProto.Builder node = node("Any", "x", "y");
    node.addAttributeBuilder().setName("real").setF(2);
    node.addAttributeBuilder().setName("whole").setI(3);
    node.addAttributeBuilder().setName("text").setS(utf8("t"));
    node.addAttributeBuilder().setName("reals").addFloats(4);
    node.addAttributeBuilder().setName("wholes").addInts(5);
    node.addAttributeBuilder().setName("texts").addStrings(utf8("s"));
    assertThat(read(folder, model(graph(node))).nodes().getFirst().attributes())
        .containsOnly(
            entry("real", new Attribute.Real(2)),
            entry("whole", new Attribute.Whole(3)),
            entry("text", new Attribute.Text("t")),
            entry("reals", new Attribute.Reals(List.of(4f))),
            entry("wholes", new Attribute.Wholes(List.of(5L))),
            entry("texts", new Attribute.Texts(List.of("s"))));
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
