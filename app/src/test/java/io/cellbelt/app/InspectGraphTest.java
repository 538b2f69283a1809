package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Weights;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Port;
import io.cellbelt.graphs.Port.Dimension;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.OnnxExport;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code cellbelt inspect} of graphs. */
class InspectGraphTest {
  @TempDir Path folder;

  private static Port port(String name, int... sizes) {
    return new Port(
        name,
        ElementType.F32,
        Arrays.stream(sizes)
            .mapToObj(size -> size < 0 ? Dimension.open("n") : Dimension.of(size))
            .toList());
  }

  private Path write(Node... nodes) throws Exception {
    Path file = folder.resolve("model.onnx");
    Graph graph =
        new Graph(
            "g",
            List.of(port("x", -1, 3)),
            List.of(new Port("y", null, null)),
            Map.of("w", Tensor.of(new float[12], 3, 4)),
            List.of(nodes));
    OnnxExport.write(file, graph);
    return file;
  }

  @Test
  void tellsWhatRunsAndWhatItCosts() throws Exception {
    Path file =
        write(
            Node.of("Neg", List.of("w"), List.of("v"), Map.of()),
            Node.of("MatMul", List.of("x", "v"), List.of("p"), Map.of()),
            Node.of("Relu", List.of("p"), List.of("y"), Map.of()));
    String out = Cellbelt.done("inspect", file, "--shape", "x=5,3");
    assertThat(out)
        .contains("model.onnx: ONNX, 3 nodes, 12 parameters")
        .contains("  x  F32  [n, 3]  [5, 3]")
        .contains("  MatMul              1    1        1")
        .contains("  Neg                 1    0        0")
        .contains("  60 multiply-adds")
        .contains("ready(Setup.DEFAULT.shape(\"x\", 5, 3));")
        .contains("stream.step(x, y);")
        .contains("Why it is a graph and no Network", "  There is no LSTM, GRU or RNN")
        .doesNotContain("Would be refused", "Not made ready");
  }

  /** What opens as a network is shown as one, and what does not with the node that is why. */
  @Test
  void showsTheJavaOfWhatAFileOpensAs() throws Exception {
    Path file = folder.resolve("stack.onnx");
    OnnxExport.write(file, Weights.random(Architecture.of(new Lstm(2, 3)), 1));
    assertThat(Cellbelt.done("inspect", file))
        .contains(
            "Models.open gives a Network",
            "Network\n  72 parameters\n",
            "  Network network = ((OpenModel.Recurrent) model).network();",
            "    float[] x = new float[2];",
            "    float[] y = new float[3];",
            "    stream.step(x, y);")
        .doesNotContain("Why it is a graph");
    Layer both = Layer.of(new Lstm(2, 3)).with(Layer.Direction.BIDIRECTIONAL);
    OnnxExport.write(file, Weights.random(Architecture.of(both), 1));
    assertThat(Cellbelt.done("inspect", file))
        .contains("    float[] x = new float[steps * 2];", "    stream.run(x, steps, y);");

    Path graph = Shared.file("conformance/real/dtln_model_1.onnx");
    JsonObject json =
        JsonParser.parseString(Cellbelt.done("inspect", graph, "--json")).getAsJsonObject();
    assertThat(json.get("whyNoStack").getAsString()).startsWith("Sigmoid '");
    assertThat(json.has("network")).isFalse();
  }

  @Test
  void showsWhatWouldBeRefusedAllAtOnce() throws Exception {
    Path file =
        write(
            Node.of("Frobnicate", List.of("x"), List.of("a"), Map.of()),
            Node.of("Grind", List.of("a"), List.of("y"), Map.of()));
    assertThat(Cellbelt.done("inspect", file))
        .contains("Would be refused")
        .contains("Frobnicate 'a' (opset 25): there is no such operator here.")
        .contains("Grind 'y' (opset 25)")
        .doesNotContain("Open it with", "A call");
    JsonObject json =
        JsonParser.parseString(Cellbelt.done("inspect", file, "--json")).getAsJsonObject();
    assertThat(json.getAsJsonArray("refused")).hasSize(2);
    assertThat(json.has("call")).isFalse();
  }

  /** Multiply-adds of a frame, counted by hand from the layers' sizes. */
  @ParameterizedTest
  @CsvSource({
    // 2 LSTM(128) of 257 and 128 inputs, and a dense layer of 257.
    "conformance/real/dtln_model_1.onnx, 361088",
    // GRU(8) of 1 input, and a dense layer.
    "models/klon_centaur_0/model.json, 224",
    // LSTM(64) of 17 inputs and LSTM(32) over 30 steps, dense layers of 16 and 1.
    "models/aircraft_rul/model.keras, 991248"
  })
  void countsMultiplyAdds(String model, long expected) {
    JsonObject json =
        JsonParser.parseString(Cellbelt.done("inspect", Shared.file(model), "--json"))
            .getAsJsonObject();
    assertThat(json.getAsJsonObject("call").get("multiplyAdds").getAsLong()).isEqualTo(expected);
  }

  @Test
  void tellsStatesAndWhatIsDecided() {
    Path model = Shared.file("models/silero_vad_v5/model.onnx");
    String open = Cellbelt.done("inspect", model);
    assertThat(open)
        .contains(
            "Not made ready",
            "The model leaves sizes open, which were taken as 1: 'input' F32 [?, ?] as [1, 1]",
            "--shape INPUT=N,N");
    Object[] sizes = {"inspect", model, "--shape", "input=1,576", "--set", "sr=16000", "--json"};
    JsonObject json = JsonParser.parseString(Cellbelt.done(sizes)).getAsJsonObject();
    JsonObject call = json.getAsJsonObject("call");
    JsonObject state = call.getAsJsonArray("states").get(0).getAsJsonObject();
    assertThat(state.get("input").getAsString()).isEqualTo("state");
    assertThat(state.get("output").getAsString()).isEqualTo("stateN");
    assertThat(json.getAsJsonArray("recognised").get(0).getAsString()).startsWith("25 If: decided");
    assertThat(
            StreamSupport.stream(json.getAsJsonArray("code").spliterator(), false)
                .map(JsonElement::getAsString))
        .anyMatch(line -> line.contains(".constant(\"sr\", Tensor.of(new long[] {16000}))"));
  }

  @Test
  void tellsWhatANetworkTakes() throws Exception {
    Path file = folder.resolve("lstm.safetensors");
    ModelFiles.write(file, Weights.random(Architecture.of(new Lstm(2, 3)), 1), Map.of());
    assertThat(Cellbelt.done("inspect", file))
        .contains("Network")
        .contains("  60 multiply-adds a step");
  }
}
