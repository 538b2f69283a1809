package io.cellbelt.models;

import static io.cellbelt.models.RawSafetensors.bytes;
import static io.cellbelt.models.RawSafetensors.data;
import static io.cellbelt.models.RawSafetensors.entry;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Broken and hostile files: each gets a sentence that says what is wrong, and nothing else. */
final class SafetensorsAbuseTest {
  private static final String GOOD = entry("w", "F32", "[1]", "[0,4]");

  @TempDir Path folder;

  static Stream<Arguments> badHeaders() {
    return Stream.of(
        arguments("[]", "must start with '{'"),
        arguments(" {}", "must start with '{'"),
        arguments("\uFEFF{}", "must start with '{'"),
        arguments("", "must start with '{'"),
        arguments("{", "not valid JSON"),
        arguments("{" + GOOD, "not valid JSON"),
        arguments("{" + GOOD + ",}", "not valid JSON"),
        arguments("{" + GOOD + "} x", "not valid JSON"),
        arguments("{" + GOOD + "}{}", "not valid JSON"),
        arguments("{'w':{}}", "not valid JSON"),
        arguments("{\"w\":" + "[".repeat(100_000), "must be a JSON object, but is a JSON array"),
        arguments("{\"__metadata__\":" + "{\"a\":".repeat(100_000), "must be a string"),
        arguments("{" + GOOD + "," + GOOD + "}", "the key \"w\" twice"),
        arguments("{\"w\":7}", "tensor \"w\" must be a JSON object, but is a number"),
        arguments("{\"w\":null}", "tensor \"w\" must be a JSON object, but is null"),
        arguments("{\"w\":{}}", "must have dtype, shape and data_offsets"),
        arguments("{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}", "must have dtype, shape and data"),
        arguments("{\"w\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", "the key \"dtype\" twice"),
        arguments("{\"w\":{\"device\":\"cpu\"}}", "the unknown key \"device\""),
        arguments("{\"w\":{\"dtype\":32}}", "the dtype of tensor \"w\" must be a string"),
        arguments("{\"w\":{\"shape\":4}}", "the shape of tensor \"w\" must be a JSON array"),
        arguments("{\"w\":{\"shape\":[\"4\"]}}", "must be a number, but is a string"),
        arguments("{\"w\":{\"shape\":[[4]]}}", "must be a number, but is a JSON array"),
        arguments("{\"w\":{\"shape\":[true]}}", "must be a number, but is true or false"),
        arguments("{\"w\":{\"shape\":[-1]}}", "must be whole numbers from 0 to 2^63 - 1"),
        arguments("{\"w\":{\"shape\":[1.5]}}", "but one is \"1.5\""),
        arguments("{\"w\":{\"shape\":[1.0]}}", "but one is \"1.0\""),
        arguments("{\"w\":{\"shape\":[1e0]}}", "but one is \"1e0\""),
        arguments("{\"w\":{\"shape\":[99999999999999999999]}}", "99999999999999999999"),
        arguments("{\"w\":{\"shape\":[2147483648]}}", "a dimension of 2147483648"),
        arguments("{\"w\":{\"shape\":[" + "1,".repeat(32) + "1]}}", "at most 32 numbers"),
        arguments("{\"w\":{\"data_offsets\":[0]}}", "must be two numbers, but there are 1"),
        arguments("{\"w\":{\"data_offsets\":[0,4,8]}}", "at most 2 numbers"),
        arguments("{\"w\":{\"data_offsets\":[-4,0]}}", "but one is \"-4\""),
        arguments("{\"w\":{\"data_offsets\":{}}}", "must be a JSON array, but is a JSON object"),
        arguments("{" + entry("w", "F8_E4M3", "[4]", "[0,4]") + "}", "the dtype \"F8_E4M3\""),
        arguments("{" + entry("w", "f32", "[1]", "[0,4]") + "}", "the dtype \"f32\""),
        arguments("{" + entry("w", "F32", "[2]", "[0,4]") + "}", "needs 8 bytes"),
        arguments("{" + entry("w", "F64", "[1]", "[0,4]") + "}", "needs 8 bytes"),
        arguments(
            "{" + entry("w", "F32", "[1]", "[4,0]") + "}",
            "are [4, 0], which ends before it begins"),
        arguments(
            "{" + entry("w", "F32", "[1]", "[9223372036854775807,3]") + "}", "which ends bef"),
        arguments(
            "{" + entry("w", "F32", "[65536,65536]", "[0,0]") + "}", "needs 17179869184 bytes"),
        arguments(
            "{" + entry("w", "F32", "[2147483647,2147483647,2147483647]", "[0,4]") + "}",
            "would have 2^63 bytes or more"),
        arguments(
            "{" + entry("w", "F32", "[536870912]", "[0,2147483648]") + "}",
            "ends at data byte 2147483648, but the"),
        arguments("{" + entry("w", "", "[4]", "[0,4]") + "}", "the dtype \"\", which is no name"),
        arguments("{" + entry("w", "F\\u001b", "[4]", "[0,4]") + "}", "the dtype \"F?\""),
        arguments("{" + entry("w", "F8", "[4]", "[4,0]") + "}", "which ends before it begins"),
        arguments("{" + entry("w", "F32", "[2]", "[0,8]") + "}", "ends at data byte 8, but the"),
        arguments("{" + entry("w", "F32", "[0]", "[8,8]") + "}", "ends at data byte 8, but the"),
        arguments("{" + entry("w", "U8", "[2]", "[2,4]") + "}", "0 was expected"),
        arguments("{" + entry("w", "U8", "[2]", "[0,2]") + "}", "no byte may be left over"),
        arguments("{}", "no byte may be left over"),
        arguments(
            "{" + entry("a", "U8", "[3]", "[0,3]") + "," + entry("b", "U8", "[3]", "[1,4]") + "}",
            "without overlap"),
        arguments("{" + GOOD + "," + entry("v", "F32", "[1]", "[0,4]") + "}", "without overlap"),
        arguments(
            "{" + entry("a", "U8", "[1]", "[0,1]") + "," + entry("b", "U8", "[2]", "[2,4]") + "}",
            "without gap"),
        arguments("{\"__metadata__\":[]," + GOOD + "}", "the metadata must be a JSON object"),
        arguments("{\"__metadata__\":{\"a\":1}," + GOOD + "}", "entry \"a\" must be a string"),
        arguments("{\"__metadata__\":{\"a\":null}," + GOOD + "}", "entry \"a\" must be a string"),
        arguments("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}," + GOOD + "}", "the key \"a\" twice"),
        arguments("{\"__metadata__\":{},\"__metadata__\":{}," + GOOD + "}", "twice"),
        arguments("{\"__metadata__\":{\"a\":\"\\ud800\"}," + GOOD + "}", "not valid JSON"));
  }

  @ParameterizedTest
  @MethodSource("badHeaders")
  void badHeaderIsNamed(String header, String expected) throws IOException {
    refused(bytes(header, data(4).putFloat(1).array()), expected);
  }

  @Test
  void theHeaderTheCasesAreMadeOfIsGood() throws IOException {
    Path file = RawSafetensors.save(folder, bytes("{" + GOOD + "}", data(4).putFloat(1).array()));
    assertEquals(1, SafetensorsFile.read(file).tensors().size());
  }

  @Test
  void truncatedFileIsNamed() throws IOException {
    byte[] whole = bytes("{" + GOOD + "}", new byte[4]);
    refused(new byte[0], "only 0 bytes");
    refused(Arrays.copyOf(whole, 7), "only 7 bytes");
    refused(Arrays.copyOf(whole, 8), "but only 0 bytes follow");
    refused(Arrays.copyOf(whole, 20), "but only 12 bytes follow");
    refused(Arrays.copyOf(whole, whole.length - 1), "the file holds only 3 bytes of data");
    refused(Arrays.copyOf(whole, whole.length + 1), "no byte may be left over");
  }

  @Test
  void wildHeaderLengthIsNamed() throws IOException {
    byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
    refused(bytes(3, json), "a header of 3 bytes, but only 2 bytes follow");
    refused(bytes(Long.MAX_VALUE, json), "a header of 9223372036854775807 bytes");
    refused(bytes(-1, json), "a header of 18446744073709551615 bytes");
    refused(bytes(1L << 32, json), "a header of 4294967296 bytes");
    refused(
        "version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.UTF_8),
        "not a safetensors file");
  }

  @Test
  void headerOverTheLimitOfTheFormatIsNamed() throws IOException {
    Path file = RawSafetensors.save(folder, bytes(100_000_001, new byte[0]));
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(100_000_100);
    }
    refused(file, "more than the format's limit of 100000000");
  }

  @Test
  void tensorOverTheLimitIsNamed() throws IOException {
    String header = "{" + entry("w", "U8", "[536870912]", "[0,536870912]") + "}";
    Path file = RawSafetensors.save(folder, bytes(header));
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(sparse.length() + 536870912);
    }
    refused(file, "more than the limit of 536870911 elements");
  }

  @Test
  void moreDataThanMemoryIsNamed() throws IOException {
    int size = 3 << 20;
    String header = "{" + entry("w", "U8", "[" + size + "]", "[0," + size + "]") + "}";
    Path file = RawSafetensors.save(folder, bytes(header, new byte[size]));
    assertEquals(size, SafetensorsReader.read(file, 12 << 20, false).tensors().getFirst().size());
    String message =
        assertThrows(ModelFileException.class, () -> SafetensorsReader.read(file, 11 << 20, false))
            .getMessage();
    assertTrue(
        message.contains("tensors would take up to 12 MB of memory, but this JVM may use only 11"),
        message);
  }

  @Test
  void moreHeaderThanMemoryIsNamed() throws IOException {
    Path file = RawSafetensors.save(folder, bytes("{}" + " ".repeat(1 << 20)));
    assertEquals(List.of(), SafetensorsReader.read(file, 33 << 20, false).tensors());
    String message =
        assertThrows(ModelFileException.class, () -> SafetensorsReader.read(file, 31 << 20, false))
            .getMessage();
    assertTrue(message.contains("header would take up to 32 MB of memory"), message);
  }

  @Test
  void invalidUtf8IsNamed() throws IOException {
    byte[] file = bytes("{\"__metadata__\":{\"a\":\"?\"}}");
    for (int i = 0; i < file.length; i++) {
      if (file[i] == '?') {
        file[i] = (byte) 0xff;
      }
    }
    refused(file, "not valid UTF-8");
  }

  @Test
  void valuesThatAreNoFloatAreNamed() throws IOException {
    refused(
        bytes(
            "{" + entry("w", "F64", "[1,2]", "[0,16]") + "}",
            data(16).putDouble(0.5).putDouble(0.1).array()),
        "tensor \"w\" has dtype F64, and its value at index [0, 1]");
    refused(
        bytes("{" + entry("w", "F64", "[]", "[0,8]") + "}", data(8).putDouble(1e39).array()),
        "at index []");
    refused(
        bytes(
            "{" + entry("w", "I32", "[2]", "[0,8]") + "}",
            data(8).putInt(5).putInt((1 << 24) + 1).array()),
        "dtype I32, and its value at index [1]");
    refused(
        bytes(
            "{" + entry("w", "I64", "[]", "[0,8]") + "}", data(8).putLong(Long.MIN_VALUE).array()),
        "dtype I64, and its value at index []");
  }

  @Test
  void valuesThatAreNoFloatAreRoundedWhenAsked() throws IOException {
    String header = "{" + entry("w", "F64", "[2]", "[0,16]") + "}";
    byte[] data = data(16).putDouble(0.1).putDouble(-1e-300).array();
    Path file = RawSafetensors.save(folder, bytes(header, data));
    assertArrayEquals(
        new float[] {0.1f, -0f},
        SafetensorsFile.readRounded(file).find("w").orElseThrow().values());
    RawSafetensors.save(folder, bytes(header, data(16).putDouble(0).putDouble(1e39).array()));
    String message =
        assertThrows(ModelFileException.class, () -> SafetensorsFile.readRounded(file))
            .getMessage();
    assertTrue(message.contains("holds Infinity at index [1]"), message);
  }

  @Test
  void nonFiniteValuesAreNamed() throws IOException {
    refused(
        bytes(
            "{" + entry("w", "F32", "[2,1]", "[0,8]") + "}",
            data(8).putFloat(0).putFloat(Float.NaN).array()),
        "tensor \"w\" holds NaN at index [1, 0]");
    refused(
        bytes(
            "{" + entry("w", "F16", "[]", "[0,2]") + "}", data(2).putShort((short) 0xfc00).array()),
        "tensor \"w\" holds -Infinity at index []");
  }

  @Test
  void namesFromTheFileAreQuotedShortAndWithoutEscapeCodes() throws IOException {
    Path file = RawSafetensors.save(folder, bytes("{\"\\u001b[31m" + "x".repeat(10_000) + "\":7}"));
    String message =
        assertThrows(ModelFileException.class, () -> SafetensorsFile.read(file)).getMessage();
    assertFalse(message.contains("\u001b"), message);
    assertTrue(message.contains("\"?[31mxxx"), message);
    assertTrue(message.length() < 300 + file.toString().length(), message);
  }

  @Test
  void missingFileAndFolderAreNamed() throws IOException {
    refused(folder.resolve("absent.safetensors"), "there is no such file");
    refused(folder, "not a regular file");
  }

  /** Every one-byte change and every truncation either still parses or is refused properly. */
  @Test
  void mutatedFilesNeverEscape() throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafetensorsFile.of(
            Map.of("format", "pt", "größe", "7"),
            List.of(
                Tensor.of("lstm.weight_ih_l0", new float[] {1, 2, 3, 4, 5, 6}, 2, 3),
                Tensor.of("scalar", new float[] {7}),
                Tensor.of("empty", new float[0], 0, 5)))
        .write(file);
    byte[] valid = Files.readAllBytes(file);
    int headerEnd = valid.length - 7 * Float.BYTES;
    String replacements = "\u0000 \"\\{}[],:-.019eEnt/";
    int parsed = 0;
    int refused = 0;
    for (int at = 0; at < headerEnd; at++) {
      byte[] mutated = valid.clone();
      for (int variant = 0; variant < 8 + replacements.length(); variant++) {
        mutated[at] =
            (byte) (variant < 8 ? valid[at] ^ (1 << variant) : replacements.charAt(variant - 8));
        if (parses(mutated)) {
          parsed++;
        } else {
          refused++;
        }
      }
    }
    // Most single changes break the file; changes inside a name or in the padding do not.
    assertTrue(refused > 2000 && parsed > 200, refused + " refused, " + parsed + " parsed");
    for (int length = 0; length < valid.length; length++) {
      assertFalse(parses(Arrays.copyOf(valid, length)), "truncated to " + length + " bytes");
    }
  }

  private boolean parses(byte[] bytes) throws IOException {
    Path file = RawSafetensors.save(folder, bytes);
    try {
      SafetensorsFile.read(file);
      return true;
    } catch (ModelFileException e) {
      assertTrue(e.getMessage().startsWith("Cannot read " + file + ": "), e.getMessage());
      assertTrue(e.getMessage().endsWith("."), e.getMessage());
      return false;
    }
  }

  private void refused(byte[] bytes, String expected) throws IOException {
    refused(RawSafetensors.save(folder, bytes), expected);
  }

  private static void refused(Path file, String expected) {
    String message =
        assertThrows(ModelFileException.class, () -> SafetensorsFile.read(file)).getMessage();
    assertTrue(message.startsWith("Cannot read " + file + ": "), message);
    assertTrue(message.contains(expected), message);
    assertTrue(message.endsWith("."), message);
  }
}
