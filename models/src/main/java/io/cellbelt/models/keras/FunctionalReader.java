package io.cellbelt.models.keras;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cellbelt.models.keras.ModelConfig.Arguments;
import io.cellbelt.models.keras.ModelConfig.Entry;
import io.cellbelt.models.keras.ModelConfig.Reference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads functional models, whose layers say where each of their calls takes its inputs from: in
 * Keras 1 and 2 as lists {@code [layer, call, output, named]}, in Keras 3 as arguments in which
 * values are objects.
 */
final class FunctionalReader {
  private final ConfigReader reader;
  private final Set<String> names = new LinkedHashSet<>();

  /** The largest number of a call that other layers refer to, by layer. */
  private final Map<String, Integer> largest = new HashMap<>();

  /** The numbers of calls that are outputs of the model, by layer. */
  private final Map<String, Set<Integer>> outer = new HashMap<>();

  private boolean countsCalls = true;

  FunctionalReader(ConfigReader reader) {
    this.reader = reader;
  }

  ModelConfig read(JsonObject config, JsonArray layers) {
    List<JsonObject> objects = new ArrayList<>();
    List<Config> configs = new ArrayList<>();
    for (JsonElement element : layers) {
      JsonObject json = ConfigReader.object(element);
      Config options = reader.configOf(json, names);
      String name = KerasObject.text(json, "name", options.name());
      if (!name.equals(options.name())) {
        throw Misfit.of("its config has two layers of the name %s.", Texts.quoted(name));
      }
      objects.add(json);
      configs.add(options);
    }
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < configs.size(); i++) {
      Config options = configs.get(i);
      Layer layer = reader.layer(objects.get(i), options);
      List<Arguments> calls = new ArrayList<>();
      if (objects.get(i).get("inbound_nodes") instanceof JsonArray nodes
          && !(layer instanceof InputLayer)) {
        nodes.forEach(node -> calls.add(arguments(node)));
      }
      entries.add(new Entry(options.name(), options.className(), layer, List.copyOf(calls)));
    }
    countsCalls = false;
    List<Reference> inputs = references(config.get("input_layers"));
    List<Reference> outputs = references(config.get("output_layers"));
    if (inputs.isEmpty() || outputs.isEmpty()) {
      throw new Misfit("the model has no inputs or no outputs. Save it again in Keras.");
    }
    outputs.forEach(
        one -> outer.computeIfAbsent(one.layer(), key -> new HashSet<>()).add(one.call()));
    return renumbered(entries, inputs, outputs);
  }

  /**
   * The call that made a model is the first one of it, for which there is no entry. So the numbers
   * of its calls start at 1 in Keras 2; and in Keras 3 only where they are outputs.
   */
  private ModelConfig renumbered(
      List<Entry> entries, List<Reference> inputs, List<Reference> outputs) {
    Set<String> inside = new LinkedHashSet<>();
    Set<String> outside = new LinkedHashSet<>();
    for (Entry entry : entries) {
      int calls = entry.calls().size();
      if (calls == 0) {
        continue;
      }
      Set<Integer> numbers = outer.getOrDefault(entry.name(), Set.of());
      boolean inner = largest.getOrDefault(entry.name(), 0) == calls;
      boolean last = numbers.contains(calls);
      if (reader.version().major() == 3) {
        boolean isFunctional =
            entry.layer() instanceof NestedModel && !entry.className().equals("Sequential");
        last |= isFunctional && !numbers.contains(0);
      } else {
        inner |= last;
        last = inner;
      }
      if (inner) {
        inside.add(entry.name());
      }
      if (last) {
        outside.add(entry.name());
      }
    }
    List<Entry> all = new ArrayList<>();
    for (Entry entry : entries) {
      List<Arguments> calls = new ArrayList<>();
      for (Arguments call : entry.calls()) {
        Map<String, Object> named = new LinkedHashMap<>();
        call.named().forEach((name, value) -> named.put(name, shifted(value, inside)));
        List<Object> inOrder = new ArrayList<>();
        call.inOrder().forEach(value -> inOrder.add(shifted(value, inside)));
        calls.add(new Arguments(inOrder, named));
      }
      all.add(new Entry(entry.name(), entry.className(), entry.layer(), calls));
    }
    List<Reference> results =
        outputs.stream().map(one -> (Reference) shifted(one, outside)).toList();
    return new ModelConfig(List.copyOf(all), inputs, results);
  }

  private static Object shifted(Object argument, Set<String> layers) {
    return switch (argument) {
      case Reference one when layers.contains(one.layer()) ->
          new Reference(one.layer(), one.call() - 1, one.output());
      case List<?> list -> {
        List<Object> all = new ArrayList<>();
        list.forEach(one -> all.add(shifted(one, layers)));
        yield all;
      }
      default -> argument;
    };
  }

  private Arguments arguments(JsonElement node) {
    Map<String, Object> named = new LinkedHashMap<>();
    if (node instanceof JsonObject call && call.get("args") instanceof JsonArray args) {
      List<Object> inOrder = new ArrayList<>();
      args.forEach(argument -> inOrder.add(argument(argument)));
      if (call.get("kwargs") instanceof JsonObject kwargs) {
        kwargs.entrySet().forEach(one -> named.put(one.getKey(), argument(one.getValue())));
      }
      return checked(new Arguments(inOrder, named));
    }
    // All values together are the first argument.
    List<Object> values = new ArrayList<>();
    listed(node, values, named);
    return checked(new Arguments(List.of(values), named));
  }

  private void listed(JsonElement node, List<Object> values, Map<String, Object> named) {
    Reference reference = reference(node);
    if (reference != null) {
      values.add(reference);
      if (node instanceof JsonArray array
          && array.size() > 3
          && array.get(3) instanceof JsonObject kwargs) {
        kwargs.entrySet().forEach(one -> named.put(one.getKey(), argument(one.getValue())));
      }
    } else if (node instanceof JsonArray array) {
      array.forEach(one -> listed(one, values, named));
    } else if (node instanceof JsonObject object) {
      object.entrySet().forEach(one -> listed(one.getValue(), values, named));
    } else {
      values.add(node);
    }
  }

  private static Arguments checked(Arguments arguments) {
    if (arguments.named().get("training") instanceof JsonPrimitive training
        && training.isBoolean()
        && training.getAsBoolean()) {
      throw new Misfit(
          "one of its layers is called with training=True, which is not supported. Build the model"
              + " without that.");
    }
    return arguments;
  }

  /** A {@link Reference}, a list of arguments, or the element itself. */
  private Object argument(JsonElement element) {
    Reference reference = reference(element);
    if (reference != null) {
      return reference;
    }
    if (element instanceof JsonArray array) {
      List<Object> all = new ArrayList<>();
      array.forEach(one -> all.add(argument(one)));
      return all;
    }
    // A slice, of TensorFlow's functions, stays as it is.
    if (element instanceof JsonObject object && !object.has("class_name") && !object.has("start")) {
      List<Object> all = new ArrayList<>();
      object.entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(one -> all.add(argument(one.getValue())));
      return all;
    }
    return element;
  }

  /** All references in lists and objects, which Keras sorts by their keys. */
  private List<Reference> references(JsonElement element) {
    Reference reference = reference(element);
    if (reference != null) {
      return List.of(reference);
    }
    List<Reference> all = new ArrayList<>();
    if (element instanceof JsonArray array) {
      array.forEach(one -> all.addAll(references(one)));
    } else if (element instanceof JsonObject object) {
      object.entrySet().stream()
          .sorted(Comparator.comparing(Map.Entry::getKey))
          .forEach(one -> all.addAll(references(one.getValue())));
    }
    return all;
  }

  private Reference reference(JsonElement element) {
    JsonElement list = element;
    if (element instanceof JsonObject object
        && KerasObject.text(object, "class_name", "").equals("__keras_tensor__")) {
      list = KerasObject.config(object).get("keras_history");
    }
    if (!(list instanceof JsonArray array)
        || array.size() < 3
        || !(array.get(0) instanceof JsonPrimitive name)
        || !name.isString()
        || !names.contains(name.getAsString())) {
      return null;
    }
    int[] numbers = new int[2];
    for (int i = 0; i < 2; i++) {
      if (!(array.get(i + 1) instanceof JsonPrimitive number) || !number.isNumber()) {
        return null;
      }
      numbers[i] = Config.whole("inbound_nodes", number);
    }
    if (countsCalls) {
      largest.merge(name.getAsString(), numbers[0], Math::max);
    }
    return new Reference(name.getAsString(), numbers[0], numbers[1]);
  }
}
