package io.cellbelt.models.keras;

import io.cellbelt.models.keras.ModelConfig.Entry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The arrays of a model, from which each layer gets its own. */
sealed interface ModelWeights {
  /**
   * Where each layer that holds weights has them, by its name. A shared layer asks again for each
   * of its calls.
   *
   * @throws Misfit if it is not clear which arrays belong to which layer
   */
  Map<String, Supplier<LayerWeights>> assign(List<Entry> layers);

  /** The weights of a whole model. */
  static ModelWeights of(Hdf5Group root) {
    boolean isListed =
        root.hasTexts("layer_names")
            || root.groups().values().stream().anyMatch(group -> group.hasTexts("weight_names"));
    return isListed ? new Lists(root) : new Containers(root);
  }

  /** Arrays by the layer's name, or where the names are others, in the order of the layers. */
  private static Map<String, Supplier<LayerWeights>> match(
      List<Entry> layers, Map<String, List<Hdf5Array>> lists) {
    List<Entry> holders = layers.stream().filter(entry -> entry.layer().holdsWeights()).toList();
    Map<String, Supplier<LayerWeights>> all = new HashMap<>();
    List<String> missing =
        holders.stream().map(Entry::name).filter(name -> !lists.containsKey(name)).toList();
    List<List<Hdf5Array>> inOrder = List.copyOf(lists.values());
    if (!missing.isEmpty() && inOrder.size() != holders.size()) {
      throw Misfit.of(
          "its weights do not fit its config: %d layers need weights, the file has those of %d"
              + " (%s), and no layer there is called %s. Save the whole model again with"
              + " model.save().",
          holders.size(), inOrder.size(), Texts.list(lists.keySet()), Texts.list(missing));
    }
    for (int i = 0; i < holders.size(); i++) {
      String name = holders.get(i).name();
      List<Hdf5Array> arrays = missing.isEmpty() ? lists.get(name) : inOrder.get(i);
      all.put(name, () -> new LayerWeights.Listed(arrays));
    }
    return all;
  }

  /** Files of Keras 1 and 2: a group for each layer, with the names of its arrays in order. */
  record Lists(Hdf5Group root) implements ModelWeights {
    private static final Pattern NO_WEIGHT = Pattern.compile("(rnn_state|seed).*");

    @Override
    public Map<String, Supplier<LayerWeights>> assign(List<Entry> layers) {
      List<String> names =
          root.hasTexts("layer_names")
              ? root.texts("layer_names")
              : List.copyOf(root.groups().keySet());
      Map<String, List<Hdf5Array>> lists = new LinkedHashMap<>();
      for (String name : names) {
        Hdf5Group group = root.group(Hdf5.parts(name));
        List<Hdf5Array> arrays = group == null ? List.of() : arrays(group);
        if (!arrays.isEmpty()) {
          lists.put(name, arrays);
        }
      }
      return match(layers, lists);
    }

    private static List<Hdf5Array> arrays(Hdf5Group group) {
      List<Hdf5Array> arrays = new ArrayList<>();
      for (String name : group.texts("weight_names")) {
        String[] parts = Hdf5.parts(name);
        // States and seeds of Keras 3 stand among the weights.
        if (parts.length == 0 || NO_WEIGHT.matcher(parts[parts.length - 1]).matches()) {
          continue;
        }
        Hdf5Array array = group.array(name);
        if (array == null) {
          throw Misfit.of(
              "it lists the array %s, which is not in it. The file is incomplete; copy it again.",
              Texts.quoted(name));
        }
        arrays.add(array.named(name));
      }
      return arrays;
    }
  }

  /** The arrays of a model that is a layer of another one, all in one list. */
  record Nested(List<Hdf5Array> arrays) implements ModelWeights {
    @Override
    public Map<String, Supplier<LayerWeights>> assign(List<Entry> layers) {
      List<Entry> holders = layers.stream().filter(entry -> entry.layer().holdsWeights()).toList();
      Map<String, List<Hdf5Array>> byLayer = new LinkedHashMap<>();
      for (Hdf5Array array : arrays) {
        String owner =
            owner(array, holders).orElseGet(() -> Hdf5.parts(array.name())[firstThatDiffers()]);
        byLayer.computeIfAbsent(owner, key -> new ArrayList<>()).add(array);
      }
      return match(layers, byLayer);
    }

    /**
     * The layer whose name is a part of the array's name: those that cannot be trained stand at the
     * end, away from the others of their layer.
     */
    private static Optional<String> owner(Hdf5Array array, List<Entry> holders) {
      List<String> parts = List.of(Hdf5.parts(array.name()));
      return holders.stream()
          .map(Entry::name)
          .filter(name -> parts.contains(name) || parts.getLast().startsWith(name + "_"))
          .max(Comparator.comparingInt(String::length));
    }

    /** The part of the names that tells layers from each other. */
    private int firstThatDiffers() {
      List<String[]> all = arrays.stream().map(array -> Hdf5.parts(array.name())).toList();
      int least = all.stream().mapToInt(parts -> parts.length).min().orElse(1);
      for (int i = 0; i < least - 1; i++) {
        int part = i;
        if (all.stream().map(parts -> parts[part]).distinct().count() > 1) {
          return i;
        }
      }
      return Math.max(0, least - 2);
    }
  }

  /**
   * Files of Keras 2.12 and later: a group for each layer, called after its class and its place
   * among those of its class.
   *
   * @param group of the model; null if the file has none
   */
  record Containers(Hdf5Group group) implements ModelWeights {
    @Override
    public Map<String, Supplier<LayerWeights>> assign(List<Entry> layers) {
      Map<String, Hdf5Group> groups = new LinkedHashMap<>();
      container().groups().entrySet().stream()
          .filter(entry -> entry.getValue().holdsArrays())
          .forEach(entry -> groups.put(entry.getKey(), entry.getValue()));
      List<Entry> holders = layers.stream().filter(entry -> entry.layer().holdsWeights()).toList();
      Map<String, Hdf5Group> assigned = byOwnName(holders, groups);
      if (assigned.size() < holders.size()) {
        assigned = byClass(holders, groups);
      }
      if (assigned.size() < holders.size()) {
        assigned = byOrder(holders, groups, assigned);
      }
      Map<String, Supplier<LayerWeights>> all = new HashMap<>();
      assigned.forEach((name, found) -> all.put(name, () -> new LayerWeights.Grouped(found)));
      return all;
    }

    private Hdf5Group container() {
      for (String name : List.of("layers", "_layer_checkpoint_dependencies")) {
        Hdf5Group container = group == null ? null : group.group(name);
        if (container != null) {
          return container;
        }
      }
      throw new Misfit(
          "its weights are not laid out as Keras does: there is no group 'layers' and no list"
              + " 'layer_names'. Save the whole model again with model.save().");
    }

    /** Newer files note beside the arrays of a layer what the layer is called. */
    private static Map<String, Hdf5Group> byOwnName(
        List<Entry> holders, Map<String, Hdf5Group> groups) {
      Map<String, Hdf5Group> named = new HashMap<>();
      for (Hdf5Group candidate : groups.values()) {
        Hdf5Group vars = candidate.group("vars");
        if (vars != null) {
          vars.text("name").ifPresent(name -> named.put(name, candidate));
        }
      }
      named.keySet().retainAll(holders.stream().map(Entry::name).toList());
      return named;
    }

    /** The first group of a class belongs to the first layer of that class, and so on. */
    private static Map<String, Hdf5Group> byClass(
        List<Entry> holders, Map<String, Hdf5Group> groups) {
      Map<String, List<Entry>> byClass =
          holders.stream()
              .collect(
                  Collectors.groupingBy(
                      entry -> snakeCase(entry.className()),
                      LinkedHashMap::new,
                      Collectors.toList()));
      Map<String, Hdf5Group> assigned = new HashMap<>();
      byClass.forEach(
          (name, entries) -> {
            Pattern numbered = Pattern.compile(Pattern.quote(name) + "(_\\d{1,6})?");
            List<String> found =
                groups.keySet().stream()
                    .filter(key -> numbered.matcher(key).matches())
                    .sorted(Comparator.comparingInt(key -> number(key, name)))
                    .toList();
            if (found.size() == entries.size()) {
              for (int i = 0; i < found.size(); i++) {
                assigned.put(entries.get(i).name(), groups.get(found.get(i)));
              }
            }
          });
      return assigned;
    }

    private static int number(String key, String name) {
      return key.length() == name.length() ? 0 : Integer.parseInt(key.substring(name.length() + 1));
    }

    /** What is left on both sides, by name or in order. */
    private static Map<String, Hdf5Group> byOrder(
        List<Entry> holders, Map<String, Hdf5Group> groups, Map<String, Hdf5Group> known) {
      Map<String, Hdf5Group> assigned = new HashMap<>(known);
      for (Entry entry : holders) {
        Hdf5Group called = groups.get(entry.name());
        if (called != null && !assigned.containsValue(called)) {
          assigned.putIfAbsent(entry.name(), called);
        }
      }
      List<Entry> without =
          holders.stream().filter(entry -> !assigned.containsKey(entry.name())).toList();
      List<Hdf5Group> left =
          groups.values().stream().filter(one -> !assigned.containsValue(one)).toList();
      if (without.size() != left.size()) {
        throw Misfit.of(
            "its weights do not fit its config: the file has no group for the layers %s; its groups"
                + " are %s. Save the whole model again with model.save().",
            Texts.list(without.stream().map(Entry::name).toList()), Texts.list(groups.keySet()));
      }
      for (int i = 0; i < left.size(); i++) {
        assigned.put(without.get(i).name(), left.get(i));
      }
      return assigned;
    }

    /** The name of a class as Keras makes one of a group from it. */
    static String snakeCase(String className) {
      return className
          .replaceAll("\\W+", "")
          .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
          .replaceAll("([a-z])([A-Z])", "$1_$2")
          .toLowerCase(Locale.ROOT);
    }
  }
}
