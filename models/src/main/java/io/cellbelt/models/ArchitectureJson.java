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
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Readout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * An architecture as JSON, such as
 *
 * <pre>{@code
 * {"input":{"kind":"embedding","vocabulary":65,"size":64},
 *  "layers":[{"kind":"lstm","inputSize":64,"hiddenSize":256},
 *            {"kind":"gru","inputSize":256,"hiddenSize":128,"reset":"after",
 *             "direction":"bidirectional"}],
 *  "outputs":65,"attention":"dot"}
 * }</pre>
 *
 * <p>Cells and inputs are the records that their sealed interfaces permit, by name and components,
 * so that a new cell needs nothing here. Beside the components of its cell, a layer has its own.
 * What is as usual is left out ({@link JsonRecord}), so that a plain stack looks as it did when
 * there was nothing else. Whatever does not fit is an {@link IllegalArgumentException} with a
 * sentence.
 */
final class ArchitectureJson {
  private static final Gson GSON = new GsonBuilder().setStrictness(Strictness.STRICT).create();

  private static final String KIND = "kind";
  private static final String CELL = "cell";

  private ArchitectureJson() {}

  /**
   * The text for a file.
   *
   * @throws IllegalArgumentException if a cell is none of the library's
   */
  static String write(Architecture architecture) {
    JsonObject json = new JsonObject();
    json.add("input", kindAnd(architecture.input()));
    JsonArray layers = new JsonArray();
    architecture.layers().forEach(layer -> layers.add(write(layer)));
    json.add("layers", layers);
    json.addProperty("outputs", architecture.outputs());
    Readout.Attention attention = architecture.readout().attention();
    if (attention != Readout.Attention.NONE) {
      json.add("attention", JsonRecord.writeValue(attention));
    }
    return GSON.toJson(json);
  }

  private static JsonObject write(Layer layer) {
    if (layer.cell() instanceof CustomCell) {
      throw new IllegalArgumentException(
          "Files hold the library's cells only, but there is "
              + layer.cell()
              + "; keep the architecture in code, and its numbers with SafetensorsFile.");
    }
    JsonObject json = kindAnd(layer.cell());
    JsonRecord.write(layer).asMap().forEach((name, value) -> json.add(name, value));
    return json;
  }

  private static JsonObject kindAnd(Object value) {
    JsonObject json = new JsonObject();
    json.addProperty(KIND, kind(value.getClass()));
    JsonRecord.write((Record) value).asMap().forEach((name, part) -> json.add(name, part));
    return json;
  }

  private static String kind(Class<?> type) {
    return type.getSimpleName().toLowerCase(Locale.ROOT);
  }

  static Architecture parse(String text) {
    return architecture(parseJson(text));
  }

  private static JsonElement parseJson(String text) {
    try {
      JsonElement value = GSON.fromJson(text, JsonElement.class);
      if (value != null) {
        return value;
      }
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("The text must be JSON, but is " + quote(text) + ".", e);
    }
    throw new IllegalArgumentException("The text must be JSON, but is empty.");
  }

  private static Architecture architecture(JsonElement element) {
    JsonObject json = JsonRecord.object(element);
    JsonRecord.checkKeys(json, Set.of("input", "layers", "outputs"), Set.of("attention"));
    if (!(json.get("layers") instanceof JsonArray layers)) {
      throw new IllegalArgumentException("'layers' must be a JSON array.");
    }
    JsonObject inputJson = JsonRecord.object(json.get("input"));
    Input input = JsonRecord.read(without(inputJson, KIND::equals), type(inputJson, Input.class));
    List<Layer> all = new ArrayList<>();
    layers.forEach(layer -> all.add(layer(JsonRecord.object(layer))));
    int outputs = JsonRecord.readValue(json, "outputs", int.class);
    Readout.Attention attention =
        json.has("attention")
            ? JsonRecord.readValue(json, "attention", Readout.Attention.class)
            : Readout.Attention.NONE;
    return new Architecture(input, all, new Readout(attention, outputs));
  }

  /** A layer whose cell's components stand among its own. */
  private static Layer layer(JsonObject json) {
    Set<String> own = new TreeSet<>(JsonRecord.names(Layer.class));
    own.remove(CELL);
    Class<? extends Cell> type = type(json, Cell.class);
    Predicate<String> ofLayer = own::contains;
    Cell cell = JsonRecord.read(without(json, ofLayer.or(KIND::equals)), type, own);
    return JsonRecord.read(without(json, ofLayer.negate()), Layer.class, cell);
  }

  private static JsonObject without(JsonObject json, Predicate<String> left) {
    JsonObject rest = new JsonObject();
    for (var entry : json.entrySet()) {
      if (!left.test(entry.getKey())) {
        rest.add(entry.getKey(), entry.getValue());
      }
    }
    return rest;
  }

  /** The record of which the sealed interface says that it is one. */
  private static <T> Class<? extends T> type(JsonObject json, Class<T> sealed) {
    String kind = json.has(KIND) ? JsonRecord.readValue(json, KIND, String.class) : "";
    List<Class<?>> records =
        Arrays.stream(sealed.getPermittedSubclasses()).filter(Class::isRecord).toList();
    for (Class<?> type : records) {
      if (kind(type).equals(kind)) {
        return type.asSubclass(sealed);
      }
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "'kind' must be one of %s, but is %s.",
            records.stream().map(ArchitectureJson::kind).collect(Collectors.joining(", ")),
            quote(kind)));
  }
}
