package io.cellbelt.app;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What a file is written in that is not UTF-8, told from its first bytes and its zeros. */
final class TextEncoding {
  private TextEncoding() {}

  /** Bytes of the mark that a file in UTF-8 may begin with, and that is no part of its text. */
  static int utf8Mark(byte[] bytes) {
    return startsWith(bytes, 0xEF, 0xBB, 0xBF) ? 3 : 0;
  }

  /**
   * The name of the encoding for {@code iconv}, of a text in UTF-16 or UTF-32 with or without a
   * mark; empty if it is neither, or could be something else.
   */
  static Optional<String> wide(byte[] bytes) {
    // UTF-32's mark begins with that of UTF-16.
    if (startsWith(bytes, 0xFF, 0xFE, 0, 0) || startsWith(bytes, 0, 0, 0xFE, 0xFF)) {
      return Optional.of("UTF-32");
    }
    if (startsWith(bytes, 0xFF, 0xFE) || startsWith(bytes, 0xFE, 0xFF)) {
      return Optional.of("UTF-16");
    }
    for (Charset charset : new Charset[] {StandardCharsets.UTF_32LE, StandardCharsets.UTF_32BE}) {
      if (bytes.length % 4 == 0 && decodes(bytes, charset)) {
        return Optional.of(charset.name());
      }
    }
    return withoutMark(bytes);
  }

  /**
   * Spaces and line ends have one zero in UTF-16, always on the same side. Bytes that are UTF-8 as
   * well, as those of Latin and Cyrillic are, must have as many control characters as no text has.
   */
  private static Optional<String> withoutMark(byte[] bytes) {
    long even = zeros(bytes, 0);
    long odd = zeros(bytes, 1);
    if (bytes.length % 2 != 0 || Math.min(even, odd) > 0) {
      return Optional.empty();
    }
    boolean told =
        decodes(bytes, StandardCharsets.UTF_8)
            ? even + odd > 0 && controls(bytes) >= bytes.length / 4
            : even + odd >= Math.max(1, bytes.length / 16);
    Charset charset = odd > 0 ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
    return told && decodes(bytes, charset) ? Optional.of(charset.name()) : Optional.empty();
  }

  /** Bytes of control characters, besides those between words and lines. */
  private static long controls(byte[] bytes) {
    long controls = 0;
    for (byte b : bytes) {
      controls += b >= 0 && b < ' ' && !Character.isWhitespace(b) ? 1 : 0;
    }
    return controls;
  }

  private static long zeros(byte[] bytes, int start) {
    long zeros = 0;
    for (int i = start; i < bytes.length; i += 2) {
      zeros += bytes[i] == 0 ? 1 : 0;
    }
    return zeros;
  }

  private static boolean decodes(byte[] bytes, Charset charset) {
    try {
      charset.newDecoder().decode(ByteBuffer.wrap(bytes));
      return bytes.length > 0;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static boolean startsWith(byte[] bytes, int... start) {
    for (int i = 0; i < start.length; i++) {
      if (i >= bytes.length || (bytes[i] & 0xFF) != start[i]) {
        return false;
      }
    }
    return true;
  }
}
