package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * An architecture as JSON, such as
 *
 * <pre>{@code
 * {"input":{"kind":"embedding","vocabulary":65,"size":64},
 *  "layers":[{"kind":"lstm","inputSize":64,"hiddenSize":256}],"outputs":65}
 * }</pre>
 *
 * <p>Cells and inputs are the records that their sealed interfaces permit, by name and components,
 * so that a new cell needs nothing here. Whatever does not fit is an {@link
 * IllegalArgumentException} with a sentence.
 */
final class ArchitectureJson {
  private static final Gson GSON = new GsonBuilder().setStrictness(Strictness.STRICT).create();

  private static final String KIND = "kind";

  private ArchitectureJson() {}

  static String write(Architecture architecture) {
    JsonObject json = new JsonObject();
    json.add("input", write(architecture.input()));
    JsonArray layers = new JsonArray();
    architecture.layers().forEach(cell -> layers.add(write(cell)));
    json.add("layers", layers);
    json.addProperty("outputs", architecture.outputs());
    return GSON.toJson(json);
  }

  private static JsonObject write(Object value) {
    JsonObject json = new JsonObject();
    json.addProperty(KIND, kind(value.getClass()));
    try {
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        json.add(component.getName(), GSON.toJsonTree(component.getAccessor().invoke(value)));
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cells and inputs must be public records.", e);
    }
    return json;
  }

  private static String kind(Class<?> type) {
    return type.getSimpleName().toLowerCase(Locale.ROOT);
  }

  static Architecture parse(String text) {
    return architecture(parseJson(text, JsonElement.class, "The text"));
  }

  static Architecture architecture(JsonElement element) {
    JsonObject json = object(element);
    requireKeys(json, Set.of("input", "layers", "outputs"));
    if (!(json.get("layers") instanceof JsonArray layers)) {
      throw new IllegalArgumentException("'layers' must be a JSON array.");
    }
    Input input = read(object(json.get("input")), Input.class);
    List<Cell> cells = new ArrayList<>();
    layers.forEach(layer -> cells.add(read(object(layer), Cell.class)));
    int outputs = parseJson(json.get("outputs").toString(), int.class, "'outputs'");
    return new Architecture(input, cells, outputs);
  }

  /** A record that the sealed interface permits. */
  private static <T> T read(JsonObject json, Class<T> sealed) {
    String kind =
        json.has(KIND) ? parseJson(json.get(KIND).toString(), String.class, "'kind'") : "";
    for (Class<?> type : sealed.getPermittedSubclasses()) {
      if (kind(type).equals(kind)) {
        return create(json, type.asSubclass(sealed));
      }
    }
    throw new IllegalArgumentException(
        "'kind' must be one of %s, but is %s."
            .formatted(
                Arrays.stream(sealed.getPermittedSubclasses())
                    .map(ArchitectureJson::kind)
                    .collect(Collectors.joining(", ")),
                quote(kind)));
  }

  private static <T> T create(JsonObject json, Class<T> type) {
    RecordComponent[] components = type.getRecordComponents();
    Set<String> keys = new HashSet<>(Set.of(KIND));
    Arrays.stream(components).forEach(component -> keys.add(component.getName()));
    requireKeys(json, keys);
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] arguments =
        Arrays.stream(components)
            .map(
                c ->
                    parseJson(
                        json.get(c.getName()).toString(), c.getType(), "'" + c.getName() + "'"))
            .toArray();
    try {
      return type.getConstructor(types).newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(e.getCause().getMessage(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cells and inputs must be public records.", e);
    }
  }

  /** Parses text and not a tree, because a number of a tree wraps round where it is too large. */
  private static <T> T parseJson(String text, Class<T> type, String what) {
    try {
      T value = GSON.fromJson(text, type);
      if (value != null) {
        return value;
      }
    } catch (JsonParseException | NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s must be %s in JSON, but is %s."
              .formatted(
                  what, type == int.class ? "a whole number below 2^31" : "a value", quote(text)),
          e);
    }
    throw new IllegalArgumentException(what + " must have a value, but is null.");
  }

  private static JsonObject object(JsonElement json) {
    if (json instanceof JsonObject object) {
      return object;
    }
    throw new IllegalArgumentException(
        "There must be a JSON object, but there is " + quote(String.valueOf(json)) + ".");
  }

  private static void requireKeys(JsonObject json, Set<String> keys) {
    if (!json.keySet().equals(keys)) {
      throw new IllegalArgumentException(
          "The keys must be %s, but are %s."
              .formatted(new TreeSet<>(keys), quote(json.keySet().toString())));
    }
  }
}
