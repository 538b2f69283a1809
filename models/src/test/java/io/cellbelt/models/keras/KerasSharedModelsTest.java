package io.cellbelt.models.keras;

import static io.cellbelt.models.keras.KerasFixture.operators;
import static io.cellbelt.models.keras.KerasFixture.ports;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Tensor;
import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that others trained and saved. */
final class KerasSharedModelsTest {
  private static final Path MODELS = Path.of("..", "..", "shared", "models");

  private static final String LSTM = "LSTM Squeeze";

  static Stream<Arguments> models() {
    return Stream.of(
        arguments(
            "aircraft_rul/model.keras",
            "input_layer [batch, 30, 17]",
            "dense_1 [batch, 1]",
            "LSTM Squeeze LSTM Squeeze MatMul Add Relu MatMul Add"),
        arguments(
            "toxic_simple_rnn/model.keras",
            "embedding_input [batch, 1250]",
            "dense [batch, 6]",
            "Cast Gather RNN Squeeze MatMul Add Sigmoid"),
        arguments(
            "toxic_bidirectional_gru/model.keras",
            "embedding_3_input [batch, 1250]",
            "dense_3 [batch, 6]",
            "Cast Gather GRU Squeeze GRU Squeeze Concat MatMul Add Sigmoid"),
        arguments(
            "weather_hdf5_keras/model.keras",
            "lstm_2_input [batch, 60, 4]",
            "dense_3 [batch, 4]",
            LSTM + " " + LSTM + " MatMul Add Relu MatMul Add"),
        arguments(
            "keras_masking_two_lstm/model.h5",
            "input [batch, 10, 42]",
            "lstm_2 [batch, 32]",
            "Equal Not Cast ReduceMax Cast Squeeze Mul MaskedLSTM Squeeze"),
        arguments(
            "keras_simple_flatten_rnn_tf_keras_2/model.h5",
            "input [batch, 1, 1]",
            "dense_1 [batch, 1]",
            "RNN Squeeze Flatten MatMul Add"),
        arguments(
            "keras_simple_lstm_tf_keras_1/model.h5",
            "input [batch, 1, 1]",
            "dense_1 [batch, 1]",
            LSTM + " MatMul Add"),
        arguments(
            "keras_lstm_config_and_weights/weights.h5",
            "input [batch, 4, 12]",
            "dense_1 [batch, 1]",
            LSTM + " " + LSTM + " MatMul Add Sigmoid"));
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyModelIsReadWithAllOfItsWeights(
      String file, String input, String output, String operators) throws IOException {
    Graph graph = KerasReader.read(shared(file));
    assertThat(ports(graph.inputs())).containsExactly(input);
    assertThat(ports(graph.outputs())).containsExactly(output);
    assertThat(operators(graph)).isEqualTo(operators);
    assertThat(parameters(graph)).isEqualTo(parametersInFile(shared(file)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 6, 9, 10, 14, 20, 24, 25, 27, 28, 32, 33, 35, 36, 44, 46})
  void everyModelOfTheGridIsReadWithAllOfItsWeights(int number) throws IOException {
    Path file = shared("keras_rnn_grid/rnn_" + number + ".h5");
    Graph graph = KerasReader.read(file);
    assertThat(ports(graph.inputs())).hasSize(1).allMatch(port -> port.endsWith("[batch, 3, 4]"));
    assertThat(graph.outputs()).hasSize(1);
    assertThat(parameters(graph)).isEqualTo(parametersInFile(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "config.json", "weights.h5"})
  void configAndWeightsAreFoundFromEitherAndFromTheirFolder(String name) throws IOException {
    Path folder = shared("keras_lstm_config_and_weights");
    Graph graph = KerasReader.read(folder.resolve(name));
    assertThat(ports(graph.outputs())).containsExactly("dense_1 [batch, 1]");
  }

  private static Path shared(String name) {
    Path path = MODELS.resolve(name);
    assumeTrue(
        Files.exists(path), () -> "Not run: there is no " + path.toAbsolutePath().normalize());
    return path;
  }

  /** ONNX has two biases where Keras mostly has one; the second is then zero. */
  private static long parameters(Graph graph) {
    long count = 0;
    for (var entry : graph.constants().entrySet()) {
      String name = entry.getKey();
      Tensor tensor = entry.getValue();
      if (name.endsWith(".B") && isSecondHalfZero(tensor.floats())) {
        count += tensor.size() / 2;
      } else if (name.contains(".") && !name.startsWith("float ")) {
        count += tensor.size();
      }
    }
    return count;
  }

  private static boolean isSecondHalfZero(float[] values) {
    for (int i = values.length / 2; i < values.length; i++) {
      if (values[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** All elements of layers in the file, by jhdf alone. */
  private static long parametersInFile(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (bytes[0] == 'P') {
      try (ZipFile zip = new ZipFile(file.toFile())) {
        bytes = zip.getInputStream(zip.getEntry("model.weights.h5")).readAllBytes();
      }
    }
    try (HdfFile hdf = HdfFile.fromBytes(bytes)) {
      return elements(hdf);
    }
  }

  private static long elements(Group group) {
    long count = 0;
    for (Node child : group) {
      if (child instanceof Dataset data) {
        count += data.getSize();
      } else if (child instanceof Group inner
          && List.of("optimizer", "metrics").stream().noneMatch(child.getName()::startsWith)) {
        count += elements(inner);
      }
    }
    return count;
  }
}
