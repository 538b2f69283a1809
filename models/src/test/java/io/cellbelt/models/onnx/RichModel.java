package io.cellbelt.models.onnx;

import static io.cellbelt.models.onnx.Protos.attribute;
import static io.cellbelt.models.onnx.Protos.body;
import static io.cellbelt.models.onnx.Protos.graph;
import static io.cellbelt.models.onnx.Protos.model;
import static io.cellbelt.models.onnx.Protos.node;
import static io.cellbelt.models.onnx.Protos.opset;
import static io.cellbelt.models.onnx.Protos.port;
import static io.cellbelt.models.onnx.Protos.tensor;
import static io.cellbelt.models.onnx.Protos.vector;

import com.google.protobuf.ByteString;
import io.cellbelt.models.onnx.OnnxProto.AttributeProto.AttributeType;
import io.cellbelt.models.onnx.OnnxProto.FunctionProto;
import io.cellbelt.models.onnx.OnnxProto.GraphProto;
import io.cellbelt.models.onnx.OnnxProto.ModelProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto.DataType;

/** A small model with something of each kind. */
final class RichModel {
  private RichModel() {}

  static ModelProto build() {
    ModelProto.Builder model =
        model(nodes())
            .addOpsetImport(opset("own", 1))
            .setProducerName("tests")
            .addFunctions(function());
    model.addMetadataPropsBuilder().setKey("k").setValue("v");
    return model.build();
  }

  private static GraphProto.Builder nodes() {
    GraphProto.Builder branch =
        GraphProto.newBuilder()
            .setName("branch")
            .addInitializer(vector("c", 1, 2))
            .addNode(node("Add", "h c", "b"))
            .addOutput(port("b", 2));
    GraphProto.Builder graph =
        graph(
            node("Relu", "x", "h").setName("first"),
            node("F", "h", "f").setDomain("own"),
            node("If", "i4", "i")
                .addAttribute(body("then_branch", branch))
                .addAttribute(body("else_branch", branch)),
            node("Any", "f i w l - n", "y")
                .addAttribute(attribute("real", AttributeType.FLOAT).setF(0.5f))
                .addAttribute(attribute("text", AttributeType.STRING).setS(utf8("t")))
                .addAttribute(attribute("reals", AttributeType.FLOATS).addFloats(1).addFloats(2))
                .addAttribute(attribute("wholes", AttributeType.INTS).addInts(-1).addInts(7))
                .addAttribute(attribute("texts", AttributeType.STRINGS).addStrings(utf8("a")))
                .addAttribute(attribute("tensor", AttributeType.TENSOR).setT(vector("", 8, 9))));
    graph.addInput(port("w", 2)).addInitializer(vector("w", 3, 4));
    graph.addInitializer(tensor("l", DataType.INT64, 2).addInt64Data(1).addInt64Data(-1));
    graph.addInitializer(tensor("n", DataType.BFLOAT16, 1, 1).addInt32Data(0x3f80));
    graph.addInitializer(tensor("i4", DataType.INT4, 3).setRawData(ByteString.fromHex("8701")));
    graph
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .addDimBuilder()
        .setDimParam("time");
    return graph;
  }

  private static FunctionProto.Builder function() {
    return FunctionProto.newBuilder()
        .setDomain("own")
        .setName("F")
        .addInput("a")
        .addOutput("b")
        .addAttributeProto(attribute("axis", AttributeType.INT).setI(1))
        .addNode(node("Abs", "a", "t"))
        .addNode(
            node("Softmax", "t", "b")
                .addAttribute(attribute("axis", AttributeType.INT).setRefAttrName("axis")));
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
