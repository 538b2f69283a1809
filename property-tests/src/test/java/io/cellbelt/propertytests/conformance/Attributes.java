package io.cellbelt.propertytests.conformance;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The attributes of an operator, with ONNX's defaults.
 *
 * @param values numbers, strings, lists of them, tensors
 */
record Attributes(String op, Map<String, Object> values) {
  private static final Set<String> TAKE_ALPHA =
      Set.of("affine", "leakyrelu", "thresholdedrelu", "scaledtanh", "hardsigmoid", "elu");
  private static final Set<String> TAKE_BETA = Set.of("affine", "scaledtanh", "hardsigmoid");
  private static final Map<String, Double> ALPHAS = Map.of("leakyrelu", 0.01, "hardsigmoid", 0.2);
  private static final Map<String, Double> BETAS = Map.of("hardsigmoid", 0.5, "scaledtanh", 1.0);

  /** From here on a clip is none at all. */
  private static final double NO_CLIP = 999;

  /** The operator's gates: of LSTM i o f c, of GRU z r h. */
  int gates() {
    return op.startsWith("LSTM") ? 4 : op.startsWith("GRU") ? 3 : 1;
  }

  Optional<Integer> hiddenSize() {
    return values.containsKey("hidden_size")
        ? Optional.of(integer("hidden_size", 0))
        : Optional.empty();
  }

  String direction() {
    return text("direction", "forward").toLowerCase(Locale.ROOT);
  }

  int directions() {
    return direction().equals("bidirectional") ? 2 : 1;
  }

  /** Whether that direction runs from the last step to the first. */
  boolean reverse(int direction) {
    return direction().equals("reverse") || direction == 1;
  }

  boolean inputForget() {
    return integer("input_forget", 0) != 0;
  }

  /** Training operators know no other way. */
  boolean linearBeforeReset() {
    return integer("linear_before_reset", op.equals("GRU") ? 0 : 1) != 0;
  }

  /** Whether the batch comes first. */
  boolean batchFirst() {
    return integer("layout", 0) != 0;
  }

  OptionalDouble clip() {
    double clip = number("clip", 0);
    return clip > 0 && clip < NO_CLIP ? OptionalDouble.of(clip) : OptionalDouble.empty();
  }

  /** The functions of one direction, as many as the operator has: f, f g or f g h. */
  List<Function> activations(int direction) {
    List<Function> all = activations();
    int each = defaultNames().size();
    return all.subList(direction * each, (direction + 1) * each);
  }

  /** The functions of all directions, forward first. */
  List<Function> activations() {
    List<String> names = new ArrayList<>();
    for (Object name : list("activations")) {
      names.add(name.toString().toLowerCase(Locale.ROOT));
    }
    int expected = directions() * defaultNames().size();
    if (names.isEmpty()) {
      for (int d = 0; d < directions(); d++) {
        names.addAll(defaultNames());
      }
    }
    if (names.size() != expected) {
      throw new IllegalArgumentException(
          "The attribute activations must have %d names, but has %d."
              .formatted(expected, names.size()));
    }
    List<Double> alphas = perFunction("activation_alpha", names, TAKE_ALPHA, ALPHAS, 1);
    List<Double> betas = perFunction("activation_beta", names, TAKE_BETA, BETAS, 0);
    List<Function> functions = new ArrayList<>();
    for (int i = 0; i < expected; i++) {
      functions.add(new Function(names.get(i), alphas.get(i), betas.get(i)));
    }
    return functions;
  }

  /**
   * A list with a value for each function is read by position. A shorter one is used up by the
   * functions that take a value, in their order; where it ends, defaults follow.
   */
  private List<Double> perFunction(
      String attribute,
      List<String> names,
      Set<String> takers,
      Map<String, Double> defaults,
      double otherDefault) {
    List<?> given = list(attribute);
    List<Double> result = new ArrayList<>();
    int used = 0;
    for (int i = 0; i < names.size(); i++) {
      double value = 0;
      if (takers.contains(names.get(i))) {
        int at = given.size() == names.size() ? i : used++;
        value =
            at < given.size()
                ? ((Number) given.get(at)).doubleValue()
                : defaults.getOrDefault(names.get(i), otherDefault);
      }
      result.add(value);
    }
    return result;
  }

  private List<String> defaultNames() {
    return switch (gates()) {
      case 4 -> List.of("sigmoid", "tanh", "tanh");
      case 3 -> List.of("sigmoid", "tanh");
      default -> List.of("tanh");
    };
  }

  int integer(String name, int otherwise) {
    return (int) number(name, otherwise);
  }

  double number(String name, double otherwise) {
    return values.get(name) instanceof Number number ? number.doubleValue() : otherwise;
  }

  String text(String name, String otherwise) {
    return values.get(name) instanceof String text ? text : otherwise;
  }

  /** Returns the list, empty where there is none. */
  List<?> list(String name) {
    return values.get(name) instanceof List<?> list ? list : Collections.emptyList();
  }

  /** Returns the list of integers, or nothing. */
  Optional<int[]> integers(String name) {
    return values.containsKey(name)
        ? Optional.of(list(name).stream().mapToInt(i -> saturated((Number) i)).toArray())
        : Optional.empty();
  }

  private static int saturated(Number number) {
    return Math.clamp(number.longValue(), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** An activation function: its name in lower case, and what it takes. */
  record Function(String name, double alpha, double beta) {
    double of(double x) {
      return switch (name) {
        case "affine" -> alpha * x + beta;
        case "relu" -> Math.max(0, x);
        case "leakyrelu" -> x >= 0 ? x : alpha * x;
        case "thresholdedrelu" -> x >= alpha ? x : 0;
        case "tanh" -> Math.tanh(x);
        case "scaledtanh" -> alpha * Math.tanh(beta * x);
        case "sigmoid" -> 1 / (1 + Math.exp(-x));
        case "hardsigmoid" -> Math.clamp(alpha * x + beta, 0, 1);
        case "elu" -> x >= 0 ? x : alpha * Math.expm1(x);
        case "softsign" -> x / (1 + Math.abs(x));
        case "softplus" -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
        default ->
            throw new IllegalArgumentException("There is no activation function " + name + ".");
      };
    }

    double derivative(double x) {
      return switch (name) {
        case "affine" -> alpha;
        case "relu" -> x > 0 ? 1 : 0;
        case "leakyrelu" -> x > 0 ? 1 : alpha;
        case "thresholdedrelu" -> x > alpha ? 1 : 0;
        case "tanh" -> 1 - Math.pow(Math.tanh(x), 2);
        case "scaledtanh" -> alpha * beta * (1 - Math.pow(Math.tanh(beta * x), 2));
        case "sigmoid" -> of(x) * (1 - of(x));
        case "hardsigmoid" -> of(x) > 0 && of(x) < 1 ? alpha : 0;
        case "elu" -> x > 0 ? 1 : alpha * Math.exp(x);
        case "softsign" -> 1 / Math.pow(1 + Math.abs(x), 2);
        case "softplus" -> 1 / (1 + Math.exp(-x));
        default ->
            throw new IllegalArgumentException("There is no activation function " + name + ".");
      };
    }
  }
}
