package io.cellbelt.models.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.onnx.OnnxProto.TensorProto;
import io.cellbelt.models.onnx.OnnxProto.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Turns tensors into messages, with their elements as raw data. */
final class TensorWriter {
  private TensorWriter() {}

  /** Bytes of the elements in a file. */
  static long bytes(Tensor tensor) {
    return (long) tensor.size() * bytes(tensor.type());
  }

  private static int bytes(ElementType type) {
    return Math.ceilDiv(type.bits(), Byte.SIZE);
  }

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

  /** The message of a tensor of less than 2 GB. */
  static TensorProto proto(String name, Tensor tensor) {
    TensorProto.Builder proto =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(dataType(tensor.type()).getNumber())
            .setRawData(raw(tensor));
    for (int size : tensor.shape()) {
      proto.addDims(size);
    }
    return proto.build();
  }

  private static ByteString raw(Tensor tensor) {
    ByteBuffer raw = ByteBuffer.allocate((int) bytes(tensor)).order(ByteOrder.LITTLE_ENDIAN);
    switch (tensor.shared()) {
      case float[] floats -> put(raw, tensor.type(), floats);
      case double[] doubles -> raw.asDoubleBuffer().put(doubles);
      default -> put(raw, bytes(tensor.type()), (long[]) tensor.shared());
    }
    // Nobody has the array but this message.
    return UnsafeByteOperations.unsafeWrap(raw.array());
  }

  private static void put(ByteBuffer raw, ElementType type, float[] floats) {
    switch (type) {
      case F16 -> {
        for (float value : floats) {
          raw.putShort(Float.floatToFloat16(value));
        }
      }
      case BF16 -> {
        for (float value : floats) {
          raw.putShort((short) (Float.floatToRawIntBits(value) >> Short.SIZE));
        }
      }
      default -> raw.asFloatBuffer().put(floats);
    }
  }

  private static void put(ByteBuffer raw, int bytes, long[] longs) {
    for (long value : longs) {
      switch (bytes) {
        case Byte.BYTES -> raw.put((byte) value);
        case Short.BYTES -> raw.putShort((short) value);
        case Integer.BYTES -> raw.putInt((int) value);
        default -> raw.putLong(value);
      }
    }
  }
}
