package io.cellbelt.models.audio;

import static io.cellbelt.models.audio.Numbers.list;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Setup;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.audio.AudioGraph.Signal;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Architectures of Neural Amp Modeler, against loops over samples. */
class NamFormTest {
  private static final int SAMPLES = 60;

  private static final String PLAIN =
      """
      {"layers": [
         {"input_size": 1, "condition_size": 1, "head_size": 2, "channels": 3, "kernel_size": 3,
          "dilations": [1, 2, 4], "activation": "Tanh", "gated": false, "head_bias": false},
         {"input_size": 3, "condition_size": 1, "head_size": 1, "channels": 2, "kernel_size": 3,
          "dilations": [8, 16], "activation": "Tanh", "gated": true, "head_bias": true}],
       "head": null, "head_scale": 0.02}
      """;

  private static final String MANY_OPTIONS =
      """
      {"layers": [
         {"input_size": 1, "condition_size": 1, "channels": 4, "bottleneck": 2,
          "head": {"out_channels": 3, "kernel_size": 4, "bias": true},
          "kernel_sizes": [3, 1, 2], "dilations": [1, 2, 7], "activation": ["Tanh", "Tanh", "Tanh"],
          "gating_mode": ["none", "gated", "blended"],
          "secondary_activation": [null, "Sigmoid", {"type": "Sigmoid"}],
          "groups_input": 2, "head1x1": {"active": true, "out_channels": 6, "groups": 1},
          "conv_pre_film": {"active": false}, "slimmable": null},
         {"input_size": 4, "condition_size": 1, "channels": 3, "kernel_size": 2,
          "head": {"out_channels": 2, "kernel_size": 1, "bias": false}, "conv_post_film": false,
          "dilations": [3], "activation": {"type": "Tanh"}, "layer1x1": {"active": false}}],
       "head": {"channels": 5, "out_channels": 1, "kernel_sizes": [2, 3], "activation": "ReLU"},
       "head_scale": 0.02}
      """;

  @TempDir Path folder;

  private final Numbers numbers = new Numbers(3);

  private static JsonObject model(String architecture, JsonObject config, double... weights) {
    JsonObject model = new JsonObject();
    model.addProperty("version", "0.5.4");
    model.addProperty("architecture", architecture);
    model.add("config", config);
    model.add("weights", Numbers.nest(weights, weights.length));
    return model;
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text).getAsJsonObject();
  }

  private AudioModel read(JsonObject model) throws ModelFileException {
    return AudioJsonReader.read(Numbers.save(folder, model));
  }

  private static void gives(double[] expected, Graph graph, double... input) {
    for (int steps : new int[] {1, 7, input.length}) {
      assertThat(GraphInDouble.run(graph, input, 1, steps))
          .as("%d samples a call", steps)
          .containsExactly(expected, Offset.offset(1e-5));
    }
    // The same in floats: states are found by their names.
    try (GraphNetwork network = new GraphNetwork(graph);
        GraphStream stream = network.ready(Setup.DEFAULT.shape("input", 2, 1, 1)).newStream()) {
      float[] y = new float[2];
      for (int i = 0; i + 1 < input.length; i += 2) {
        stream.step(new float[] {(float) input[i], (float) input[i + 1]}, y);
        assertThat(y[0]).isCloseTo((float) expected[i], Offset.offset(2e-5f));
        assertThat(y[1]).isCloseTo((float) expected[i + 1], Offset.offset(2e-5f));
      }
    }
  }

  @Test
  void waveNet() throws ModelFileException {
    waveNet(PLAIN, 230, 63);
    waveNet(MANY_OPTIONS, 309, 19);
  }

  private void waveNet(String text, int count, int past) throws ModelFileException {
    JsonObject config = json(text);
    double[] weights = numbers.next(count);
    double[] input = numbers.next(SAMPLES);
    AudioModel model = read(model("WaveNet", config, weights));
    gives(new NaiveWaveNet(weights).run(config, input), model.graph(), input);
    assertThat(model.metadata()).containsEntry("prewarm_samples", Integer.toString(past));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void convNet(boolean normalised) throws ModelFileException {
    JsonObject config = new JsonObject();
    config.addProperty("channels", 2);
    config.add("dilations", list(1, 3));
    config.addProperty("batchnorm", normalised);
    config.addProperty("activation", "Hardtanh");
    int each = normalised ? 9 : 2;
    double[] weights = numbers.next(4 + each + 8 + each + 3);
    for (int block = 0; normalised && block < 2; block++) {
      int first = block == 0 ? 4 : 4 + each + 8;
      weights[first + 2] = 0.3;
      weights[first + 3] = 0.7;
      weights[first + 8] = 0.01;
    }
    double[] input = numbers.next(SAMPLES);
    double[][] signal = {input};
    int next = 0;
    for (int dilation : new int[] {1, 3}) {
      double[][] result = new double[2][SAMPLES];
      int size = signal.length * 2;
      for (int o = 0; o < 2; o++) {
        for (int t = 0; t < SAMPLES; t++) {
          double sum = normalised ? 0 : weights[next + 2 * size + o];
          for (int i = 0; i < signal.length; i++) {
            int w = next + o * size + 2 * i;
            sum += weights[w + 1] * signal[i][t];
            sum += t < dilation ? 0 : weights[w] * signal[i][t - dilation];
          }
          int n = next + 2 * size + o;
          if (normalised) {
            double deviation = Math.sqrt(weights[n + 2] + weights[next + 2 * size + 8]);
            sum = (sum - weights[n]) / deviation * weights[n + 4] + weights[n + 6];
          }
          result[o][t] = Math.clamp(sum, -1, 1);
        }
      }
      next += 2 * size + each;
      signal = result;
    }
    double[] expected = new double[SAMPLES];
    for (int t = 0; t < SAMPLES; t++) {
      expected[t] =
          weights[next] * signal[0][t] + weights[next + 1] * signal[1][t] + weights[next + 2];
    }
    AudioModel model = read(model("ConvNet", config, weights));
    gives(expected, model.graph(), input);
    assertThat(model.metadata()).containsEntry("prewarm_samples", "5");
  }

  @Test
  void linear() throws ModelFileException {
    AudioModel model =
        read(model("Linear", json("{\"receptive_field\": 3, \"bias\": true}"), 1, 10, 100, 0.5));
    gives(new double[] {1.5, 12.5, 123.5, 234.5}, model.graph(), 1, 2, 3, 4);
  }

  @Test
  void twoLayersOfAnLstmAndTwoOutputs() throws ModelFileException {
    JsonObject config =
        json("{\"input_size\":1,\"hidden_size\":2,\"num_layers\":2,\"out_channels\":2}");
    double[] weights = numbers.next(36 + 44 + 6);
    Graph graph = read(model("LSTM", config, weights)).graph();
    double[] input = numbers.next(SAMPLES);
    double[] output = GraphInDouble.run(graph, input, 1, 9);
    double[][] h = {{weights[32], weights[33]}, {weights[36 + 40], weights[36 + 41]}};
    double[][] c = {{weights[34], weights[35]}, {weights[36 + 42], weights[36 + 43]}};
    for (int t = 0; t < SAMPLES; t++) {
      double[] x = {input[t]};
      for (int layer = 0; layer < 2; layer++) {
        x = step(weights, layer == 0 ? 0 : 36, x, h[layer], c[layer]);
      }
      for (int o = 0; o < 2; o++) {
        double sum = weights[80 + 2 * o] * x[0] + weights[81 + 2 * o] * x[1] + weights[84 + o];
        assertThat(output[2 * t + o]).isCloseTo(sum, Offset.offset(1e-6));
      }
    }
  }

  /** Gates i, f, g, o of two units each. */
  private static double[] step(double[] weights, int from, double[] x, double[] h, double[] c) {
    int width = x.length + 2;
    double[] gates = new double[8];
    for (int row = 0; row < 8; row++) {
      gates[row] = weights[from + 8 * width + row];
      for (int i = 0; i < width; i++) {
        double in = i < x.length ? x[i] : h[i - x.length];
        gates[row] += weights[from + row * width + i] * in;
      }
    }
    for (int j = 0; j < 2; j++) {
      c[j] = sigmoid(gates[2 + j]) * c[j] + sigmoid(gates[j]) * Math.tanh(gates[4 + j]);
      h[j] = sigmoid(gates[6 + j]) * Math.tanh(c[j]);
    }
    return h;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void theLargestOfSeveral() throws ModelFileException {
    JsonArray models = new JsonArray();
    for (int i = 1; i <= 2; i++) {
      JsonObject one = new JsonObject();
      one.addProperty("max_value", i / 2.0);
      one.add("model", model("Linear", json("{\"receptive_field\":1,\"bias\":false}"), i));
      models.add(one);
    }
    JsonObject config = new JsonObject();
    config.add("submodels", models);
    AudioModel model = read(model("SlimmableContainer", config));
    gives(new double[] {2, 4}, model.graph(), 1, 2);
    assertThat(model.remarks())
        .containsExactly("There are 2 models in the file; this is the largest.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"Sigmoid\" | 2 | 0.880797",
        "\"ReLU\" | -2 | 0",
        "\"Softsign\" | -3 | -0.75",
        "\"Hardswish\" | 1 | 0.666667",
        "\"SiLU\" | 2 | 1.761594",
        "\"Hardtanh\" | -2 | -1",
        "\"LeakyReLU\" | -2 | -0.02",
        "{\"type\":\"LeakyReLU\",\"negative_slope\":0.5} | -2 | -1",
        "\"PReLU\" | -2 | -0.02",
        "{\"type\":\"PReLU\",\"negative_slopes\":[0.5]} | -2 | -1",
        "{\"type\":\"PReLU\",\"negative_slopes\":[0.5, 0.25]} | -2 | -1",
        "\"LeakyHardtanh\" | -2 | -1.01",
        "{\"type\":\"LeakyHardTanh\",\"max_val\":0.5,\"max_slope\":0.1} | 2.5 | 0.7",
        "{\"type\":\"LeakyHardtanh\"} | 0.75 | 0.75",
      })
  void activations(String text, double input, double expected) {
    JsonElement json = JsonParser.parseString(text);
    for (boolean timeFirst : new boolean[] {true, false}) {
      AudioGraph graph = new AudioGraph();
      Signal signal = graph.input(2);
      Signal result =
          Activations.nam(graph, timeFirst ? signal : graph.channelsFirst(signal), json);
      double[] output =
          GraphInDouble.run(graph.finish(result, ""), new double[] {input, input}, 2, 1);
      assertThat(output[0]).isCloseTo(expected, Offset.offset(1e-6));
    }
  }
}
