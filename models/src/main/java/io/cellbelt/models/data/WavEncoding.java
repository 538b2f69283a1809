package io.cellbelt.models.data;

import java.nio.ByteBuffer;

/** How samples lie in a wav file. Whole numbers stand for values from -1 to 1. */
public enum WavEncoding {
  /** Unsigned, around 128. */
  PCM_8(1, 1),
  /** Signed. */
  PCM_16(1, 2),
  /** Signed. */
  PCM_24(1, 3),
  /** Signed; read as the nearest float. */
  PCM_32(1, 4),
  /** 32-bit floats. */
  FLOAT_32(3, 4),
  /** 64-bit floats; read as the nearest float. */
  FLOAT_64(3, 8);

  private final int tag;
  private final int bytes;

  WavEncoding(int tag, int bytes) {
    this.tag = tag;
    this.bytes = bytes;
  }

  /** The number of the format in files: 1 for whole numbers, 3 for floats. */
  int tag() {
    return tag;
  }

  /** Bytes of a sample. */
  public int bytes() {
    return bytes;
  }

  /** Largest magnitude of whole numbers, which stands for 1. */
  private double scale() {
    return 1L << (bytes * Byte.SIZE - 1);
  }

  /** The next samples of little-endian bytes. */
  void decode(ByteBuffer from, float[] to, int offset, int count) {
    if (this == FLOAT_32) {
      from.asFloatBuffer().get(to, offset, count);
      return;
    }
    double scale = scale();
    for (int i = offset; i < offset + count; i++) {
      to[i] = (float) (this == FLOAT_64 ? from.getDouble() : whole(from) / scale);
    }
  }

  private int whole(ByteBuffer from) {
    return switch (this) {
      case PCM_8 -> (from.get() & 0xff) - 128;
      case PCM_16 -> from.getShort();
      case PCM_24 -> from.get() & 0xff | (from.get() & 0xff) << 8 | from.get() << 16;
      default -> from.getInt();
    };
  }

  /** Samples as little-endian bytes; whole numbers are rounded, and stop at the largest. */
  void encode(float[] from, int offset, int count, ByteBuffer to) {
    double scale = scale();
    for (int i = offset; i < offset + count; i++) {
      switch (this) {
        case FLOAT_32 -> to.putFloat(from[i]);
        case FLOAT_64 -> to.putDouble(from[i]);
        default -> put((int) Math.clamp(Math.rint(from[i] * scale), -scale, scale - 1), to);
      }
    }
  }

  private void put(int value, ByteBuffer to) {
    switch (this) {
      case PCM_8 -> to.put((byte) (value + 128));
      case PCM_16 -> to.putShort((short) value);
      case PCM_24 -> to.put((byte) value).putShort((short) (value >> 8));
      default -> to.putInt(value);
    }
  }
}
