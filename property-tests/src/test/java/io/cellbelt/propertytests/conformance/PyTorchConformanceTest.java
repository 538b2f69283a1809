package io.cellbelt.propertytests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.models.Model;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import io.cellbelt.models.PyTorch;
import io.cellbelt.models.SafetensorsFile;
import io.cellbelt.models.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** State dicts that others trained, opened and run, against outputs that others recorded. */
class PyTorchConformanceTest {
  private static final String CASES = "../cases/";
  private static final String MODELS = "../models/";

  @TempDir Path folder;

  private static float[] outputs(Model model, float[] x, int steps) {
    try (Network network = new Network(model.weights());
        Stream stream = network.newStream()) {
      float[] y = new float[steps * network.architecture().outputSize()];
      stream.run(x, steps, y);
      return y;
    }
  }

  private static Tensor tensor(SafetensorsFile file, String name) {
    return file.find(name).orElseThrow();
  }

  private static void assertClose(float[] actual, float[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(Math.abs(actual[i] - expected[i])).as("at %s", i).isLessThan((float) tolerance);
    }
  }

  @Test
  void theNonlinearityOfAnRnnIsTheCallers() throws ModelFileException {
    Path file = ConformanceFolder.file(CASES + "rnn-relu.safetensors");
    float[] x = {1, 2, 3};
    float[] relu = {2.3305f, 1.8121f, 0, 0, 3.0540f};
    float[] tanh = {0.9813f, 0.9480f, -0.0439f, -0.9954f, 0.9956f};
    Model guessed = ModelFiles.read(file);
    assertThat(guessed.remarks())
        .singleElement()
        .asString()
        .contains("tanh or relu is not in the file", "PyTorch.module(\"rnn\").relu()");
    assertClose(outputs(guessed, x, 1), tanh, 5.1e-5);
    Model chosen = PyTorch.module("rnn").relu().read(file);
    assertThat(chosen.remarks()).isEmpty();
    assertClose(outputs(chosen, x, 1), relu, 5.1e-5);
    assertClose(outputs(PyTorch.module("rnn").tanh().read(file), x, 1), tanh, 5.1e-5);
  }

  @ParameterizedTest
  @CsvSource({"nobias,lstm", "noprefix,''", "module-prefix,module.lstm", "fc-head,lstm"})
  void everyStateDictOpensByName(String name, String module) throws ModelFileException {
    Path file = ConformanceFolder.file(CASES + name + ".safetensors");
    Model model = PyTorch.module(module).read(file);
    float[] h = outputs(model, new float[] {1, 2, 3}, 1);
    assertThat(h).hasSize(5).doesNotContain(0);
    if (!name.equals("fc-head")) {
      assertThat(outputs(ModelFiles.read(file), new float[] {1, 2, 3}, 1)).isEqualTo(h);
    }
  }

  @Test
  void aHeadIsNamedByTheCaller() throws ModelFileException {
    Path file = ConformanceFolder.file(CASES + "fc-head.safetensors");
    assertThatThrownBy(() -> ModelFiles.read(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("PyTorch.module(\"lstm\").head(\"fc\").read(path)");
    float[] h = outputs(PyTorch.module("lstm").read(file), new float[] {1, 2, 3}, 1);
    float[] y = outputs(PyTorch.module("lstm").head("fc").read(file), new float[] {1, 2, 3}, 1);
    SafetensorsFile content = SafetensorsFile.read(file);
    assertClose(y, linear(content, "fc", h), 1e-6);
  }

  @Test
  void doublesAreRoundedWhenAsked() throws ModelFileException {
    Path file = ConformanceFolder.file(CASES + "f64-inexact.safetensors");
    assertThatThrownBy(() -> ModelFiles.read(file))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining("its value at index [0, 0] cannot be a 32-bit float")
        .hasMessageContaining(".rounded()");
    assertThat(outputs(PyTorch.module("lstm").rounded().read(file), new float[3], 1)).hasSize(5);
  }

  /** A linear layer of a file, with plain loops. */
  private static float[] linear(SafetensorsFile file, String name, float[] x) {
    float[] w = tensor(file, name + ".weight").values();
    float[] y = tensor(file, name + ".bias").values();
    for (int row = 0; row < y.length; row++) {
      for (int k = 0; k < x.length; k++) {
        y[row] += w[row * x.length + k] * x[k];
      }
    }
    return y;
  }

  /** An actuator of a walking robot: scale, two layers, linear, scale. */
  @ParameterizedTest
  @CsvSource({
    "model,expected",
    "model_f64,expected_f64",
    "model_f16,expected_f64_from_f16",
    "model_bf16,expected_f64_from_bf16"
  })
  void leggedGymActuator(String name, String expected) throws ModelFileException {
    Path path = ConformanceFolder.file(MODELS + "legged_gym_actuator/" + name + ".safetensors");
    SafetensorsFile io = rounded(MODELS + "legged_gym_actuator/io.safetensors");
    SafetensorsFile scales = SafetensorsFile.read(path);
    float[] in = tensor(scales, "in_scale").values();
    float out = tensor(scales, "out_scale").values()[0];
    float[] x = tensor(io, "input").values();
    for (int i = 0; i < x.length; i++) {
      x[i] *= in[i % 2];
    }
    Model model = PyTorch.module("lstm").head("linear").rounded().read(path);
    assertThat(model.remarks())
        .singleElement()
        .asString()
        .contains("\"in_scale\"", "\"out_scale\"");
    float[] y = new float[3 * 80];
    try (Network network = new Network(model.weights())) {
      for (int b = 0; b < 3; b++) {
        try (Stream stream = network.newStream()) {
          for (int t = 0; t < 80; t++) {
            float[] yt = new float[1];
            int at = b * 80 + t;
            stream.step(new float[] {x[2 * at], x[2 * at + 1]}, yt);
            y[at] = yt[0] * out;
          }
        }
      }
    }
    assertClose(y, tensor(io, expected).values(), 1e-4);
  }

  /** A file with recorded values, some of them doubles. */
  private static SafetensorsFile rounded(String name) throws ModelFileException {
    return SafetensorsFile.readRounded(ConformanceFolder.file(name));
  }

  /** A walking policy: LSTM, linear, ELU, linear. */
  @Test
  void unitreeG1() throws ModelFileException {
    Path path = ConformanceFolder.file(MODELS + "unitree_g1/model.safetensors");
    SafetensorsFile io = rounded(MODELS + "unitree_g1/io.safetensors");
    float[] hidden =
        outputs(
            PyTorch.module("memory").head("actor.0").read(path), tensor(io, "input").values(), 200);
    SafetensorsFile content = SafetensorsFile.read(path);
    float[] expected = tensor(io, "expected").values();
    for (int t = 0; t < 200; t++) {
      float[] elu = Arrays.copyOfRange(hidden, 32 * t, 32 * t + 32);
      for (int i = 0; i < elu.length; i++) {
        elu[i] = elu[i] > 0 ? elu[i] : (float) Math.expm1(elu[i]);
      }
      assertClose(
          linear(content, "actor.2", elu), Arrays.copyOfRange(expected, 12 * t, 12 * t + 12), 1e-4);
    }
  }

  /** The first half of a noise suppressor, from two files: LSTM, LSTM, linear, sigmoid, times x. */
  @Test
  void dtlnInTwoFiles() throws ModelFileException {
    Path path =
        ConformanceFolder.file(MODELS + "dtln_pytorch_safetensors/model.safetensors.index.json");
    SafetensorsFile io = rounded(MODELS + "dtln_pytorch_safetensors/io.safetensors");
    PyTorch builder = PyTorch.module("sep1.rnn1").then("sep1.rnn2").head("sep1.dense");
    assertThatThrownBy(() -> ModelFiles.read(path))
        .isInstanceOf(ModelFileException.class)
        .hasMessageContaining(builder + ".read(path)");
    float[] x = tensor(io, "mag").values();
    float[] y = outputs(builder.read(path), x, 150);
    float largest = 0;
    float[] expected = tensor(io, "expected").values();
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) (x[i] / (1 + Math.exp(-y[i])));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    assertClose(y, expected, 1e-4 * largest);
    PyTorch.module("sep2.rnn2").read(path);
  }

  /**
   * The LSTM cell of a voice activity detector; the outputs recorded are those of other weights.
   */
  @Test
  void sileroCell() throws ModelFileException {
    Path path = ConformanceFolder.file("real/silero_vad_16k.safetensors");
    Model model = PyTorch.module("lstm_cell").read(path);
    assertThat(model.remarks()).singleElement().asString().contains("\"stft_conv.weight\"");
    assertThat(model.weights().architecture()).isEqualTo(Architecture.of(new Lstm(128, 128)));
  }

  /** A state dict that is JSON at its origin: LSTM, three more layers, linear. */
  @Test
  void rtneuralLstmTorch() throws IOException {
    Path json = ConformanceFolder.file(MODELS + "rtneural_lstm_torch/model.json");
    SafetensorsFile io = rounded(MODELS + "rtneural_lstm_torch/io.safetensors");
    JsonObject stateDict = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
    List<Tensor> tensors = new ArrayList<>();
    stateDict.asMap().forEach((name, values) -> tensors.add(tensor(name, values.getAsJsonArray())));
    Path file = folder.resolve("model.safetensors");
    SafetensorsFile.of(Map.of(), tensors).write(file);
    Model model = PyTorch.module("lstm").then("lstm2").head("dense").read(file);
    assertThat(model.remarks()).isEmpty();
    float[] y = outputs(model, tensor(io, "input").values(), 1000);
    assertClose(y, tensor(io, "expected").values(), 2e-6);
  }

  private static Tensor tensor(String name, JsonArray json) {
    boolean matrix = json.get(0).isJsonArray();
    List<Float> values = new ArrayList<>();
    for (JsonElement row : json) {
      if (matrix) {
        row.getAsJsonArray().forEach(value -> values.add(value.getAsFloat()));
      } else {
        values.add(row.getAsFloat());
      }
    }
    float[] all = new float[values.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = values.get(i);
    }
    return matrix
        ? Tensor.of(name, all, json.size(), all.length / json.size())
        : Tensor.of(name, all, all.length);
  }

  /** What PyTorch calculated, in double, with the weights under PyTorch's names and gate order. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gru_bidirectional",
        "gru_no_bias",
        "gru_small",
        "gru_wide_odd",
        "lstm_long",
        "lstm_small",
        "lstm_two_layer",
        "lstm_wide_odd",
        "rnn_relu_bidirectional",
        "rnn_tanh"
      })
  void torchModules(String name) throws ModelFileException {
    SafetensorsFile values =
        SafetensorsFile.read(ConformanceFolder.file("torch-grad/" + name + ".safetensors"));
    TorchStateDict written = TorchStateDict.of(values);
    Path file = folder.resolve("model.safetensors");
    SafetensorsFile.of(Map.of(), written.tensors("net.memory.")).write(file);
    PyTorch builder = PyTorch.module("net.memory");
    if (name.startsWith("rnn")) {
      builder = name.contains("relu") ? builder.relu() : builder.tanh();
    }
    try (Network network = new Network(builder.read(file).weights())) {
      for (int b = 0; b < written.batch(); b++) {
        try (Stream stream = network.newStream()) {
          stream.restoreState(written.state(b));
          float[] y = new float[written.steps() * network.architecture().outputSize()];
          stream.run(written.input(b), written.steps(), y);
          assertClose(y, written.output(b), 2e-6 * written.steps());
        }
      }
    }
  }
}
