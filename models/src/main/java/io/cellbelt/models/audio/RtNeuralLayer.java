package io.cellbelt.models.audio;

import static io.cellbelt.models.ModelFileException.quote;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.cellbelt.models.audio.AudioGraph.Signal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The layers that RTNeural knows, with weights as Keras gives them. */
enum RtNeuralLayer {
  /** A product and a bias. */
  DENSE("dense") {
    @Override
    Signal add(AudioGraph graph, Signal signal, JsonObject json, int channels) {
      JsonArray weights = weights(json, 2);
      float[] kernel = kernel(weights, 0, signal.channels(), channels);
      return graph.dense(signal, channels, kernel, bias(weights, 1, channels));
    }
  },

  /** The same: every step is one for itself. */
  TIME_DISTRIBUTED_DENSE("time-distributed-dense") {
    @Override
    Signal add(AudioGraph graph, Signal signal, JsonObject json, int channels) {
      return DENSE.add(graph, signal, json, channels);
    }
  },

  /** Gates i, f, c, o. */
  LSTM("lstm") {
    @Override
    Signal add(AudioGraph graph, Signal signal, JsonObject json, int channels) {
      JsonArray weights = weights(json, 3);
      float[] bias = bias(weights, 2, 4 * channels);
      return recurrent(
          graph, signal, Recurrence.Kind.LSTM, weights, channels, bias, new float[bias.length]);
    }
  },

  /** Gates z, r, h, the reset after the product, and so two biases. */
  GRU("gru") {
    @Override
    Signal add(AudioGraph graph, Signal signal, JsonObject json, int channels) {
      JsonArray weights = weights(json, 3);
      float[] both = Weights.of(weights.get(2), "The biases").values(2, 3 * channels);
      float[] first = Arrays.copyOf(both, both.length / 2);
      float[] second = Arrays.copyOfRange(both, both.length / 2, both.length);
      return recurrent(graph, signal, Recurrence.Kind.GRU, weights, channels, first, second);
    }
  },

  /** A convolution over time. */
  CONV1D("conv1d", "kernel_size", "dilation", "groups", "strides", "padding") {
    @Override
    Signal add(AudioGraph graph, Signal signal, JsonObject json, int channels) {
      int size = JsonParts.lastSize(json, "kernel_size");
      int groups = JsonParts.lastSize(json, "groups", 1);
      requireOne(json, "strides");
      int inputs = signal.channels();
      if (inputs % groups != 0 || channels % groups != 0) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%d groups must divide the %d channels before and the %d after.",
                groups,
                inputs,
                channels));
      }
      JsonArray weights = weights(json, 2);
      Weights kernel = Weights.of(weights.get(0), "The kernel");
      kernel.values(size, inputs / groups, channels);
      return graph.convolution(
          signal,
          new Convolution(
              inputs,
              channels,
              size,
              JsonParts.lastSize(json, "dilation", 1),
              groups,
              kernel.transposed(2, 1, 0),
              bias(weights, 1, channels)));
    }
  },

  /** A convolution over time and features; a sample is its features, each of all filters. */
  CONV2D(
      "conv2d",
      "kernel_size_time",
      "kernel_size_feature",
      "dilation",
      "strides",
      "num_filters_in",
      "num_features_in",
      "num_filters_out",
      "padding") {
    @Override
    Signal add(AudioGraph graph, Signal signal, JsonObject json, int channels) {
      int time = JsonParts.lastSize(json, "kernel_size_time");
      int width = JsonParts.lastSize(json, "kernel_size_feature");
      int stride = JsonParts.lastSize(json, "strides", 1);
      int features = JsonParts.lastSize(json, "num_features_in");
      int filtersIn = JsonParts.lastSize(json, "num_filters_in");
      int filtersOut = JsonParts.lastSize(json, "num_filters_out");
      requireFeatures(signal, features, filtersIn);
      int padding = padding(json, features, width, stride);
      if (width > features + padding) {
        throw new IllegalArgumentException(
            "A kernel of " + width + " does not fit " + features + " features.");
      }
      JsonArray weights = weights(json, 2);
      Weights kernel = Weights.of(weights.get(0), "The kernel");
      kernel.values(time, width, filtersIn, filtersOut);
      return graph.convolution(
          signal,
          new Convolution2d(
              features,
              filtersIn,
              filtersOut,
              time,
              width,
              JsonParts.lastSize(json, "dilation", 1),
              stride,
              padding / 2,
              padding - padding / 2,
              kernel.transposed(3, 2, 0, 1),
              bias(weights, 1, filtersOut)));
    }
  },

  /** A scale and a shift for each channel. */
  BATCHNORM("batchnorm", "epsilon") {
    @Override
    Signal add(AudioGraph graph, Signal signal, JsonObject json, int channels) {
      return normalised(graph, signal, json, signal.channels());
    }
  },

  /** A scale and a shift for each filter of a feature. */
  BATCHNORM2D("batchnorm2d", "epsilon", "num_filters_in", "num_features_in") {
    @Override
    Signal add(AudioGraph graph, Signal signal, JsonObject json, int channels) {
      int filters = JsonParts.lastSize(json, "num_filters_in");
      requireFeatures(signal, JsonParts.lastSize(json, "num_features_in"), filters);
      return normalised(graph, signal, json, filters);
    }
  },

  /** A slope below zero for each channel, or one for all. */
  PRELU("prelu") {
    @Override
    Signal add(AudioGraph graph, Signal signal, JsonObject json, int channels) {
      Weights slopes = Weights.of(weights(json, 1).get(0), "The slopes");
      int count = slopes.dimension(1, 2);
      float[] values = slopes.values(1, count == 1 ? 1 : channels);
      return graph.withChannels("PRelu", signal, values);
    }
  },

  /** Nothing but its activation. */
  ACTIVATION("activation") {
    @Override
    Signal add(AudioGraph graph, Signal signal, JsonObject json, int channels) {
      return signal;
    }
  };

  private static final List<String> OF_ALL =
      List.of("type", "activation", "shape", "weights", "name");

  private final String type;

  @SuppressWarnings("ImmutableEnumChecker") // List.of makes one that is
  private final List<String> keys;

  RtNeuralLayer(String type, String... keys) {
    this.type = type;
    this.keys = List.of(keys);
  }

  /** The layer of that type. */
  static RtNeuralLayer of(String type) {
    return Arrays.stream(values())
        .filter(layer -> layer.type.equals(type))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "This type is not known; those that are: "
                        + String.join(
                            ", ", Arrays.stream(values()).map(layer -> layer.type).toList())
                        + "."));
  }

  /**
   * Adds the layer without its activation.
   *
   * @param channels that the file tells; the caller checks that there are as many
   */
  abstract Signal add(AudioGraph graph, Signal signal, JsonObject json, int channels);

  /** The function that follows; that of a recurrent layer is in it. */
  String activation(JsonObject json) {
    String activation = JsonParts.text(json, "activation", "");
    if (this != LSTM && this != GRU) {
      return activation;
    }
    if (!activation.isEmpty() && !activation.equals("tanh")) {
      throw new IllegalArgumentException(
          "The activation must be tanh, as RTNeural has it, but is " + quote(activation) + ".");
    }
    return "";
  }

  /** Keys that are not read. */
  Optional<String> unknown(JsonObject json) {
    Set<String> unknown = new TreeSet<>(json.keySet());
    unknown.removeAll(keys);
    unknown.removeAll(OF_ALL);
    return unknown.isEmpty() ? Optional.empty() : Optional.of(quote(unknown.toString()));
  }

  private static JsonArray weights(JsonObject json, int count) {
    JsonArray weights = JsonParts.array(json, "weights");
    if (weights.size() != count) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "'weights' must be %d arrays, but are %d.", count, weights.size()));
    }
    return weights;
  }

  /** [inputs, outputs]. */
  private static float[] kernel(JsonArray weights, int index, int inputs, int outputs) {
    return Weights.of(weights.get(index), "The kernel").values(inputs, outputs);
  }

  private static float[] bias(JsonArray weights, int index, int outputs) {
    return Weights.of(weights.get(index), "The bias").values(outputs);
  }

  private static Signal recurrent(
      AudioGraph graph,
      Signal signal,
      Recurrence.Kind kind,
      JsonArray weights,
      int hidden,
      float[] first,
      float[] second) {
    Weights kernel = Weights.of(weights.get(0), "The kernel");
    kernel.values(signal.channels(), kind.gates() * hidden);
    Weights recurrent = Weights.of(weights.get(1), "The recurrent kernel");
    recurrent.values(hidden, kind.gates() * hidden);
    return graph.recurrent(
        signal,
        Recurrence.keras(
            kind,
            signal.channels(),
            hidden,
            kernel.transposed(1, 0),
            recurrent.transposed(1, 0),
            first,
            second));
  }

  /** Of four arrays the first two are a scale and a shift; the others are mean and variance. */
  private static Signal normalised(AudioGraph graph, Signal signal, JsonObject json, int size) {
    JsonArray weights = JsonParts.array(json, "weights");
    boolean affine = weights.size() != 2;
    int statistics = affine ? 2 : 0;
    weights(json, statistics + 2);
    double epsilon = JsonParts.number(json, "epsilon");
    float[] mean = Weights.of(weights.get(statistics), "The mean").values(size);
    float[] variance = Weights.of(weights.get(statistics + 1), "The variance").values(size);
    float[] scale = new float[size];
    Arrays.fill(scale, 1);
    if (affine) {
      scale = Weights.of(weights.get(0), "The scale").values(size).clone();
    }
    for (int i = 0; i < size; i++) {
      scale[i] = (float) (scale[i] / Math.sqrt(variance[i] + epsilon));
      if (!Float.isFinite(scale[i])) {
        throw new IllegalArgumentException(
            "The variance and 'epsilon' must be above zero together, but one is not.");
      }
    }
    int channels = signal.channels();
    Signal centred = graph.withChannels("Sub", signal, repeated(mean, channels));
    Signal scaled = graph.withChannels("Mul", centred, repeated(scale, channels));
    if (!affine) {
      return scaled;
    }
    float[] shift = Weights.of(weights.get(1), "The shift").values(size);
    return graph.withChannels("Add", scaled, repeated(shift, channels));
  }

  /** Zeros around the features, as TensorFlow has them. */
  private static int padding(JsonObject json, int features, int width, int stride) {
    String padding = JsonParts.text(json, "padding", "valid");
    return switch (padding) {
      case "valid" -> 0;
      case "same" -> {
        int rest = features % stride;
        yield Math.max(width - (rest == 0 ? stride : rest), 0);
      }
      default ->
          throw new IllegalArgumentException(
              "'padding' must be valid or same, but is " + quote(padding) + ".");
    };
  }

  private static float[] repeated(float[] values, int length) {
    float[] all = new float[length];
    for (int i = 0; i < length; i++) {
      all[i] = values[i % values.length];
    }
    return all;
  }

  private static void requireFeatures(Signal signal, int features, int filters) {
    if ((long) features * filters != signal.channels()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d features of %d filters must be the %d values that come in.",
              features,
              filters,
              signal.channels()));
    }
  }

  private static void requireOne(JsonObject json, String key) {
    int value = JsonParts.lastSize(json, key, 1);
    if (value != 1) {
      throw new IllegalArgumentException("'" + key + "' must be 1, but is " + value + ".");
    }
  }
}
