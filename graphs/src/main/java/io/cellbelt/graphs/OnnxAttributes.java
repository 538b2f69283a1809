package io.cellbelt.graphs;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Layer.Direction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The attributes of ONNX's recurrent operators, with its defaults.
 *
 * @param values numbers, strings, and lists of them
 */
record OnnxAttributes(Map<String, ?> values) {
  private static final List<String> KNOWN =
      List.of(
          "activation_alpha",
          "activation_beta",
          "activations",
          "clip",
          "direction",
          "hidden_size",
          "input_forget",
          "layout",
          "linear_before_reset",
          "output_sequence");

  OnnxAttributes {
    for (String name : values.keySet()) {
      if (name == null || !KNOWN.contains(name)) {
        throw new IllegalArgumentException(
            "A recurrent operator has no attribute '" + name + "'; there are " + KNOWN + ".");
      }
    }
  }

  /** Those of a node as plain values. */
  static Map<String, Object> of(Node node) {
    Map<String, Object> all = new LinkedHashMap<>();
    node.attributes()
        .forEach(
            (name, value) -> {
              switch (value) {
                case Attribute.Whole(long whole) -> all.put(name, whole);
                case Attribute.Real(float real) -> all.put(name, real);
                case Attribute.Text(String text) -> all.put(name, text);
                case Attribute.Wholes(List<Long> wholes) -> all.put(name, wholes);
                case Attribute.Reals(List<Float> reals) -> all.put(name, reals);
                case Attribute.Texts(List<String> texts) -> all.put(name, texts);
                default ->
                    throw new IllegalArgumentException(
                        "The attribute " + name + " is a number or a text.");
              }
            });
    return all;
  }

  Direction direction() {
    String name = values.containsKey("direction") ? values.get("direction").toString() : "forward";
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "forward" -> Direction.FORWARD;
      case "reverse" -> Direction.REVERSE;
      case "bidirectional" -> Direction.BIDIRECTIONAL;
      default ->
          throw new IllegalArgumentException(
              "A direction is forward, reverse or bidirectional, but got '" + name + "'.");
    };
  }

  boolean flag(String name) {
    return number(name, 0) != 0;
  }

  double number(String name, double otherwise) {
    Object value = values.get(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException(
        "The attribute " + name + " is a number, but got '" + value + "'.");
  }

  /** The limit of pre-activations; none by default, and by 0 as exporters write it. */
  float clip() {
    double clip = number("clip", 0);
    return clip == 0 ? Cell.NO_CLIP : (float) Math.min(clip, Cell.NO_CLIP);
  }

  /**
   * All activations, those of the first direction first.
   *
   * <p>A list of as many alphas or betas as functions is read by position. A shorter one is used up
   * by the functions that take a number, in their order; where it ends, defaults follow.
   *
   * @param defaults those of all directions
   */
  List<Activation> activations(List<Activation> defaults) {
    List<?> names = list("activations");
    if (names.isEmpty()) {
      return defaults;
    }
    if (names.size() != defaults.size()) {
      throw new IllegalArgumentException(
          "The attribute activations names "
              + defaults.size()
              + " functions, but got "
              + names.size()
              + ".");
    }
    List<?> alphas = numbers("activation_alpha", names.size());
    List<?> betas = numbers("activation_beta", names.size());
    List<Activation> all = new ArrayList<>();
    int alphasUsed = 0;
    int betasUsed = 0;
    for (int i = 0; i < names.size(); i++) {
      Activation plain = Activation.named(names.get(i).toString());
      float alpha = plain.alpha();
      float beta = plain.beta();
      if (plain.function().hasAlpha()) {
        alpha = pick(alphas, alphas.size() == names.size() ? i : alphasUsed++, alpha);
      }
      if (plain.function().hasBeta()) {
        beta = pick(betas, betas.size() == names.size() ? i : betasUsed++, beta);
      }
      all.add(new Activation(plain.function(), alpha, beta));
    }
    return all;
  }

  private static float pick(List<?> given, int index, float otherwise) {
    return index < given.size() ? ((Number) given.get(index)).floatValue() : otherwise;
  }

  private List<?> numbers(String name, int most) {
    List<?> numbers = list(name);
    if (numbers.size() > most || !numbers.stream().allMatch(Number.class::isInstance)) {
      throw new IllegalArgumentException(
          "The attribute "
              + name
              + " has at most a number for each of the "
              + most
              + " functions, but got "
              + numbers
              + ".");
    }
    return numbers;
  }

  private List<?> list(String name) {
    Object value = values.get(name);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw new IllegalArgumentException(
        "The attribute " + name + " is a list, but got '" + value + "'.");
  }
}
