package io.cellbelt.propertytests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Network;
import io.cellbelt.cells.Streams;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.PyTorch;
import io.cellbelt.models.SafetensorsValues;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models of others whose files hold tensors alone: what is between the layers is written here. */
final class StateDictionariesTest {
  private static final double TOLERANCE = 1e-4;

  @Test
  void policyOfAWalkingRobot() throws IOException {
    Map<String, Tensor> weights = read("unitree_g1/model.safetensors");
    Map<String, Tensor> recorded = read("unitree_g1/io.safetensors");
    float[] h = run(PyTorch.module("memory"), "unitree_g1/model.safetensors", recorded, "input", 1);
    float[] hidden = linear(weights, "actor.0", h);
    for (int i = 0; i < hidden.length; i++) {
      hidden[i] = hidden[i] > 0 ? hidden[i] : (float) Math.expm1(hidden[i]);
    }
    float[] y = linear(weights, "actor.2", hidden);
    assertNear(y, recorded.get("expected"), TOLERANCE);
    assertNear(y, recorded.get("expected_f64"), TOLERANCE);
  }

  @ParameterizedTest
  @CsvSource({
    "model, expected, 1e-4",
    "model, expected_f64, 1e-4",
    "model_f64, expected_f64, 1e-4",
    "model_f16, expected_f64_from_f16, 1e-4",
    "model_bf16, expected_f64_from_bf16, 1e-4"
  })
  void actuatorOfAWalkingRobot(String model, String expected, double tolerance) throws IOException {
    String file = "legged_gym_actuator/" + model + ".safetensors";
    Map<String, Tensor> weights = read(file);
    Map<String, Tensor> recorded = read("legged_gym_actuator/io.safetensors");
    float[] inScale = weights.get("in_scale").as(ElementType.F32).floats();
    float outScale = (float) weights.get("out_scale").doubleAt(0);
    int[] shape = recorded.get("input").shape();
    float[] x = recorded.get("input").floats();
    for (int i = 0; i < x.length; i++) {
      x[i] *= inScale[i % inScale.length];
    }
    float[] y =
        run(
            PyTorch.module("lstm").head("linear").rounded(),
            file,
            Map.of("scaled", Tensor.of(x, shape)),
            "scaled",
            shape[0]);
    for (int i = 0; i < y.length; i++) {
      y[i] *= outScale;
    }
    assertNear(y, recorded.get(expected), tolerance);
  }

  @Test
  void firstHalfOfADenoiser() throws IOException {
    Map<String, Tensor> recorded = read("dtln_pytorch_safetensors/io.safetensors");
    PyTorch stack = PyTorch.module("sep1.rnn1").then("sep1.rnn2").head("sep1.dense");
    float[] y =
        run(stack, "dtln_pytorch_safetensors/model.safetensors.index.json", recorded, "mag", 1);
    float[] magnitudes = recorded.get("mag").floats();
    for (int i = 0; i < y.length; i++) {
      y[i] = sigmoid(y[i]) * magnitudes[i];
    }
    assertNear(y, recorded.get("expected"), TOLERANCE * largest(recorded.get("expected")));
    assertNear(y, recorded.get("expected_f64"), TOLERANCE * largest(recorded.get("expected")));
  }

  /** Recorded with the graph of the same weights in another folder. */
  @Test
  void secondHalfOfADenoiser() throws IOException {
    Map<String, Tensor> first = read("dtln_pytorch_safetensors/model-00001-of-00002.safetensors");
    Map<String, Tensor> second = read("dtln_pytorch_safetensors/model-00002-of-00002.safetensors");
    Map<String, Tensor> recorded = read("dtln_pytorch_p2/stream.safetensors");
    float[] encoded = product(first.get("encoder_conv1.weight"), recorded.get("in.y1").floats());
    int features = first.get("encoder_norm1.gamma").size();
    float[] normed = layerNorm(first, "encoder_norm1", encoded);
    PyTorch stack = PyTorch.module("sep2.rnn1").then("sep2.rnn2").head("sep2.dense");
    float[] mask =
        run(
            stack,
            "dtln_pytorch_safetensors/model.safetensors.index.json",
            Map.of("normed", Tensor.of(normed, normed.length / features, features)),
            "normed",
            1);
    for (int i = 0; i < mask.length; i++) {
      mask[i] = sigmoid(mask[i]) * encoded[i];
    }
    float[] y = product(second.get("decoder_conv1.weight"), mask);
    assertNear(y, recorded.get("out.y"), TOLERANCE);
  }

  private static Map<String, Tensor> read(String file) throws IOException {
    return SafetensorsValues.read(ConformanceFolder.file("../models/" + file));
  }

  /** Runs sequences [B, T, I] or one [T, I] from the zero state; gives [B, T, O]. */
  private static float[] run(
      PyTorch members, String file, Map<String, Tensor> values, String name, int batch)
      throws IOException {
    Path path = ConformanceFolder.file("../models/" + file);
    float[] x = values.get(name).floats();
    try (Network network = new Network(members.read(path).weights())) {
      int inputs = network.architecture().input().size();
      int outputs = network.architecture().outputSize();
      int steps = x.length / inputs / batch;
      float[] y = new float[batch * steps * outputs];
      for (int b = 0; b < batch; b++) {
        float[] one = new float[steps * inputs];
        float[] got = new float[steps * outputs];
        System.arraycopy(x, b * one.length, one, 0, one.length);
        try (Streams stream = network.newStreams(1)) {
          stream.run(one, steps, got);
        }
        System.arraycopy(got, 0, y, b * got.length, got.length);
      }
      return y;
    }
  }

  private static float[] linear(Map<String, Tensor> weights, String name, float[] x) {
    float[] y = product(weights.get(name + ".weight"), x);
    float[] bias = weights.get(name + ".bias").floats();
    for (int i = 0; i < y.length; i++) {
      y[i] += bias[i % bias.length];
    }
    return y;
  }

  /** Rows of x times the transpose of [O, I], or of a convolution [O, I, 1]. */
  private static float[] product(Tensor weight, float[] x) {
    float[] w = weight.floats();
    int outputs = weight.shape()[0];
    int inputs = weight.shape()[1];
    float[] y = new float[x.length / inputs * outputs];
    for (int i = 0; i < y.length; i++) {
      double sum = 0;
      for (int j = 0; j < inputs; j++) {
        sum += (double) w[i % outputs * inputs + j] * x[i / outputs * inputs + j];
      }
      y[i] = (float) sum;
    }
    return y;
  }

  private static float[] layerNorm(Map<String, Tensor> weights, String name, float[] x) {
    float[] gamma = weights.get(name + ".gamma").floats();
    float[] beta = weights.get(name + ".beta").floats();
    int size = gamma.length;
    float[] y = new float[x.length];
    for (int row = 0; row < x.length; row += size) {
      double mean = 0;
      double variance = 0;
      for (int i = 0; i < size; i++) {
        mean += x[row + i] / (double) size;
      }
      for (int i = 0; i < size; i++) {
        variance += (x[row + i] - mean) * (x[row + i] - mean) / size;
      }
      for (int i = 0; i < size; i++) {
        double normed = (x[row + i] - mean) / Math.sqrt(variance + 1e-7);
        y[row + i] = (float) (normed * gamma[i] + beta[i]);
      }
    }
    return y;
  }

  private static float sigmoid(float x) {
    return (float) (1 / (1 + Math.exp(-x)));
  }

  private static double largest(Tensor tensor) {
    double largest = 0;
    for (int i = 0; i < tensor.size(); i++) {
      largest = Math.max(largest, Math.abs(tensor.doubleAt(i)));
    }
    return largest;
  }

  private static void assertNear(float[] actual, Tensor expected, double tolerance) {
    assertThat(actual).hasSize(expected.size());
    double worst = 0;
    for (int i = 0; i < actual.length; i++) {
      double error = Math.abs(actual[i] - expected.doubleAt(i));
      worst = Double.isNaN(error) ? Double.POSITIVE_INFINITY : Math.max(worst, error);
    }
    assertThat(worst).isLessThanOrEqualTo(tolerance);
  }
}
