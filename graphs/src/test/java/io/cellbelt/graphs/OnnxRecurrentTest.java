package io.cellbelt.graphs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Rnn;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What ONNX's operators are in this library, and what is refused. */
final class OnnxRecurrentTest {
  /** Tensors of I = H = 1, so that a gate is a number: W 1 2 3 .., R 11 .., B 21 .., P 41 ... */
  private static Map<String, Tensor> inputs(int directions, int gates) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("W", counted(1, directions, gates, 1));
    inputs.put("R", counted(11, directions, gates, 1));
    inputs.put("B", counted(21, directions, 2 * gates));
    if (gates == 4) {
      inputs.put("P", counted(41, directions, 3));
    }
    return inputs;
  }

  private static Tensor counted(int from, int... shape) {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = from + i;
    }
    return Tensor.of(values, shape);
  }

  private static Map<String, float[]> parameters(OnnxRecurrent node) {
    return node.parameters(Architecture.of(node.layer()), 0);
  }

  private static void check(Map<String, float[]> parameters, String name, float... expected) {
    assertArrayEquals(expected, parameters.get(name), name);
  }

  private static void refused(
      String sentence, String op, Map<String, ?> attributes, Map<String, Tensor> inputs) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> OnnxRecurrent.of(op, attributes, inputs))
            .getMessage();
    assertEquals(sentence, message);
  }

  @Test
  void gatesOfAnLstm() {
    OnnxRecurrent node = OnnxRecurrent.of("LSTM", Map.of("hidden_size", 1L), inputs(1, 4));
    assertEquals(new Lstm(1, 1, Lstm.Options.DEFAULT.withPeepholes()), node.layer().cell());
    Map<String, float[]> parameters = parameters(node);
    check(parameters, "lstm.weight_ih_l0", 1, 3, 4, 2);
    check(parameters, "lstm.weight_hh_l0", 11, 13, 14, 12);
    check(parameters, "lstm.bias_l0", 21 + 25, 23 + 27, 24 + 28, 22 + 26);
    check(parameters, "lstm.peephole_l0", 41, 43, 42);
  }

  @Test
  void aCoupledForgetGateHasNoRows() {
    OnnxRecurrent node = OnnxRecurrent.of("LSTM", Map.of("input_forget", 1), inputs(1, 4));
    Map<String, float[]> parameters = parameters(node);
    check(parameters, "lstm.weight_ih_l0", 1, 4, 2);
    check(parameters, "lstm.peephole_l0", 41, 42);
    Map<String, Tensor> gradients = node.gradients(Architecture.of(node.layer()), 0, parameters);
    assertArrayEquals(new float[] {1, 2, 0, 4}, gradients.get("W").floats());
    assertArrayEquals(new float[] {41, 42, 0}, gradients.get("P").floats());
  }

  @Test
  void gatesOfGrus() {
    OnnxRecurrent before = OnnxRecurrent.of("GRU", Map.of(), inputs(1, 3));
    assertEquals(new Gru(1, 1, Gru.Reset.BEFORE), before.layer().cell());
    Map<String, float[]> parameters = parameters(before);
    check(parameters, "gru.weight_ih_l0", 2, 1, 3);
    check(parameters, "gru.weight_hh_l0", 12, 11, 13);
    check(parameters, "gru.bias_l0", 22 + 25, 21 + 24, 23 + 26);
    OnnxRecurrent after = OnnxRecurrent.of("GRU", Map.of("linear_before_reset", 1.0), inputs(1, 3));
    assertEquals(new Gru(1, 1, Gru.Reset.AFTER), after.layer().cell());
    parameters = parameters(after);
    check(parameters, "gru.weight_hh_l0", 12, 11, 13);
    check(parameters, "gru.bias_l0", 22 + 25, 21 + 24, 23, 26);
    Map<String, Tensor> gradients =
        after.gradients(
            Architecture.of(after.layer()),
            0,
            Map.of(
                "gru.weight_ih_l0", new float[] {1, 2, 3},
                "gru.weight_hh_l0", new float[] {4, 5, 6},
                "gru.bias_l0", new float[] {7, 8, 9, 10}));
    assertArrayEquals(new float[] {2, 1, 3}, gradients.get("W").floats());
    assertArrayEquals(new float[] {5, 4, 6}, gradients.get("R").floats());
    assertArrayEquals(new float[] {8, 7, 9, 8, 7, 10}, gradients.get("B").floats());
    assertArrayEquals(new int[] {1, 6}, gradients.get("B").shape());
  }

  @Test
  void directions() {
    OnnxRecurrent node =
        OnnxRecurrent.of("RNN", Map.of("direction", "bidirectional"), inputs(2, 1));
    assertTrue(node.isOneLayer());
    assertEquals(Direction.BIDIRECTIONAL, node.layer().direction());
    Map<String, float[]> parameters = parameters(node);
    check(parameters, "rnn.weight_ih_l0", 1);
    check(parameters, "rnn.weight_ih_l0_reverse", 2);
    check(parameters, "rnn.bias_l0_reverse", 23 + 24);
    assertEquals(Direction.REVERSE, node.only(1).direction());
    assertArrayEquals(
        parameters.get("rnn.bias_l0_reverse"), parameters(node.only(1)).get("rnn.bias_l0_reverse"));
    assertThrows(IllegalArgumentException.class, () -> node.only(2));
  }

  @Test
  void directionsWithDifferentActivationsAreTwoLayers() {
    OnnxRecurrent node =
        OnnxRecurrent.of(
            "RNN",
            Map.of("direction", "bidirectional", "activations", List.of("Relu", "Affine")),
            inputs(2, 1));
    assertFalse(node.isOneLayer());
    assertThrows(IllegalArgumentException.class, node::layer);
    assertEquals(new Rnn(1, 1, Activation.RELU), node.only(0).layer().cell());
    assertEquals(new Rnn(1, 1, Activation.IDENTITY), node.only(1).layer().cell());
  }

  @Test
  void alphasGoToFunctionsThatTakeOne() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("activations", List.of("HardSigmoid", "tanh", "LeakyRelu"));
    attributes.put("activation_alpha", List.of(0.3f, 0.1f));
    attributes.put("clip", 3f);
    Lstm lstm = (Lstm) OnnxRecurrent.of("LSTM", attributes, inputs(1, 4)).layer().cell();
    assertEquals(
        new Activation(Activation.Function.HARD_SIGMOID, 0.3f, 0.5f), lstm.options().gate());
    assertEquals(Activation.TANH, lstm.options().candidate());
    assertEquals(new Activation(Activation.Function.LEAKY_RELU, 0.1f, 0), lstm.options().output());
    assertEquals(3, lstm.options().clip());
    attributes.put("activation_alpha", List.of(0.3f, 0f, 0.2f));
    attributes.put("clip", 0f);
    lstm = (Lstm) OnnxRecurrent.of("LSTM", attributes, inputs(1, 4)).layer().cell();
    assertEquals(new Activation(Activation.Function.LEAKY_RELU, 0.2f, 0), lstm.options().output());
    assertEquals(Cell.NO_CLIP, lstm.options().clip());
  }

  @Test
  void refusalsAreSentences() {
    Map<String, Tensor> rnn = inputs(1, 1);
    refused(
        "The recurrent operators are RNN, GRU and LSTM, but got 'Conv'.", "Conv", Map.of(), rnn);
    refused(
        "A direction is forward, reverse or bidirectional, but got 'sideways'.",
        "RNN",
        Map.of("direction", "sideways"),
        rnn);
    refused("The input W is missing.", "RNN", Map.of(), Map.of());
    refused("W has the shape [1, 3, 1], but got [1, 1, 1].", "GRU", Map.of(), rnn);
    refused(
        "W has the shape [2, 1, 1], but got [1, 1, 1].",
        "RNN",
        Map.of("direction", "bidirectional"),
        rnn);
    refused(
        "The attribute hidden_size is 2, but R has the shape [1, 1, 1].",
        "RNN",
        Map.of("hidden_size", 2),
        rnn);
    refused(
        "The attribute activations names 1 functions, but got 2.",
        "RNN",
        Map.of("activations", List.of("Tanh", "Tanh")),
        rnn);
    refused("The attribute clip is a number, but got 'x'.", "RNN", Map.of("clip", "x"), rnn);
    refused(
        "The attribute activations is a list, but got 'Tanh'.",
        "RNN",
        Map.of("activations", "Tanh"),
        rnn);
    assertThrows(
        IllegalArgumentException.class, () -> OnnxRecurrent.of("RNN", Map.of("clip", -1), rnn));
    assertThrows(
        IllegalArgumentException.class, () -> OnnxRecurrent.of("RNN", Map.of("peephole", 1), rnn));
    OnnxRecurrent node = OnnxRecurrent.of("RNN", Map.of(), rnn);
    Architecture other = Architecture.of(new Rnn(1, 2));
    assertThrows(IllegalArgumentException.class, () -> node.parameters(other, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> node.gradients(Architecture.of(node.layer()), 0, Map.of()));
  }
}
