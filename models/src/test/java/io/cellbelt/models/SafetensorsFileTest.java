package io.cellbelt.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsFileTest {
  @TempDir Path folder;

  @Test
  void roundTripKeepsEveryBitNameShapeAndOrder() throws IOException {
    List<Tensor> tensors =
        List.of(
            randomBits("lstm.weight_ih_l0", 12, 5),
            randomBits("one chunk and a bit", 16385),
            randomBits("a scalar"),
            randomBits("odd", 3, 1, 7, 1),
            randomBits("nothing", 4, 0, 3),
            Tensor.of("edges", new float[] {-0f, Float.MIN_VALUE, Float.MAX_VALUE}, 3),
            randomBits("", 1),
            randomBits("Größe \"\\\n\u2028 \uD83D\uDE00", 2));
    Map<String, String> metadata =
        Map.of("formát", "pt \uD83D\uDE00", "", "<&>'\"\\\u0000", "k", "");
    Path file = folder.resolve("model.safetensors");

    SafetensorsFile.of(metadata, tensors).write(file);
    SafetensorsFile read = SafetensorsFile.read(file);

    assertEquals(metadata, read.metadata());
    assertEquals(tensors.size(), read.tensors().size());
    for (int i = 0; i < tensors.size(); i++) {
      Tensor expected = tensors.get(i);
      Tensor actual = read.tensors().get(i);
      assertEquals(expected.name(), actual.name());
      assertEquals(expected.shape(), actual.shape());
      assertArrayEquals(bits(expected), bits(actual), expected.name());
      assertEquals(actual, read.find(expected.name()).orElseThrow());
    }
    assertTrue(read.find("absent").isEmpty());
  }

  @Test
  void emptyFileRoundTrips() throws IOException {
    Path file = folder.resolve("empty.safetensors");
    SafetensorsFile.of(Map.of(), List.of()).write(file);
    assertArrayEquals(RawSafetensors.bytes("{}      "), Files.readAllBytes(file));
    assertEquals(List.of(), SafetensorsFile.read(file).tensors());
  }

  @Test
  void writesTheBytesTheFormatDescribes() throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafetensorsFile.of(
            Map.of("format", "pt"),
            List.of(Tensor.of("b", new float[] {1, -2}, 2), Tensor.of("a", new float[] {0.5f})))
        .write(file);
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + RawSafetensors.entry("b", "F32", "[2]", "[0,8]")
            + ","
            + RawSafetensors.entry("a", "F32", "[]", "[8,12]")
            + "}";
    String padded = header + " ".repeat(-header.length() & 7);
    byte[] data = RawSafetensors.data(12).putFloat(1).putFloat(-2).putFloat(0.5f).array();
    assertArrayEquals(RawSafetensors.bytes(padded, data), Files.readAllBytes(file));
  }

  @Test
  void metadataOrderDoesNotChangeTheBytes() throws IOException {
    Map<String, String> forward = new LinkedHashMap<>();
    Map<String, String> backward = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      forward.put("key" + i, "value");
      backward.put("key" + (19 - i), "value");
    }
    Path one = folder.resolve("one.safetensors");
    Path two = folder.resolve("two.safetensors");
    SafetensorsFile.of(forward, List.of()).write(one);
    SafetensorsFile.of(backward, List.of()).write(two);
    assertEquals(-1, Files.mismatch(one, two));
  }

  @Test
  void headerOrderMayDifferFromDataOrder() throws IOException {
    String header =
        "{"
            + RawSafetensors.entry("second", "F32", "[1]", "[4,8]")
            + ","
            + RawSafetensors.entry("empty", "F32", "[0]", "[4,4]")
            + ","
            + RawSafetensors.entry("first", "F32", "[]", "[0,4]")
            + "} \n";
    byte[] data = RawSafetensors.data(8).putFloat(1).putFloat(2).array();
    SafetensorsFile read =
        SafetensorsFile.read(RawSafetensors.save(folder, RawSafetensors.bytes(header, data)));
    assertEquals(
        List.of("second", "empty", "first"), read.tensors().stream().map(Tensor::name).toList());
    assertArrayEquals(new float[] {2}, read.find("second").orElseThrow().values());
    assertArrayEquals(new float[] {1}, read.find("first").orElseThrow().values());
  }

  @Test
  void otherDtypesBecomeFloatExactly() throws IOException {
    byte[] bytes = new byte[40];
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    data.put((byte) 200).put((byte) -1).putShort((short) -32768).putInt(1 << 24);
    data.putLong(-7).putShort(Float.floatToFloat16(1.5f)).putShort((short) 0x0001);
    data.putShort((short) 0x3fc0).putShort((short) 0x0001).putDouble(-0.0).putDouble(0.25);
    String header =
        "{"
            + String.join(
                ",",
                RawSafetensors.entry("u8", "U8", "[1]", "[0,1]"),
                RawSafetensors.entry("i8", "I8", "[1]", "[1,2]"),
                RawSafetensors.entry("i16", "I16", "[1]", "[2,4]"),
                RawSafetensors.entry("i32", "I32", "[1]", "[4,8]"),
                RawSafetensors.entry("i64", "I64", "[]", "[8,16]"),
                RawSafetensors.entry("f16", "F16", "[2]", "[16,20]"),
                RawSafetensors.entry("bf16", "BF16", "[2]", "[20,24]"),
                RawSafetensors.entry("f64", "F64", "[2]", "[24,40]"))
            + "}";
    Path file = RawSafetensors.save(folder, RawSafetensors.bytes(header, bytes));
    Map<String, float[]> expected =
        Map.of(
            "u8", new float[] {200},
            "i8", new float[] {-1},
            "i16", new float[] {-32768},
            "i32", new float[] {16777216},
            "i64", new float[] {-7},
            "f16", new float[] {1.5f, 0x1p-24f},
            "bf16", new float[] {1.5f, Float.intBitsToFloat(0x10000)},
            "f64", new float[] {-0f, 0.25f});
    SafetensorsFile read = SafetensorsFile.read(file);
    expected.forEach(
        (name, values) ->
            assertArrayEquals(
                bits(Tensor.of(name, values, values.length)),
                bits(read.find(name).orElseThrow()),
                name));
  }

  @Test
  void nonFiniteValuesComeThroughOnlyWhenAskedFor() throws IOException {
    byte[] data =
        RawSafetensors.data(12)
            .putInt(0x7fa12345)
            .putFloat(Float.NEGATIVE_INFINITY)
            .putFloat(1)
            .array();
    String header = "{" + RawSafetensors.entry("w", "F32", "[3]", "[0,12]") + "}";
    Path file = RawSafetensors.save(folder, RawSafetensors.bytes(header, data));
    Tensor tensor = SafetensorsFile.readAnyValues(file).find("w").orElseThrow();
    assertTrue(Float.isNaN(tensor.values()[0]));
    assertArrayEquals(
        new float[] {Float.NEGATIVE_INFINITY, 1},
        new float[] {tensor.values()[1], tensor.values()[2]});
    String message =
        assertThrows(ModelFileException.class, () -> SafetensorsFile.read(file)).getMessage();
    assertTrue(message.contains("tensor \"w\" holds NaN at index [0]"), message);
  }

  @Test
  void nonFiniteValuesAreNotWrittenOverAGoodFile() throws IOException {
    Path file = Files.writeString(folder.resolve("model.safetensors"), "good");
    float[] values = new float[12];
    values[7] = Float.POSITIVE_INFINITY;
    SafetensorsFile diverged =
        SafetensorsFile.of(Map.of(), List.of(Tensor.of("w", values, 2, 2, 3)));
    String message =
        assertThrows(ModelFileException.class, () -> diverged.write(file)).getMessage();
    assertTrue(message.contains("tensor \"w\" holds Infinity at index [1, 0, 1]"), message);
    assertEquals("good", Files.readString(file));
  }

  @Test
  void contentIsImmutable() {
    float[] values = {1, 2};
    Tensor tensor = Tensor.of("w", values, 2);
    values[0] = 9;
    tensor.values()[1] = 9;
    assertArrayEquals(new float[] {1, 2}, tensor.values());
    SafetensorsFile file = SafetensorsFile.of(Map.of("a", "b"), List.of(tensor));
    assertThrows(UnsupportedOperationException.class, () -> file.metadata().put("a", "c"));
    assertThrows(UnsupportedOperationException.class, () -> file.tensors().clear());
  }

  @Test
  void impossibleContentIsRefused() {
    Tensor tensor = Tensor.of("w", new float[1]);
    Tensor reserved = Tensor.of("__metadata__", new float[1]);
    List<Runnable> impossible =
        List.of(
            () -> SafetensorsFile.of(Map.of(), List.of(tensor, tensor)),
            () -> SafetensorsFile.of(Map.of(), List.of(reserved)),
            () -> SafetensorsFile.of(Map.of("k", "\uD800"), List.of()),
            () -> Tensor.of("\uDC00", new float[1]),
            () -> Tensor.of("w", new float[3], 2, 2),
            () -> Tensor.of("w", new float[4], -2, -2),
            () -> Tensor.of("w", new float[0], 0, -1),
            () -> Tensor.of("w", new float[0], 65536, 65536),
            () -> Tensor.of("w", new float[1], new int[33]));
    for (Runnable attempt : impossible) {
      assertThrows(IllegalArgumentException.class, attempt::run);
    }
  }

  @Test
  void metadataKeysAreUtf8InTheFile() throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafetensorsFile.of(Map.of("größe", "7"), List.of()).write(file);
    assertTrue(new String(Files.readAllBytes(file), StandardCharsets.UTF_8).contains("größe"));
  }

  private static Tensor randomBits(String name, int... shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    Random random = new Random(name.hashCode());
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      values[i] = Float.isFinite(value) ? value : i;
    }
    return Tensor.of(name, values, shape);
  }

  private static int[] bits(Tensor tensor) {
    float[] values = tensor.values();
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
