package io.cellbelt.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * A text in UTF-8, by its characters: Unicode code points, not Java's halves of them. A byte order
 * mark at its start is no character of it.
 *
 * @param characters the code points, 1 or more
 * @param hash SHA-256 of the file, to know the text again
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record TextFile(int[] characters, String hash) {
  /**
   * Reads a text.
   *
   * @throws Failure if the file is not there, empty, not readable or not valid UTF-8
   */
  static TextFile read(Path file) {
    byte[] bytes = bytes(file);
    Optional<String> wide = TextEncoding.wide(bytes);
    if (wide.isPresent()) {
      throw new Failure(
          "The text "
              + file
              + " is in "
              + wide.get()
              + ", and not in UTF-8. "
              + convert(file, wide.get()));
    }
    int mark = TextEncoding.utf8Mark(bytes);
    ByteBuffer buffer = ByteBuffer.wrap(bytes, mark, bytes.length - mark);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
      int[] characters = text.codePoints().toArray();
      if (characters.length == 0) {
        throw new Failure("The text " + file + " is empty; name a file with some text.");
      }
      return new TextFile(characters, hash(bytes));
    } catch (CharacterCodingException e) {
      // The decoder has stopped at the malformed bytes.
      int at = buffer.position();
      throw new Failure(
          String.format(
                  Locale.ROOT,
                  "The text %s is not valid UTF-8: the byte 0x%02X at offset %d (line %d) does not belong"
                      + " there. ",
                  file,
                  bytes[at],
                  at,
                  line(bytes, at))
              + convert(file, "ISO-8859-1"),
          e);
    }
  }

  private static String convert(Path file, String encoding) {
    return String.format(
        Locale.ROOT,
        "Convert it, for example with 'iconv -f %s -t UTF-8 %s > utf8.txt'.",
        encoding,
        file);
  }

  private static byte[] bytes(Path file) {
    if (!Files.exists(file)) {
      throw new Failure("There is no text " + file + "; check the path.");
    }
    if (!Files.isRegularFile(file)) {
      throw new Failure("The text " + file + " is not a regular file; name a text file.");
    }
    try {
      if (Files.size(file) > Integer.MAX_VALUE / 2) {
        throw new Failure(
            String.format(
                Locale.ROOT,
                "The text %s has %d bytes, but at most %d are read; take a part of it.",
                file,
                Files.size(file),
                Integer.MAX_VALUE / 2));
      }
      return Files.readAllBytes(file);
    } catch (AccessDeniedException e) {
      throw new Failure(
          "The text "
              + file
              + " cannot be read: permission denied. Give this user the right to"
              + " read it.",
          e);
    } catch (IOException e) {
      throw new Failure("The text " + file + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  private static long line(byte[] bytes, int end) {
    long line = 1;
    for (int i = 0; i < end; i++) {
      line += bytes[i] == '\n' ? 1 : 0;
    }
    return line;
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
