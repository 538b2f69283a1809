package io.cellbelt.models.audio;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cellbelt.models.ModelFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Parts of JSON objects. What does not fit is an {@link IllegalArgumentException} with a sentence.
 */
final class JsonParts {
  private static final int MOST_KEYS = 8;

  private JsonParts() {}

  /** What a key has; empty if it is missing or null. */
  static Optional<JsonElement> find(JsonObject json, String key) {
    JsonElement found = json.get(key);
    return found == null || found instanceof JsonNull ? Optional.empty() : Optional.of(found);
  }

  private static JsonElement get(JsonObject json, String key) {
    return find(json, key)
        .orElseThrow(
            () -> new IllegalArgumentException("'" + key + "' is missing; " + keys(json) + "."));
  }

  /** What keys there are, the first of them. */
  static String keys(JsonObject json) {
    if (json.isEmpty()) {
      return "there are no keys";
    }
    return "the keys are "
        + json.keySet().stream()
            .limit(MOST_KEYS)
            .map(ModelFileException::quote)
            .collect(Collectors.joining(", "))
        + (json.size() > MOST_KEYS ? " and " + (json.size() - MOST_KEYS) + " more" : "");
  }

  private static IllegalArgumentException unfit(String key, String wanted, JsonElement found) {
    // An array may be the whole model.
    String shown =
        switch (found) {
          case JsonObject object -> "an object";
          case JsonArray array -> "an array of " + array.size();
          case JsonPrimitive text when text.isString() -> "the text " + quote(text.getAsString());
          default -> quote(found.toString());
        };
    return new IllegalArgumentException(
        "'" + key + "' must be " + wanted + ", but is " + shown + ".");
  }

  static JsonObject object(JsonObject json, String key) {
    return object(get(json, key), key);
  }

  static JsonObject object(JsonElement element, String what) {
    if (element instanceof JsonObject object) {
      return object;
    }
    throw unfit(what, "an object", element);
  }

  static JsonArray array(JsonObject json, String key) {
    JsonElement element = get(json, key);
    if (element instanceof JsonArray array) {
      return array;
    }
    throw unfit(key, "an array", element);
  }

  static String text(JsonObject json, String key) {
    return text(get(json, key), key);
  }

  static String text(JsonElement element, String what) {
    if (element instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw unfit(what, "a text", element);
  }

  static String text(JsonObject json, String key, String otherwise) {
    return find(json, key).isPresent() ? text(json, key) : otherwise;
  }

  static boolean truth(JsonObject json, String key) {
    JsonElement element = get(json, key);
    if (element instanceof JsonPrimitive primitive && primitive.isBoolean()) {
      return primitive.getAsBoolean();
    }
    throw unfit(key, "true or false", element);
  }

  static boolean truth(JsonObject json, String key, boolean otherwise) {
    return find(json, key).isPresent() ? truth(json, key) : otherwise;
  }

  /** A finite number. */
  static double number(JsonObject json, String key) {
    JsonElement element = get(json, key);
    if (element instanceof JsonPrimitive primitive && primitive.isNumber()) {
      double number = Double.parseDouble(primitive.getAsString());
      if (Double.isFinite(number)) {
        return number;
      }
    }
    throw unfit(key, "a finite number", element);
  }

  static double number(JsonObject json, String key, double otherwise) {
    return find(json, key).isPresent() ? number(json, key) : otherwise;
  }

  /** A whole number from 1 on. */
  static int size(JsonObject json, String key) {
    return size(get(json, key), key);
  }

  static int size(JsonObject json, String key, int otherwise) {
    return find(json, key).isPresent() ? size(json, key) : otherwise;
  }

  /** A whole number from 1 on, or the last of an array of such. */
  static int lastSize(JsonObject json, String key) {
    JsonElement element = get(json, key);
    if (element instanceof JsonArray array && !array.isEmpty()) {
      return size(array.get(array.size() - 1), key);
    }
    return size(element, key);
  }

  static int lastSize(JsonObject json, String key, int otherwise) {
    return find(json, key).isPresent() ? lastSize(json, key) : otherwise;
  }

  static int size(JsonElement element, String what) {
    if (element instanceof JsonPrimitive primitive && primitive.isNumber()) {
      try {
        int number = Integer.parseInt(primitive.getAsString());
        if (number > 0) {
          return number;
        }
      } catch (NumberFormatException e) {
        // The sentence below is for this too.
      }
    }
    throw unfit(what, "a whole number from 1 to 2^31 - 1", element);
  }

  /** Whole numbers from 1 on. */
  static List<Integer> sizes(JsonObject json, String key) {
    List<Integer> sizes = new ArrayList<>();
    array(json, key).forEach(element -> sizes.add(size(element, key)));
    return sizes;
  }

  /** Texts, numbers and truth values of an object and the objects in it; arrays are left out. */
  static void flatten(JsonObject json, String prefix, Map<String, String> flat) {
    json.asMap()
        .forEach(
            (key, value) -> {
              if (value instanceof JsonObject object) {
                flatten(object, prefix + key + ".", flat);
              } else if (value instanceof JsonPrimitive primitive) {
                flat.putIfAbsent(prefix + key, primitive.getAsString());
              }
            });
  }
}
