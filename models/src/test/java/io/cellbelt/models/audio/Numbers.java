package io.cellbelt.models.audio;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** Seeded numbers, as arrays and as nested JSON, and files of them. */
final class Numbers {
  private final Random random;

  Numbers(long seed) {
    random = new Random(seed);
  }

  /** Floats between -1 and 1. */
  double[] next(int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return values;
  }

  /** Nested arrays of the next floats. */
  JsonArray nested(int... shape) {
    return nest(next(Arrays.stream(shape).reduce(1, (a, b) -> a * b)), shape);
  }

  /** Values as nested arrays. */
  static JsonArray nest(double[] values, int... shape) {
    JsonArray array = new JsonArray();
    int part = values.length / Math.max(1, shape[0]);
    for (int i = 0; i < shape[0]; i++) {
      double[] inner = Arrays.copyOfRange(values, i * part, (i + 1) * part);
      array.add(
          shape.length == 1
              ? new JsonPrimitive(inner[0])
              : nest(inner, Arrays.copyOfRange(shape, 1, shape.length)));
    }
    return array;
  }

  /** One number of nested arrays. */
  static double at(JsonArray nested, int... position) {
    JsonArray array = nested;
    for (int i = 0; i < position.length - 1; i++) {
      array = array.get(position[i]).getAsJsonArray();
    }
    return array.get(position[position.length - 1]).getAsDouble();
  }

  /** An array of JSON values. */
  static JsonArray list(Object... values) {
    JsonArray array = new JsonArray();
    for (Object value : values) {
      switch (value) {
        case null -> array.add((String) null);
        case JsonArray inner -> array.add(inner);
        case JsonObject inner -> array.add(inner);
        case Number number -> array.add(number);
        default -> array.add(value.toString());
      }
    }
    return array;
  }

  static Path save(Path folder, JsonObject json) {
    try {
      return Files.writeString(folder.resolve("model.json"), json.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
