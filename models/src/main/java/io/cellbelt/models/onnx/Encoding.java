package io.cellbelt.models.onnx;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.kernels.checks.Sizes;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.files.ElementBytes;
import io.cellbelt.models.onnx.OnnxProto.TensorProto.DataType;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;

/**
 * How elements lie in a file.
 *
 * @param type what they become
 * @param bits of an element; those of less than a byte share one, the first in its lowest bits
 */
record Encoding(ElementType type, int bits) {
  /**
   * The encoding of a data type of ONNX.
   *
   * @param what has the type, for messages
   * @throws ModelFileException if this library has no such elements
   */
  static Encoding of(int dataType, OnnxFile file, String what) throws ModelFileException {
    DataType known = DataType.forNumber(dataType);
    if (known == null) {
      throw file.refused("%s has elements of the unknown data type %d.", what, dataType);
    }
    return switch (known) {
      case FLOAT -> whole(ElementType.F32);
      case DOUBLE -> whole(ElementType.F64);
      case FLOAT16 -> whole(ElementType.F16);
      case BFLOAT16 -> whole(ElementType.BF16);
      case INT8 -> whole(ElementType.I8);
      case INT16 -> whole(ElementType.I16);
      case INT32 -> whole(ElementType.I32);
      case INT64 -> whole(ElementType.I64);
      case UINT8 -> whole(ElementType.U8);
      case UINT16 -> whole(ElementType.U16);
      case UINT32 -> whole(ElementType.U32);
      case UINT64 -> whole(ElementType.U64);
      case BOOL -> whole(ElementType.BOOL);
      case INT4 -> new Encoding(ElementType.I8, 4);
      case UINT4 -> new Encoding(ElementType.U8, 4);
      case INT2 -> new Encoding(ElementType.I8, 2);
      case UINT2 -> new Encoding(ElementType.U8, 2);
      case UNDEFINED -> throw file.refused("%s does not say what its elements are.", what);
      default ->
          throw file.refused(
              "%s has elements of the type %s. Those that can be read are floats of 16 bits and"
                  + " more, integers and truth values; convert the model.",
              what, known);
    };
  }

  private static Encoding whole(ElementType type) {
    return new Encoding(type, Byte.SIZE * ElementBytes.bytes(type));
  }

  /** What ONNX calls elements of a type. */
  static int dataType(ElementType type) {
    DataType known =
        switch (type) {
          case F32 -> DataType.FLOAT;
          case F64 -> DataType.DOUBLE;
          case F16 -> DataType.FLOAT16;
          case BF16 -> DataType.BFLOAT16;
          case I8 -> DataType.INT8;
          case I16 -> DataType.INT16;
          case I32 -> DataType.INT32;
          case I64 -> DataType.INT64;
          case U8 -> DataType.UINT8;
          case U16 -> DataType.UINT16;
          case U32 -> DataType.UINT32;
          case U64 -> DataType.UINT64;
          case BOOL -> DataType.BOOL;
        };
    return known.getNumber();
  }

  /** Elements that share a byte, or 1. */
  int shared() {
    return Math.max(1, Byte.SIZE / bits);
  }

  /** Bytes that elements take in a file. */
  long bytes(int elements) {
    return Math.ceilDiv((long) elements * bits, Byte.SIZE);
  }

  /** Bytes that elements take in memory. */
  long memory(int elements) {
    return Sizes.times(elements, type.storage().bytes());
  }

  /**
   * Reads elements, in pieces.
   *
   * @param in without a buffer
   * @param shape of elements that there is memory for
   * @throws EOFException if there are too few bytes
   */
  Tensor read(InputStream in, int[] shape) throws IOException {
    if (shared() == 1) {
      return ElementBytes.read(in, type, ByteOrder.LITTLE_ENDIAN, shape);
    }
    InputStream buffered = new BufferedInputStream(in);
    long[] longs = new long[Sizes.product("elements of a tensor", shape)];
    for (int i = 0; i < longs.length; ) {
      int next = buffered.read();
      if (next < 0) {
        throw new EOFException();
      }
      for (int index = 0; index < shared() && i < longs.length; index++) {
        longs[i++] = part(next, index);
      }
    }
    return Tensor.wrap(type, longs, shape);
  }

  /** A float from the 16 bits that it has in a file. */
  float float16(short half) {
    return type == ElementType.F16
        ? Float.float16ToFloat(half)
        : Float.intBitsToFloat(half << Short.SIZE);
  }

  /** One of the elements that share a byte. */
  long part(int shared, int index) {
    int high = Integer.SIZE - bits;
    int atTop = shared << high - index * bits;
    return type.isUnsigned() ? atTop >>> high : atTop >> high;
  }
}
