package io.cellbelt.graphs;

/**
 * What the elements of a tensor are. While a graph runs there are three kinds of storage: floats,
 * doubles and longs. The narrow floats are stored as floats that are rounded after every operator,
 * and integers and truth values as longs that stay in their range.
 */
public enum ElementType {
  /** 32-bit floats. */
  F32(Storage.FLOAT, 32),
  /** 64-bit floats. */
  F64(Storage.DOUBLE, 64),
  /** 16-bit floats of IEEE 754. */
  F16(Storage.FLOAT, 16),
  /** The upper half of 32-bit floats. */
  BF16(Storage.FLOAT, 16),
  /** Signed integers. */
  I8(Storage.LONG, 8),
  /** Signed integers. */
  I16(Storage.LONG, 16),
  /** Signed integers. */
  I32(Storage.LONG, 32),
  /** Signed integers. */
  I64(Storage.LONG, 64),
  /** Unsigned integers. */
  U8(Storage.LONG, 8),
  /** Unsigned integers. */
  U16(Storage.LONG, 16),
  /** Unsigned integers. */
  U32(Storage.LONG, 32),
  /** Unsigned integers, with the bits of signed ones. */
  U64(Storage.LONG, 64),
  /** Truth values, 0 and 1. */
  BOOL(Storage.LONG, 1);

  /** How elements lie in memory. */
  public enum Storage {
    /** 4 bytes. */
    FLOAT(Float.BYTES),
    /** 8 bytes. */
    DOUBLE(Double.BYTES),
    /** 8 bytes. */
    LONG(Long.BYTES);

    private final int bytes;

    Storage(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of an element. */
    public int bytes() {
      return bytes;
    }
  }

  private final Storage storage;
  private final int bits;

  ElementType(Storage storage, int bits) {
    this.storage = storage;
    this.bits = bits;
  }

  /** How elements of this type lie in memory while a graph runs. */
  public Storage storage() {
    return storage;
  }

  /** Bits of an element in a file. */
  public int bits() {
    return bits;
  }

  /** Whether elements are floats of any width. */
  public boolean isFloating() {
    return storage != Storage.LONG;
  }

  /** Whether elements are integers: neither floats nor truth values. */
  public boolean isInteger() {
    return storage == Storage.LONG && this != BOOL;
  }

  /** Whether elements are integers from 0 on. */
  public boolean isUnsigned() {
    return switch (this) {
      case U8, U16, U32, U64 -> true;
      default -> false;
    };
  }

  /** A float as this type holds it, for the types that are stored as floats. */
  public float rounded(float value) {
    return switch (this) {
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      case BF16 -> bf16(value);
      default -> value;
    };
  }

  private static float bf16(float value) {
    if (Float.isNaN(value)) {
      return value;
    }
    int bits = Float.floatToRawIntBits(value);
    int even = bits >>> 16 & 1;
    return Float.intBitsToFloat(bits + 0x7fff + even & 0xffff0000);
  }

  /** An integer as this type holds it: its low bits, with their sign or without. */
  public long wrapped(long value) {
    return switch (this) {
      case I8 -> (byte) value;
      case I16 -> (short) value;
      case I32 -> (int) value;
      case U8 -> value & 0xff;
      case U16 -> value & 0xffff;
      case U32 -> value & 0xffffffffL;
      case BOOL -> value == 0 ? 0 : 1;
      default -> value;
    };
  }
}
