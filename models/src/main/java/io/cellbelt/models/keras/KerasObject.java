package io.cellbelt.models.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

/** JSON objects as Keras writes them. */
final class KerasObject {
  private KerasObject() {}

  /** A text of an object. */
  static String text(JsonObject object, String key, String otherwise) {
    JsonElement value = object.get(key);
    return value instanceof JsonPrimitive one && one.isString() ? one.getAsString() : otherwise;
  }

  /** The options of a layer; an empty object where there are none. */
  static JsonObject config(JsonObject object) {
    return object.get("config") instanceof JsonObject config ? config : new JsonObject();
  }
}
