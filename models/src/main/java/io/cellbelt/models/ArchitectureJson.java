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
 * <p>Cells and inputs are the records that their sealed interfaces permit, and cells of the
 * caller's that this was told of, by name and components, so that a new cell needs nothing here.
 * Beside the components of its cell, a layer has its own. What is as usual is left out ({@link
 * JsonRecord}), so that a plain stack looks as it did when there was nothing else. Whatever does
 * not fit is an {@link IllegalArgumentException} with a sentence.
 */
final class ArchitectureJson {
  private static final Gson GSON = new GsonBuilder().setStrictness(Strictness.STRICT).create();

  private static final List<Class<? extends Input>> INPUTS = records(Input.class);

  private static final String KIND = "kind";
  private static final String CELL = "cell";

  private static final String IF_CUSTOM =
      " If it is a cell of your own, read the file with ModelFiles.withCells(its record's class).";

  /** The kinds of cells that this library has. */
  static final ArchitectureJson LIBRARY = new ArchitectureJson(records(Cell.class));

  /** What a layer has beside its cell. */
  private static final Set<String> OF_LAYERS = ofLayers();

  private final List<Class<? extends Cell>> cells;

  private ArchitectureJson(List<Class<? extends Cell>> cells) {
    this.cells = List.copyOf(cells);
  }

  /**
   * The library's kinds and some of the caller's.
   *
   * @throws IllegalArgumentException if one is no public record that JSON can hold, or is called
   *     like another kind
   */
  static ArchitectureJson with(List<Class<? extends CustomCell>> custom) {
    List<Class<? extends Cell>> cells = new ArrayList<>(LIBRARY.cells);
    for (Class<? extends CustomCell> type : custom) {
      JsonRecord.check(type);
      List<String> taken = new ArrayList<>(JsonRecord.names(type));
      taken.retainAll(OF_LAYERS);
      if (!taken.isEmpty()) {
        throw new IllegalArgumentException(
            type + " has components that layers have in files, " + taken + "; rename them.");
      }
      for (Class<?> known : cells) {
        if (kind(known).equals(kind(type))) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "In files, %s would have the kind '%s', which is that of %s; give the record"
                      + " another name.",
                  type,
                  kind(type),
                  known));
        }
      }
      cells.add(type);
    }
    return new ArchitectureJson(cells);
  }

  private static Set<String> ofLayers() {
    Set<String> names = new TreeSet<>(JsonRecord.names(Layer.class));
    names.remove(CELL);
    names.add(KIND);
    return names;
  }

  private static <T> List<Class<? extends T>> records(Class<T> sealed) {
    List<Class<? extends T>> records = new ArrayList<>();
    for (Class<?> type : sealed.getPermittedSubclasses()) {
      if (type.isRecord()) {
        records.add(type.asSubclass(sealed));
      }
    }
    return records;
  }

  /**
   * The text for a file.
   *
   * @throws IllegalArgumentException if a cell is of no kind that this knows
   */
  String write(Architecture architecture) {
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

  private JsonObject write(Layer layer) {
    if (!cells.contains(layer.cell().getClass())) {
      throw new IllegalArgumentException(
          "Files hold the library's cells and those that they are told of, but there is "
              + layer.cell()
              + ". Write and read with ModelFiles.withCells(its record's class).");
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

  Architecture parse(String text) {
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

  private Architecture architecture(JsonElement element) {
    JsonObject json = JsonRecord.object(element);
    JsonRecord.checkKeys(json, Set.of("input", "layers", "outputs"), Set.of("attention"));
    if (!(json.get("layers") instanceof JsonArray layers)) {
      throw new IllegalArgumentException("'layers' must be a JSON array.");
    }
    JsonObject inputJson = JsonRecord.object(json.get("input"));
    Input input = JsonRecord.read(without(inputJson, KIND::equals), type(inputJson, INPUTS, ""));
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
  private Layer layer(JsonObject json) {
    Class<? extends Cell> type = type(json, cells, IF_CUSTOM);
    Cell cell = JsonRecord.read(without(json, OF_LAYERS::contains), type);
    JsonObject ofLayer = without(json, name -> !OF_LAYERS.contains(name) || name.equals(KIND));
    return JsonRecord.read(ofLayer, Layer.class, cell);
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

  /** The record of that kind. */
  private static <T> Class<? extends T> type(
      JsonObject json, List<Class<? extends T>> records, String hint) {
    String kind = json.has(KIND) ? JsonRecord.readValue(json, KIND, String.class) : "";
    for (Class<? extends T> type : records) {
      if (kind(type).equals(kind)) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "'kind' must be one of %s, but is %s.%s",
            records.stream().map(ArchitectureJson::kind).collect(Collectors.joining(", ")),
            quote(kind),
            hint));
  }
}
