package io.cellbelt.graphs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a graph is made ready for: the shapes of what is fed, inputs that are always the same, and
 * states, where they are not found by themselves. Immutable, thread-safe.
 *
 * @param shapes by input; needed for inputs with open dimensions
 * @param constants by input
 * @param states in place of those that are found; null to look for them
 */
public record Setup(
    Map<String, List<Integer>> shapes, Map<String, Tensor> constants, List<Carry> states) {
  /** Nothing special: open dimensions are 1, and states are looked for. */
  public static final Setup DEFAULT = new Setup(Map.of(), Map.of(), null);

  /** Copies the maps and the list. */
  public Setup {
    shapes = Given.map("shapes", shapes);
    shapes.values().forEach(shape -> Given.list("sizes", shape));
    constants = Given.map("constants", constants);
    states = states == null ? null : Given.list("states", states);
  }

  /** With the shape of an input. */
  public Setup shape(String input, Integer... sizes) {
    Objects.requireNonNull(input, "A shape is that of an input, but got null.");
    Map<String, List<Integer>> more = new LinkedHashMap<>(shapes);
    Objects.requireNonNull(sizes, "A shape is a list of sizes, but got null.");
    more.put(input, Given.list("sizes", Arrays.asList(sizes)));
    return new Setup(more, constants, states);
  }

  /** With an input that is always the same, such as a sample rate. */
  public Setup constant(String input, Tensor value) {
    Objects.requireNonNull(input, "A constant is that of an input, but got null.");
    Objects.requireNonNull(value, "A constant has a value, but got null.");
    Map<String, Tensor> more = new LinkedHashMap<>(constants);
    more.put(input, value);
    return new Setup(shapes, more, states);
  }

  /** With a state, and no others than those named so. */
  public Setup state(Carry state) {
    List<Carry> more = new ArrayList<>(states == null ? List.of() : states);
    more.add(Objects.requireNonNull(state, "A state is an output and an input, but got null."));
    return new Setup(shapes, constants, more);
  }

  /** Without states. */
  public Setup stateless() {
    return new Setup(shapes, constants, List.of());
  }
}
