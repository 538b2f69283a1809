package io.cellbelt.models;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sound safetensors files that are no sound models: each gets a sentence that says why. */
final class ModelFilesAbuseTest {
  private static final String ARCHITECTURE =
      "{\"input\":{\"kind\":\"dense\",\"size\":2},"
          + "\"layers\":[{\"kind\":\"rnn\",\"inputSize\":2,\"hiddenSize\":1}],\"outputs\":0}";

  /** The last component of the layer. */
  private static final String LAST = "\"hiddenSize\":1";

  private static final List<Tensor> TENSORS =
      List.of(
          Tensor.of("rnn.weight_ih_l0", new float[] {1, 2}, 1, 2),
          Tensor.of("rnn.weight_hh_l0", new float[] {3}, 1, 1),
          Tensor.of("rnn.bias_ih_l0", new float[] {4}, 1),
          Tensor.of("rnn.bias_hh_l0", new float[] {5}, 1));

  @TempDir Path folder;

  static Stream<Arguments> badArchitectures() {
    return Stream.of(
        arguments("", "", "The text must be JSON, but is empty"),
        arguments("", "null", "there is \"null\""),
        arguments("", "[]", "there is \"[]\""),
        arguments("", "{", "must be JSON, but is"),
        arguments("", "[".repeat(100_000), "must be JSON, but is"),
        arguments(
            "\"outputs\":0", "\"heads\":0", "The keys must be [input, layers, outputs] and may"),
        arguments("\"outputs\":0", "\"outputs\":\"none\"", "'outputs' must be a whole number"),
        arguments("\"outputs\":0", "\"outputs\":0.5", "'outputs' must be a whole number"),
        arguments("\"outputs\":0", "\"outputs\":4294967296", "'outputs' must be a whole number"),
        arguments("\"outputs\":0", "\"outputs\":-1", "0 outputs (no head) or more, but got -1"),
        arguments("\"outputs\":0", "\"outputs\":2147483647", "\"head.weight\" of shape"),
        arguments("\"rnn\"", "\"Weights\"", "must be one of rnn, lstm, gru, "),
        arguments("\"rnn\"", "\"\\u001b[31m\"", "but is \"?[31m\""),
        arguments("\"rnn\"", "\"lstm\"", "\"lstm.weight_ih_l0\" of shape [4, 2] is missing"),
        arguments("\"kind\":\"rnn\",", "", "'kind' must be one of rnn, lstm"),
        arguments("\"inputSize\":2,", "", "The keys must be [hiddenSize, inputSize] and may"),
        arguments("\"inputSize\":2", "\"inputSize\":null", "'inputSize' must be a whole number"),
        arguments("\"inputSize\":2", "\"inputSize\":\"2\"", "'inputSize' must be a whole number"),
        arguments("\"inputSize\":2", "\"inputSize\":2.0", "'inputSize' must be a whole number"),
        arguments("\"inputSize\":2", "\"inputSize\":3", "Layer 0 takes 3 inputs"),
        arguments("\"hiddenSize\":1", "\"hiddenSize\":0", "1 or more, but got 2 and 0"),
        arguments("\"hiddenSize\":1", "\"hiddenSize\":2147483647", "A gate has 1 to"),
        arguments("\"hiddenSize\":1", "\"hiddenSize\":1e99", "must be a whole number"),
        arguments(
            "\"rnn\",\"inputSize\":2,\"hiddenSize\":1",
            "\"lstm\",\"inputSize\":2,\"hiddenSize\":2147483647",
            "A gate has 1 to"),
        arguments("\"size\":2", "\"size\":{}", "'size' must be a whole number"),
        arguments(LAST, LAST + ",\"clip\":1e39", "'clip' must be a number that a float can hold"),
        arguments(LAST, LAST + ",\"clip\":-1", "clipped to a limit over 0, but got -1.0"),
        arguments(LAST, LAST + ",\"clip\":[1]", "'clip' must be a number"),
        arguments(LAST, LAST + ",\"clip\":\"1\"", "'clip' must be a number"),
        arguments(LAST, LAST + ",\"tied\":\"true\"", "'tied' must be true or false"),
        arguments(LAST, LAST + ",\"tied\":true", "tied to the layer below"),
        arguments(LAST, LAST + ",\"dropout\":1", "A dropout is 0 or more and under 1, but got 1.0"),
        arguments(LAST, LAST + ",\"direction\":\"up\"", "one of forward, reverse, bidirectional"),
        arguments(LAST, LAST + ",\"direction\":\"REVERSE\"", "one of forward, reverse, bidirect"),
        arguments(LAST, LAST + ",\"peepholes\":true", "and may be [activation, clip], but are"),
        arguments(LAST, LAST + ",\"activation\":\"relu\"", "There must be a JSON object"),
        arguments(
            LAST, LAST + ",\"activation\":{}", "The keys must be [function] and may be [alph"),
        arguments(
            LAST,
            LAST + ",\"activation\":{\"function\":\"swish\"}",
            "'function' must be one of affine, relu, leaky_relu, "),
        arguments(
            LAST,
            LAST + ",\"activation\":{\"function\":\"relu\",\"alpha\":1}",
            "RELU takes no such number, but got alpha 1.0"),
        arguments(
            "\"outputs\":0", "\"outputs\":0,\"attention\":\"hard\"", "one of none, additive, dot"),
        arguments("\"rnn\"", "\"gru\"", "The keys must be [hiddenSize, inputSize, reset]"),
        arguments("\"rnn\"", "\"clockwork\",\"periods\":1", "'periods' must be a JSON array"),
        arguments("\"rnn\"", "\"clockwork\",\"periods\":[\"1\"]", "'periods' must be a whole numb"),
        arguments("\"rnn\"", "\"clockwork\",\"periods\":[0]", "each is a multiple of the one bef"),
        arguments(
            "\"rnn\"",
            "\"lstm\",\"options\":{\"without\":\"x\"}",
            "some of the gates 'ifo', in that order, but got 'x'"),
        arguments("\"rnn\"", "\"lstm\",\"options\":{\"without\":1}", "'without' must be a text"),
        arguments("\"rnn\"", "\"lstm\",\"options\":{\"projection\":9}", "but got 9"),
        arguments(
            "\"rnn\"", "\"leaky\"", "but is \"leaky\". If it is a cell of your own, read the"),
        arguments("\"dense\"", "\"sparse\"", "must be one of dense, onehot, embedding"));
  }

  @ParameterizedTest
  @MethodSource("badArchitectures")
  void refusesAnArchitectureThatIsNone(String part, String instead, String sentence)
      throws IOException {
    String json = part.isEmpty() ? instead : ARCHITECTURE.replace(part, instead);
    assertRefused(Map.of(ModelFiles.ARCHITECTURE, json), TENSORS, sentence);
  }

  static Stream<Arguments> badTensors() {
    return Stream.of(
        arguments(change(1, null), "tensor \"rnn.weight_hh_l0\" of shape [1, 1] is missing"),
        arguments(change(3, null), "tensor \"rnn.bias_hh_l0\" of shape [1] is missing"),
        arguments(
            change(0, Tensor.of("rnn.weight_ih_l0", new float[] {1, 2}, 2, 1)),
            "must have the shape [1, 2], but has [2, 1]"),
        arguments(
            change(2, Tensor.of("rnn.bias_ih_l0", new float[0], 0)),
            "must have the shape [1], but has [0]"),
        arguments(
            change(4, Tensor.of("rnn.weight_ih_l0_reverse", new float[2], 1, 2)),
            "1 tensor(s) that its architecture does not have"),
        arguments(change(4, Tensor.of("rnn.bias_l0", new float[1], 1)), "such as \"rnn.bias_l0\""));
  }

  @ParameterizedTest
  @MethodSource("badTensors")
  void refusesTensorsThatDoNotFit(List<Tensor> tensors, String sentence) throws IOException {
    assertRefused(Map.of(ModelFiles.ARCHITECTURE, ARCHITECTURE), tensors, sentence);
  }

  static Stream<Arguments> untold() {
    return Stream.of(
        arguments(List.of(), "no tensor such as 'lstm.weight_ih_l0'"),
        arguments(List.of(), "It holds\n  no tensors\n"),
        arguments(change(1, null), "\"rnn\" has no tensor \"weight_hh_l0\""),
        arguments(change(3, null), "the tensor \"rnn.bias_hh_l0\" of shape [1] is missing"),
        arguments(
            change(4, Tensor.of("rnn.bias_ih_l1", new float[1], 1)),
            "has the tensor \"rnn.bias_ih_l1\" (F32 [1]), which does not belong to that"),
        arguments(
            change(4, Tensor.of("rnn.weight_ih_l0_reverse", new float[2], 1, 2)),
            "\"rnn.weight_hh_l0_reverse\" of shape [1, 1] is missing"),
        arguments(
            change(0, Tensor.of("rnn.weight_ih_l0", new float[] {1, 2}, 2)),
            "\"rnn.weight_ih_l0\" (F32 [2]), which must be a matrix"),
        arguments(
            change(0, Tensor.of("rnn.weight_ih_l0", new float[4], 2, 2)),
            "has W [2, 2] and U [1, 1] in layer 0"),
        arguments(
            change(4, Tensor.of("fc.weight", new float[2], 2, 1)),
            "\n  PyTorch.module(\"rnn\").head(\"fc\").read(path)\n"));
  }

  @ParameterizedTest
  @MethodSource("untold")
  void refusesShapesThatTellNoArchitecture(List<Tensor> tensors, String sentence)
      throws IOException {
    assertRefused(Map.of(), tensors, sentence);
  }

  @Test
  void refusesBiasesWhoseSumIsInfinite() throws IOException {
    float[] largest = {Float.MAX_VALUE};
    List<Tensor> tensors = new ArrayList<>(TENSORS);
    tensors.set(2, Tensor.of("rnn.bias_ih_l0", largest, 1));
    tensors.set(3, Tensor.of("rnn.bias_hh_l0", largest, 1));
    assertRefused(
        Map.of(ModelFiles.ARCHITECTURE, ARCHITECTURE), tensors, "holds Infinity at index 0");
  }

  @Test
  void refusesWeightsThatAreNoNumbers() throws IOException {
    String entries =
        RawSafetensors.entry("rnn.weight_hh_l0", "F32", "[1,1]", "[0,4]")
            + ","
            + RawSafetensors.entry("rnn.weight_ih_l0", "F32", "[1,1]", "[4,8]");
    byte[] data = RawSafetensors.data(8).putFloat(Float.NaN).putFloat(1).array();
    Path file = RawSafetensors.save(folder, RawSafetensors.bytes("{" + entries + "}", data));
    assertSentence(file, "holds NaN at index [0, 0]");
  }

  /** The good tensors, with one replaced, removed or added. */
  private static List<Tensor> change(int index, Tensor tensor) {
    List<Tensor> tensors = new ArrayList<>(TENSORS);
    if (index < tensors.size()) {
      tensors.remove(index);
    }
    if (tensor != null) {
      tensors.add(tensor);
    }
    return tensors;
  }

  private void assertRefused(Map<String, String> metadata, List<Tensor> tensors, String sentence)
      throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafetensorsFile.of(metadata, tensors).write(file);
    assertSentence(file, sentence);
  }

  private static void assertSentence(Path file, String part) {
    String message =
        assertThrows(ModelFileException.class, () -> ModelFiles.read(file)).getMessage();
    assertTrue(message.startsWith("Cannot read " + file + ": "), message);
    assertTrue(message.contains(part), message);
    assertTrue(message.endsWith("."), message);
  }
}
