package io.cellbelt.propertytests.conformance;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads ONNX models and tensors from the wire format of protocol buffers: what the tests need. */
final class OnnxFiles {
  private static final int FLOAT = 1;
  private static final int INT32 = 6;
  private static final int INT64 = 7;
  private static final int BOOL = 9;
  private static final int DOUBLE = 11;

  private OnnxFiles() {}

  static OnnxModel model(Path file) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(Files.readAllBytes(file));
    Graph graph = new Graph();
    int[] opset = {1};
    each(
        in,
        (field, tag) -> {
          switch (field) {
            case 7 -> message(in, graph::read);
            case 8 -> {
              Opset imported = new Opset();
              message(in, imported::read);
              if (imported.domain.isEmpty() || imported.domain.equals("ai.onnx")) {
                opset[0] = imported.version;
              }
            }
            default -> in.skipField(tag);
          }
        });
    graph.inputs.removeAll(graph.initializers.keySet());
    return new OnnxModel(opset[0], graph.nodes, graph.initializers, graph.inputs, graph.outputs);
  }

  /** Reads a file with one tensor. */
  static NamedTensor tensor(Path file) throws IOException {
    return tensor(CodedInputStream.newInstance(Files.readAllBytes(file)));
  }

  private static NamedTensor tensor(CodedInputStream in) throws IOException {
    String[] name = {""};
    int[] type = {FLOAT};
    List<Long> dimensions = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    byte[][] raw = {null};
    each(
        in,
        (field, tag) -> {
          switch (field) {
            case 1 -> repeated(in, tag, () -> dimensions.add(in.readInt64()));
            case 2 -> type[0] = in.readInt32();
            case 4 -> repeated(in, tag, () -> values.add((double) in.readFloat()));
            case 5 -> repeated(in, tag, () -> values.add((double) in.readInt32()));
            case 7 -> repeated(in, tag, () -> values.add((double) in.readInt64()));
            case 8 -> name[0] = in.readStringRequireUtf8();
            case 9 -> raw[0] = in.readByteArray();
            case 10 -> repeated(in, tag, () -> values.add(in.readDouble()));
            case 13 -> throw new IOException("The values of a tensor lie in another file.");
            default -> in.skipField(tag);
          }
        });
    if (raw[0] != null) {
      ByteBuffer bytes = ByteBuffer.wrap(raw[0]).order(ByteOrder.LITTLE_ENDIAN);
      while (bytes.hasRemaining()) {
        values.add(
            switch (type[0]) {
              case FLOAT -> (double) bytes.getFloat();
              case INT32 -> (double) bytes.getInt();
              case INT64 -> (double) bytes.getLong();
              case BOOL -> (double) bytes.get();
              case DOUBLE -> bytes.getDouble();
              default -> throw new IOException("There is no reader for dtype " + type[0] + ".");
            });
      }
    }
    boolean integer = type[0] != FLOAT && type[0] != DOUBLE;
    return new NamedTensor(
        name[0],
        integer,
        dimensions.stream().mapToInt(Math::toIntExact).toArray(),
        values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static void each(CodedInputStream in, Field reader) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      reader.read(WireFormat.getTagFieldNumber(tag), tag);
    }
  }

  /** Reads an embedded message. */
  private static void message(CodedInputStream in, Message reader) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    reader.read(in);
    in.popLimit(limit);
  }

  /** Reads one number, or many that are packed into one field. */
  private static void repeated(CodedInputStream in, int tag, Value reader) throws IOException {
    if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      reader.read();
      return;
    }
    int limit = in.pushLimit(in.readRawVarint32());
    while (!in.isAtEnd()) {
      reader.read();
    }
    in.popLimit(limit);
  }

  private interface Field {
    void read(int field, int tag) throws IOException;
  }

  private interface Message {
    void read(CodedInputStream in) throws IOException;
  }

  private interface Value {
    void read() throws IOException;
  }

  private static final class Opset {
    private String domain = "";
    private int version;

    void read(CodedInputStream in) throws IOException {
      each(
          in,
          (field, tag) -> {
            switch (field) {
              case 1 -> domain = in.readStringRequireUtf8();
              case 2 -> version = (int) in.readInt64();
              default -> in.skipField(tag);
            }
          });
    }
  }

  private static final class Graph {
    private final List<OnnxModel.Node> nodes = new ArrayList<>();
    private final Map<String, NamedTensor> initializers = new LinkedHashMap<>();
    private final List<String> inputs = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();

    void read(CodedInputStream in) throws IOException {
      each(
          in,
          (field, tag) -> {
            switch (field) {
              case 1 -> {
                Node node = new Node();
                message(in, node::read);
                nodes.add(node.node());
              }
              case 5 ->
                  message(
                      in,
                      tensor -> {
                        NamedTensor initializer = tensor(tensor);
                        initializers.put(initializer.name(), initializer);
                      });
              case 11 -> message(in, value -> inputs.add(name(value)));
              case 12 -> message(in, value -> outputs.add(name(value)));
              default -> in.skipField(tag);
            }
          });
    }

    private static String name(CodedInputStream in) throws IOException {
      String[] name = {""};
      each(
          in,
          (field, tag) -> {
            if (field == 1) {
              name[0] = in.readStringRequireUtf8();
            } else {
              in.skipField(tag);
            }
          });
      return name[0];
    }
  }

  private static final class Node {
    private final List<String> inputs = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private String op = "";
    private String domain = "";

    void read(CodedInputStream in) throws IOException {
      each(
          in,
          (field, tag) -> {
            switch (field) {
              case 1 -> inputs.add(in.readStringRequireUtf8());
              case 2 -> outputs.add(in.readStringRequireUtf8());
              case 4 -> op = in.readStringRequireUtf8();
              case 5 -> message(in, this::attribute);
              case 7 -> domain = in.readStringRequireUtf8();
              default -> in.skipField(tag);
            }
          });
    }

    private void attribute(CodedInputStream in) throws IOException {
      String[] name = {""};
      int[] type = {0};
      Map<Integer, Object> single = new LinkedHashMap<>();
      List<Object> list = new ArrayList<>();
      each(
          in,
          (field, tag) -> {
            switch (field) {
              case 1 -> name[0] = in.readStringRequireUtf8();
              case 2 -> single.put(1, (double) in.readFloat());
              case 3 -> single.put(2, in.readInt64());
              case 4 -> single.put(3, in.readBytes().toStringUtf8());
              case 5 -> message(in, tensor -> single.put(4, tensor(tensor)));
              case 7 -> repeated(in, tag, () -> list.add((double) in.readFloat()));
              case 8 -> repeated(in, tag, () -> list.add(in.readInt64()));
              case 9 -> list.add(in.readBytes().toStringUtf8());
              case 20 -> type[0] = in.readInt32();
              default -> in.skipField(tag);
            }
          });
      // Early files have no types; what is there tells.
      Object one = single.values().stream().findFirst().orElse(list);
      attributes.put(name[0], type[0] >= 6 ? list : single.getOrDefault(type[0], one));
    }

    OnnxModel.Node node() {
      return new OnnxModel.Node(op, domain, inputs, outputs, new Attributes(op, attributes));
    }
  }
}
