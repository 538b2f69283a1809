package io.cellbelt.models.onnx;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.protobuf.ByteString;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.files.ElementBytes;
import io.cellbelt.models.onnx.OnnxProto.AttributeProto;
import io.cellbelt.models.onnx.OnnxProto.AttributeProto.AttributeType;
import io.cellbelt.models.onnx.OnnxProto.GraphProto;
import io.cellbelt.models.onnx.OnnxProto.NodeProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto;
import io.cellbelt.models.onnx.OnnxProto.TensorShapeProto;
import io.cellbelt.models.onnx.OnnxProto.TypeProto;
import io.cellbelt.models.onnx.OnnxProto.ValueInfoProto;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Makes messages of graphs, those inside of nodes too. */
final class GraphWriter {
  /** A model is less than 2^31 bytes; names and numbers need some of them. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - (64L << 20);

  private final Map<String, Integer> versions = new TreeMap<>();
  private long bytes;

  /** A writer of graphs with a version of ONNX's own operators. */
  GraphWriter(int opset) {
    if (opset < 1) {
      throw new IllegalArgumentException(
          "Versions of ONNX's operators count from 1, but got " + opset + ".");
    }
    versions.put("", opset);
  }

  /** The versions of operators that the graphs written so far need, by their domain. */
  Map<String, Integer> versions() {
    return versions;
  }

  GraphProto write(Graph graph) {
    GraphProto.Builder proto = GraphProto.newBuilder().setName(graph.name());
    graph.inputs().forEach(port -> proto.addInput(port(port)));
    graph.outputs().forEach(port -> proto.addOutput(port(port)));
    graph.constants().forEach((name, tensor) -> proto.addInitializer(tensor(tensor).setName(name)));
    graph.nodes().forEach(node -> proto.addNode(node(node)));
    return proto.build();
  }

  private NodeProto node(Node node) {
    int version = versions.computeIfAbsent(node.domain(), domain -> node.version());
    if (version != node.version()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A model has one version of the operators of a domain, here %d, but the node %s has"
                  + " another.",
              version,
              quote(node.describe())));
    }
    NodeProto.Builder proto =
        NodeProto.newBuilder()
            .setName(node.name())
            .setOpType(node.operator())
            .setDomain(node.domain())
            .addAllInput(node.inputs())
            .addAllOutput(node.outputs());
    // Sorted, so that a graph always becomes the same file.
    new TreeMap<>(node.attributes())
        .forEach((name, value) -> proto.addAttribute(attribute(value).setName(name)));
    return proto.build();
  }

  private AttributeProto.Builder attribute(Attribute attribute) {
    AttributeProto.Builder proto = AttributeProto.newBuilder();
    return switch (attribute) {
      case Attribute.Real(float value) -> proto.setType(AttributeType.FLOAT).setF(value);
      case Attribute.Whole(long value) -> proto.setType(AttributeType.INT).setI(value);
      case Attribute.Text(String value) ->
          proto.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(value));
      case Attribute.Reals(List<Float> values) ->
          proto.setType(AttributeType.FLOATS).addAllFloats(values);
      case Attribute.Wholes(List<Long> values) ->
          proto.setType(AttributeType.INTS).addAllInts(values);
      case Attribute.Texts(List<String> values) ->
          proto
              .setType(AttributeType.STRINGS)
              .addAllStrings(values.stream().map(ByteString::copyFromUtf8).toList());
      case Attribute.Constant(Tensor value) ->
          proto.setType(AttributeType.TENSOR).setT(tensor(value));
      case Attribute.Body(Graph value) -> proto.setType(AttributeType.GRAPH).setG(write(value));
    };
  }

  private TensorProto.Builder tensor(Tensor tensor) {
    int size = ElementBytes.bytes(tensor.type());
    bytes += (long) tensor.size() * size;
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException(
          "A model in one file has less than 2^31 bytes, but the constants of the graph have "
              + bytes
              + " or more.");
    }
    ByteString.Output raw = ByteString.newOutput(tensor.size() * size);
    try {
      ElementBytes.write(tensor, raw);
    } catch (IOException e) {
      throw new AssertionError("memory takes all bytes", e);
    }
    TensorProto.Builder proto =
        TensorProto.newBuilder()
            .setDataType(Encoding.dataType(tensor.type()))
            .setRawData(raw.toByteString());
    for (int dimension : tensor.shape()) {
      proto.addDims(dimension);
    }
    return proto;
  }

  private static ValueInfoProto port(Port port) {
    ValueInfoProto.Builder proto = ValueInfoProto.newBuilder().setName(port.name());
    if (port.type() == null && port.shape() == null) {
      return proto.build();
    }
    TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder();
    if (port.type() != null) {
      type.setElemType(Encoding.dataType(port.type()));
    }
    if (port.shape() != null) {
      type.setShape(shape(port.shape()));
    }
    return proto.setType(TypeProto.newBuilder().setTensorType(type)).build();
  }

  private static TensorShapeProto shape(List<Dimension> dimensions) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Dimension dimension : dimensions) {
      TensorShapeProto.Dimension.Builder proto = shape.addDimBuilder();
      if (!dimension.isOpen()) {
        proto.setDimValue(dimension.size());
      } else if (dimension.symbol() != null) {
        proto.setDimParam(dimension.symbol());
      }
    }
    return shape.build();
  }
}
