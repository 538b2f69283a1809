package io.cellbelt.models.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

/** The types that layers compute in. */
final class Types {
  private Types() {}

  /** The name of a type or of a policy, which Keras 3 writes as an object. */
  static String nameOf(Config config, String option) {
    JsonElement value = config.get(option);
    if (value instanceof JsonObject policy
        && policy.get("config") instanceof JsonObject inner
        && inner.get("name") instanceof JsonPrimitive name) {
      return name.getAsString();
    }
    if (value instanceof JsonPrimitive name && name.isString()) {
      return name.getAsString();
    }
    throw config.wrong(option, "the name of a type or policy");
  }

  /** Refuses layers that compute in other floats than those of 32 bits. */
  static void check(Config config) {
    if (!config.has("dtype")) {
      return;
    }
    String name = nameOf(config, "dtype");
    if (name.contains("float16") || name.contains("float64") || name.contains("int8")) {
      throw Misfit.of(
          "it computes with the dtype policy %s, but layers are read that compute in float32. Set"
              + " the policy \"float32\" in Keras, load the weights, and save the model again.",
          Texts.quoted(name));
    }
  }
}
