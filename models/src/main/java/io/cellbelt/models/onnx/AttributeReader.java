package io.cellbelt.models.onnx;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.protobuf.ByteString;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.AttributeProto;
import io.cellbelt.models.onnx.OnnxProto.AttributeProto.AttributeType;
import io.cellbelt.models.onnx.OnnxProto.GraphProto;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads attributes of nodes. */
final class AttributeReader {
  /** Bytes of memory for a byte of a text. */
  private static final long TEXT = 2;

  /** Bytes of memory for a number in a list. */
  private static final long NUMBER = 32;

  private final OnnxFile file;
  private final TensorReader tensors;
  private final Bodies bodies;

  /** What was read and does not depend on its place: a function may be inlined many times. */
  private final IdentityHashMap<AttributeProto, Attribute> plain = new IdentityHashMap<>();

  /** Reads graphs inside of nodes. */
  interface Bodies {
    Attribute read(GraphProto proto, Frame frame) throws ModelFileException;
  }

  AttributeReader(OnnxFile file, TensorReader tensors, Bodies bodies) {
    this.file = file;
    this.tensors = tensors;
    this.bodies = bodies;
  }

  /**
   * Reads attributes. Those that a function takes from its call, and the call does not have, are
   * left out.
   *
   * @param owner the node, for messages
   */
  Map<String, Attribute> read(List<AttributeProto> protos, Frame frame, String owner)
      throws ModelFileException {
    Map<String, Attribute> all = new LinkedHashMap<>();
    for (AttributeProto proto : protos) {
      String what = "the attribute " + quote(proto.getName()) + " of " + owner;
      Attribute value = value(proto, frame, what);
      if (value != null && all.put(proto.getName(), value) != null) {
        throw file.refused("%s is given twice.", what);
      }
    }
    return all;
  }

  private Attribute value(AttributeProto proto, Frame frame, String what)
      throws ModelFileException {
    if (!proto.getRefAttrName().isEmpty()) {
      if (!frame.isFunction()) {
        throw file.refused("%s is that of a function's call, but it is in no function.", what);
      }
      return frame.argument(proto.getRefAttrName());
    }
    AttributeType type = type(proto);
    if (type == AttributeType.GRAPH) {
      require(proto.hasG(), what);
      return bodies.read(proto.getG(), frame);
    }
    Attribute known = plain.get(proto);
    if (known == null) {
      known = plain(proto, type, what);
      plain.put(proto, known);
    }
    return known;
  }

  private Attribute plain(AttributeProto proto, AttributeType type, String what)
      throws ModelFileException {
    file.take(
        TEXT * proto.getS().size()
            + proto.getStringsList().stream().mapToLong(text -> TEXT * text.size()).sum()
            + NUMBER * (proto.getFloatsCount() + proto.getIntsCount()));
    // Writers may leave out a number or a text that is 0 or empty.
    return switch (type) {
      case FLOAT -> new Attribute.Real(proto.getF());
      case INT -> new Attribute.Whole(proto.getI());
      case STRING -> new Attribute.Text(proto.getS().toStringUtf8());
      case TENSOR -> {
        require(proto.hasT(), what);
        yield new Attribute.Constant(tensors.read(proto.getT(), what));
      }
      case FLOATS -> new Attribute.Reals(proto.getFloatsList());
      case INTS -> new Attribute.Wholes(proto.getIntsList());
      case STRINGS ->
          new Attribute.Texts(
              proto.getStringsList().stream().map(ByteString::toStringUtf8).toList());
      case UNDEFINED -> throw file.refused("%s has neither a value nor a type.", what);
      default ->
          throw file.refused(
              "%s is of the kind %s. Those that can be read are numbers, texts, tensors, lists of"
                  + " numbers or texts, and graphs.",
              what, type);
    };
  }

  private void require(boolean there, String what) throws ModelFileException {
    if (!there) {
      throw file.refused("%s has a type, but no value.", what);
    }
  }

  /** The kind of value: early files do not say it, but what is there tells. */
  private static AttributeType type(AttributeProto proto) {
    if (proto.getType() != AttributeType.UNDEFINED) {
      return proto.getType();
    }
    if (proto.hasF()) {
      return AttributeType.FLOAT;
    }
    if (proto.hasI()) {
      return AttributeType.INT;
    }
    if (proto.hasS()) {
      return AttributeType.STRING;
    }
    if (proto.hasT()) {
      return AttributeType.TENSOR;
    }
    if (proto.hasG()) {
      return AttributeType.GRAPH;
    }
    if (proto.getFloatsCount() > 0) {
      return AttributeType.FLOATS;
    }
    if (proto.getIntsCount() > 0) {
      return AttributeType.INTS;
    }
    return proto.getStringsCount() > 0 ? AttributeType.STRINGS : AttributeType.UNDEFINED;
  }
}
