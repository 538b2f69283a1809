package io.cellbelt.models.data;

import io.cellbelt.models.ModelFileException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * What stands before the samples of a wav file.
 *
 * @param sampleRate frames a second
 * @param channels samples of a frame
 * @param encoding of samples
 * @param frames in the file
 */
record WavHeader(int sampleRate, int channels, WavEncoding encoding, long frames) {
  private static final int EXTENSIBLE = 0xfffe;
  private static final int MOST_FORMAT_BYTES = 1 << 16;

  /** What follows the format's number in the sixteen bytes that name it. */
  private static final byte[] GUID = {
    0, 0, 0, 0, 16, 0, (byte) 0x80, 0, 0, (byte) 0xaa, 0, 0x38, (byte) 0x9b, 0x71
  };

  /** A size of those who do not know it yet, or, in RF64, write it elsewhere. */
  private static final long UNKNOWN = 0xffffffffL;

  private static final String RESCUE = " Copy it again, or save it again with another program.";

  /** Reads up to the first sample. */
  static WavHeader read(DataInputStream in, long fileBytes, Path file) throws IOException {
    try {
      return new Parser(in, fileBytes, file).header();
    } catch (EOFException e) {
      throw ModelFileException.unreadable(
          file, "it ends before its samples begin; it is truncated." + RESCUE);
    }
  }

  private static final class Parser {
    private final DataInputStream in;
    private final long fileBytes;
    private final Path file;
    private long position;

    Parser(DataInputStream in, long fileBytes, Path file) {
      this.in = in;
      this.fileBytes = fileBytes;
      this.file = file;
    }

    WavHeader header() throws IOException {
      String riff = text();
      size();
      String wave = text();
      if (!riff.equals("RIFF") && !riff.equals("RF64") || !wave.equals("WAVE")) {
        throw refused("it is no RIFF file of the kind WAVE.");
      }
      ByteBuffer format = null;
      long large = UNKNOWN;
      while (true) {
        String chunk = text();
        long size = size();
        if (chunk.equals("data")) {
          if (format == null) {
            throw refused("its samples stand before their format.");
          }
          return header(format, size == UNKNOWN ? large : size);
        }
        if (size > fileBytes - position) {
          throw refused(
              "the part '%s' would have %d bytes, but only %d follow; it is truncated.",
              chunk, size, fileBytes - position);
        }
        long read = 0;
        if (chunk.equals("fmt ") && size <= MOST_FORMAT_BYTES) {
          format = ByteBuffer.wrap(bytes((int) size)).order(ByteOrder.LITTLE_ENDIAN);
          read = size;
        } else if (chunk.equals("ds64") && size >= 2 * Long.BYTES) {
          ByteBuffer sizes = ByteBuffer.wrap(bytes(2 * Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
          large = sizes.getLong(Long.BYTES);
          read = 2 * Long.BYTES;
        }
        // Parts have even sizes, some with a byte more than they tell.
        skip(size + (size & 1) - read);
      }
    }

    private WavHeader header(ByteBuffer format, long told) throws ModelFileException {
      if (format.capacity() < 16) {
        throw refused("its format has %d bytes, fewer than 16.", format.capacity());
      }
      int tag = format.getShort() & 0xffff;
      int channels = format.getShort() & 0xffff;
      int rate = format.getInt();
      format.getInt();
      int frame = format.getShort() & 0xffff;
      int bits = format.getShort() & 0xffff;
      if (tag == EXTENSIBLE) {
        tag = tagOfExtensible(format);
      }
      if (channels == 0 || rate <= 0) {
        throw refused(
            "it has %d channels and %d frames a second; both must be 1 or more.", channels, rate);
      }
      WavEncoding encoding = encoding(tag, bits);
      if (frame != channels * encoding.bytes()) {
        throw refused(
            "a frame has %d bytes, but %d channels of %d bits have %d.",
            frame, channels, bits, channels * encoding.bytes());
      }
      long available = fileBytes - position;
      if (told != UNKNOWN && (told < 0 || told > available)) {
        throw refused(
            "its samples would have %s bytes, but only %d follow; it is truncated.",
            Long.toUnsignedString(told), available);
      }
      return new WavHeader(rate, channels, encoding, (told == UNKNOWN ? available : told) / frame);
    }

    private int tagOfExtensible(ByteBuffer format) throws ModelFileException {
      if (format.capacity() < 40) {
        throw refused("its format has %d bytes, fewer than the 40 of its kind.", format.capacity());
      }
      byte[] rest = new byte[GUID.length];
      format.get(26, rest);
      if (!Arrays.equals(rest, GUID)) {
        throw refused("its format is named by sixteen bytes that are not known.");
      }
      return format.getShort(24) & 0xffff;
    }

    private WavEncoding encoding(int tag, int bits) throws ModelFileException {
      // Fewer bits than their bytes have are in the upper ones.
      int bytes = Math.ceilDiv(bits, Byte.SIZE);
      return Arrays.stream(WavEncoding.values())
          .filter(encoding -> encoding.tag() == tag && encoding.bytes() == bytes)
          .findFirst()
          .orElseThrow(
              () ->
                  refused(
                      "its samples have the format %d with %d bits. Those that can be read are"
                          + " whole numbers (1) of 8, 16, 24 and 32 bits, and floats (3) of 32 and"
                          + " 64.",
                      tag, bits));
    }

    private byte[] bytes(int count) throws IOException {
      byte[] bytes = new byte[count];
      in.readFully(bytes);
      position += count;
      return bytes;
    }

    private void skip(long count) throws IOException {
      // The byte after an odd part is missing where nothing follows.
      in.skipNBytes(Math.min(count, fileBytes - position));
      position += count;
    }

    private String text() throws IOException {
      return new String(bytes(4), StandardCharsets.ISO_8859_1);
    }

    private long size() throws IOException {
      position += Integer.BYTES;
      return Integer.toUnsignedLong(Integer.reverseBytes(in.readInt()));
    }

    private ModelFileException refused(String sentence, Object... arguments) {
      Object[] harmless =
          Arrays.stream(arguments)
              .map(a -> a instanceof String text ? text.replaceAll("[^ -~]", "?") : a)
              .toArray();
      return ModelFileException.unreadable(
          file, String.format(Locale.ROOT, sentence, harmless) + RESCUE);
    }
  }
}
