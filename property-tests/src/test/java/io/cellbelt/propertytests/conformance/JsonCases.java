package io.cellbelt.propertytests.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Cases that are one JSON file each. */
final class JsonCases {
  private static final Set<String> KNOWN =
      Set.of(
          "name",
          "op",
          "domain",
          "opset",
          "expect",
          "message",
          "attributes",
          "inputs",
          "outputs",
          "mask",
          "notes",
          "tolerance");

  private JsonCases() {}

  /** Whether the file holds a case, or cannot be read; some hold other data. */
  static boolean isCase(Path file) throws IOException {
    try {
      return json(file) instanceof JsonObject object && object.has("op") && object.has("inputs");
    } catch (JsonParseException e) {
      return true;
    }
  }

  /** Reads a file; {@code otherwise} is the tolerance where the file has none. */
  static OnnxCase read(Path file, String id, Closeness otherwise) throws IOException {
    JsonObject json = json(file).getAsJsonObject();
    Map<String, Object> extra = new LinkedHashMap<>();
    for (String key : json.keySet()) {
      if (!KNOWN.contains(key)) {
        extra.put(key, value(json.get(key)));
      }
    }
    String op = json.get("op").getAsString();
    boolean fails = text(json, "expect", "success").equals("failure");
    return new OnnxCase(
        id,
        op,
        text(json, "domain", ""),
        json.has("opset") ? json.get("opset").getAsInt() : 14,
        fails ? Optional.of(text(json, "message", "")) : Optional.empty(),
        attributes(op, json.getAsJsonObject("attributes")),
        tensors(json.getAsJsonObject("inputs")),
        tensors(json.getAsJsonObject("outputs")),
        json.has("mask") ? mask(json.getAsJsonArray("mask")) : null,
        text(json, "notes", ""),
        json.has("tolerance") ? closeness(json.getAsJsonObject("tolerance")) : otherwise,
        extra);
  }

  private static JsonElement json(Path file) throws IOException {
    try (Reader reader = Files.newBufferedReader(file)) {
      return JsonParser.parseReader(reader);
    }
  }

  /** Reads attributes, which other files hold as a piece of JSON. */
  static Attributes attributes(String op, JsonObject json) {
    Map<String, Object> values = new LinkedHashMap<>();
    if (json != null) {
      json.entrySet().forEach(entry -> values.put(entry.getKey(), value(entry.getValue())));
    }
    return new Attributes(op, values);
  }

  private static Closeness closeness(JsonObject json) {
    return new Closeness(json.get("atol").getAsDouble(), json.get("rtol").getAsDouble());
  }

  private static String text(JsonObject json, String key, String otherwise) {
    return json.has(key) && !json.get(key).isJsonNull() ? json.get(key).getAsString() : otherwise;
  }

  private static List<boolean[]> mask(JsonArray json) {
    List<boolean[]> mask = new ArrayList<>();
    for (JsonElement row : json) {
      boolean[] steps = new boolean[row.getAsJsonArray().size()];
      for (int t = 0; t < steps.length; t++) {
        JsonPrimitive step = row.getAsJsonArray().get(t).getAsJsonPrimitive();
        steps[t] = step.isBoolean() ? step.getAsBoolean() : step.getAsInt() != 0;
      }
      mask.add(steps);
    }
    return mask;
  }

  private static Map<String, NamedTensor> tensors(JsonObject json) {
    Map<String, NamedTensor> tensors = new LinkedHashMap<>();
    if (json != null) {
      for (Map.Entry<String, JsonElement> entry : json.entrySet()) {
        if (!entry.getValue().isJsonNull()) {
          tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue().getAsJsonObject()));
        }
      }
    }
    return tensors;
  }

  private static NamedTensor tensor(String name, JsonObject json) {
    JsonArray shape = json.getAsJsonArray("shape");
    int[] sizes = new int[shape.size()];
    for (int d = 0; d < sizes.length; d++) {
      sizes[d] = shape.get(d).getAsInt();
    }
    String dtype = text(json, "dtype", "float32");
    JsonArray data = json.getAsJsonArray("data");
    double[] values = new double[data.size()];
    for (int i = 0; i < values.length; i++) {
      double value = data.get(i).getAsDouble();
      values[i] = dtype.equals("float32") ? (float) value : value;
    }
    return new NamedTensor(name, dtype.startsWith("int"), sizes, values);
  }

  private static Object value(JsonElement json) {
    if (json.isJsonArray()) {
      List<Object> list = new ArrayList<>();
      json.getAsJsonArray().forEach(element -> list.add(value(element)));
      return list;
    }
    if (json.isJsonObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      json.getAsJsonObject().entrySet().forEach(e -> map.put(e.getKey(), value(e.getValue())));
      return map;
    }
    if (json.isJsonNull()) {
      return "";
    }
    JsonPrimitive primitive = json.getAsJsonPrimitive();
    return primitive.isNumber()
        ? (Object) primitive.getAsDouble()
        : primitive.isBoolean()
            ? (Object) (primitive.getAsBoolean() ? 1.0 : 0.0)
            : primitive.getAsString();
  }
}
