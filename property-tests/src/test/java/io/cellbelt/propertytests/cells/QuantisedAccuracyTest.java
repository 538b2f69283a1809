package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.SafetensorsFile;
import io.cellbelt.models.Tensor;
import io.cellbelt.propertytests.conformance.ConformanceFolder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What rounding trained weights does to a network: real models over real recordings, captured in
 * ONNX Runtime.
 */
class QuantisedAccuracyTest {
  private static final int STEPS = 100;

  @ParameterizedTest
  @ValueSource(strings = {"dtln_model1_lstm1_300", "silero_vad_lstm_400"})
  void roundedWeightsStayNear(String name) throws ModelFileException {
    Path file = ConformanceFolder.file("real/" + name + ".safetensors");
    SafetensorsFile capture = SafetensorsFile.read(file);
    int hidden = tensor(capture, "R").shape().get(2);
    int inputs = tensor(capture, "W").shape().get(2);
    Architecture architecture = Architecture.of(new Lstm(inputs, hidden));
    float[] x = Arrays.copyOf(tensor(capture, "X").values(), STEPS * inputs);
    float[] expected = Arrays.copyOf(tensor(capture, "Y").values(), STEPS * hidden);

    Weights weights = Weights.of(architecture, parameters(capture, hidden));
    float[] exact = outputs(weights, WeightFormat.F32, x);
    assertThat(distance(exact, expected)).isLessThan(1e-4);
    float[] bf16 = outputs(weights, WeightFormat.BF16, x);
    float[] int8 = outputs(weights, WeightFormat.INT8, x);
    System.out.printf(
        "%s (%d, %d): error of h over %d steps, of its largest: bf16 %.1e (rms %.1e), int8 %.1e"
            + " (rms %.1e)%n",
        name,
        inputs,
        hidden,
        STEPS,
        distance(bf16, exact),
        rootMeanSquare(bf16, exact),
        distance(int8, exact),
        rootMeanSquare(int8, exact));
    assertThat(distance(bf16, exact)).isBetween(1e-5, 5e-2);
    assertThat(distance(int8, exact)).isBetween(1e-5, 4e-1);
    assertThat(rootMeanSquare(bf16, exact)).isBetween(1e-6, 5e-3);
    assertThat(rootMeanSquare(int8, exact)).isBetween(1e-6, 5e-2);
  }

  private static Tensor tensor(SafetensorsFile capture, String name) {
    return capture.find(name).orElseThrow();
  }

  /** ONNX has the gates in the order i o f c, and two biases after each other. */
  private static Map<String, float[]> parameters(SafetensorsFile capture, int hidden) {
    float[] biases = tensor(capture, "B").values();
    float[] bias = new float[4 * hidden];
    for (int j = 0; j < bias.length; j++) {
      bias[j] = biases[j] + biases[bias.length + j];
    }
    return Map.of(
        "lstm.weight_ih_l0", reordered(tensor(capture, "W").values(), hidden),
        "lstm.weight_hh_l0", reordered(tensor(capture, "R").values(), hidden),
        "lstm.bias_l0", reordered(bias, hidden));
  }

  private static float[] reordered(float[] iofc, int hidden) {
    int block = iofc.length / 4;
    assertThat(block % hidden).isZero();
    float[] ifgo = new float[iofc.length];
    int[] from = {0, 2, 3, 1};
    for (int gate = 0; gate < 4; gate++) {
      System.arraycopy(iofc, from[gate] * block, ifgo, gate * block, block);
    }
    return ifgo;
  }

  private static float[] outputs(Weights weights, WeightFormat format, float[] x) {
    float[] y = new float[STEPS * weights.architecture().outputSize()];
    try (Network network = new Network(weights.to(format));
        Stream stream = network.newStream()) {
      stream.run(x, STEPS, y);
    }
    return y;
  }

  private static double distance(float[] actual, float[] expected) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs((double) actual[i] - expected[i]));
    }
    return difference / largest;
  }

  private static double rootMeanSquare(float[] actual, float[] expected) {
    double largest = 0;
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      sum += Math.pow((double) actual[i] - expected[i], 2);
    }
    return Math.sqrt(sum / expected.length) / largest;
  }
}
