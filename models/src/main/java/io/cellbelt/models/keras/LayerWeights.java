package io.cellbelt.models.keras;

import static io.cellbelt.models.ModelFileException.quote;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The arrays of one layer, which come one after another. */
interface LayerWeights {
  /** Those of a layer that has none. */
  static LayerWeights none() {
    return new Listed(List.of());
  }

  /** The next array; null after the last one. */
  Hdf5Array peek();

  /** Steps over the next array. */
  void skip();

  /** How many are left. */
  int remaining();

  /** Where a part of the layer has its arrays, such as {@code cell}. */
  LayerWeights part(String name);

  /** Where the things of a list have their arrays, in order. */
  List<LayerWeights> all(List<String> classNames);

  /** The weights of the layer as a model. */
  ModelWeights model();

  /**
   * The next array.
   *
   * @param role what it is called in a message
   */
  default Hdf5Array take(String role) {
    Hdf5Array next = peek();
    if (next == null) {
      throw Misfit.of(
          "its %s is missing in the file. The weights belong to another model, or the file is"
              + " incomplete; save the whole model again.",
          role);
    }
    skip();
    return next;
  }

  /** The elements of the next array, which must be of this shape. */
  default float[] take(String role, int... shape) {
    return fit(role, take(role), shape);
  }

  /** The elements of an array, which must be of this shape. */
  static float[] fit(String role, Hdf5Array array, int... shape) {
    if (!Arrays.equals(array.shape(), shape)) {
      throw Misfit.of(
          "its %s should have the shape %s by its config and its input, but is %s. The weights"
              + " belong to another model; save the whole model again.",
          role, Arrays.toString(shape), array.describe());
    }
    return array.floats();
  }

  /** Refuses arrays that nobody took. */
  default void checkEnd() {
    if (remaining() > 0) {
      throw Misfit.of(
          "the file has %d arrays more for it than its config asks for, from %s on. The weights"
              + " belong to another model; save the whole model again.",
          remaining(), peek().describe());
    }
  }

  /** Arrays in order, of which some are taken. */
  abstract sealed class Ordered implements LayerWeights {
    private final List<Hdf5Array> arrays;
    private int next;

    Ordered(List<Hdf5Array> arrays) {
      this.arrays = arrays;
    }

    @Override
    public Hdf5Array peek() {
      return next < arrays.size() ? arrays.get(next) : null;
    }

    @Override
    public void skip() {
      next++;
    }

    @Override
    public int remaining() {
      return arrays.size() - next;
    }

    /** Takes all that are left. */
    final List<Hdf5Array> rest() {
      List<Hdf5Array> rest = arrays.subList(next, arrays.size());
      next = arrays.size();
      return rest;
    }
  }

  /** Arrays in one list for the whole layer, as in files of Keras 1 and 2. */
  final class Listed extends Ordered {
    Listed(List<Hdf5Array> arrays) {
      super(arrays);
    }

    @Override
    public LayerWeights part(String name) {
      return this;
    }

    @Override
    public List<LayerWeights> all(List<String> classNames) {
      return Collections.nCopies(classNames.size(), this);
    }

    @Override
    public ModelWeights model() {
      return new ModelWeights.Nested(rest());
    }
  }

  /** Arrays in groups that follow the layer's parts, as in .keras files. */
  final class Grouped extends Ordered {
    private final Hdf5Group group;

    /**
     * The arrays of a group.
     *
     * @param group of the layer; null if the file has none
     */
    Grouped(Hdf5Group group) {
      super(numbered(group == null ? null : group.group("vars")));
      this.group = group;
    }

    private static List<Hdf5Array> numbered(Hdf5Group vars) {
      List<Hdf5Array> arrays = new ArrayList<>();
      for (int i = 0; vars != null && vars.arrays().containsKey(Integer.toString(i)); i++) {
        arrays.add(vars.arrays().get(Integer.toString(i)));
      }
      return arrays;
    }

    @Override
    public LayerWeights part(String name) {
      Hdf5Group part = group == null ? null : group.group(name);
      if (part == null) {
        throw Misfit.of(
            "its part %s has no group in the file. Save the model again in Keras.", quote(name));
      }
      return new Grouped(part);
    }

    @Override
    public List<LayerWeights> all(List<String> classNames) {
      Map<String, Integer> counts = new HashMap<>();
      List<LayerWeights> all = new ArrayList<>();
      for (String className : classNames) {
        String name = ModelWeights.Containers.snakeCase(className);
        int count = counts.merge(name, 1, Integer::sum);
        all.add(part(count == 1 ? name : name + "_" + (count - 1)));
      }
      return all;
    }

    @Override
    public ModelWeights model() {
      return new ModelWeights.Containers(group);
    }
  }
}
