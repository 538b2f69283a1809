package io.cellbelt.models.audio;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The members of a PyTorch module, by the names of its parameters: recurrent ones in the order in
 * which they appear, and one linear member.
 *
 * @param layers of all recurrent members
 * @param linear of shape [outputs, inputs], and null where there is none
 * @param bias of the linear member, or null
 */
record TorchMembers(List<Recurrence> layers, Weights linear, float[] bias) {
  private static final Pattern RECURRENT =
      Pattern.compile("(.*?)(weight|bias)_(ih|hh)(?:_l(\\d{1,4}))?");
  private static final Pattern OTHER = Pattern.compile("(.*?)(weight|bias)");

  static boolean isRecurrent(String name) {
    return RECURRENT.matcher(name).matches();
  }

  /** Tells members apart; what is left over is refused, all of it at once. */
  static TorchMembers of(JsonObject state) {
    Map<String, Map<String, JsonElement>> recurrent = new LinkedHashMap<>();
    Map<String, Map<String, JsonElement>> linear = new LinkedHashMap<>();
    Set<String> unknown = new LinkedHashSet<>();
    state
        .asMap()
        .forEach(
            (name, value) -> {
              Matcher parts = RECURRENT.matcher(name);
              Matcher other = OTHER.matcher(name);
              if (parts.matches()) {
                String layer = parts.group(4) == null ? "0" : parts.group(4);
                recurrent
                    .computeIfAbsent(parts.group(1) + '\n' + layer, key -> new LinkedHashMap<>())
                    .put(parts.group(2) + "_" + parts.group(3), value);
              } else if (other.matches() && !name.contains("_reverse")) {
                linear
                    .computeIfAbsent(other.group(1), key -> new LinkedHashMap<>())
                    .put(other.group(2), value);
              } else {
                unknown.add(name);
              }
            });
    if (recurrent.isEmpty() || linear.size() > 1 || !unknown.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Only recurrent members, one after the other, and a linear one after them can be told"
                  + " from names of parameters, but there are %d recurrent layers, %d others, %s,"
                  + " and parameters of no such member, %s. Export the model as ONNX.",
              recurrent.size(),
              linear.size(),
              quote(linear.keySet().toString()),
              quote(unknown.toString())));
    }
    Problems problems = new Problems();
    List<Recurrence> layers = new ArrayList<>();
    Map<String, Integer> next = new LinkedHashMap<>();
    recurrent.forEach(
        (key, parts) -> {
          String prefix = key.substring(0, key.indexOf('\n'));
          int layer = Integer.parseInt(key.substring(prefix.length() + 1));
          String where = "Layer " + layer + " of " + quote(prefix);
          problems.in(
              where,
              () -> {
                requireNext(layer, next.merge(prefix, 1, Integer::sum) - 1);
                layers.add(recurrence(parts));
              });
        });
    Map<String, JsonElement> last = linear.isEmpty() ? Map.of() : linear.values().iterator().next();
    List<TorchMembers> found = new ArrayList<>();
    problems.in(
        "The linear member",
        () -> {
          Weights weights = last.isEmpty() ? null : part(last, "weight");
          float[] bias =
              last.containsKey("bias") ? part(last, "bias").values(weights.dimension(0, 2)) : null;
          found.add(new TorchMembers(layers, weights, bias));
        });
    problems.check();
    return found.getFirst();
  }

  private static void requireNext(int layer, int expected) {
    if (layer != expected) {
      throw new IllegalArgumentException(
          "Layers must follow each other from 0, but here " + expected + " was expected.");
    }
  }

  private static Weights part(Map<String, JsonElement> parts, String name) {
    JsonElement json = parts.get(name);
    if (json == null) {
      throw new IllegalArgumentException(
          "'" + name + "' is missing; there are " + parts.keySet() + ".");
    }
    return Weights.of(json, "'" + name + "'");
  }

  private static Recurrence recurrence(Map<String, JsonElement> parts) {
    Weights w = part(parts, "weight_ih");
    Weights r = part(parts, "weight_hh");
    int rows = w.dimension(0, 2);
    int inputs = w.dimension(1, 2);
    int hidden = r.dimension(1, 2);
    r.values(rows, hidden);
    Recurrence.Kind kind = kind(rows, hidden);
    Supplier<float[]> zeros = () -> new float[rows];
    boolean biased = parts.containsKey("bias_ih") || parts.containsKey("bias_hh");
    float[] wb = biased ? part(parts, "bias_ih").values(rows) : zeros.get();
    float[] rb = biased ? part(parts, "bias_hh").values(rows) : zeros.get();
    return Recurrence.torch(kind, inputs, hidden, w.values(), r.values(), wb, rb);
  }

  private static Recurrence.Kind kind(int rows, int hidden) {
    for (Recurrence.Kind kind : Recurrence.Kind.values()) {
      if (hidden > 0 && rows == (long) kind.gates() * hidden) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "'weight_hh' must have 4 (LSTM), 3 (GRU) or 1 (RNN) times as many rows as columns, but"
                + " is [%d, %d].",
            rows,
            hidden));
  }
}
