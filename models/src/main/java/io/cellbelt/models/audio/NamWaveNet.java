package io.cellbelt.models.audio;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cellbelt.models.audio.AudioGraph.Signal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Neural Amp Modeler's WaveNet: arrays of layers, each a dilated convolution and the input mixed
 * in, an activation, gated or not, and a pointwise convolution that is added to what came in; the
 * activations of all layers are summed for a head.
 */
final class NamWaveNet {
  private static final List<String> FILMS =
      List.of(
          "conv_pre_film",
          "conv_post_film",
          "input_mixin_pre_film",
          "input_mixin_post_film",
          "activation_pre_film",
          "activation_post_film",
          "layer1x1_post_film",
          "head1x1_post_film");

  private final AudioGraph graph;
  private final NamWeights weights;
  private final Signal condition;

  private NamWaveNet(AudioGraph graph, NamWeights weights, Signal condition) {
    this.graph = graph;
    this.weights = weights;
    this.condition = condition;
  }

  static Signal add(AudioGraph graph, JsonObject config, NamWeights weights, List<String> remarks) {
    JsonArray arrays = JsonParts.array(config, "layers");
    refuseUnknown(config, arrays, remarks);
    Signal input = graph.channelsFirst(graph.input(JsonParts.size(config, "in_channels", 1)));
    NamWaveNet net = new NamWaveNet(graph, weights, input);
    Signal signal = input;
    Signal head = null;
    for (JsonElement json : arrays) {
      Array array = Array.of(JsonParts.object(json, "layers"));
      Signal[] both = net.array(array, signal, head);
      signal = both[0];
      head = both[1];
    }
    return net.head(config, head);
  }

  private static void refuseUnknown(JsonObject config, JsonArray arrays, List<String> remarks) {
    Problems problems = new Problems();
    if (arrays.isEmpty()) {
      problems.add("'layers'", "There must be one array or more.");
    }
    if (JsonParts.find(config, "condition_dsp").isPresent()) {
      problems.add("'condition_dsp'", "A model that prepares the condition is not read.");
    }
    int number = 0;
    for (JsonElement element : arrays) {
      String where = "Array " + ++number + " of layers";
      JsonObject json = element instanceof JsonObject object ? object : new JsonObject();
      for (String film : FILMS) {
        boolean active =
            json.get(film) instanceof JsonObject options
                ? JsonParts.truth(options, "active", true)
                : json.get(film) instanceof JsonPrimitive;
        if (active && !new JsonPrimitive(false).equals(json.get(film))) {
          problems.add(where, "'" + film + "' is not read.");
        }
      }
      if (JsonParts.find(json, "slimmable").isPresent()) {
        remarks.add(where + " can be made narrower; it is read at its full width.");
      }
    }
    problems.check();
  }

  /** What comes out of an array of layers, and its head. */
  private Signal[] array(Array array, Signal input, Signal headBefore) {
    require("input_size", array.inputs(), input.channels());
    require("condition_size", array.condition(), condition.channels());
    Signal signal = weights.convolution(graph, input, array.channels(), 1, 1, 1, false);
    Signal head = headBefore;
    for (int i = 0; i < array.dilations().size(); i++) {
      int width = array.isGated(i) ? 2 * array.bottleneck() : array.bottleneck();
      Signal z =
          weights.convolution(
              graph,
              signal,
              width,
              array.kernels().get(i),
              array.dilations().get(i),
              array.groups(),
              true);
      Signal mixed = weights.convolution(graph, condition, width, 1, 1, array.groupsOfMix(), false);
      Signal active = activated(array, i, graph.binary("Add", z, mixed));
      if (array.hasResidual()) {
        Signal residual =
            weights.convolution(
                graph, active, array.channels(), 1, 1, array.groupsOfResidual(), true);
        signal = graph.binary("Add", signal, residual);
      }
      Signal toHead =
          array.headWidth() == 0
              ? active
              : weights.convolution(
                  graph, active, array.headWidth(), 1, 1, array.groupsOfHead(), true);
      if (head != null) {
        require("head_size of the array before", head.channels(), toHead.channels());
      }
      head = head == null ? toHead : graph.binary("Add", head, toHead);
    }
    Signal out =
        weights.convolution(
            graph,
            head,
            array.headSize(),
            array.headKernel(),
            array.headDilation(),
            1,
            array.headBias());
    return new Signal[] {signal, out};
  }

  private Signal activated(Array array, int layer, Signal z) {
    JsonElement activation = array.activations().get(layer);
    if (!array.isGated(layer)) {
      return Activations.nam(graph, z, activation);
    }
    Signal before = graph.channels(z, 0, array.bottleneck());
    Signal first = Activations.nam(graph, before, activation);
    Signal rest = graph.channels(z, array.bottleneck(), z.channels());
    Signal gate = Activations.nam(graph, rest, array.gates().get(layer));
    if (array.modes().get(layer).equals("gated")) {
      return graph.binary("Mul", first, gate);
    }
    Signal change = graph.binary("Mul", gate, graph.binary("Sub", first, before));
    return graph.binary("Add", before, change);
  }

  /** The convolutions after all arrays, if there are any, and the scale before them. */
  private Signal head(JsonObject config, Signal input) {
    List<Convolution> convolutions = new ArrayList<>();
    JsonElement activation = JsonNull.INSTANCE;
    if (JsonParts.find(config, "head").isPresent()) {
      JsonObject json = JsonParts.object(config, "head");
      activation = json.get("activation");
      List<Integer> kernels = JsonParts.sizes(json, "kernel_sizes");
      int channels = input.channels();
      for (int i = 0; i < kernels.size(); i++) {
        boolean isLast = i == kernels.size() - 1;
        int outputs = JsonParts.size(json, isLast ? "out_channels" : "channels");
        convolutions.add(weights.convolution(channels, outputs, kernels.get(i), 1, 1, true));
        channels = outputs;
      }
    }
    Signal signal = graph.withScalars("Mul", input, weights.take());
    for (Convolution convolution : convolutions) {
      signal = graph.convolution(Activations.nam(graph, signal, activation), convolution);
    }
    return signal;
  }

  private static void require(String key, int told, int found) {
    if (told != found) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "'%s' must be %d, what comes in, but is %d.", key, found, told));
    }
  }

  /** An array of layers as the file describes it. */
  private record Array(
      int inputs,
      int condition,
      int channels,
      int bottleneck,
      List<Integer> dilations,
      List<Integer> kernels,
      List<JsonElement> activations,
      List<String> modes,
      List<JsonElement> gates,
      int groups,
      int groupsOfMix,
      boolean hasResidual,
      int groupsOfResidual,
      int headWidth,
      int groupsOfHead,
      int headSize,
      int headKernel,
      int headDilation,
      boolean headBias) {
    private static final String NONE = "none";
    private static final String GATED = "gated";

    static Array of(JsonObject json) {
      int channels = JsonParts.size(json, "channels");
      int bottleneck = JsonParts.size(json, "bottleneck", channels);
      if (bottleneck > AudioGraph.MOST_CHANNELS) {
        throw new IllegalArgumentException("'bottleneck' is too large: " + bottleneck + ".");
      }
      List<Integer> dilations = JsonParts.sizes(json, "dilations");
      if (dilations.isEmpty()) {
        throw new IllegalArgumentException("'dilations' must be one or more, but is empty.");
      }
      int layers = dilations.size();
      List<Integer> kernels =
          each(json, json.has("kernel_sizes") ? "kernel_sizes" : "kernel_size", layers, null)
              .stream()
              .map(kernel -> JsonParts.size(kernel, "kernel_size"))
              .toList();
      boolean gated = JsonParts.truth(json, GATED, false);
      List<String> modes =
          each(json, "gating_mode", layers, new JsonPrimitive(gated ? GATED : NONE)).stream()
              .map(Array::mode)
              .toList();
      JsonObject residual = option(json, "layer1x1");
      JsonObject toHead = option(json, json.has("head_1x1") ? "head_1x1" : "head1x1");
      boolean hasResidual = JsonParts.truth(residual, "active", true);
      if (!hasResidual && bottleneck != channels) {
        throw new IllegalArgumentException(
            "'bottleneck' must be 'channels' where 'layer1x1' is not active.");
      }
      JsonObject head = option(json, "head");
      boolean isNew = head.size() > 0;
      return new Array(
          JsonParts.size(json, "input_size"),
          JsonParts.size(json, "condition_size"),
          channels,
          bottleneck,
          dilations,
          kernels,
          each(json, "activation", layers, null),
          modes,
          each(json, "secondary_activation", layers, new JsonPrimitive("Sigmoid")),
          JsonParts.size(json, "groups_input", 1),
          JsonParts.size(json, "groups_input_mixin", 1),
          hasResidual,
          JsonParts.size(residual, "groups", 1),
          JsonParts.truth(toHead, "active", false) ? JsonParts.size(toHead, "out_channels") : 0,
          JsonParts.size(toHead, "groups", 1),
          isNew ? JsonParts.size(head, "out_channels") : JsonParts.size(json, "head_size"),
          isNew ? JsonParts.size(head, "kernel_size") : 1,
          isNew ? JsonParts.size(head, "dilation", 1) : 1,
          isNew ? JsonParts.truth(head, "bias") : JsonParts.truth(json, "head_bias"));
    }

    boolean isGated(int layer) {
      return !modes.get(layer).equals(NONE);
    }

    private static String mode(JsonElement json) {
      String mode = JsonParts.text(json, "gating_mode");
      if (!List.of(NONE, GATED, "blended").contains(mode)) {
        throw new IllegalArgumentException(
            "'gating_mode' must be none, gated or blended, but is " + quote(mode) + ".");
      }
      return mode;
    }

    private static JsonObject option(JsonObject json, String key) {
      return JsonParts.find(json, key).isPresent() ? JsonParts.object(json, key) : new JsonObject();
    }

    /** One for each layer, or the same for all. */
    private static List<JsonElement> each(
        JsonObject json, String key, int layers, JsonElement otherwise) {
      JsonElement found = JsonParts.find(json, key).orElse(otherwise);
      if (found == null) {
        throw new IllegalArgumentException("'" + key + "' of an array of layers is missing.");
      }
      if (!(found instanceof JsonArray array)) {
        return Collections.nCopies(layers, found);
      }
      if (array.size() != layers) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "'%s' must be one or as many as 'dilations', %d, but are %d.",
                key,
                layers,
                array.size()));
      }
      return array.asList();
    }
  }
}
