package io.cellbelt.propertytests.models;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A safetensors file put together byte by byte, in any order, as no writer of the library's. */
final class StateDictFile {
  /** How numbers are stored. */
  enum Type {
    F32(4),
    F16(2),
    BF16(2),
    F64(8);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  private record Entry(String name, String dtype, int[] shape, byte[] data) {}

  private final Type type;
  private final SplittableRandom random;
  private final List<Entry> entries = new ArrayList<>();

  StateDictFile(Type type, SplittableRandom random) {
    this.type = type;
    this.random = random;
  }

  /** Adds a tensor with random numbers, and returns what a reader that rounds should give. */
  float[] add(String name, int... shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    ByteBuffer data = ByteBuffer.allocate(size * type.bytes).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      // 8 bits, as BF16 has; the sum of two such numbers is exact.
      float value = random.nextInt(-128, 128) / 32f;
      switch (type) {
        case F32 -> data.putFloat(value);
        case F16 -> data.putShort(Float.floatToFloat16(value));
        case BF16 -> data.putShort((short) (Float.floatToIntBits(value) >>> 16));
        case F64 -> data.putDouble(value * (1 + 1e-12));
      }
      values[i] = value;
    }
    entries.add(new Entry(name, type.name(), shape, data.array()));
    return values;
  }

  /** Tensors that nobody wants, some of types that nobody knows. */
  void addOthers() {
    entries.add(new Entry("bn.num_batches_tracked", "I64", new int[0], new byte[8]));
    entries.add(new Entry("attention.mask", "BOOL", new int[] {3, 3}, new byte[9]));
    entries.add(new Entry("packed.weight", "F8_E4M3", new int[] {2, 5}, new byte[10]));
    entries.add(new Entry("quarter", "F2_X", new int[] {5}, new byte[2]));
    entries.add(new Entry("empty", "F32", new int[] {0, 7}, new byte[0]));
    add("conv.weight", 2, 3, 1);
    add("fc2.weight", 3, 2);
  }

  byte[] bytes() {
    List<Entry> inFile = shuffled();
    JsonObject header = new JsonObject();
    Map<String, Integer> begins = new HashMap<>();
    int length = 0;
    for (Entry entry : inFile) {
      begins.put(entry.name, length);
      length += entry.data.length;
    }
    for (Entry entry : shuffled()) {
      JsonObject json = new JsonObject();
      json.addProperty("dtype", entry.dtype);
      json.add("shape", new Gson().toJsonTree(entry.shape));
      int begin = begins.get(entry.name);
      json.add("data_offsets", new Gson().toJsonTree(new int[] {begin, begin + entry.data.length}));
      header.add(entry.name, json);
    }
    byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES + text.length + length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text);
    inFile.forEach(entry -> bytes.put(entry.data));
    return bytes.array();
  }

  private List<Entry> shuffled() {
    List<Entry> all = new ArrayList<>(entries);
    for (int i = all.size() - 1; i > 0; i--) {
      Collections.swap(all, i, random.nextInt(i + 1));
    }
    return all;
  }
}
