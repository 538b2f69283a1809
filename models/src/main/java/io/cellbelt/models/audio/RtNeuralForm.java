package io.cellbelt.models.audio;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cellbelt.models.audio.AudioGraph.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * RTNeural's form: {@code in_shape} and {@code layers} with Keras's weights. AIDA-X adds a skip,
 * {@code in_skip}, and gains in decibels, {@code in_gain} and {@code out_gain}.
 */
final class RtNeuralForm {
  private static final String LAYERS = "layers";
  private static final String IN_SHAPE = "in_shape";
  private static final String SKIP = "in_skip";
  private static final String IN_GAIN = "in_gain";
  private static final String OUT_GAIN = "out_gain";

  /** From here down, AIDA-X takes a gain for silence. */
  private static final double SILENCE = -90;

  private RtNeuralForm() {}

  static boolean recognises(JsonObject json) {
    return json.get(LAYERS) instanceof JsonArray && json.has(IN_SHAPE);
  }

  static AudioModel read(JsonObject json) {
    AudioGraph graph = new AudioGraph();
    Problems problems = new Problems();
    List<String> remarks = new ArrayList<>();
    Signal input = graph.input(channels(json, IN_SHAPE));
    // The knobs that follow the audio in a sample have no gain.
    float[] gains = new float[input.channels()];
    Arrays.fill(gains, 1);
    gains[0] = gain(json, IN_GAIN);
    Signal driven = gains[0] == 1 ? input : graph.withChannels("Mul", input, gains);
    Signal signal = layers(graph, driven, json, problems, remarks);
    boolean skips = skips(json, signal, problems);
    problems.check();
    if (skips) {
      signal = graph.binary("Add", signal, graph.channels(driven, 0, 1));
    }
    float gain = gain(json, OUT_GAIN);
    if (gain != 1) {
      signal = graph.withScalars("Mul", signal, gain);
    }
    return new AudioModel(graph.finish(signal, "rtneural"), metadata(json), remarks);
  }

  private static Signal layers(
      AudioGraph graph, Signal input, JsonObject json, Problems problems, List<String> remarks) {
    JsonArray layers = JsonParts.array(json, LAYERS);
    if (layers.isEmpty()) {
      problems.add("'" + LAYERS + "'", "There must be a layer or more, but there is none.");
    }
    Signal signal = input;
    int number = 0;
    for (JsonElement element : layers) {
      number++;
      String type =
          element instanceof JsonObject layer && layer.get("type") instanceof JsonPrimitive name
              ? " (" + quote(name.getAsString()) + ")"
              : "";
      String where = "Layer " + number + type;
      Signal before = signal;
      int fallback = fallback(element, signal);
      signal = problems.in(where, fallback, () -> layer(graph, before, element, where, remarks));
    }
    return signal;
  }

  private static Signal layer(
      AudioGraph graph, Signal signal, JsonElement element, String where, List<String> remarks) {
    JsonObject json = JsonParts.object(element, "a layer");
    RtNeuralLayer layer = RtNeuralLayer.of(JsonParts.text(json, "type"));
    int channels = channels(json, "shape");
    Signal result = layer.add(graph, signal, json, channels);
    if (result.channels() != channels) {
      throw new IllegalArgumentException(
          "'shape' tells "
              + channels
              + " values a sample, but there are "
              + result.channels()
              + ".");
    }
    layer.unknown(json).ifPresent(keys -> remarks.add(where + " has more keys: " + keys + "."));
    return Activations.rtNeural(graph, result, layer.activation(json));
  }

  /** How many values a sample of a layer has that cannot be read. */
  private static int fallback(JsonElement element, Signal signal) {
    try {
      return channels(JsonParts.object(element, "a layer"), "shape");
    } catch (IllegalArgumentException e) {
      return signal.channels();
    }
  }

  /** Values of a sample: the last dimension, or features and filters, of four. */
  private static int channels(JsonObject json, String key) {
    JsonArray shape = JsonParts.array(json, key);
    if (shape.isEmpty()) {
      throw new IllegalArgumentException("'" + key + "' must have a dimension or more.");
    }
    int last = JsonParts.size(shape.get(shape.size() - 1), key);
    if (shape.size() != 4) {
      return last;
    }
    long channels = (long) last * JsonParts.size(shape.get(2), key);
    if (channels > AudioGraph.MOST_CHANNELS) {
      throw new IllegalArgumentException(
          "'" + key + "' tells " + channels + " values a sample, which are too many.");
    }
    return (int) channels;
  }

  /** A gain in decibels as a factor. */
  private static float gain(JsonObject json, String key) {
    double decibels = JsonParts.number(json, key, 0);
    return decibels > SILENCE ? (float) Math.pow(10, decibels / 20) : 0;
  }

  private static boolean skips(JsonObject json, Signal output, Problems problems) {
    double skip = JsonParts.number(json, SKIP, 0);
    if (skip != 0 && skip != 1) {
      problems.add("'" + SKIP + "'", "It must be 0 or 1, but is " + skip + ".");
    }
    if (skip == 1 && output.channels() != 1) {
      problems.add(
          "'" + SKIP + "'",
          "The input can be added to one output, but there are " + output.channels() + ".");
    }
    return skip == 1;
  }

  private static Map<String, String> metadata(JsonObject json) {
    Map<String, String> metadata = new TreeMap<>();
    json.asMap()
        .forEach(
            (key, value) -> {
              if (value instanceof JsonPrimitive primitive
                  && !List.of(SKIP, IN_GAIN, OUT_GAIN).contains(key)) {
                metadata.put(key, primitive.getAsString());
              }
            });
    if (json.get("metadata") instanceof JsonObject more) {
      JsonParts.flatten(more, "", metadata);
    }
    return metadata;
  }
}
