package io.cellbelt.graphs;

import io.cellbelt.graphs.Port.Dimension;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Finds the states of a graph: outputs that are inputs of the next call. */
final class States {
  /** What exporters call states, as a part of a name. */
  private static final List<String> WORDS =
      List.of("state", "hidden", "cell", "cache", "memory", "history", "buffer", "past", "carry");

  private States() {}

  /** The states, by what inputs and outputs are called and what shapes they have. */
  static List<Carry> of(Graph graph, Map<String, int[]> inputs, Map<String, int[]> outputs) {
    List<Carry> all = new ArrayList<>();
    List<String> free = new ArrayList<>();
    for (Port port : graph.inputs()) {
      if (inputs.containsKey(port.name())) {
        free.add(port.name());
      }
    }
    List<String> open = new ArrayList<>(outputs.keySet());
    // Names that tell, then those that are left over and fit nothing else.
    pairByName(all, free, open, inputs, outputs);
    String first = inputs.isEmpty() ? "" : inputs.keySet().iterator().next();
    split(all, free, open, inputs, outputs, first);
    pairByShape(all, free, open, inputs, outputs, first);
    return all;
  }

  private static void pairByName(
      List<Carry> all,
      List<String> free,
      List<String> open,
      Map<String, int[]> inputs,
      Map<String, int[]> outputs) {
    for (String output : List.copyOf(open)) {
      for (String input : free) {
        if (Arrays.equals(inputs.get(input), outputs.get(output))
            && bare(input).equals(bare(output))
            && isState(input, output)) {
          all.add(new Carry(input, output));
          free.remove(input);
          open.remove(output);
          break;
        }
      }
    }
  }

  /** The name without what tells before from after: h0 and hn, state and stateN, c_in and c_out. */
  private static String bare(String name) {
    return name.toLowerCase(Locale.ROOT)
        .replaceAll(
            "(^|[._/-])(in|input|out|output|prev|previous|next|new|old|init|initial)([._/-]|$)",
            "$1$3")
        .replaceAll("(?<=[a-z0-9])(_?(in|out|next|n|0))$", "")
        .replaceAll("[^a-z0-9]", "");
  }

  /** Data may go in and come out with one name and shape, so that a state must look like one. */
  private static boolean isState(String input, String output) {
    String both = (input + " " + output).toLowerCase(Locale.ROOT);
    return WORDS.stream().anyMatch(both::contains)
        || bare(input).matches("(layer\\d+)?(h|c|hx|cx|hc)\\d*");
  }

  /** Inputs of one shape that lie side by side in one output. */
  private static void split(
      List<Carry> all,
      List<String> free,
      List<String> open,
      Map<String, int[]> inputs,
      Map<String, int[]> outputs,
      String first) {
    Map<List<Integer>, List<String>> groups = new LinkedHashMap<>();
    for (String input : free) {
      if (!input.equals(first)) {
        List<Integer> shape = Arrays.stream(inputs.get(input)).boxed().toList();
        groups.computeIfAbsent(shape, key -> new ArrayList<>()).add(input);
      }
    }
    groups.forEach(
        (shape, group) -> {
          for (String output : List.copyOf(open)) {
            int axis = splitAxis(inputs.get(group.getFirst()), outputs.get(output), group.size());
            if (group.size() > 1 && axis >= 0) {
              int each = shape.get(axis);
              for (int i = 0; i < group.size(); i++) {
                all.add(new Carry(group.get(i), output, axis, i * each));
              }
              free.removeAll(group);
              open.remove(output);
              return;
            }
          }
        });
  }

  private static int splitAxis(int[] part, int[] whole, int parts) {
    if (part.length != whole.length) {
      return -1;
    }
    int axis = -1;
    for (int d = 0; d < part.length; d++) {
      if (part[d] != whole[d]) {
        if (axis >= 0 || part[d] * parts != whole[d]) {
          return -1;
        }
        axis = d;
      }
    }
    return axis;
  }

  /** An input that is not the first, and the one output that has its shape. */
  private static void pairByShape(
      List<Carry> all,
      List<String> free,
      List<String> open,
      Map<String, int[]> inputs,
      Map<String, int[]> outputs,
      String first) {
    for (String input : List.copyOf(free)) {
      List<String> fitting =
          open.stream()
              .filter(output -> Arrays.equals(outputs.get(output), inputs.get(input)))
              .toList();
      boolean alone =
          free.stream().filter(other -> Arrays.equals(inputs.get(other), inputs.get(input))).count()
              == 1;
      boolean keepsAnOutput = open.size() > 1 || all.size() + open.size() > outputs.size();
      if (!input.equals(first) && alone && fitting.size() == 1 && keepsAnOutput) {
        all.add(new Carry(input, fitting.getFirst()));
        free.remove(input);
        open.remove(fitting.getFirst());
      }
    }
  }

  /** The shape of an input with ones for what is open. */
  static int[] shape(Port port) {
    return port.shape().stream().mapToInt(d -> d.isOpen() ? 1 : d.size()).toArray();
  }

  static boolean isOpen(Port port) {
    return port.shape() == null || port.shape().stream().anyMatch(Dimension::isOpen);
  }
}
