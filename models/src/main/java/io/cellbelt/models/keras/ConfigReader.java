package io.cellbelt.models.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cellbelt.models.keras.ModelConfig.Arguments;
import io.cellbelt.models.keras.ModelConfig.Entry;
import io.cellbelt.models.keras.ModelConfig.Reference;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads configs of models. A layer that cannot be read is told to the problems, and the others are
 * read on.
 *
 * @param depth how many models or layers are around this one
 */
record ConfigReader(KerasVersion version, Problems problems, int depth) {
  private static final int DEEPEST = 32;
  private static final int MOST_LAYERS = 10_000;
  private static final String INPUT = "input";

  ConfigReader inner() {
    if (depth == DEEPEST) {
      throw Misfit.of("its models and layers are nested deeper than %d levels.", DEEPEST);
    }
    return new ConfigReader(version, problems, depth + 1);
  }

  /** A model, sequential or functional. */
  ModelConfig model(JsonObject json) {
    String className = KerasObject.text(json, "class_name", "");
    JsonElement options = json.get("config");
    if (options instanceof JsonArray layers) {
      return sequential(layers, null);
    }
    JsonObject config = KerasObject.config(json);
    if (!(config.get("layers") instanceof JsonArray layers)) {
      throw Misfit.of(
          "the class %s is a model by Python code, and the file does not say what that does. Build"
              + " the model as Sequential or with the functional API, and save it again.",
          Texts.quoted(className));
    }
    if (config.has("input_layers") && config.has("output_layers")) {
      return new FunctionalReader(this).read(config, layers);
    }
    int[] shape = null;
    for (String name : List.of("build_input_shape", "batch_input_shape")) {
      if (config.get(name) instanceof JsonArray array
          && array.asList().stream().noneMatch(JsonElement::isJsonArray)) {
        shape = Config.shape(name, array);
      }
    }
    return sequential(layers, shape);
  }

  /**
   * A chain of layers.
   *
   * @param shape of the input where its first layer does not say it; null if nothing does
   */
  private ModelConfig sequential(JsonArray layers, int[] shape) {
    List<Entry> entries = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (JsonElement element : layers) {
      JsonObject json = object(element);
      Config config = configOf(json, names);
      boolean isInput = config.className().equals("InputLayer");
      if (entries.isEmpty() && !isInput) {
        String name = config.name().equals(INPUT) ? INPUT + "_1" : INPUT;
        names.add(name);
        InputLayer input = problems.attempt(config.describe(), () -> inputOf(json, config, shape));
        entries.add(new Entry(name, "InputLayer", input, List.of()));
      } else if (isInput && !entries.isEmpty()) {
        // Saved by some versions in front of a model that is a layer.
        continue;
      }
      List<Arguments> calls =
          isInput
              ? List.of()
              : List.of(
                  new Arguments(List.of(new Reference(entries.getLast().name(), 0, 0)), Map.of()));
      entries.add(new Entry(config.name(), config.className(), layer(json, config), calls));
    }
    if (entries.isEmpty()) {
      throw new Misfit("the model has no layers.");
    }
    Reference first = new Reference(entries.getFirst().name(), 0, 0);
    Reference last = new Reference(entries.getLast().name(), 0, 0);
    return new ModelConfig(List.copyOf(entries), List.of(first), List.of(last));
  }

  /** The input that a first layer stands for. */
  private static InputLayer inputOf(JsonObject json, Config config, int[] otherwise) {
    int[] shape = config.shape("batch_shape", "batch_input_shape");
    if (shape == null && config.has("input_dim")) {
      int size = config.whole(Config.OPEN, "input_dim");
      int length = config.whole(Config.OPEN, "input_length");
      shape =
          switch (config.className()) {
            case "Embedding" -> new int[] {Config.OPEN, length};
            case "Dense" -> new int[] {Config.OPEN, size};
            default -> new int[] {Config.OPEN, length, size};
          };
    }
    if (shape == null
        && json.get("build_config") instanceof JsonObject build
        && build.get("input_shape") instanceof JsonArray array
        && array.asList().stream().noneMatch(JsonElement::isJsonArray)) {
      shape = Config.shape("input_shape", array);
    }
    return InputLayer.of(config, shape == null ? otherwise : shape);
  }

  /** A layer's options, with a name that no other layer has. */
  Config configOf(JsonObject json, Set<String> names) {
    String className = KerasObject.text(json, "class_name", "");
    JsonObject options = KerasObject.config(json);
    String usual = className.isEmpty() ? "layer" : ModelWeights.Containers.snakeCase(className);
    String name = KerasObject.text(json, "name", KerasObject.text(options, "name", usual));
    if (names.size() == MOST_LAYERS) {
      throw Misfit.of("the model has more than %d layers.", MOST_LAYERS);
    }
    String unique = name;
    for (int i = 1; !names.add(unique); i++) {
      unique = name + "_" + i;
    }
    return new Config(className, unique, options, version);
  }

  /** The layer; null, with its problem told, if it cannot be read. */
  Layer layer(JsonObject json, Config config) {
    return problems.attempt(config.describe(), () -> Layers.parse(json, config, this));
  }

  /** A layer that another one wraps. */
  Layer layerOrMisfit(JsonObject json) {
    Config config = configOf(json, new LinkedHashSet<>());
    try {
      return Layers.parse(json, config, this);
    } catch (Misfit e) {
      throw e.getMessage().isEmpty()
          ? e
          : new Misfit("its layer " + config.describe() + ": " + e.getMessage(), e);
    }
  }

  static JsonObject object(JsonElement element) {
    if (element instanceof JsonObject object) {
      return object;
    }
    throw new Misfit("a layer in its config is no JSON object. Save the model again in Keras.");
  }
}
