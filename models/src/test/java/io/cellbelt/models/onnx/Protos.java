package io.cellbelt.models.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.cellbelt.graphs.Graph;
import io.cellbelt.models.onnx.OnnxProto.AttributeProto;
import io.cellbelt.models.onnx.OnnxProto.AttributeProto.AttributeType;
import io.cellbelt.models.onnx.OnnxProto.GraphProto;
import io.cellbelt.models.onnx.OnnxProto.ModelProto;
import io.cellbelt.models.onnx.OnnxProto.NodeProto;
import io.cellbelt.models.onnx.OnnxProto.OperatorSetIdProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto.DataType;
import io.cellbelt.models.onnx.OnnxProto.TypeProto;
import io.cellbelt.models.onnx.OnnxProto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Builds messages of ONNX. Lists of names are texts with spaces between; "-" is an empty name. */
final class Protos {
  private Protos() {}

  /** A model of the format's version 10 with operators of version 18. */
  static ModelProto.Builder model(GraphProto.Builder graph) {
    return ModelProto.newBuilder().setIrVersion(10).addOpsetImport(opset("", 18)).setGraph(graph);
  }

  static OperatorSetIdProto opset(String domain, long version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  /** A graph of nodes from x to y. */
  static GraphProto.Builder graph(NodeProto.Builder... nodes) {
    GraphProto.Builder graph =
        GraphProto.newBuilder().setName("g").addInput(port("x", 2)).addOutput(port("y", 2));
    for (NodeProto.Builder node : nodes) {
      graph.addNode(node);
    }
    return graph;
  }

  static NodeProto.Builder node(String op, String inputs, String outputs) {
    return NodeProto.newBuilder()
        .setOpType(op)
        .addAllInput(names(inputs))
        .addAllOutput(names(outputs));
  }

  static List<String> names(String list) {
    return Arrays.stream(list.split(" "))
        .filter(name -> !name.isEmpty())
        .map(name -> name.equals("-") ? "" : name)
        .toList();
  }

  /** An input or output of floats. */
  static ValueInfoProto port(String name, long... dimensions) {
    TypeProto.Tensor.Builder type =
        TypeProto.Tensor.newBuilder().setElemType(DataType.FLOAT.getNumber());
    var shape = type.getShapeBuilder();
    for (long dimension : dimensions) {
      shape.addDimBuilder().setDimValue(dimension);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }

  /** A vector of floats as raw data. */
  static TensorProto vector(String name, float... values) {
    ByteBuffer raw =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return tensor(name, DataType.FLOAT, values.length).setRawData(bytes(raw.array())).build();
  }

  /** A tensor without elements so far. */
  static TensorProto.Builder tensor(String name, DataType type, long... dimensions) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
    for (long dimension : dimensions) {
      tensor.addDims(dimension);
    }
    return tensor;
  }

  static ByteString bytes(byte... bytes) {
    return ByteString.copyFrom(bytes);
  }

  static AttributeProto.Builder attribute(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  static AttributeProto.Builder body(String name, GraphProto.Builder graph) {
    return attribute(name, AttributeType.GRAPH).setG(graph);
  }

  static Path save(Path folder, MessageLite message) throws IOException {
    return Files.write(folder.resolve("model.onnx"), message.toByteArray());
  }

  static Graph read(Path folder, ModelProto.Builder model) throws IOException {
    return OnnxReader.read(save(folder, model.build())).graph();
  }
}
