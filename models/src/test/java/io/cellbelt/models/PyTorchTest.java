package io.cellbelt.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** State dicts that say less than a network needs, and what the builder says besides. */
final class PyTorchTest {
  @TempDir Path folder;

  /** A tensor of ones. */
  private static Tensor ones(String name, int... shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    float[] values = new float[size];
    Arrays.fill(values, 1);
    return Tensor.of(name, values, shape);
  }

  /** An LSTM without biases from 3 inputs to 5. */
  private static List<Tensor> lstm(String prefix, Tensor... more) {
    List<Tensor> tensors = new ArrayList<>();
    tensors.add(ones(prefix + "weight_ih_l0", 20, 3));
    tensors.add(ones(prefix + "weight_hh_l0", 20, 5));
    tensors.addAll(List.of(more));
    return tensors;
  }

  private Path save(List<Tensor> tensors) throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafetensorsFile.of(Map.of("format", "pt"), tensors).write(file);
    return file;
  }

  private static String refusal(Path file, PyTorch builder) {
    return assertThrows(ModelFileException.class, () -> builder.read(file)).getMessage();
  }

  @Test
  void whatIsNamedIsOpenedAndTheRestIsSkipped() throws IOException {
    Path file =
        save(
            lstm(
                "enc.rnn.",
                ones("emb.weight", 9, 3),
                ones("fc.weight", 2, 5),
                ones("fc.bias", 2),
                ones("other.weight", 7, 7),
                ones("steps")));
    Model model = PyTorch.module("enc.rnn.").embedding("emb").head("fc.").read(file);
    Weights weights = model.weights();
    assertEquals(
        new Architecture(new Input.Embedding(9, 3), List.of(new Lstm(3, 5)), 2),
        weights.architecture());
    assertArrayEquals(new float[20], weights.values().get("lstm.bias_l0"));
    assertArrayEquals(new float[] {1, 1}, weights.values().get("head.bias"));
    assertEquals(Map.of("format", "pt"), model.metadata());
    assertEquals(
        List.of(
            "Skipped 2 tensors that the network does not use: \"other.weight\" (F32 [7, 7]),"
                + " \"steps\" (F32 [])."),
        model.remarks());
  }

  @Test
  void aHeadMayHaveNoBias() throws IOException {
    Path file = save(lstm("rnn.", ones("out.weight", 2, 5)));
    Model model = PyTorch.module("rnn").oneHot().head("out").read(file);
    Weights weights = model.weights();
    assertEquals(
        new Architecture(new Input.OneHot(3), List.of(new Lstm(3, 5)), 2), weights.architecture());
    assertArrayEquals(new float[2], weights.values().get("head.bias"));
    assertEquals(List.of(), model.remarks());
  }

  @Test
  void modulesFeedEachOther() throws IOException {
    Path file =
        save(
            List.of(
                ones("a.weight_ih", 4, 3),
                ones("a.weight_hh", 4, 4),
                ones("b.weight_ih_l0", 2, 4),
                ones("b.weight_hh_l0", 2, 2),
                ones("b.weight_ih_l0_reverse", 2, 4),
                ones("b.weight_hh_l0_reverse", 2, 2),
                ones("b.weight_ih_l1", 2, 4),
                ones("b.weight_hh_l1", 2, 2),
                ones("b.weight_ih_l1_reverse", 2, 4),
                ones("b.weight_hh_l1_reverse", 2, 2)));
    Layer both = Layer.of(new Rnn(4, 2, Activation.RELU)).with(Layer.Direction.BIDIRECTIONAL);
    Weights weights = PyTorch.module("a").then("b").relu().read(file).weights();
    assertEquals(
        new Architecture(
            new Input.Dense(3),
            List.of(Layer.of(new Rnn(3, 4, Activation.RELU)), both, both),
            Readout.NONE),
        weights.architecture());
    String message = refusal(file, PyTorch.module("b").then("a"));
    assertTrue(message.contains("Layer 2 takes 3 inputs, but layer 1 gives 4"), message);
  }

  static Stream<Arguments> wrong() {
    PyTorch lstm = PyTorch.module("rnn");
    return Stream.of(
        arguments(PyTorch.module("lstm"), "there is no recurrent module \"lstm\". It holds\n"),
        arguments(PyTorch.module("lstm"), "\n  PyTorch.module(\"rnn\").head(\"fc\").read(path)\n"),
        arguments(PyTorch.module(""), "there is no recurrent module \"\""),
        arguments(lstm.head("head"), "there is no linear layer \"head\""),
        arguments(lstm.head("norm"), "there is no linear layer \"norm\""),
        arguments(
            lstm.head("wide"), "\"wide\" has the weight [2, 6], but the module below gives 5"),
        arguments(lstm.embedding("no"), "there is no embedding \"no\""),
        arguments(lstm.embedding("fc"), "weight [2, 5] and a bias, but the module above takes 3"),
        arguments(lstm.relu(), "is an LSTM from 3 inputs to 5 outputs, without biases, and only"),
        arguments(lstm.tanh(), "only an nn.RNN has a choice of relu or tanh"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatIsNotThereIsRefusedWithWhatThereIs(PyTorch builder, String sentence) throws IOException {
    Path file =
        save(
            lstm(
                "rnn.",
                ones("fc.weight", 2, 5),
                ones("fc.bias", 2),
                ones("wide.weight", 2, 6),
                ones("norm.weight", 5)));
    String message = refusal(file, builder);
    assertTrue(message.startsWith("Cannot read " + file + ": "), message);
    assertTrue(message.contains(sentence), message);
    assertTrue(message.endsWith("."), message);
  }

  @Test
  void namesAndNonsenseAreRefusedAtOnce() {
    assertThrows(IllegalArgumentException.class, () -> PyTorch.module(null));
    PyTorch module = PyTorch.module("a");
    assertThrows(IllegalArgumentException.class, () -> module.head(null));
    assertThrows(IllegalArgumentException.class, () -> module.embedding(null));
    assertThrows(IllegalArgumentException.class, () -> module.then(null));
    assertThrows(IllegalArgumentException.class, () -> module.embedding("e").oneHot());
    assertThrows(IllegalArgumentException.class, () -> module.oneHot().embedding("e"));
  }

  @Test
  void isPrintedAsTheJavaThatMakesIt() {
    PyTorch all = PyTorch.module("a.b").then("c").embedding("e").head("h").relu().rounded();
    assertEquals(
        "PyTorch.module(\"a.b\").then(\"c\").embedding(\"e\").head(\"h\").relu().rounded()",
        all.toString());
    assertEquals(
        "PyTorch.module(\"\\\"\\\\n\\012\\033[31m\\u202e\").oneHot().tanh()",
        PyTorch.module("\"\\n\n\u001b[31m\u202e").oneHot().tanh().toString());
  }

  static Stream<Arguments> decided() {
    return Stream.of(
        arguments(lstm(""), 0),
        arguments(lstm("net.encoder."), 0),
        arguments(lstm("a..b."), 0),
        arguments(lstm("lstm.", ones("lstm_steps"), ones("mask", 4, 4)), 1),
        arguments(lstm("lstm.", ones("bn.weight", 5), ones("bn.bias", 5)), 1),
        arguments(lstm("m.lstm.", ones("m.head.weight", 2, 5), ones("m.head.bias", 2)), 0),
        arguments(lstm("x.", ones("embedding.weight", 8, 3)), 0),
        arguments(List.of(ones("rnn.weight_ih", 2, 2), ones("rnn.weight_hh", 2, 2)), 1));
  }

  /** One recurrent module and no other layers: nothing needs to be said. */
  @ParameterizedTest
  @MethodSource("decided")
  void whatIsUnambiguousOpens(List<Tensor> tensors, int remarks) throws IOException {
    Path file = save(tensors);
    Model model = ModelFiles.read(file);
    assertEquals(remarks, model.remarks().size(), model.remarks()::toString);
    FileContents contents = ModelFiles.inspect(file);
    assertEquals(model.remarks(), contents.remarks());
    assertEquals(
        List.of("ModelFiles.read(Path.of(" + JavaText.literal(file.toString()) + "))"),
        contents.calls());
  }

  static Stream<Arguments> unlikePyTorch() {
    return Stream.of(
        arguments(ones("r.bias_l0", 20), "\"r.bias_ih_l0\" of shape [20] is missing"),
        arguments(ones("r.bias_hh_l0", 20), "\"r.bias_ih_l0\" of shape [20] is missing"),
        arguments(ones("r.peephole_l0", 15), "\"r.peephole_l0\" (F32 [15]), which does not belong"),
        arguments(ones("r.weight_hh_l0_raw", 20, 5), "\"r.weight_hh_l0_raw\" (F32 [20, 5]), which"),
        arguments(ones("r.weight_ih_l2", 20, 5), "\"r.weight_ih_l2\" (F32 [20, 5]), which does"),
        arguments(ones("r.weight_hr_l0", 4, 5), "and U [20, 5] and the projection [4, 5]"),
        arguments(ones("r.weight_ih_l1", 15, 5), "has no tensor \"weight_hh_l1\". Save the whole"));
  }

  /** A part of a module, or a variant of it, must not open as something else. */
  @ParameterizedTest
  @MethodSource("unlikePyTorch")
  void modulesThatAreNotPyTorchsAreRefused(Tensor more, String sentence) throws IOException {
    Path file = save(lstm("r.", more));
    String message =
        assertThrows(ModelFileException.class, () -> ModelFiles.read(file)).getMessage();
    assertTrue(message.contains(sentence), message);
    assertEquals(message, refusal(file, PyTorch.module("r")));
  }

  static Stream<Arguments> undecided() {
    return Stream.of(
        arguments(lstm("a.", lstm("b.").toArray(Tensor[]::new)), "there are 2 recurrent modules"),
        arguments(lstm("a.", ones("fc.weight", 2, 5)), "\n  PyTorch.module(\"a\").head(\"fc\")."),
        arguments(lstm("a.", ones("fc.weight", 2, 5)), "\n  PyTorch.module(\"a\").read(path)\n"),
        arguments(lstm("a.", ones("head.weight", 2, 6)), "other layers, such as \"head\""),
        arguments(lstm("a.", ones("conv.weight", 3, 1, 7)), "other layers, such as \"conv\""),
        arguments(
            lstm("a.", ones("fc.weight", 2, 5), ones("tok_emb.weight", 7, 3)),
            "module(\"a\").embedding(\"tok_emb\").head(\"fc\").read(path)\n"),
        arguments(
            lstm("a.", ones("fc.weight", 2, 5)),
            "\"fc\", a linear layer from 5 to 2 without bias, or an embedding: weight F32 [2, 5]"),
        arguments(
            lstm("a.", ones("fc.weight", 2, 5)),
            "\"a\", an LSTM from 3 inputs to 5 outputs, without biases: weight_ih_l0 F32 [20,"
                + " 3],"));
  }

  @ParameterizedTest
  @MethodSource("undecided")
  void whatIsNotClearIsToldWithTheCallToWrite(List<Tensor> tensors, String part)
      throws IOException {
    Path file = save(tensors);
    String message =
        assertThrows(ModelFileException.class, () -> ModelFiles.read(file)).getMessage();
    assertTrue(message.contains(part), message);
    assertTrue(message.endsWith("'cellbelt inspect FILE' shows each of its tensors."), message);
    FileContents contents = ModelFiles.inspect(file);
    assertTrue(contents.architecture().isEmpty());
    assertTrue(
        contents.calls().getFirst().startsWith("PyTorch.module(\"a\")"),
        contents.calls()::toString);
  }

  @Test
  void aGuessIsSaidAndTheBuilderRemovesIt() throws IOException {
    Path file = save(List.of(ones("r.weight_ih_l0", 5, 3), ones("r.weight_hh_l0", 5, 5)));
    Model guessed = ModelFiles.read(file);
    assertEquals(
        List.of(
            "Whether the nonlinearity of the nn.RNN is tanh or relu is not in the file; it is taken"
                + " as tanh. Say which with PyTorch.module(\"r\").tanh() or"
                + " PyTorch.module(\"r\").relu()."),
        guessed.remarks());
    Model told = PyTorch.module("r").tanh().read(file);
    assertEquals(List.of(), told.remarks());
  }

  @Test
  void whatACallToChooseLeavesOpenIsSaid() throws IOException {
    Path file =
        save(
            List.of(
                ones("r.weight_ih_l0", 5, 3),
                ones("r.weight_hh_l0", 5, 5),
                ones("fc.weight", 2, 5),
                ones("bad.weight", 2, 6)));
    FileContents contents = ModelFiles.inspect(file);
    String sentence =
        "Whether the nonlinearity of an nn.RNN is tanh or relu is not in the file. Add .tanh() or"
            + " .relu() to the call.";
    assertEquals(sentence, contents.remarks().getLast());
    assertTrue(refusal(file, PyTorch.module("x")).contains('\n' + sentence + '\n'));
    assertEquals(2, contents.calls().size(), contents.calls()::toString);
    assertTrue(contents.calls().stream().noneMatch(call -> call.contains("tanh")));
    Model model = PyTorch.module("r").head("fc").read(file);
    assertTrue(model.remarks().getFirst().contains("it is taken as tanh"));
  }

  /** A counter that is skipped needs no rounding; a head of float64 does, and only with it. */
  @Test
  void onlyWhatACallWantsAsksForRounding() throws IOException {
    String header =
        "{"
            + String.join(
                ",",
                RawSafetensors.entry("count", "I64", "[]", "[0,8]"),
                RawSafetensors.entry("fc.weight", "F64", "[1,1]", "[8,16]"),
                RawSafetensors.entry("out.weight", "F32", "[1,1]", "[16,20]"),
                RawSafetensors.entry("c.weight_ih", "F32", "[4,1]", "[20,36]"),
                RawSafetensors.entry("c.weight_hh", "F32", "[4,1]", "[36,52]"))
            + "}";
    byte[] data = RawSafetensors.data(52).putLong(1).putDouble(0.1).array();
    Path file = RawSafetensors.save(folder, RawSafetensors.bytes(header, data));
    List<String> calls = ModelFiles.inspect(file).calls();
    assertEquals(3, calls.size(), calls::toString);
    assertTrue(calls.stream().allMatch(c -> c.contains("\"fc\"") == c.contains(".rounded()")));
  }

  @Test
  void noCallThatFailsIsSuggested() throws IOException {
    Path file = save(List.of(ones("r.weight_ih_l0", 20, 3), ones("r.bias_ih_l0", 20)));
    assertEquals(List.of(), ModelFiles.inspect(file).calls());
    Path other = save(lstm("r.", ones("r.bias_hh_l0", 20)));
    assertEquals(List.of(), ModelFiles.inspect(other).calls());
  }

  @Test
  void onlyWantedTensorsAreDecoded() throws IOException {
    byte[] data = RawSafetensors.data(20).putInt(-1).putLong(-1).putFloat(1).putFloat(1).array();
    String header =
        "{"
            + String.join(
                ",",
                RawSafetensors.entry("mask", "BOOL", "[4]", "[0,4]"),
                RawSafetensors.entry("scale", "F4_X", "[1,99]", "[4,8]"),
                RawSafetensors.entry("nan", "F32", "[]", "[8,12]"),
                RawSafetensors.entry("c.weight_ih", "F32", "[1,1]", "[12,16]"),
                RawSafetensors.entry("c.weight_hh", "F32", "[1,1]", "[16,20]"))
            + "}";
    Path file = RawSafetensors.save(folder, RawSafetensors.bytes(header, data));
    Model model = PyTorch.module("c").tanh().read(file);
    Weights weights = model.weights();
    assertArrayEquals(new float[] {1}, weights.values().get("rnn.weight_ih_l0"));
    assertArrayEquals(new float[] {1}, weights.values().get("rnn.weight_hh_l0"));
    assertEquals(
        List.of(
            "Skipped 3 tensors that the network does not use: \"mask\" (BOOL [4]), \"scale\" (F4_X"
                + " [1, 99]), \"nan\" (F32 [])."),
        model.remarks());
  }

  @Test
  void whatIsNoFloatIsRoundedOnlyWhenAsked() throws IOException {
    byte[] data = RawSafetensors.data(24).putDouble(0.1).putLong((1L << 40) + 1).array();
    String header =
        "{"
            + RawSafetensors.entry("c.weight_ih", "F64", "[1,1]", "[0,8]")
            + ","
            + RawSafetensors.entry("c.weight_hh", "I64", "[1,1]", "[8,16]")
            + ","
            + RawSafetensors.entry("n", "I64", "[]", "[16,24]")
            + "}";
    Path file = RawSafetensors.save(folder, RawSafetensors.bytes(header, data));
    String message = refusal(file, PyTorch.module("c").tanh());
    assertTrue(message.contains("its value at index [0, 0] cannot be a 32-bit float"), message);
    Weights weights = PyTorch.module("c").tanh().rounded().read(file).weights();
    assertArrayEquals(new float[] {0.1f}, weights.values().get("rnn.weight_ih_l0"));
    assertArrayEquals(new float[] {0x1p40f}, weights.values().get("rnn.weight_hh_l0"));
    FileContents contents = ModelFiles.inspect(file);
    assertTrue(contents.calls().getFirst().contains(".rounded().read("));
  }

  @Test
  void wantedTensorsOfOtherTypesAreRefused() throws IOException {
    String header =
        "{"
            + RawSafetensors.entry("c.weight_ih", "F8_E4M3", "[1,1]", "[0,1]")
            + ","
            + RawSafetensors.entry("c.weight_hh", "F8_E4M3", "[1,1]", "[1,2]")
            + "}";
    Path file = RawSafetensors.save(folder, RawSafetensors.bytes(header, new byte[2]));
    String message = refusal(file, PyTorch.module("c"));
    assertTrue(message.contains("has the dtype \"F8_E4M3\"; those that can be read"), message);
  }
}
