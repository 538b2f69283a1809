package io.cellbelt.models.stacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cellbelt.models.Models;
import io.cellbelt.models.OpenModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of others: which ones are networks, and that both ways give the same numbers. */
class SharedStacksTest {
  private static final Path FOLDER = Path.of("../../shared/models");

  private static Path file(String name) {
    Path file = FOLDER.resolve(name);
    assumeTrue(
        Files.exists(file),
        () -> "Not run: there is no " + file.toAbsolutePath().normalize() + ".");
    return file;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "burn_gru_opset3/model.onnx",
        "keras_rnn_grid/rnn_10.h5",
        "keras_rnn_grid/rnn_14.h5",
        "keras_rnn_grid/rnn_20.h5",
        "keras_rnn_grid/rnn_32.h5",
        "keras_rnn_grid/rnn_33.h5",
        "keras_rnn_grid/rnn_36.h5",
        "keras_rnn_grid/rnn_44.h5",
        "keras_rnn_grid/rnn_9.h5",
        "keras_simple_lstm_tf_keras_1/model.h5",
        "klon_centaur_0/model.json",
        "rtneural_lstm_torch/model.json",
      })
  void isANetworkWithTheNumbersOfTheGraph(String name) throws IOException {
    Path file = file(name);
    try (OpenModel open = Models.open(file);
        OpenModel.AnyGraph graph = Models.openGraph(file)) {
      assertThat(open).isInstanceOf(OpenModel.Recurrent.class);
      BothWays.check(((OpenModel.Recurrent) open).network(), graph.graph(), 9);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aircraft_rul/model.onnx", // two dense layers
        "aircraft_rul/model.keras",
        "burn_gru_bidirectional/model.onnx", // gives its states, too
        "burn_rnn_bidirectional/model.onnx",
        "dtln_model_2/model.onnx",
        "dtln_pytorch_p2/model.onnx",
        "keras_lstm_config_and_weights", // an activation after the head
        "keras_masking_two_lstm/model.h5",
        "keras_rnn_grid/rnn_0.h5", // an activation after the layer
        "keras_rnn_grid/rnn_25.h5",
        "keras_simple_flatten_rnn_tf_keras_2/model.h5",
        "klon_centaur_small/model.json", // a dense layer below
        "nam_lstm/model.nam", // does not start with zeros
        "rtneural_gru_1d/model.json", // two dense layers
        "rtneural_lstm/model.json",
        "silero_vad_v5/model.onnx",
        "toxic_bidirectional_gru/model.keras",
        "toxic_simple_rnn/model.keras",
        "weather_hdf5_keras/model.keras",
      })
  void staysAGraph(String name) throws IOException {
    try (OpenModel open = Models.open(file(name))) {
      assertThat(open).isInstanceOf(OpenModel.AnyGraph.class);
    }
  }
}
