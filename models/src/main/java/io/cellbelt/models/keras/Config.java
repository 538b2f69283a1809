package io.cellbelt.models.keras;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The options of a layer. Options have up to three names, those of Keras 1 to 3; of several names
 * the first that is there counts.
 *
 * @param className of the layer
 * @param name of the layer
 * @param json its options
 * @param version whose options these are
 */
record Config(String className, String name, JsonObject json, KerasVersion version) {
  /** A dimension that the config leaves open. */
  static final int OPEN = -1;

  private static final int LARGEST = 1 << 28;

  /** The layer in a message. */
  String describe() {
    return describe(className, name);
  }

  /** A layer in a message. */
  static String describe(String className, String name) {
    return quote(className).replace("\"", "") + " " + quote(name);
  }

  /** The option by the first of its names that is there; null if it is absent or null. */
  JsonElement get(String... names) {
    for (String name : names) {
      JsonElement value = json.get(name);
      if (value != null && !value.isJsonNull()) {
        return value;
      }
    }
    return null;
  }

  boolean has(String name) {
    return get(name) != null;
  }

  boolean flag(boolean otherwise, String... names) {
    JsonElement value = get(names);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof JsonPrimitive one && one.isBoolean()) {
      return one.getAsBoolean();
    }
    throw wrong(names[0], "true or false", value);
  }

  /** A number from 1 on that must be there. */
  int size(String... names) {
    JsonElement value = get(names);
    if (value == null) {
      throw Misfit.of("its option '%s' is missing. Save the model again in Keras.", names[0]);
    }
    int size = whole(names[0], value);
    if (size < 1) {
      throw wrong(names[0], "a whole number from 1 on", value);
    }
    return size;
  }

  int whole(int otherwise, String... names) {
    JsonElement value = get(names);
    return value == null ? otherwise : whole(names[0], value);
  }

  /** A whole number that is not too large. */
  static int whole(String name, JsonElement value) {
    if (value instanceof JsonPrimitive one && one.isNumber()) {
      double number = one.getAsDouble();
      if (number == Math.rint(number) && Math.abs(number) <= LARGEST) {
        return (int) number;
      }
    }
    throw wrong(name, "a whole number", value);
  }

  float number(double otherwise, String... names) {
    JsonElement value = get(names);
    if (value == null) {
      return (float) otherwise;
    }
    return number(names[0], value);
  }

  static float number(String name, JsonElement value) {
    if (value instanceof JsonPrimitive one) {
      try {
        return one.getAsNumber().floatValue();
      } catch (NumberFormatException e) {
        throw wrong(name, "a number", value);
      }
    }
    // Keras 3 writes arrays of NumPy as objects.
    if (value instanceof JsonObject object && object.has("value")) {
      return number(name, object.get("value"));
    }
    throw wrong(name, "a number", value);
  }

  String text(String otherwise, String... names) {
    JsonElement value = get(names);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof JsonPrimitive one && one.isString()) {
      return one.getAsString();
    }
    throw wrong(names[0], "a text", value);
  }

  /** Whole numbers; one number stands for a list of itself. */
  int[] wholes(int[] otherwise, String... names) {
    JsonElement value = get(names);
    if (value == null) {
      return otherwise;
    }
    if (!(value instanceof JsonArray array)) {
      return new int[] {whole(names[0], value)};
    }
    if (array.size() > 32) {
      throw wrong(names[0], "a list of at most 32 numbers", value);
    }
    return IntStream.range(0, array.size()).map(i -> whole(names[0], array.get(i))).toArray();
  }

  /** As many sizes from 1 on as there are dimensions; one stands for all. */
  int[] sizes(int dimensions, int otherwise, String... names) {
    int[] all = wholes(new int[] {otherwise}, names);
    int[] sizes = all.length == 1 ? new int[dimensions] : all;
    if (all.length == 1) {
      Arrays.fill(sizes, all[0]);
    }
    if (sizes.length != dimensions || Arrays.stream(sizes).anyMatch(size -> size < 1)) {
      throw wrong(names[0], dimensions + " whole numbers from 1 on", get(names));
    }
    return sizes;
  }

  /** A shape in which null leaves a dimension open; null if it is absent. */
  int[] shape(String... names) {
    JsonElement value = get(names);
    return value == null ? null : shape(names[0], value);
  }

  /** A shape in which null leaves a dimension open. */
  static int[] shape(String name, JsonElement value) {
    if (!(value instanceof JsonArray array) || array.size() > 16) {
      throw wrong(name, "a list of dimensions", value);
    }
    int[] shape = new int[array.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = array.get(i).isJsonNull() ? OPEN : whole(name, array.get(i));
      if (shape[i] < OPEN) {
        throw wrong(name, "a list of dimensions", value);
      }
    }
    return shape;
  }

  /** An option that is a layer or function of its own. */
  JsonObject object(String name) {
    JsonElement value = get(name);
    if (value instanceof JsonObject object) {
      return object;
    }
    throw value == null
        ? Misfit.of("its option '%s' is missing. Save the model again in Keras.", name)
        : wrong(name, "an object", value);
  }

  /** Refuses a flag that is set. */
  void refuse(String name) {
    if (flag(false, name)) {
      throw Misfit.of("its option '%s' is not supported; train the model without it.", name);
    }
  }

  /** A misfit of an option. */
  Misfit wrong(String name, String expected) {
    return wrong(name, expected, get(name));
  }

  private static Misfit wrong(String name, String expected, JsonElement value) {
    boolean isText = value instanceof JsonPrimitive one && one.isString();
    return Misfit.of(
        "its option '%s' should be %s, but is %s.",
        name, expected, quote(isText ? value.getAsString() : String.valueOf(value)));
  }
}
