package io.cellbelt.models.keras;

import static io.cellbelt.models.keras.KerasFixture.assertRefused;
import static io.cellbelt.models.keras.KerasFixture.attribute;
import static io.cellbelt.models.keras.KerasFixture.called;
import static io.cellbelt.models.keras.KerasFixture.functional;
import static io.cellbelt.models.keras.KerasFixture.input;
import static io.cellbelt.models.keras.KerasFixture.layer;
import static io.cellbelt.models.keras.KerasFixture.legacy;
import static io.cellbelt.models.keras.KerasFixture.legacyNamed;
import static io.cellbelt.models.keras.KerasFixture.matrix;
import static io.cellbelt.models.keras.KerasFixture.node;
import static io.cellbelt.models.keras.KerasFixture.nodes;
import static io.cellbelt.models.keras.KerasFixture.operators;
import static io.cellbelt.models.keras.KerasFixture.ports;
import static io.cellbelt.models.keras.KerasFixture.recurrent;
import static io.cellbelt.models.keras.KerasFixture.sequential;
import static io.cellbelt.models.keras.KerasFixture.vector;
import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Graph;
import io.cellbelt.graphs.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recurrent layers: where their weights go, and how they go over time. */
final class KerasRecurrentTest {
  private static final String UNITS = "\"units\":2";
  private static final String SEQUENCES = "\"return_sequences\":true";

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("model.h5");
  }

  private Graph read(String version, String shape, String layer, Object... arrays)
      throws IOException {
    return KerasReader.read(
        legacy(file(), version, sequential(shape, layer), Map.of("rnn", arrays)));
  }

  private Graph lstm(String... options) throws IOException {
    String[] all = List.of(options).toArray(new String[options.length + 1]);
    all[options.length] = UNITS;
    return read("2.3.0-tf", "null,null,3", layer("LSTM", "rnn", all), recurrent(3, 2, 4));
  }

  private static float[] constant(Graph graph, String name) {
    return graph.constants().get(name).floats();
  }

  /** Keras has input, forget, cell, output; ONNX input, output, forget, cell. */
  @Test
  void gatesOfAnLstmStandInTheOrderOfOnnx() throws IOException {
    Graph graph = lstm();
    // The whole part of an element is its column in Keras, the fraction its row in sixteenths.
    assertThat(constant(graph, "rnn.R"))
        .containsExactly(
            0, 0.0625f, 1, 1.0625f, 6, 6.0625f, 7, 7.0625f, 2, 2.0625f, 3, 3.0625f, 4, 4.0625f, 5,
            5.0625f);
    assertThat(constant(graph, "rnn.W")).startsWith(0, 0.0625f, 0.125f, 1).hasSize(24);
    assertThat(constant(graph, "rnn.B"))
        .containsExactly(0, 1, 6, 7, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0);
    assertThat(graph.constants().get("rnn.W").shape()).containsExactly(1, 8, 3);
    Node node = node(graph, "LSTM");
    assertThat(attribute(node, "layout")).isEqualTo(1L);
    assertThat(attribute(node, "hidden_size")).isEqualTo(2L);
    assertThat(attribute(node, "direction")).isEqualTo("forward");
  }

  @ParameterizedTest
  @CsvSource({"true, 1", "false, 0"})
  void bothKindsOfResetOfAGruAreKept(boolean after, long linear) throws IOException {
    Object[] arrays = recurrent(3, 2, 3);
    arrays[2] = after ? new float[][] {vector(6), {10, 11, 12, 13, 14, 15}} : vector(6);
    Graph graph =
        read("2.3.0", "null,5,3", layer("GRU", "rnn", UNITS, "\"reset_after\":" + after), arrays);
    assertThat(attribute(node(graph, "GRU"), "linear_before_reset")).isEqualTo(linear);
    float[] second = after ? new float[] {10, 11, 12, 13, 14, 15} : new float[6];
    assertThat(constant(graph, "rnn.B")).startsWith(0, 1, 2, 3, 4, 5).endsWith(second);
  }

  @Test
  void anLstmOfKeras1HasAnArrayForEachGateAndPart() throws IOException {
    Map<String, Object> arrays = new LinkedHashMap<>();
    float value = 1;
    for (String gate : List.of("i", "c", "f", "o")) {
      arrays.put("rnn_W_" + gate + ":0", new float[][] {{value, value}});
      arrays.put("rnn_U_" + gate + ":0", new float[][] {{value, value}, {value, value}});
      arrays.put("rnn_b_" + gate + ":0", new float[] {value, value});
      value++;
    }
    String config =
        "{\"class_name\":\"Sequential\",\"config\":["
            + layer(
                "LSTM",
                "rnn",
                "\"output_dim\":2",
                "\"inner_activation\":\"hard_sigmoid\"",
                "\"batch_input_shape\":[null,7,1]")
            + "]}";
    Graph graph = KerasReader.read(legacyNamed(file(), "1.2.2", config, Map.of("rnn", arrays)));
    assertThat(ports(graph.inputs())).containsExactly("input [batch, 7, 1]");
    assertThat(constant(graph, "rnn.W")).containsExactly(1, 1, 4, 4, 3, 3, 2, 2);
    assertThat(constant(graph, "rnn.B")).startsWith(1, 1, 4, 4, 3, 3, 2, 2);
    assertThat(attribute(node(graph, "LSTM"), "activation_alpha")).isEqualTo(List.of(0.2f));
  }

  @Test
  void aGruOfKeras1HasAnArrayForEachGateAndPart() throws IOException {
    Object[] arrays = new Object[9];
    for (int i = 0; i < 3; i++) {
      arrays[3 * i] = new float[][] {{i, i}, {i, i}, {i, i}};
      arrays[3 * i + 1] = new float[][] {{i, i}, {i, i}};
      arrays[3 * i + 2] = new float[] {i, i};
    }
    Graph graph = read("1.1.0", "null,5,3", layer("GRU", "rnn", "\"output_dim\":2"), arrays);
    assertThat(constant(graph, "rnn.R")).containsExactly(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2);
    assertThat(attribute(node(graph, "GRU"), "linear_before_reset")).isEqualTo(0L);
  }

  /** A matrix of a gate holds its elements in the order of the transpose. */
  @Test
  void weightsOfCudnnLayersAreConverted() throws IOException {
    float[][] kernel = matrix(3, 8);
    float[][] recurrent = matrix(2, 8);
    Graph graph =
        read("2.2.4", "null,5,3", layer("CuDNNLSTM", "rnn", UNITS), kernel, recurrent, vector(16));
    // The input gate: [[0, 1], [1/16, 1 1/16], [2/16, 1 2/16]] read as two rows of three.
    assertThat(constant(graph, "rnn.W")).startsWith(0, 1, 0.0625f, 1.0625f, 0.125f, 1.125f, 6);
    assertThat(constant(graph, "rnn.R")).startsWith(0, 1, 0.0625f, 1.0625f, 6);
    assertThat(constant(graph, "rnn.B"))
        .containsExactly(0, 1, 6, 7, 2, 3, 4, 5, 8, 9, 14, 15, 10, 11, 12, 13);
    assertThat(attribute(node(graph, "LSTM"), "activations"))
        .isEqualTo(List.of("Sigmoid", "Tanh", "Tanh"));
  }

  @Test
  void backwardsGoesInReverseAndGivesItsStepsInThatOrder() throws IOException {
    Graph graph = lstm("\"go_backwards\":true", SEQUENCES);
    assertThat(operators(graph)).isEqualTo("LSTM Squeeze Slice");
    assertThat(attribute(node(graph, "LSTM"), "direction")).isEqualTo("reverse");
    assertThat(operators(lstm("\"go_backwards\":true"))).isEqualTo("LSTM Squeeze");
  }

  @Test
  void timeBeforeTheBatchIsTransposed() throws IOException {
    Graph graph = lstm("\"time_major\":true", SEQUENCES);
    assertThat(operators(graph)).isEqualTo("Transpose LSTM Squeeze Transpose");
  }

  @Test
  void aStatefulLayerTakesAndGivesItsStates() throws IOException {
    Graph graph =
        read(
            "2.3.0-tf",
            "4,null,3",
            layer("LSTM", "rnn", UNITS, "\"stateful\":true"),
            recurrent(3, 2, 4));
    assertThat(ports(graph.inputs()))
        .containsExactly("x [4, time, 3]", "rnn.h [4, 2]", "rnn.c [4, 2]");
    assertThat(ports(graph.outputs()))
        .containsExactly("rnn [4, 2]", "rnn.h.next [4, 2]", "rnn.c.next [4, 2]");
    assertThat(constant(graph, "rnn.h")).containsExactly(new float[8]);
    assertThat(constant(graph, "rnn.c")).containsExactly(new float[8]);
  }

  @Test
  void aStatefulLayerNeedsTheSizeOfTheBatch() {
    String layer = layer("LSTM", "rnn", UNITS, "\"stateful\":true");
    assertRefused(
        legacy(
            file(),
            "2.3.0-tf",
            sequential("null,null,3", layer),
            Map.of("rnn", recurrent(3, 2, 4))),
        "LSTM \"rnn\": it is stateful",
        "batch_size");
  }

  @Test
  void statesOfAnotherLayerAreTheFirstOnes() throws IOException {
    String config =
        functional(
            "[[\"a\",0,0],[\"b\",0,0]]",
            "[[\"decoder\",0,0]]",
            input("a", "null,null,3"),
            input("b", "null,null,1"),
            called(layer("LSTM", "encoder", UNITS, "\"return_state\":true"), "[[\"a\",0,0,{}]]"),
            called(
                layer("LSTM", "decoder", UNITS),
                "[[\"b\",0,0,{\"initial_state\":[[\"encoder\",0,1],[\"encoder\",0,2]]}]]"));
    Graph graph =
        KerasReader.read(
            legacy(
                file(),
                "2.4.0",
                config,
                Map.of("encoder", recurrent(3, 2, 4), "decoder", recurrent(1, 2, 4))));
    assertThat(ports(graph.inputs()))
        .containsExactly("a [batch, a.time, 3]", "b [batch, b.time, 1]");
    assertThat(operators(graph)).isEqualTo("LSTM Squeeze Squeeze Unsqueeze Unsqueeze LSTM Squeeze");
    assertThat(nodes(graph, "LSTM").get(1).inputs())
        .hasSize(7)
        .endsWith("decoder/Unsqueeze", "decoder/Unsqueeze#2");
  }

  @ParameterizedTest
  @CsvSource({"concat, Concat", "sum, Add", "mul, Mul", "ave, Add Div"})
  void bothDirectionsAreMerged(String merge, String operators) throws IOException {
    Graph graph = bidirectional("2.3.0-tf", "\"merge_mode\":\"" + merge + "\"", "null,5,3");
    int features = merge.equals("concat") ? 4 : 2;
    assertThat(ports(graph.outputs())).containsExactly("rnn [batch, 5, " + features + "]");
    assertThat(operators(graph)).isEqualTo("LSTM Squeeze LSTM Squeeze " + operators);
    assertThat(nodes(graph, "LSTM").stream().map(node -> attribute(node, "direction")))
        .containsExactly("forward", "reverse");
  }

  @Test
  void directionsThatAreNotMergedAreTwoOutputs() throws IOException {
    String wrapped = layer("LSTM", "inner", UNITS, SEQUENCES);
    String config =
        functional(
            "[[\"x\",0,0]]",
            "[[\"rnn\",0,0],[\"rnn\",0,1]]",
            input("x", "null,5,3"),
            called(
                layer("Bidirectional", "rnn", "\"merge_mode\":null", "\"layer\":" + wrapped),
                "[[\"x\",0,0,{}]]"));
    Graph graph = KerasReader.read(legacy(file(), "2.3.0-tf", config, Map.of("rnn", both())));
    assertThat(ports(graph.outputs())).containsExactly("rnn [batch, 5, 2]", "rnn.1 [batch, 5, 2]");
  }

  private static Object[] both() {
    Object[] one = recurrent(3, 2, 4);
    return new Object[] {one[0], one[1], one[2], one[0], one[1], one[2]};
  }

  private Graph bidirectional(String version, String option, String shape, String... before)
      throws IOException {
    String wrapped = layer("LSTM", "inner", UNITS, SEQUENCES);
    String[] layers = List.of(before).toArray(new String[before.length + 1]);
    layers[before.length] = layer("Bidirectional", "rnn", option, "\"layer\":" + wrapped);
    return KerasReader.read(
        legacy(file(), version, sequential(shape, layers), Map.of("rnn", both())));
  }

  /** TensorFlow's Keras zeroes masked steps in both directions, whatever the layer says. */
  @ParameterizedTest
  @CsvSource({"2.2.4, carry", "2.2.4-tf, zero", "2.3.1, carry", "2.4.0, zero", "3.0.0, zero"})
  void whatAMaskedStepGivesDependsOnTheVersion(String version, String masked) throws IOException {
    Graph graph =
        bidirectional(version, "\"merge_mode\":\"sum\"", "null,5,3", layer("Masking", "mask"));
    List<Node> both = nodes(graph, "MaskedLSTM");
    assertThat(both).hasSize(2);
    for (Node node : both) {
      assertThat(node.domain()).isEqualTo(Node.OWN);
      assertThat(attribute(node, "masked")).isEqualTo(masked);
      assertThat(node.inputs()).hasSize(9).endsWith("mask/Squeeze");
    }
  }

  @ParameterizedTest
  @CsvSource({"LSTM, 4, 9", "GRU, 3, 7", "SimpleRNN, 1, 7"})
  void theMaskIsTheLastInput(String className, int gates, int inputs) throws IOException {
    String rnn = layer(className, "rnn", UNITS, "\"zero_output_for_mask\":true");
    Graph graph =
        KerasReader.read(
            legacy(
                file(),
                "3.0.0",
                sequential("null,5,3", layer("Masking", "mask"), rnn),
                Map.of("rnn", recurrent(3, 2, gates))));
    Node node = node(graph, "Masked" + (className.equals("SimpleRNN") ? "RNN" : className));
    assertThat(node.inputs()).hasSize(inputs).endsWith("mask/Squeeze");
    // Where the last step is masked, zeros come out, which are not in the states.
    assertThat(operators(graph)).endsWith("Squeeze Gather");
  }

  @ParameterizedTest
  @CsvSource({"1.2.2, 0.2", "2.15.0, 0.2", "3.1.0, 0.16666667"})
  void hardSigmoidDependsOnTheVersion(String version, float alpha) throws IOException {
    Graph graph =
        read(
            version,
            "null,5,3",
            layer("LSTM", "rnn", UNITS, "\"recurrent_activation\":\"hard_sigmoid\""),
            recurrent(3, 2, 4));
    Node node = node(graph, "LSTM");
    assertThat(attribute(node, "activation_alpha")).isEqualTo(List.of(alpha));
    assertThat(attribute(node, "activation_beta")).isEqualTo(List.of(0.5f));
  }

  @Test
  void functionsWithNumbersHaveThemInOrder() throws IOException {
    Node node =
        node(
            lstm("\"activation\":\"linear\"", "\"recurrent_activation\":\"hard_sigmoid\""), "LSTM");
    assertThat(attribute(node, "activations"))
        .isEqualTo(List.of("HardSigmoid", "Affine", "Affine"));
    assertThat(attribute(node, "activation_alpha")).isEqualTo(List.of(0.2f, 1f, 1f));
    assertThat(attribute(node, "activation_beta")).isEqualTo(List.of(0.5f, 0f, 0f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gelu", "softmax", "my_own"})
  void functionsThatRecurrentNodesLackAreRefused(String activation) {
    String rnn = layer("LSTM", "rnn", UNITS, "\"activation\":\"" + activation + "\"");
    assertRefused(
        legacy(file(), "3.0.0", sequential("null,5,3", rnn), Map.of("rnn", recurrent(3, 2, 4))),
        "LSTM \"rnn\": its activation \"" + activation + "\"");
  }

  @Test
  void cellsOneAboveTheOtherAreLayersOneAfterTheOther() throws IOException {
    String cells =
        layer(
            "StackedRNNCells",
            "cells",
            "\"cells\":["
                + layer("LSTMCell", "a", UNITS)
                + ","
                + layer("SimpleRNNCell", "b", "\"units\":3")
                + "]");
    Object[] first = recurrent(3, 2, 4);
    Object[] second = recurrent(2, 3, 1);
    Graph graph =
        read(
            "2.3.0",
            "null,5,3",
            layer("RNN", "rnn", "\"cell\":" + cells),
            first[0],
            first[1],
            first[2],
            second[0],
            second[1],
            second[2]);
    assertThat(operators(graph)).isEqualTo("LSTM Squeeze RNN Squeeze");
    assertThat(ports(graph.outputs())).containsExactly("rnn [batch, 3]");
  }
}
