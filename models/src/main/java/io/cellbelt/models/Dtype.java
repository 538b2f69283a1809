package io.cellbelt.models;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The element types this library reads, by their names in the file. All become float exactly or not
 * at all, unless the caller asks for rounding: a weight that changed silently on its way in would
 * be worse than a refusal.
 */
enum Dtype {
  U8(1),
  I8(1),
  I16(2),
  I32(4),
  I64(8),
  F16(2),
  BF16(2),
  F32(4),
  F64(8);

  /** Every integer up to here in magnitude is a float. */
  private static final long LARGEST_EXACT_INTEGER = 1L << 24;

  private final int bytes;

  Dtype(int bytes) {
    this.bytes = bytes;
  }

  int bytes() {
    return bytes;
  }

  /** The type of that name, if this library reads it. */
  static Optional<Dtype> named(String name) {
    return Arrays.stream(values()).filter(dtype -> dtype.name().equals(name)).findFirst();
  }

  /** Whether there are values of this type that are no floats. */
  boolean mayNeedRounding() {
    return this == I32 || this == I64 || this == F64;
  }

  /**
   * Decodes {@code count} elements of little-endian {@code data} into {@code values[from ...]}.
   *
   * @param rounded whether values that are no floats become the nearest one
   * @return {@code count}, or less: the number of elements before the first that is no float
   */
  int decode(ByteBuffer data, float[] values, int from, int count, boolean rounded) {
    if (this == F32) {
      data.asFloatBuffer().get(values, from, count);
      return count;
    }
    for (int i = 0; i < count; i++) {
      try {
        values[from + i] = rounded ? nextRounded(data) : next(data);
      } catch (ArithmeticException e) {
        return i;
      }
    }
    return count;
  }

  private float nextRounded(ByteBuffer data) {
    return switch (this) {
      case I32 -> (float) data.getInt();
      case I64 -> (float) data.getLong();
      case F64 -> (float) data.getDouble();
      default -> next(data);
    };
  }

  private float next(ByteBuffer data) {
    return switch (this) {
      case U8 -> Byte.toUnsignedInt(data.get());
      case I8 -> data.get();
      case I16 -> data.getShort();
      case I32 -> exact((long) data.getInt());
      case I64 -> exact(data.getLong());
      case F16 -> Float.float16ToFloat(data.getShort());
      case BF16 -> Float.intBitsToFloat(data.getShort() << 16);
      case F32 -> data.getFloat();
      case F64 -> exact(data.getDouble());
    };
  }

  private static float exact(long value) {
    if (value < -LARGEST_EXACT_INTEGER || value > LARGEST_EXACT_INTEGER) {
      throw new ArithmeticException();
    }
    return value;
  }

  private static float exact(double value) {
    float narrowed = (float) value;
    if (Double.compare(narrowed, value) != 0) {
      throw new ArithmeticException();
    }
    return narrowed;
  }
}
