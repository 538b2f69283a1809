package io.cellbelt.models.files;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.kernels.checks.Sizes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Elements in a row as they lie in most formats: each in whole bytes, truth values in one. */
public final class ElementBytes {
  private static final int CHUNK_BYTES = 1 << 16;

  private ElementBytes() {}

  /** Bytes of an element in a file. */
  public static int bytes(ElementType type) {
    return Math.max(1, type.bits() / Byte.SIZE);
  }

  /**
   * Reads a tensor. In memory it takes up to 8 times the bytes that are read.
   *
   * @param in at the first element; read in pieces, so it needs no buffer
   * @param shape of elements of which the caller knows that there is memory for them
   * @throws EOFException if there are too few bytes
   */
  public static Tensor read(InputStream in, ElementType type, ByteOrder order, int... shape)
      throws IOException {
    int elements = Sizes.product("elements of a tensor", shape);
    Object array =
        switch (type.storage()) {
          case FLOAT -> new float[elements];
          case DOUBLE -> new double[elements];
          case LONG -> new long[elements];
        };
    int size = bytes(type);
    byte[] bytes = new byte[(int) Math.min(CHUNK_BYTES, (long) elements * size)];
    int count;
    for (int done = 0; done < elements; done += count) {
      count = Math.min(bytes.length / size, elements - done);
      if (in.readNBytes(bytes, 0, count * size) < count * size) {
        throw new EOFException();
      }
      ByteBuffer chunk = ByteBuffer.wrap(bytes, 0, count * size).order(order);
      decode(chunk, type, array, done, count);
    }
    return switch (array) {
      case float[] floats -> Tensor.wrap(type, floats, shape);
      case double[] doubles -> Tensor.wrap(doubles, shape);
      default -> Tensor.wrap(type, (long[]) array, shape);
    };
  }

  private static void decode(
      ByteBuffer bytes, ElementType type, Object array, int from, int count) {
    switch (array) {
      case float[] floats when type == ElementType.F32 ->
          bytes.asFloatBuffer().get(floats, from, count);
      case float[] floats -> {
        for (int i = from; i < from + count; i++) {
          short half = bytes.getShort();
          floats[i] =
              type == ElementType.F16
                  ? Float.float16ToFloat(half)
                  : Float.intBitsToFloat(half << Short.SIZE);
        }
      }
      case double[] doubles -> bytes.asDoubleBuffer().get(doubles, from, count);
      default -> {
        long[] longs = (long[]) array;
        for (int i = from; i < from + count; i++) {
          longs[i] = type.wrapped(whole(bytes, bytes(type)));
        }
      }
    }
  }

  private static long whole(ByteBuffer bytes, int size) {
    return switch (size) {
      case Byte.BYTES -> bytes.get();
      case Short.BYTES -> bytes.getShort();
      case Integer.BYTES -> bytes.getInt();
      default -> bytes.getLong();
    };
  }

  /** Writes the elements of a tensor, the least significant byte first. */
  public static void write(Tensor tensor, OutputStream out) throws IOException {
    ElementType type = tensor.type();
    int size = bytes(type);
    byte[] bytes = new byte[(int) Math.min(CHUNK_BYTES, (long) tensor.size() * size)];
    int count;
    for (int done = 0; done < tensor.size(); done += count) {
      count = Math.min(bytes.length / size, tensor.size() - done);
      ByteBuffer chunk = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      encode(tensor.shared(), type, done, count, chunk);
      out.write(bytes, 0, count * size);
    }
  }

  private static void encode(Object array, ElementType type, int from, int count, ByteBuffer out) {
    switch (array) {
      case float[] floats when type == ElementType.F32 ->
          out.asFloatBuffer().put(floats, from, count);
      case float[] floats -> {
        for (int i = from; i < from + count; i++) {
          out.putShort(
              type == ElementType.F16
                  ? Float.floatToFloat16(floats[i])
                  : (short) (Float.floatToRawIntBits(floats[i]) >>> Short.SIZE));
        }
      }
      case double[] doubles -> out.asDoubleBuffer().put(doubles, from, count);
      default -> {
        long[] longs = (long[]) array;
        for (int i = from; i < from + count; i++) {
          switch (bytes(type)) {
            case Byte.BYTES -> out.put((byte) longs[i]);
            case Short.BYTES -> out.putShort((short) longs[i]);
            case Integer.BYTES -> out.putInt((int) longs[i]);
            default -> out.putLong(longs[i]);
          }
        }
      }
    }
  }
}
