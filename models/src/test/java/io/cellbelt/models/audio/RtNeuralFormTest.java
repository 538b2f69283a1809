package io.cellbelt.models.audio;

import static io.cellbelt.models.audio.Numbers.at;
import static io.cellbelt.models.audio.Numbers.list;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.cellbelt.models.ModelFileException;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers of RTNeural, against loops over samples, and what AIDA-X puts around them. */
class RtNeuralFormTest {
  private static final int SAMPLES = 23;

  @TempDir Path folder;

  private final Numbers numbers = new Numbers(7);

  private static JsonObject layer(String type, int channels, Object... weights) {
    JsonObject layer = new JsonObject();
    layer.addProperty("type", type);
    layer.addProperty("activation", "");
    layer.add("shape", list(null, null, channels));
    layer.add("weights", list(weights));
    return layer;
  }

  private static JsonObject model(int inputs, Object... layers) {
    JsonObject model = new JsonObject();
    model.add("in_shape", list(null, null, inputs));
    model.add("layers", list(layers));
    return model;
  }

  /** Output of all samples, after checking that calls of few samples give the same. */
  private double[] run(JsonObject model, double[] input, int channels) throws ModelFileException {
    AudioModel read = AudioJsonReader.read(Numbers.save(folder, model));
    double[] whole = GraphInDouble.run(read.graph(), input, channels, SAMPLES);
    for (int steps : new int[] {1, 2, 5}) {
      assertThat(GraphInDouble.run(read.graph(), input, channels, steps))
          .as("%d samples a call", steps)
          .containsExactly(whole, Offset.offset(1e-12));
    }
    return whole;
  }

  @ParameterizedTest
  @CsvSource({"4, 6, 3, 1, 1", "4, 6, 3, 5, 2", "1, 1, 1, 1, 1", "6, 3, 2, 30, 3"})
  void convolutionLooksBack(int inputs, int outputs, int size, int dilation, int groups)
      throws ModelFileException {
    JsonArray kernel = numbers.nested(size, inputs / groups, outputs);
    JsonArray bias = numbers.nested(outputs);
    JsonObject layer = layer("conv1d", outputs, kernel, bias);
    layer.add("kernel_size", list(size));
    layer.add("dilation", list(dilation));
    layer.addProperty("groups", groups);
    double[] input = numbers.next(SAMPLES * inputs);
    double[] output = run(model(inputs, layer), input, inputs);
    for (int t = 0; t < SAMPLES; t++) {
      for (int o = 0; o < outputs; o++) {
        double sum = at(bias, o);
        for (int k = 0; k < size; k++) {
          int then = t - (size - 1 - k) * dilation;
          for (int i = 0; then >= 0 && i < inputs / groups; i++) {
            int channel = o / (outputs / groups) * (inputs / groups) + i;
            sum += at(kernel, k, i, o) * input[then * inputs + channel];
          }
        }
        assertThat(output[t * outputs + o]).isCloseTo(sum, Offset.offset(1e-5));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"valid, 1, 0, 5", "valid, 2, 0, 3", "same, 1, 1, 7", "same, 3, 1, 3"})
  void convolutionOverFeatures(String padding, int stride, int before, int features)
      throws ModelFileException {
    int width = 3;
    int in = 7;
    int dilation = 2;
    JsonArray kernel = numbers.nested(2, width, 2, 4);
    JsonArray bias = numbers.nested(4);
    JsonObject layer = layer("conv2d", 0, kernel, bias);
    layer.add("shape", list(null, null, features, 4));
    layer.addProperty("kernel_size_time", 2);
    layer.add("kernel_size_feature", list(width));
    layer.addProperty("dilation", dilation);
    layer.addProperty("strides", stride);
    layer.addProperty("num_filters_in", 2);
    layer.addProperty("num_features_in", in);
    layer.addProperty("num_filters_out", 4);
    layer.addProperty("padding", padding);
    JsonObject model = model(0, layer);
    model.add("in_shape", list(null, null, in, 2));
    double[] input = numbers.next(SAMPLES * in * 2);
    double[] output = run(model, input, in * 2);
    assertThat(output).hasSize(SAMPLES * features * 4);
    for (int i = 0; i < output.length; i++) {
      int o = i % 4;
      int f = i / 4 % features;
      double sum = at(bias, o);
      for (int k = 0; k < 2 * width * 2; k++) {
        int then = i / 4 / features - (1 - k / (2 * width)) * dilation;
        int feature = f * stride - before + k / 2 % width;
        if (then >= 0 && feature >= 0 && feature < in) {
          sum +=
              at(kernel, k / (2 * width), k / 2 % width, k % 2, o)
                  * input[(then * in + feature) * 2 + k % 2];
        }
      }
      assertThat(output[i]).as("%d", i).isCloseTo(sum, Offset.offset(1e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tanh", "relu", "sigmoid", "elu", "softmax", ""})
  void activations(String name) throws ModelFileException {
    JsonObject layer = layer("activation", 3);
    layer.addProperty("activation", name);
    JsonObject afterConvolution =
        layer(
            "conv1d",
            3,
            Numbers.nest(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 1, 3, 3),
            list(0, 0, 0));
    afterConvolution.add("kernel_size", list(1));
    afterConvolution.add("dilation", list(1));
    afterConvolution.addProperty("activation", name);
    double[] input = numbers.next(SAMPLES * 3);
    double[] output = run(model(3, layer), input, 3);
    assertThat(run(model(3, afterConvolution), input, 3))
        .containsExactly(output, Offset.offset(1e-12));
    for (int i = 0; i < input.length; i++) {
      double x = input[i];
      double sum = 0;
      for (int k = i / 3 * 3; k < i / 3 * 3 + 3; k++) {
        sum += Math.exp(input[k]);
      }
      double expected =
          switch (name) {
            case "tanh" -> Math.tanh(x);
            case "relu" -> Math.max(0, x);
            case "sigmoid" -> 1 / (1 + Math.exp(-x));
            case "elu" -> x > 0 ? x : Math.exp(x) - 1;
            case "softmax" -> Math.exp(x) / sum;
            default -> x;
          };
      assertThat(output[i]).isCloseTo(expected, Offset.offset(1e-12));
    }
  }

  @Test
  void slopesAndStatistics() throws ModelFileException {
    JsonArray slopes = numbers.nested(1, 2);
    JsonArray scale = numbers.nested(2);
    JsonArray shift = numbers.nested(2);
    JsonArray mean = numbers.nested(2);
    JsonArray variance = list(0.5, 2);
    JsonObject affine = layer("batchnorm", 2, scale, shift, mean, variance);
    affine.addProperty("epsilon", 0.01);
    JsonObject plain = layer("batchnorm", 2, mean, variance);
    plain.addProperty("epsilon", 0.01);
    JsonObject model =
        model(2, layer("prelu", 2, slopes), affine, layer("prelu", 2, list(list(0.5))), plain);
    double[] input = numbers.next(SAMPLES * 2);
    double[] output = run(model, input, 2);
    for (int i = 0; i < input.length; i++) {
      int c = i % 2;
      double deviation = Math.sqrt(at(variance, c) + 0.01);
      double x = input[i] >= 0 ? input[i] : input[i] * at(slopes, 0, c);
      x = at(scale, c) / deviation * (x - at(mean, c)) + at(shift, c);
      x = (Math.max(x, 0.5 * x) - at(mean, c)) / deviation;
      assertThat(output[i]).isCloseTo(x, Offset.offset(1e-5));
    }
  }

  @Test
  void statisticsOfFilters() throws ModelFileException {
    JsonObject layer = layer("batchnorm2d", 6, list(1, 2), list(0.25, 4));
    layer.addProperty("epsilon", 0);
    layer.addProperty("num_filters_in", 2);
    layer.addProperty("num_features_in", 3);
    double[] output = run(model(6, layer), new double[] {1, 2, 3, 4, 5, 6}, 6);
    assertThat(output).containsExactly(0, 0, 4, 1, 8, 2);
  }

  @Test
  void skipAndGains() throws ModelFileException {
    JsonObject model = model(2, layer("dense", 1, list(list(0.5), list(2)), list(0.25)));
    model.addProperty("in_skip", 1);
    model.addProperty("in_gain", 20);
    model.addProperty("out_gain", -40);
    model.addProperty("samplerate", "48000");
    JsonObject more = new JsonObject();
    more.addProperty("author", "A");
    model.add("metadata", more);
    double[] output = run(model, new double[] {0.1, 3, -0.2, 1}, 2);
    // The second input is a knob and has no gain.
    assertThat(output)
        .containsExactly(
            new double[] {0.01 * (1 + 0.5 + 6 + 0.25), 0.01 * (-2 - 1 + 2 + 0.25)},
            Offset.offset(1e-8));
    AudioModel read = AudioJsonReader.read(Numbers.save(folder, model));
    assertThat(read.sampleRate()).hasValue(48000);
    assertThat(read.metadata())
        .containsEntry("samplerate", "48000")
        .containsEntry("author", "A")
        .hasSize(2);
  }

  @Test
  void aGainMayBeSilence() throws ModelFileException {
    JsonObject model = model(1, layer("dense", 1, list(list(1)), list(0.25)));
    model.addProperty("out_gain", -90);
    assertThat(run(model, new double[] {1}, 1)).containsExactly(0);
  }

  @Test
  void moreKeysAreRemarked() throws ModelFileException {
    JsonObject layer = layer("dense", 1, list(list(1)), list(0));
    layer.addProperty("trainable", true);
    assertThat(AudioJsonReader.read(Numbers.save(folder, model(1, layer))).remarks())
        .containsExactly("Layer 1 (\"dense\") has more keys: \"[trainable]\".");
  }
}
