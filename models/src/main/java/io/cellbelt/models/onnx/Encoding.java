package io.cellbelt.models.onnx;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.kernels.checks.Sizes;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.onnx.OnnxProto.TensorProto.DataType;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How elements lie in a file.
 *
 * @param type what they become
 * @param bits of an element; those of less than a byte share one, the first in its lowest bits
 */
record Encoding(ElementType type, int bits) {
  /** Bytes are decoded in pieces of this many, or a little more: each starts with a new byte. */
  static final int PIECE = 1 << 16;

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
      case FLOAT -> of(ElementType.F32);
      case DOUBLE -> of(ElementType.F64);
      case FLOAT16 -> of(ElementType.F16);
      case BFLOAT16 -> of(ElementType.BF16);
      case INT8 -> of(ElementType.I8);
      case INT16 -> of(ElementType.I16);
      case INT32 -> of(ElementType.I32);
      case INT64 -> of(ElementType.I64);
      case UINT8 -> of(ElementType.U8);
      case UINT16 -> of(ElementType.U16);
      case UINT32 -> of(ElementType.U32);
      case UINT64 -> of(ElementType.U64);
      case BOOL -> of(ElementType.BOOL);
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

  /** The encoding of elements that have bytes of their own: the one that they are written in. */
  static Encoding of(ElementType type) {
    return new Encoding(type, Math.max(Byte.SIZE, type.bits()));
  }

  /** What ONNX calls elements of a type. */
  static DataType dataType(ElementType type) {
    return switch (type) {
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

  /** An array for elements. */
  Object array(int elements) {
    return switch (type.storage()) {
      case FLOAT -> new float[elements];
      case DOUBLE -> new double[elements];
      case LONG -> new long[elements];
    };
  }

  /**
   * Decodes elements.
   *
   * @param bytes from their position on
   * @param array of {@link #array}
   */
  void decode(ByteBuffer bytes, Object array, int from, int count) {
    ByteBuffer data = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    switch (array) {
      case float[] floats -> floats(data, floats, from, count);
      case double[] doubles -> data.asDoubleBuffer().get(doubles, from, count);
      default -> longs(data, (long[]) array, from, count);
    }
  }

  private void floats(ByteBuffer data, float[] floats, int from, int count) {
    if (bits == Float.SIZE) {
      data.asFloatBuffer().get(floats, from, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      floats[from + i] = float16(data.getShort());
    }
  }

  /** A float from the 16 bits that it has in a file. */
  float float16(short half) {
    return type == ElementType.F16
        ? Float.float16ToFloat(half)
        : Float.intBitsToFloat(half << Short.SIZE);
  }

  private void longs(ByteBuffer data, long[] longs, int from, int count) {
    if (bits < Byte.SIZE) {
      for (int i = 0; i < count; i++) {
        longs[from + i] = part(data.get(i / shared()), i % shared());
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      long value =
          switch (bits) {
            case Byte.SIZE -> data.get();
            case Short.SIZE -> data.getShort();
            case Integer.SIZE -> data.getInt();
            default -> data.getLong();
          };
      longs[from + i] = type.wrapped(value);
    }
  }

  /**
   * Encodes all elements of an array of {@link #array}, which have bytes of their own.
   *
   * @return their bytes, fewer than 2^31
   */
  byte[] encoded(Object array) {
    int elements = Array.getLength(array);
    ByteBuffer data = ByteBuffer.allocate((int) bytes(elements)).order(ByteOrder.LITTLE_ENDIAN);
    switch (array) {
      case float[] floats when bits == Float.SIZE -> data.asFloatBuffer().put(floats);
      case float[] floats -> {
        for (float value : floats) {
          data.putShort(half(value));
        }
      }
      case double[] doubles -> data.asDoubleBuffer().put(doubles);
      default -> putLongs(data, (long[]) array);
    }
    return data.array();
  }

  /** The bits of a float that 16 bits can hold. */
  private short half(float value) {
    return type == ElementType.F16
        ? Float.floatToFloat16(value)
        : (short) (Float.floatToRawIntBits(value) >>> Short.SIZE);
  }

  private void putLongs(ByteBuffer data, long[] longs) {
    for (long value : longs) {
      switch (bits) {
        case Byte.SIZE -> data.put((byte) value);
        case Short.SIZE -> data.putShort((short) value);
        case Integer.SIZE -> data.putInt((int) value);
        default -> data.putLong(value);
      }
    }
  }

  /** One of the elements that share a byte. */
  long part(int shared, int index) {
    int high = Integer.SIZE - bits;
    int atTop = shared << high - index * bits;
    return type.isUnsigned() ? atTop >>> high : atTop >> high;
  }
}
