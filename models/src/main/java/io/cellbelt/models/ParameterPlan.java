package io.cellbelt.models;

import static io.cellbelt.models.ModelFileException.quote;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.PyTorchNames.Slot;
import io.cellbelt.models.SafetensorsHeader.Entry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** An architecture, and where each of its parameters is in a file, checked by name and shape. */
record ParameterPlan(Architecture architecture, List<Slot> slots) {
  /**
   * Where a file of this library keeps the parameters.
   *
   * @throws IllegalArgumentException if there are too many of them
   */
  static ParameterPlan of(Architecture architecture) {
    try {
      architecture.parameters().forEach(Parameter::rows);
      return new ParameterPlan(architecture, PyTorchNames.slots(architecture));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "its architecture has a layer whose gates together have 2^31 rows or more; that is"
              + " more than can be read.",
          e);
    }
  }

  /** The names of the tensors that are wanted. */
  Set<String> tensors() {
    Set<String> names = new LinkedHashSet<>();
    slots.forEach(slot -> names.addAll(slot.tensors()));
    return names;
  }

  /** Refuses a file that misses a tensor, or has one of another shape. */
  void check(Map<String, Entry> entries) {
    for (Slot slot : slots) {
      for (String name : slot.tensors()) {
        Entry entry = entries.get(name);
        if (entry == null) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "the tensor %s of shape %s is missing. Save the whole model again.",
                  quote(name),
                  slot.shape()));
        }
        if (!entry.shape().equals(slot.shape())) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "the tensor %s must have the shape %s, but has %s. Its sizes must fit its"
                      + " architecture.",
                  quote(name),
                  slot.shape(),
                  entry.shape()));
        }
      }
    }
  }

  /**
   * Reads the weights.
   *
   * @param rounded whether values that are no floats become the nearest one
   */
  Weights read(TensorFiles files, boolean rounded) throws ModelFileException {
    Map<String, Tensor> tensors = files.read(tensors(), rounded);
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Slot slot : slots) {
      List<float[]> parts = new ArrayList<>();
      slot.tensors().forEach(name -> parts.add(tensors.get(name).sharedValues()));
      values.put(slot.parameter().name(), slot.join(parts));
    }
    return Weights.of(architecture, values);
  }
}
