package io.cellbelt.models.onnx;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.TensorShapeProto;
import io.cellbelt.models.onnx.OnnxProto.TypeProto;
import io.cellbelt.models.onnx.OnnxProto.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;

/** Reads inputs and outputs of graphs. */
final class PortReader {
  private static final long DIMENSION_BYTES = 40;

  private final OnnxFile file;

  PortReader(OnnxFile file) {
    this.file = file;
  }

  /**
   * Reads an input or output.
   *
   * @param name that it has in the graph
   * @param kind input or output, for messages
   */
  Port read(ValueInfoProto proto, String name, String kind) throws ModelFileException {
    String what = kind + " " + quote(proto.getName());
    if (proto.getName().isEmpty()) {
      throw file.refused("an %s of a graph has no name.", kind);
    }
    TypeProto type = proto.getType();
    return switch (type.getValueCase()) {
      case TENSOR_TYPE -> tensor(type.getTensorType(), name, what);
      case VALUE_NOT_SET -> new Port(name, null, null);
      case SEQUENCE_TYPE, MAP_TYPE, SPARSE_TENSOR_TYPE, OPTIONAL_TYPE ->
          throw file.refused(
              "%s is no dense tensor (%s), and no other values can be read.",
              what, type.getValueCase());
    };
  }

  private Port tensor(TypeProto.Tensor type, String name, String what) throws ModelFileException {
    ElementType elements =
        type.getElemType() == 0 ? null : Encoding.of(type.getElemType(), file, what).type();
    return new Port(name, elements, type.hasShape() ? shape(type.getShape(), what) : null);
  }

  private List<Dimension> shape(TensorShapeProto proto, String what) throws ModelFileException {
    file.take(DIMENSION_BYTES * proto.getDimCount());
    List<Dimension> shape = new ArrayList<>();
    for (TensorShapeProto.Dimension dimension : proto.getDimList()) {
      if (dimension.getDimValue() > Integer.MAX_VALUE) {
        throw file.refused(
            "%s has a dimension of %d; the limit is 2^31 - 1.", what, dimension.getDimValue());
      }
      String symbol = dimension.getDimParam().isEmpty() ? null : dimension.getDimParam();
      // A size of 0 is one, unless there is a name too.
      long open = symbol == null ? -1 : 0;
      boolean known = dimension.hasDimValue() && dimension.getDimValue() > open;
      shape.add(known ? Dimension.of((int) dimension.getDimValue()) : Dimension.open(symbol));
    }
    return shape;
  }
}
