package io.cellbelt.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Clockwork;
import io.cellbelt.cells.CustomCell;
import io.cellbelt.cells.CustomKernel;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Row;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.reference.ReferenceCell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written can be read, by us and by PyTorch, and the other way round. */
final class ModelFilesTest {
  private static final Architecture STACKED =
      new Architecture(new Input.Embedding(11, 5), List.of(new Lstm(5, 7), new Lstm(7, 3)), 11);

  @TempDir Path folder;

  static Stream<Architecture> architectures() {
    return Stream.concat(
        Stream.of(
            STACKED,
            new Architecture(new Input.OneHot(9), List.of(new Lstm(9, 17)), 9),
            new Architecture(new Input.Dense(3), List.of(new Rnn(3, 4), new Lstm(4, 5)), 2),
            Architecture.of(new Rnn(1, 1))),
        Architectures.all().stream());
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void readsWhatWasWritten(Architecture architecture) throws IOException {
    Path file = folder.resolve("model.safetensors");
    Map<String, String> metadata = Map.of("cellbelt.vocabulary", "ab\n\u00e9\ud83c\udfad");
    Weights weights = Weights.random(architecture, 7);
    ModelFiles.write(file, weights, metadata);
    Model model = ModelFiles.read(file);
    Weights read = model.weights();
    assertEquals(architecture, read.architecture());
    assertEquals(metadata, model.metadata());
    Map<String, float[]> expected = weights.values();
    read.values().forEach((name, values) -> assertArrayEquals(expected.get(name), values));
  }

  @Test
  void plainStacksAreWrittenAsEver() {
    assertEquals(
        "{\"input\":{\"kind\":\"embedding\",\"vocabulary\":11,\"size\":5},\"layers\":["
            + "{\"kind\":\"lstm\",\"inputSize\":5,\"hiddenSize\":7},"
            + "{\"kind\":\"lstm\",\"inputSize\":7,\"hiddenSize\":3}],\"outputs\":11}",
        ArchitectureJson.LIBRARY.write(STACKED));
    assertEquals(STACKED, ArchitectureJson.LIBRARY.parse(ArchitectureJson.LIBRARY.write(STACKED)));
  }

  @Test
  void whatIsDifferentIsWrittenByName() {
    Lstm.Options options =
        Lstm.Options.DEFAULT
            .withPeepholes()
            .withActivations(
                Activation.of(Activation.Function.HARD_SIGMOID),
                new Activation(Activation.Function.SCALED_TANH, 1.7159f, 0.6666667f),
                Activation.TANH);
    Architecture architecture =
        new Architecture(
            new Input.Dense(2),
            List.of(
                Layer.of(new Lstm(2, 3, options))
                    .with(Layer.Direction.BIDIRECTIONAL, Layer.Merge.SUM)
                    .withDropout(0.1f),
                Layer.of(new Clockwork(3, 4, List.of(1, 2)))),
            new Readout(Readout.Attention.DOT, 5));
    assertEquals(
        "{\"input\":{\"kind\":\"dense\",\"size\":2},\"layers\":["
            + "{\"kind\":\"lstm\",\"inputSize\":2,\"hiddenSize\":3,\"options\":{"
            + "\"gate\":{\"function\":\"hard_sigmoid\"},"
            + "\"candidate\":{\"function\":\"scaled_tanh\",\"alpha\":1.7159,\"beta\":0.6666667},"
            + "\"peepholes\":true},"
            + "\"direction\":\"bidirectional\",\"merge\":\"sum\",\"dropout\":0.1},"
            + "{\"kind\":\"clockwork\",\"inputSize\":3,\"hiddenSize\":4,\"periods\":[1,2]}],"
            + "\"outputs\":5,\"attention\":\"dot\"}",
        ArchitectureJson.LIBRARY.write(architecture));
  }

  /** A plain RNN that is none of the library's. */
  private record OwnCell(int inputSize, int hiddenSize) implements CustomCell, CustomKernel {
    @Override
    public String kind() {
      return "own";
    }

    @Override
    public Schedule schedule() {
      return Schedule.simple("a", hiddenSize, 1);
    }

    @Override
    public CustomKernel kernel() {
      return this;
    }

    @Override
    public ReferenceCell reference() {
      return new Rnn(inputSize, hiddenSize).reference();
    }

    @Override
    public void forward(int stage, Row row) {
      row.next(0).copy(row.gate(0).apply(Activation.TANH));
    }

    @Override
    public void backward(int stage, Row row) {
      row.gate(0).derivative(Activation.TANH).multiply(row.dState(0));
      row.dState(0).fill(0);
    }
  }

  @Test
  void cellsOfOnesOwnAreRefused() {
    Path file = folder.resolve("model.safetensors");
    Weights weights = Weights.random(Architecture.of(new OwnCell(2, 3)), 1);
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> ModelFiles.write(file, weights, Map.of()))
            .getMessage();
    assertTrue(
        message.startsWith("Files hold the library's cells and those that they are told of"),
        message);
    assertFalse(Files.exists(file));
  }

  @Test
  void equalModelsAreEqualBytes() throws IOException {
    Path one = folder.resolve("one.safetensors");
    Path two = folder.resolve("two.safetensors");
    Weights weights = Weights.random(STACKED, 7);
    ModelFiles.write(one, weights, Map.of());
    ModelFiles.write(two, weights, Map.of());
    assertEquals(-1, Files.mismatch(one, two));
  }

  @Test
  void namesAndShapesAreThoseOfPyTorch() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Weights weights = Weights.random(STACKED, 7);
    ModelFiles.write(file, weights, Map.of());
    List<String> tensors = new ArrayList<>();
    SafetensorsFile.read(file).tensors().forEach(t -> tensors.add(t.name() + t.shape()));
    assertEquals(
        List.of(
            "embedding.weight[11, 5]",
            "lstm.weight_ih_l0[28, 5]",
            "lstm.weight_hh_l0[28, 7]",
            "lstm.bias_ih_l0[28]",
            "lstm.bias_hh_l0[28]",
            "lstm.weight_ih_l1[12, 7]",
            "lstm.weight_hh_l1[12, 3]",
            "lstm.bias_ih_l1[12]",
            "lstm.bias_hh_l1[12]",
            "head.weight[11, 3]",
            "head.bias[11]"),
        tensors);
  }

  @Test
  void sumsTheTwoBiasesAndTellsSizesFromShapes() throws IOException {
    Path file = folder.resolve("pytorch.safetensors");
    SafetensorsFile.of(
            Map.of("format", "pt"),
            List.of(
                Tensor.of("rnn.weight_hh_l0", new float[] {1, 2, 3, 4}, 2, 2),
                Tensor.of("rnn.weight_ih_l0", new float[] {5, 6, 7, 8, 9, 10}, 2, 3),
                Tensor.of("rnn.bias_ih_l0", new float[] {1, 2}, 2),
                Tensor.of("rnn.bias_hh_l0", new float[] {0.5f, -2}, 2),
                Tensor.of("head.weight", new float[] {1, 1}, 1, 2),
                Tensor.of("head.bias", new float[] {3}, 1)))
        .write(file);
    Model model = ModelFiles.read(file);
    Weights weights = model.weights();
    assertEquals(
        new Architecture(new Input.Dense(3), List.of(new Rnn(3, 2)), 1), weights.architecture());
    assertArrayEquals(new float[] {1.5f, 0}, weights.values().get("rnn.bias_l0"));
    assertEquals(Map.of("format", "pt"), model.metadata());
  }

  @Test
  void tellsAnEmbeddingAndSeveralLayersFromShapes() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Weights weights = Weights.random(STACKED, 7);
    ModelFiles.write(file, weights, Map.of());
    SafetensorsFile.of(Map.of(), SafetensorsFile.read(file).tensors()).write(file);
    Weights read = ModelFiles.read(file).weights();
    assertEquals(STACKED, read.architecture());
  }

  /** What PyTorch has is known without metadata, whatever it is made of. */
  static List<Architecture> ofPyTorch() {
    Lstm projected = new Lstm(3, 5, Lstm.Options.DEFAULT.withProjection(2));
    Layer.Direction both = Layer.Direction.BIDIRECTIONAL;
    return List.of(
        Architecture.of(new Gru(3, 4, Gru.Reset.AFTER)),
        Architecture.of(Layer.of(new Rnn(3, 4)).with(both)),
        Architecture.of(projected),
        new Architecture(
            new Input.Dense(3),
            List.of(
                Layer.of(projected).with(both),
                Layer.of(new Lstm(4, 3, Lstm.Options.DEFAULT.withProjection(3))).with(both)),
            Readout.linear(2)),
        new Architecture(
            new Input.Embedding(7, 3),
            List.of(
                Layer.of(new Gru(3, 4, Gru.Reset.AFTER)).with(both),
                Layer.of(new Gru(8, 5, Gru.Reset.AFTER)).with(both)),
            Readout.linear(7)),
        new Architecture(
            new Input.Dense(2),
            List.of(Layer.of(new Lstm(2, 3)).with(both), Layer.of(new Lstm(6, 3)).with(both)),
            Readout.NONE));
  }

  @ParameterizedTest
  @MethodSource("ofPyTorch")
  void tellsTheArchitectureFromNamesAndShapes(Architecture architecture) throws IOException {
    Path file = folder.resolve("model.safetensors");
    Weights weights = Weights.random(architecture, 7);
    ModelFiles.write(file, weights, Map.of());
    SafetensorsFile.of(Map.of(), SafetensorsFile.read(file).tensors()).write(file);
    Weights read = ModelFiles.read(file).weights();
    assertEquals(architecture, read.architecture());
    Map<String, float[]> expected = weights.values();
    read.values().forEach((name, values) -> assertArrayEquals(expected.get(name), values));
  }

  /** PyTorch's equations of its own tensors, for one unit, against a stream. */
  @Test
  void readsBothBiasesOfAGru() throws IOException {
    Path file = folder.resolve("gru.safetensors");
    float[] wih = {0.5f, -0.25f, 0.75f};
    float[] whh = {-0.5f, 1, 0.25f};
    float[] bih = {0.1f, 0.2f, 0.3f};
    float[] bhh = {-0.4f, 0.5f, 0.6f};
    SafetensorsFile.of(
            Map.of(),
            List.of(
                Tensor.of("gru.weight_ih_l0", wih, 3, 1),
                Tensor.of("gru.weight_hh_l0", whh, 3, 1),
                Tensor.of("gru.bias_ih_l0", bih, 3),
                Tensor.of("gru.bias_hh_l0", bhh, 3)))
        .write(file);
    float[] y = new float[1];
    try (Network network = new Network(ModelFiles.read(file).weights());
        io.cellbelt.cells.Stream stream = network.newStream()) {
      double h = 0;
      for (float x : new float[] {1, -0.5f, 2}) {
        double r = 1 / (1 + Math.exp(-(wih[0] * x + bih[0] + whh[0] * h + bhh[0])));
        double z = 1 / (1 + Math.exp(-(wih[1] * x + bih[1] + whh[1] * h + bhh[1])));
        double n = Math.tanh(wih[2] * x + bih[2] + r * (whh[2] * h + bhh[2]));
        h = (1 - z) * n + z * h;
        stream.step(new float[] {x}, y);
        assertEquals(h, y[0], 1e-6);
      }
    }
  }

  @Test
  void writesAGruAsPyTorchHasIt() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Architecture architecture = Architecture.of(new Gru(1, 1, Gru.Reset.AFTER));
    Map<String, float[]> values =
        Map.of(
            "gru.weight_ih_l0",
            new float[] {1, 2, 3},
            "gru.weight_hh_l0",
            new float[] {4, 5, 6},
            "gru.bias_l0",
            new float[] {7, 8, 9, 10});
    Weights weights = Weights.of(architecture, values);
    ModelFiles.write(file, weights, Map.of());
    SafetensorsFile content = SafetensorsFile.read(file);
    assertArrayEquals(new float[] {7, 8, 9}, content.find("gru.bias_ih_l0").orElseThrow().values());
    assertArrayEquals(
        new float[] {0, 0, 10}, content.find("gru.bias_hh_l0").orElseThrow().values());
  }

  @Test
  void aGruThatResetsBeforeIsNoneOfPyTorch() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Weights weights = Weights.random(Architecture.of(new Gru(2, 3, Gru.Reset.BEFORE)), 1);
    ModelFiles.write(file, weights, Map.of());
    assertTrue(SafetensorsFile.read(file).find("gru.bias_l0").isPresent());
    SafetensorsFile.of(Map.of(), SafetensorsFile.read(file).tensors()).write(file);
    String message =
        assertThrows(ModelFileException.class, () -> ModelFiles.read(file)).getMessage();
    assertTrue(message.contains("\"gru.bias_ih_l0\" of shape [9] is missing"), message);
  }

  @Test
  void callersCannotWriteTheArchitecture() {
    Path file = folder.resolve("model.safetensors");
    Weights weights = Weights.random(STACKED, 7);
    Map<String, String> metadata = Map.of(ModelFiles.ARCHITECTURE, "{}");
    assertThrows(IllegalArgumentException.class, () -> ModelFiles.write(file, weights, metadata));
  }
}
