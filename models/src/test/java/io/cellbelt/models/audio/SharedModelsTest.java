package io.cellbelt.models.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.GraphNetwork;
import io.cellbelt.graphs.GraphStream;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Setup;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.SafetensorsValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real models of others, with what their own engines gave. */
class SharedModelsTest {
  private static final Path FOLDER = Path.of("../../shared/models");

  private static Path file(String name) {
    Path file = FOLDER.resolve(name);
    assumeTrue(
        Files.exists(file),
        () -> "Not run: there is no " + file.toAbsolutePath().normalize() + ".");
    return file;
  }

  @ParameterizedTest
  @CsvSource({
    "klon_centaur_0/model.json, 1, 1e-5, 60",
    "klon_centaur_small/model.json, 3, 5e-4, 1",
    "rtneural_gru_1d/model.json, 1, 1e-6, 7",
    "rtneural_lstm/model.json, 1, 1e-6, 100",
    "rtneural_lstm_torch/model.json, 1, 2e-6, 100",
    "nam_lstm/model.nam, 1, 1e-6, 64",
  })
  void givesWhatTheOriginGave(String name, int channels, double tolerance, int steps)
      throws IOException {
    Path path = file(name);
    assertThat(
            AudioJsonReader.recognises(
                JsonParser.parseString(Files.readString(path)).getAsJsonObject()))
        .isTrue();
    Graph graph = AudioJsonReader.read(path).graph();
    Map<String, Tensor> io = SafetensorsValues.read(path.resolveSibling("io.safetensors"));
    double[] expected = io.get("expected").doubles();
    assertThat(GraphInDouble.run(graph, io.get("input").doubles(), channels, steps))
        .as("in double")
        .containsExactly(expected, Offset.offset(tolerance));
    double[] stream = stream(graph, io.get("input").floats(), channels, steps);
    assertThat(stream)
        .as("as a stream")
        .containsExactly(Arrays.copyOf(expected, stream.length), Offset.offset(tolerance));
  }

  /** Output of as many whole calls as there are, of one output. */
  private static double[] stream(Graph graph, float[] input, int channels, int steps) {
    int calls = input.length / channels / steps;
    double[] all = new double[calls * steps];
    try (GraphNetwork network = new GraphNetwork(graph);
        GraphStream stream =
            network.ready(Setup.DEFAULT.shape("input", steps, 1, channels)).newStream()) {
      float[] y = new float[steps];
      for (int call = 0; call < calls; call++) {
        int from = call * steps * channels;
        stream.step(Arrays.copyOfRange(input, from, from + steps * channels), y);
        for (int i = 0; i < steps; i++) {
          all[call * steps + i] = y[i];
        }
      }
    }
    return all;
  }

  @Test
  void structureOfStackedLstms() throws IOException {
    AudioModel model = AudioJsonReader.read(file("rtneural_lstm_torch/model.json"));
    Graph graph = model.graph();
    assertThat(graph.inputs().stream().map(Port::toString))
        .startsWith(
            "'input' F32 [time, batch, 1]",
            "'layer0.h' F32 [1, batch, 8]",
            "'layer0.c' F32 [1, batch, 8]")
        .hasSize(9)
        .endsWith("'layer3.c' F32 [1, batch, 8]");
    assertThat(graph.outputs().stream().map(Port::toString))
        .startsWith("'output' F32 [time, batch, 1]", "'layer0.h_next' F32 [1, batch, 8]")
        .hasSize(9);
    assertThat(graph.nodes().stream().map(Node::operator))
        .containsExactly(
            "LSTM",
            "Squeeze",
            "LSTM",
            "Squeeze",
            "LSTM",
            "Squeeze",
            "LSTM",
            "Squeeze",
            "MatMul",
            "Add",
            "Identity");
    assertThat(graph.constants().get("layer2.c").doubles()).containsOnly(0).hasSize(8);
    assertThat(model.remarks()).isEmpty();
  }

  @Test
  void whatIsToldBesideAModel() throws IOException {
    AudioModel model = AudioJsonReader.read(file("nam_lstm/model.nam"));
    assertThat(model.metadata())
        .containsEntry("sample_rate", "48000")
        .containsEntry("loudness", "-37.8406867980957")
        .containsEntry("architecture", "LSTM")
        .containsEntry("prewarm_samples", "24000");
    assertThat(model.sampleRate()).hasValue(48000);
    assertThat(model.graph().constants().get("layer0.c").doubles()).doesNotContain(0);
  }
}
