package io.cellbelt.models.onnx;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.kernels.checks.Sizes;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.TensorProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto.DataLocation;
import java.io.IOException;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Makes tensors of what a file says they are. The elements that a shape asks for are compared with
 * the bytes that are there before memory is taken for them.
 */
final class TensorReader {
  private static final int MOST_DIMENSIONS = 32;

  private final OnnxFile file;

  /** What was read: a function may be inlined many times. */
  private final IdentityHashMap<TensorProto, Tensor> tensors = new IdentityHashMap<>();

  TensorReader(OnnxFile file) {
    this.file = file;
  }

  /**
   * Reads a tensor.
   *
   * @param owner what it belongs to, for messages about a tensor without a name
   */
  Tensor read(TensorProto proto, String owner) throws ModelFileException {
    Tensor known = tensors.get(proto);
    if (known == null) {
      known = make(proto, owner);
      tensors.put(proto, known);
    }
    return known;
  }

  private Tensor make(TensorProto proto, String owner) throws ModelFileException {
    String what =
        proto.getName().isEmpty() ? "the tensor of " + owner : "tensor " + quote(proto.getName());
    if (proto.hasSegment()) {
      throw file.refused(
          "%s is a part of a tensor, or it is a sequence or an optional value. Only whole tensors"
              + " can be read.",
          what);
    }
    Encoding encoding = Encoding.of(proto.getDataType(), file, what);
    int[] shape = shape(proto.getDimsList(), what);
    int elements = elements(shape, what);
    if (proto.getDataLocation() == DataLocation.EXTERNAL) {
      return ExternalData.of(file, proto.getExternalDataList(), what)
          .read(encoding, elements, shape);
    }
    return proto.hasRawData()
        ? raw(proto, encoding, elements, shape, what)
        : listed(proto, encoding, elements, shape, what);
  }

  private int[] shape(List<Long> dimensions, String what) throws ModelFileException {
    if (dimensions.size() > MOST_DIMENSIONS) {
      throw file.refused(
          "%s has %d dimensions; the limit is %d.", what, dimensions.size(), MOST_DIMENSIONS);
    }
    for (long dimension : dimensions) {
      if (dimension < 0 || dimension > Integer.MAX_VALUE) {
        throw file.refused(
            "%s has the shape %s, but a dimension is 0 or more and less than 2^31.",
            what, dimensions);
      }
    }
    return dimensions.stream().mapToInt(Long::intValue).toArray();
  }

  private int elements(int[] shape, String what) throws ModelFileException {
    long elements = Arrays.stream(shape).anyMatch(size -> size == 0) ? 0 : 1;
    for (int size : shape) {
      elements = Sizes.times(elements, size);
    }
    if (elements > Integer.MAX_VALUE - 8) {
      throw file.refused(
          "%s has the shape %s, which is more than the limit of 2^31 elements.",
          what, Arrays.toString(shape));
    }
    return (int) elements;
  }

  private Tensor raw(TensorProto proto, Encoding encoding, int elements, int[] shape, String what)
      throws ModelFileException {
    int there = proto.getRawData().size();
    if (there != encoding.bytes(elements)) {
      throw file.refused(
          "%s has the shape %s, for which it needs %d bytes of data, but it has %d.",
          what, proto.getDimsList(), encoding.bytes(elements), there);
    }
    file.take(encoding.memory(elements));
    try {
      return encoding.read(proto.getRawData().newInput(), shape);
    } catch (IOException e) {
      throw new AssertionError("all bytes are there", e);
    }
  }

  /** Reads the field that holds elements of this type one by one. */
  private Tensor listed(
      TensorProto proto, Encoding encoding, int elements, int[] shape, String what)
      throws ModelFileException {
    int there =
        switch (encoding.type()) {
          case F32 -> proto.getFloatDataCount();
          case F64 -> proto.getDoubleDataCount();
          case I64 -> proto.getInt64DataCount();
          case U32, U64 -> proto.getUint64DataCount();
          default -> proto.getInt32DataCount();
        };
    if (there != Math.ceilDiv(elements, encoding.shared())) {
      throw file.refused(
          "%s has the shape %s and the type %s, but the file holds %d values of that type for it.",
          what, proto.getDimsList(), encoding.type(), there);
    }
    file.take(encoding.memory(elements));
    return switch (encoding.type().storage()) {
      case FLOAT -> {
        float[] floats = new float[elements];
        for (int i = 0; i < elements; i++) {
          floats[i] = listedFloat(proto, encoding, i);
        }
        yield Tensor.wrap(encoding.type(), floats, shape);
      }
      case DOUBLE -> {
        double[] doubles = new double[elements];
        Arrays.setAll(doubles, proto::getDoubleData);
        yield Tensor.wrap(doubles, shape);
      }
      case LONG -> {
        long[] longs = new long[elements];
        Arrays.setAll(longs, i -> listedLong(proto, encoding, i));
        yield Tensor.wrap(encoding.type(), longs, shape);
      }
    };
  }

  private static float listedFloat(TensorProto proto, Encoding encoding, int i) {
    return encoding.type() == ElementType.F32
        ? proto.getFloatData(i)
        : encoding.float16((short) proto.getInt32Data(i));
  }

  private static long listedLong(TensorProto proto, Encoding encoding, int i) {
    int shared = encoding.shared();
    if (shared > 1) {
      return encoding.part(proto.getInt32Data(i / shared), i % shared);
    }
    return encoding
        .type()
        .wrapped(
            switch (encoding.type()) {
              case I64 -> proto.getInt64Data(i);
              case U32, U64 -> proto.getUint64Data(i);
              default -> proto.getInt32Data(i);
            });
  }
}
