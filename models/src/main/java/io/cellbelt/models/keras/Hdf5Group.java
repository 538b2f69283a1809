package io.cellbelt.models.keras;

import static io.cellbelt.models.ModelFileException.quote;

import io.jhdf.api.Attribute;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A group of an HDF5 file: what is in it by the first part of its name, where a slash and a
 * backslash both end a part, because Keras on Windows wrote whole paths as one name.
 */
final class Hdf5Group {
  private final Map<String, Hdf5Group> groups = new LinkedHashMap<>();
  private final Map<String, Hdf5Array> arrays = new LinkedHashMap<>();
  private final Map<String, Attribute> attributes = new LinkedHashMap<>();

  /** The groups right inside, by name. */
  Map<String, Hdf5Group> groups() {
    return groups;
  }

  /** The arrays right inside, by name. */
  Map<String, Hdf5Array> arrays() {
    return arrays;
  }

  Map<String, Attribute> attributes() {
    return attributes;
  }

  /** The group of a name, made where there is none. */
  Hdf5Group made(String name) {
    return groups.computeIfAbsent(name, key -> new Hdf5Group());
  }

  /** The group at the end of a path; null if there is none. */
  Hdf5Group group(String... path) {
    Hdf5Group group = this;
    for (String name : path) {
      group = group == null ? null : group.groups.get(name);
    }
    return group;
  }

  /** The array at a path with slashes; null if there is none. */
  Hdf5Array array(String path) {
    String[] parts = Hdf5.parts(path);
    if (parts.length == 0) {
      return null;
    }
    Hdf5Group group = group(Arrays.copyOf(parts, parts.length - 1));
    return group == null ? null : group.arrays.get(parts[parts.length - 1]);
  }

  /** Whether there is an array in it, at any depth. */
  boolean holdsArrays() {
    return !arrays.isEmpty() || groups.values().stream().anyMatch(Hdf5Group::holdsArrays);
  }

  /** An attribute that is one text. */
  Optional<String> text(String name) {
    List<String> texts = attributes.containsKey(name) ? texts(name) : List.of();
    return texts.size() == 1 ? Optional.of(texts.getFirst()) : Optional.empty();
  }

  /** An attribute that is a list of texts. Keras splits long ones, and numbers them from 0 on. */
  List<String> texts(String name) {
    if (attributes.containsKey(name)) {
      return asTexts(name, Hdf5.guarded(() -> attributes.get(name).getData()));
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; attributes.containsKey(name + i); i++) {
      all.addAll(texts(name + i));
    }
    return all;
  }

  boolean hasTexts(String name) {
    return attributes.containsKey(name) || attributes.containsKey(name + "0");
  }

  private static List<String> asTexts(String name, Object data) {
    return switch (data) {
      // A list without elements, which h5py writes as one of numbers.
      case null -> List.of();
      case String text -> List.of(text);
      case String[] texts -> Arrays.stream(texts).map(Objects::requireNonNull).toList();
      default ->
          throw Misfit.of(
              "the attribute %s should be a text or several, but is of another type.", quote(name));
    };
  }
}
