package io.cellbelt.models.audio;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.cellbelt.models.audio.AudioGraph.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Neural Amp Modeler's form: an {@code architecture}, its {@code config} and one list of {@code
 * weights}. The samples before the first are zeros; its own engine first runs {@code
 * prewarm_samples}, which are among the metadata, of silence.
 */
final class NamForm {
  private static final String ARCHITECTURE = "architecture";
  private static final String CONFIG = "config";
  private static final String RATE = "sample_rate";
  private static final String METADATA = "metadata";
  private static final int KERNEL_OF_CONV_NET = 2;

  private NamForm() {}

  static boolean recognises(JsonObject json) {
    return json.get(ARCHITECTURE) instanceof JsonPrimitive
        && json.get(CONFIG) instanceof JsonObject;
  }

  static AudioModel read(JsonObject json) {
    Map<String, String> metadata = new TreeMap<>();
    List<String> remarks = new ArrayList<>();
    AudioGraph graph = new AudioGraph();
    JsonObject model = model(json, remarks, metadata);
    JsonObject config = JsonParts.object(model, CONFIG);
    String architecture = JsonParts.text(model, ARCHITECTURE);
    NamWeights weights = NamWeights.of(model);
    Signal output =
        switch (architecture) {
          case "LSTM" -> lstm(graph, config, weights);
          case "WaveNet" -> NamWaveNet.add(graph, config, weights, remarks);
          case "ConvNet" -> convNet(graph, config, weights);
          case "Linear" -> linear(graph, config, weights);
          default ->
              throw new IllegalArgumentException(
                  "The architecture "
                      + quote(architecture)
                      + " is not known; those that are: LSTM, WaveNet, ConvNet, Linear,"
                      + " SlimmableContainer.");
        };
    weights.requireAllTaken();
    long warm = graph.past() + 1;
    if (architecture.equals("LSTM")) {
      warm = Math.max((long) (JsonParts.number(model, RATE, 0) / 2), 1);
    }
    metadata.put("prewarm_samples", Long.toString(warm));
    return new AudioModel(graph.finish(output, "nam"), metadata, remarks);
  }

  /** Of several models in one file, the last, which is the largest. */
  private static JsonObject model(
      JsonObject json, List<String> remarks, Map<String, String> metadata) {
    JsonObject model = json;
    while (JsonParts.text(model, ARCHITECTURE).equals("SlimmableContainer")) {
      tell(model, metadata);
      JsonArray models = JsonParts.array(JsonParts.object(model, CONFIG), "submodels");
      if (models.isEmpty()) {
        throw new IllegalArgumentException("'submodels' must be one or more, but is empty.");
      }
      remarks.add("There are " + models.size() + " models in the file; this is the largest.");
      JsonObject last = JsonParts.object(models.get(models.size() - 1), "a submodel");
      model = JsonParts.object(last, "model");
    }
    tell(model, metadata);
    return model;
  }

  private static void tell(JsonObject model, Map<String, String> metadata) {
    for (String key : List.of("version", ARCHITECTURE, RATE)) {
      if (model.get(key) instanceof JsonPrimitive primitive) {
        metadata.put(key, primitive.getAsString());
      }
    }
    if (model.get(METADATA) instanceof JsonObject more) {
      JsonParts.flatten(more, "", metadata);
    }
  }

  /**
   * For each layer [4 hidden, inputs + hidden] by rows i, f, g, o, a bias, and the first h and c.
   */
  private static Signal lstm(AudioGraph graph, JsonObject config, NamWeights weights) {
    int hidden = JsonParts.size(config, "hidden_size");
    int layers = JsonParts.size(config, "num_layers");
    int outputs = JsonParts.size(config, "out_channels", 1);
    Signal signal = graph.input(JsonParts.size(config, "input_size", 1));
    for (int layer = 0; layer < layers; layer++) {
      int inputs = signal.channels();
      float[] both = weights.take(4L * hidden * ((long) inputs + hidden));
      float[] bias = weights.take(4L * hidden);
      float[] w = columns(both, 0, inputs, inputs + hidden);
      float[] r = columns(both, inputs, hidden, inputs + hidden);
      Recurrence recurrence =
          Recurrence.torch(
              Recurrence.Kind.LSTM, inputs, hidden, w, r, bias, new float[bias.length]);
      signal =
          graph.recurrent(
              signal, recurrence.startingAt(weights.take(hidden), weights.take(hidden)));
    }
    return head(graph, signal, outputs, weights);
  }

  /** Columns of a matrix of so many columns. */
  private static float[] columns(float[] matrix, int from, int count, int width) {
    int rows = matrix.length / width;
    float[] part = new float[rows * count];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(matrix, row * width + from, part, row * count, count);
    }
    return part;
  }

  /** A product by rows and a bias. */
  private static Signal head(AudioGraph graph, Signal signal, int outputs, NamWeights weights) {
    Convolution head = weights.convolution(signal.channels(), outputs, 1, 1, 1, true);
    int inputs = head.inputs();
    float[] transposed = new float[head.weights().length];
    for (int i = 0; i < transposed.length; i++) {
      transposed[i % inputs * outputs + i / inputs] = head.weights()[i];
    }
    return graph.dense(signal, outputs, transposed, head.bias());
  }

  private static Signal convNet(AudioGraph graph, JsonObject config, NamWeights weights) {
    int channels = JsonParts.size(config, "channels");
    int groups = JsonParts.size(config, "groups", 1);
    boolean normalised = JsonParts.truth(config, "batchnorm");
    Signal signal = graph.input(JsonParts.size(config, "in_channels", 1));
    for (int dilation : JsonParts.sizes(config, "dilations")) {
      signal =
          weights.convolution(
              graph, signal, channels, KERNEL_OF_CONV_NET, dilation, groups, !normalised);
      if (normalised) {
        signal = normalised(graph, signal, weights);
      }
      signal = Activations.nam(graph, signal, config.get("activation"));
    }
    return head(graph, signal, JsonParts.size(config, "out_channels", 1), weights);
  }

  /** Mean, variance, scale, shift, and what is added to the variance. */
  private static Signal normalised(AudioGraph graph, Signal signal, NamWeights weights) {
    int channels = signal.channels();
    float[] mean = weights.take(channels);
    float[] variance = weights.take(channels);
    float[] scale = weights.take(channels);
    float[] shift = weights.take(channels);
    float epsilon = weights.take();
    for (int i = 0; i < channels; i++) {
      scale[i] /= (float) Math.sqrt(epsilon + variance[i]);
      shift[i] -= scale[i] * mean[i];
      if (!Float.isFinite(scale[i]) || !Float.isFinite(shift[i])) {
        throw new IllegalArgumentException(
            "The variances of a normalisation must be above zero, but one is " + variance[i] + ".");
      }
    }
    return graph.withChannels("Add", graph.withChannels("Mul", signal, scale), shift);
  }

  /** An impulse response, the newest sample first, and a bias. */
  private static Signal linear(AudioGraph graph, JsonObject config, NamWeights weights) {
    for (String key : List.of("in_channels", "out_channels")) {
      if (JsonParts.size(config, key, 1) != 1) {
        throw new IllegalArgumentException("'" + key + "' of Linear must be 1.");
      }
    }
    int size = JsonParts.size(config, "receptive_field");
    boolean biased = JsonParts.truth(config, "bias");
    Convolution read = weights.convolution(1, 1, size, 1, 1, biased);
    float[] reversed = new float[size];
    for (int i = 0; i < size; i++) {
      reversed[i] = read.weights()[size - 1 - i];
    }
    return graph.convolution(
        graph.input(1), new Convolution(1, 1, size, 1, 1, reversed, read.bias()));
  }
}
