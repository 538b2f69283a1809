package io.cellbelt.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written can be read, by us and by PyTorch, and the other way round. */
final class ModelFilesTest {
  private static final Architecture STACKED =
      new Architecture(new Input.Embedding(11, 5), List.of(new Lstm(5, 7), new Lstm(7, 3)), 11);

  @TempDir Path folder;

  static List<Architecture> architectures() {
    return List.of(
        STACKED,
        new Architecture(new Input.OneHot(9), List.of(new Lstm(9, 17)), 9),
        new Architecture(new Input.Dense(3), List.of(new Rnn(3, 4), new Lstm(4, 5)), 2),
        Architecture.of(new Rnn(1, 1)));
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void readsWhatWasWritten(Architecture architecture) throws IOException {
    Path file = folder.resolve("model.safetensors");
    Map<String, String> metadata = Map.of("cellbelt.vocabulary", "ab\n\u00e9\ud83c\udfad");
    try (Weights weights = Weights.random(architecture, 7)) {
      ModelFiles.write(file, weights, metadata);
      Model model = ModelFiles.read(file);
      try (Weights read = model.weights()) {
        assertEquals(architecture, read.architecture());
        assertEquals(metadata, model.metadata());
        Map<String, float[]> expected = weights.values();
        read.values().forEach((name, values) -> assertArrayEquals(expected.get(name), values));
      }
    }
  }

  @Test
  void equalModelsAreEqualBytes() throws IOException {
    Path one = folder.resolve("one.safetensors");
    Path two = folder.resolve("two.safetensors");
    try (Weights weights = Weights.random(STACKED, 7)) {
      ModelFiles.write(one, weights, Map.of());
      ModelFiles.write(two, weights, Map.of());
    }
    assertEquals(-1, Files.mismatch(one, two));
  }

  @Test
  void namesAndShapesAreThoseOfPyTorch() throws IOException {
    Path file = folder.resolve("model.safetensors");
    try (Weights weights = Weights.random(STACKED, 7)) {
      ModelFiles.write(file, weights, Map.of());
    }
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
    try (Weights weights = model.weights()) {
      assertEquals(
          new Architecture(new Input.Dense(3), List.of(new Rnn(3, 2)), 1), weights.architecture());
      assertArrayEquals(new float[] {1.5f, 0}, weights.values().get("rnn.bias_l0"));
      assertEquals(Map.of("format", "pt"), model.metadata());
    }
  }

  @Test
  void tellsAnEmbeddingAndSeveralLayersFromShapes() throws IOException {
    Path file = folder.resolve("model.safetensors");
    try (Weights weights = Weights.random(STACKED, 7)) {
      ModelFiles.write(file, weights, Map.of());
    }
    SafetensorsFile.of(Map.of(), SafetensorsFile.read(file).tensors()).write(file);
    try (Weights read = ModelFiles.read(file).weights()) {
      assertEquals(STACKED, read.architecture());
    }
  }

  @Test
  void callersCannotWriteTheArchitecture() {
    Path file = folder.resolve("model.safetensors");
    try (Weights weights = Weights.random(STACKED, 7)) {
      Map<String, String> metadata = Map.of(ModelFiles.ARCHITECTURE, "{}");
      assertThrows(IllegalArgumentException.class, () -> ModelFiles.write(file, weights, metadata));
    }
  }
}
