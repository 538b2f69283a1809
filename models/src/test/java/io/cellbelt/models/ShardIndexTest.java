package io.cellbelt.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.cellbelt.cells.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A model in two files with an index. */
final class ShardIndexTest {
  private static final String ONE = "model-00001-of-00002.safetensors";
  private static final String TWO = "model-00002-of-00002.safetensors";
  private static final String W = "\"r.weight_ih\": \"" + ONE + "\"";
  private static final String U = "\"r.weight_hh\": \"" + TWO + "\"";

  @TempDir Path folder;
  private Path index;

  @BeforeEach
  void writeFiles() throws IOException {
    index = folder.resolve("model.safetensors.index.json");
    SafetensorsFile.of(
            Map.of("format", "pt"), List.of(Tensor.of("r.weight_ih", new float[] {2}, 1, 1)))
        .write(folder.resolve(ONE));
    SafetensorsFile.of(
            Map.of("format", "pt"), List.of(Tensor.of("r.weight_hh", new float[] {3}, 1, 1)))
        .write(folder.resolve(TWO));
  }

  private static String json(String... entries) {
    return "{\"metadata\": {\"total_size\": 8},\n\"weight_map\": {"
        + String.join(", ", entries)
        + "}}";
  }

  @Test
  void opensWithTheTensorsOfAllFiles() throws IOException {
    Files.writeString(index, "\uFEFF" + json(W, U));
    Model model = ModelFiles.read(index);
    Weights weights = model.weights();
    assertArrayEquals(new float[] {2}, weights.values().get("rnn.weight_ih_l0"));
    assertArrayEquals(new float[] {3}, weights.values().get("rnn.weight_hh_l0"));
    assertEquals(Map.of("format", "pt"), model.metadata());
    assertEquals(2, ModelFiles.inspect(index).tensors().size());
  }

  @Test
  void oneFileAloneSaysThatItIsAPart() throws IOException {
    Path shard = folder.resolve(ONE);
    String expected =
        "file 1 of 2 of one model; open their index, \"model.safetensors.index.json\"";
    for (String message :
        List.of(
            assertThrows(ModelFileException.class, () -> ModelFiles.read(shard)).getMessage(),
            assertThrows(ModelFileException.class, () -> PyTorch.module("r").read(shard))
                .getMessage(),
            ModelFiles.inspect(shard).remarks().getFirst())) {
      assertTrue(message.contains(expected), message);
    }
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        arguments("{}", "it is JSON and not a safetensors file"),
        arguments("[1]", "it is JSON and not a safetensors file"),
        arguments("{\"weight_map\": []}", "'weight_map' must be one JSON object"),
        arguments("{\"weight_map\": {}, \"weight_map\": {}}", "must be one JSON object"),
        arguments("{\"weight_map\": {", "is not valid JSON"),
        arguments("{\"weight_map\": " + "{\"a\":".repeat(9999), "must be a string"),
        arguments("{\"a\": " + "[".repeat(99_999), "is not valid JSON"),
        arguments(
            json("\"r.weight_ih\": 7"), "the file of tensor \"r.weight_ih\" must be a string"),
        arguments(json(W, W, U), "it names the tensor \"r.weight_ih\" twice"),
        arguments(json(W, "\"r.weight_hh\": \"" + ONE + "\""), "\"r.weight_hh\" is in "),
        arguments(json(W, "\"r.weight_hh\": \"x.safetensors\""), "there is no such file"),
        arguments(json(W), "has no tensor \"weight_hh\""),
        arguments(json(W, U, "\"more\": \"" + TWO + "\""), "\"more\" is in "),
        arguments(json("\"a\": \"../" + ONE + "\""), "must lie in the index's own folder"),
        arguments(json("\"a\": \"/etc/passwd\""), "must lie in the index's own folder"),
        arguments(json("\"a\": \"sub\\\\b\""), "must lie in the index's own folder"),
        arguments(json("\"a\": \"..\""), "must lie in the index's own folder"),
        arguments(json("\"a\": \"\""), "must lie in the index's own folder"),
        arguments(json("\"a\": \"b\\u0000c\""), "must lie in the index's own folder"),
        arguments(
            json("\"a\": \"model.safetensors.index.json\""), "it is JSON and not a safetensors"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatDoesNotBelongTogetherIsNamed(String json, String sentence) throws IOException {
    Files.writeString(index, json);
    String message =
        assertThrows(ModelFileException.class, () -> PyTorch.module("r").tanh().read(index))
            .getMessage();
    assertTrue(message.startsWith("Cannot read " + index + ": "), message);
    assertTrue(message.contains(sentence), message);
    assertTrue(message.endsWith("."), message);
  }

  @Test
  void aTensorInTwoFilesIsNamed() throws IOException {
    Files.copy(folder.resolve(ONE), folder.resolve("copy.safetensors"));
    Files.writeString(index, json(W, U, "\"x\": \"copy.safetensors\""));
    String message =
        assertThrows(ModelFileException.class, () -> ModelFiles.read(index)).getMessage();
    assertTrue(message.contains("the tensor \"r.weight_ih\" is in "), message);
    assertTrue(message.contains("and in a file before it"), message);
  }

  @Test
  void anIndexIsNoSingleFile() throws IOException {
    Files.writeString(index, json(W, U));
    String message =
        assertThrows(ModelFileException.class, () -> SafetensorsFile.read(index)).getMessage();
    assertTrue(message.contains("read the index of a model in several files"), message);
  }
}
