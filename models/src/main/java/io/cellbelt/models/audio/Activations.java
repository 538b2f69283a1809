package io.cellbelt.models.audio;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Attribute.Real;
import io.cellbelt.graphs.Attribute.Whole;
import io.cellbelt.models.audio.AudioGraph.Signal;
import java.util.Map;

/** Functions of single values, by the names that files have for them. */
final class Activations {
  /** The smallest and largest value and the slopes beyond, where a file does not say. */
  private static final float LEAK = 0.01f;

  private Activations() {}

  /** Applies a function by RTNeural's name; an empty one is none. */
  static Signal rtNeural(AudioGraph graph, Signal signal, String name) {
    return switch (name) {
      case "", "linear" -> signal;
      case "tanh" -> graph.unary("Tanh", signal, Map.of());
      case "relu" -> graph.unary("Relu", signal, Map.of());
      case "sigmoid" -> graph.unary("Sigmoid", signal, Map.of());
      case "elu" -> graph.unary("Elu", signal, Map.of());
      case "softmax" -> {
        Attribute axis = new Whole(signal.timeFirst() ? 2 : 1);
        yield graph.unary("Softmax", signal, Map.of("axis", axis));
      }
      default ->
          throw new IllegalArgumentException(
              "The activation "
                  + quote(name)
                  + " is not known; those that are: tanh, relu, sigmoid, softmax, elu, or none.");
    };
  }

  /** Applies a function as Neural Amp Modeler describes it: a name, or an object with a type. */
  static Signal nam(AudioGraph graph, Signal signal, JsonElement json) {
    JsonObject options = json instanceof JsonObject object ? object : new JsonObject();
    String name =
        json instanceof JsonObject object
            ? JsonParts.text(object, "type")
            : JsonParts.text(json, "activation");
    return switch (name) {
      case "Tanh" -> graph.unary("Tanh", signal, Map.of());
      case "ReLU" -> graph.unary("Relu", signal, Map.of());
      case "Sigmoid" -> graph.unary("Sigmoid", signal, Map.of());
      case "Softsign" -> graph.unary("Softsign", signal, Map.of());
      case "Hardswish" -> graph.unary("HardSwish", signal, Map.of());
      case "SiLU" -> graph.binary("Mul", signal, graph.unary("Sigmoid", signal, Map.of()));
      case "Hardtanh" -> graph.withScalars("Clip", signal, -1, 1);
      case "LeakyReLU" -> {
        Attribute slope = new Real((float) JsonParts.number(options, "negative_slope", LEAK));
        yield graph.unary("LeakyRelu", signal, Map.of("alpha", slope));
      }
      case "PReLU" -> graph.withChannels("PRelu", signal, slopes(options, signal.channels()));
      case "LeakyHardtanh", "LeakyHardTanh" -> leakyHardtanh(graph, signal, options);
      default ->
          throw new IllegalArgumentException(
              "The activation "
                  + quote(name)
                  + " is not known; those that are: Tanh, ReLU, Sigmoid, Softsign, Hardswish, SiLU,"
                  + " Hardtanh, LeakyReLU, PReLU, LeakyHardtanh.");
    };
  }

  private static float[] slopes(JsonObject options, int channels) {
    if (JsonParts.find(options, "negative_slopes").isEmpty()) {
      return new float[] {(float) JsonParts.number(options, "negative_slope", LEAK)};
    }
    Weights slopes = Weights.of(options.get("negative_slopes"), "The slopes of PReLU");
    return slopes.values().length == 1 ? slopes.values() : slopes.values(channels);
  }

  /** Linear between two values, and with another slope below and above. */
  private static Signal leakyHardtanh(AudioGraph graph, Signal signal, JsonObject options) {
    float smallest = (float) JsonParts.number(options, "min_val", -1);
    float largest = (float) JsonParts.number(options, "max_val", 1);
    float slopeBelow = (float) JsonParts.number(options, "min_slope", LEAK);
    float slopeAbove = (float) JsonParts.number(options, "max_slope", LEAK);
    if (smallest > largest) {
      throw new IllegalArgumentException("'min_val' of LeakyHardtanh is above its 'max_val'.");
    }
    Signal clipped = graph.withScalars("Clip", signal, smallest, largest);
    Signal beyond = graph.binary("Sub", signal, clipped);
    Signal below = graph.withScalars("Min", beyond, 0);
    Signal above = graph.withScalars("Max", beyond, 0);
    Signal leaks =
        graph.binary(
            "Add",
            graph.withScalars("Mul", below, slopeBelow),
            graph.withScalars("Mul", above, slopeAbove));
    return graph.binary("Add", clipped, leaks);
  }
}
