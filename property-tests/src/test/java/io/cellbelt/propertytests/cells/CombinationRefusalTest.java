package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Activation.Function;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Clockwork;
import io.cellbelt.cells.DepthGatedLstm;
import io.cellbelt.cells.GridLstm;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Gru.Reset;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Lstm.Coupling;
import io.cellbelt.cells.Lstm.Options;
import io.cellbelt.cells.Mut;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Readout.Attention;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Nets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What does not go together is refused where it is put together, with a sentence. */
class CombinationRefusalTest {
  private static final Options DEFAULT = Options.DEFAULT;
  private static final Rnn RNN = new Rnn(3, 3);

  private static void refused(String sentence, ThrowingCallable call) {
    assertThatIllegalArgumentException()
        .isThrownBy(call)
        .withMessageContaining(sentence)
        .satisfies(e -> assertThat(e.getMessage()).matches("(?s)[A-Z].*\\."));
  }

  private static Architecture stack(Layer... layers) {
    int inputs = layers[0].cell().inputSize();
    return new Architecture(new Input.Dense(inputs), List.of(layers), Readout.NONE);
  }

  @ParameterizedTest
  @EnumSource
  void sizesOfEveryKind(Cells kind) {
    String sentence = "cell needs an input size and a hidden size of 1 or more, but got ";
    for (int bad : new int[] {0, -1, Integer.MIN_VALUE}) {
      if (kind != Cells.LSTM_PROJECTION && kind != Cells.LSTM_EVERYTHING) {
        refused(sentence + "3 and " + bad, () -> kind.of(3, bad));
      }
      refused(sentence + bad + " and 3", () -> kind.of(bad, 3));
    }
  }

  @Test
  void activations() {
    refused("There is no activation 'tahn'; ONNX has Affine", () -> Activation.named("tahn"));
    refused("There is no activation ''", () -> Activation.named(""));
    for (Function function :
        List.of(Function.LEAKY_RELU, Function.THRESHOLDED_RELU, Function.ELU)) {
      refused("but got", () -> new Activation(function, -0.1f, 0));
      refused("finite", () -> new Activation(function, Float.NaN, 0));
    }
    refused("but got", () -> new Activation(Function.SCALED_TANH, 0, 1));
    refused(
        "TANH takes no such number, but got alpha 1.0", () -> new Activation(Function.TANH, 1, 0));
    refused("takes no such number", () -> new Activation(Function.ELU, 1, 1));
    refused(
        "finite numbers, but got Infinity",
        () -> new Activation(Function.AFFINE, Float.POSITIVE_INFINITY, 0));
    refused("An activation needs a function", () -> new Activation(null, 0, 0));
    refused("one is null", () -> new Rnn(3, 3, null));
    refused("one is null", () -> DEFAULT.withActivations(Activation.TANH, null, Activation.TANH));
    refused("one is null", () -> new Gru(3, 3, Reset.AFTER, null, Activation.TANH, Cell.NO_CLIP));
  }

  @ParameterizedTest
  @ValueSource(floats = {0, -1, Float.NaN, Float.NEGATIVE_INFINITY})
  void clips(float clip) {
    String sentence = "clipped to a limit over 0, but got " + clip;
    refused(sentence, () -> new Rnn(3, 3, Activation.TANH, clip));
    refused(sentence, () -> DEFAULT.withClip(clip));
    refused(sentence, () -> new Gru(3, 3, Reset.AFTER, Activation.SIGMOID, Activation.TANH, clip));
  }

  @Test
  void periodsOfClockworks() {
    String grow = "grow, and each is a multiple of the one before";
    for (List<Integer> bad :
        List.of(
            List.of(1, 1),
            List.of(2, 1),
            List.of(2, 3),
            List.of(0, 1),
            List.of(-1, 2),
            List.of(1, 1 << 25),
            List.of(4, 4))) {
      refused(grow, () -> new Clockwork(3, 6, bad));
    }
    refused("but got 2 periods for 5 units", () -> new Clockwork(3, 5, List.of(1, 2)));
    refused("but got 0 periods for 5 units", () -> new Clockwork(3, 5, List.of()));
    refused("but got 3 periods for 2 units", () -> new Clockwork(3, 2, List.of(1, 2, 4)));
  }

  @Test
  void optionsOfLstms() {
    refused(
        "shorter than the hidden size 4 or as long, but got 5",
        () -> new Lstm(3, 4, DEFAULT.withProjection(5)));
    refused("0 for none, but got -1", () -> DEFAULT.withProjection(-1));
    for (String bad : List.of("g", "fi", "oi", "ii", "x", "ifgo", " ")) {
      refused("but got '" + bad + "'", () -> DEFAULT.withoutGates(bad));
    }
    for (Coupling coupling : List.of(Coupling.FORGET_FROM_INPUT, Coupling.INPUT_FROM_FORGET)) {
      for (String gates : List.of("i", "f", "ifo")) {
        refused("are coupled", () -> DEFAULT.with(coupling).withoutGates(gates));
        refused("are coupled", () -> DEFAULT.withoutGates(gates).with(coupling));
      }
      assertThat(DEFAULT.with(coupling).withoutGates("o").gates()).hasSize(2);
    }
    refused("all are left out", () -> DEFAULT.withoutGates("ifo").withGateRecurrence());
    refused("not null", () -> DEFAULT.with((Coupling) null));
    refused("not null", () -> DEFAULT.withoutGates(null));
    refused("not null", () -> new Lstm(3, 4, null));
  }

  @Test
  void formsThatMustBeSaid() {
    refused("BEFORE or AFTER the product", () -> new Gru(3, 4, null));
    for (int bad : new int[] {0, 4, -1}) {
      refused("There are MUT 1, 2 and 3, but got " + bad, () -> new Mut(3, 3, bad));
    }
    refused("MUT1 adds x to a vector of the hidden size", () -> new Mut(3, 4, 1));
    refused("MUT2 adds x to a vector of the hidden size", () -> new Mut(4, 3, 2));
  }

  @ParameterizedTest
  @ValueSource(floats = {1, -0.1f, 1.5f, Float.NaN, Float.POSITIVE_INFINITY})
  void shares(float share) {
    Layer layer = Layer.of(RNN);
    refused("A dropout is 0 or more and under 1, but got " + share, () -> layer.withDropout(share));
    refused("A recurrent dropout is 0", () -> layer.withRecurrentDropout(share));
    refused("A zoneout is 0", () -> layer.withZoneout(share));
  }

  @Test
  void partsThatAreMissing() {
    refused("needs a cell", () -> Layer.of(null));
    refused("needs a cell", () -> Layer.of(RNN).with((Direction) null));
    refused("needs a cell", () -> Layer.of(RNN).with(Direction.REVERSE, (Merge) null));
    refused("needs an attention", () -> new Readout(null, 1));
    refused("outputs", () -> new Readout(Attention.DOT, -1));
    refused("null", () -> new Architecture(null, List.of(Layer.of(RNN)), Readout.NONE));
    refused(
        "null", () -> new Architecture(new Input.Dense(3), List.of(Layer.of(RNN)), (Readout) null));
  }

  @Test
  void layersThatAreNotAlikeAreNotTied() {
    Layer tied = Layer.of(RNN).withTiedWeights();
    String sentence = "is tied to the layer below, which must have an equal cell and direction";
    refused("Layer 0 " + sentence + ", but there is none", () -> stack(tied));
    refused("Layer 1 " + sentence, () -> stack(Layer.of(new Lstm(3, 3)), tied));
    refused(sentence, () -> stack(Layer.of(new Rnn(3, 3, Activation.RELU)), tied));
    refused(sentence, () -> stack(Layer.of(RNN).with(Direction.REVERSE), tied));
    refused(
        "Layer 2 " + sentence,
        () -> stack(Layer.of(RNN), tied, tied.with(Direction.BIDIRECTIONAL)));
    stack(Layer.of(RNN), tied, tied);
  }

  @Test
  void memoriesThatAreNotThere() {
    Layer depth = Layer.of(new DepthGatedLstm(3, 3));
    Layer grid = Layer.of(new GridLstm(3, 3));
    Layer lstm = Layer.of(new Lstm(3, 3));
    for (Layer reader : List.of(depth, grid)) {
      String sentence = "Layer 1 reads a memory of 3 floats of the layer below";
      refused(sentence, () -> stack(Layer.of(RNN), reader));
      refused(sentence, () -> stack(Layer.of(new Gru(3, 3, Reset.AFTER)), reader));
      refused(sentence, () -> stack(Layer.of(new Lstm(3, 5, DEFAULT.withProjection(3))), reader));
      refused(sentence, () -> stack(lstm.with(Direction.REVERSE), reader));
      refused(sentence, () -> stack(lstm.with(Direction.BIDIRECTIONAL, Merge.SUM), reader));
      for (Direction direction : List.of(Direction.REVERSE, Direction.BIDIRECTIONAL)) {
        refused("so it runs FORWARD, but got " + direction, () -> stack(reader.with(direction)));
        refused("so it runs FORWARD", () -> stack(lstm, reader.with(direction)));
      }
      stack(reader, reader);
      stack(lstm, reader);
    }
  }

  @Test
  void attentionToNothing() {
    Architecture architecture =
        new Architecture(
            new Input.Dense(3), List.of(Layer.of(RNN)), new Readout(Attention.ADDITIVE, 2));
    try (Network network = Nets.network(architecture, 1);
        Stream stream = network.newStream()) {
      refused("Attention needs 1 step or more", () -> stream.run(new float[0], 0, new float[2]));
    }
  }

  @Test
  void clocksThatDoNotGoRound() {
    Architecture architecture = Architecture.of(new Clockwork(2, 4, List.of(1, 6)));
    try (Network network = Nets.network(architecture, 1);
        Stream stream = network.newStream()) {
      stream.restoreState(new float[] {1, 2, 3, 4, 5});
      for (float bad : new float[] {6, -1, 0.5f, 1e9f, Float.NaN, Float.POSITIVE_INFINITY}) {
        refused(
            "a whole number from 0 to 5, but got " + bad,
            () -> stream.restoreState(new float[] {9, 9, 9, 9, bad}));
        float[] state = new float[5];
        stream.saveState(state);
        assertThat(state).containsExactly(1, 2, 3, 4, 5);
      }
    }
  }

  @Test
  void connectionsThatAreAbsent() {
    Architecture architecture =
        Architecture.of(Layer.of(new Clockwork(2, 4, List.of(1, 2))).with(Direction.BIDIRECTIONAL));
    for (String name : List.of("clockwork.weight_hh_l0", "clockwork.weight_hh_l0_reverse")) {
      Map<String, float[]> values = Nets.values(architecture, 1);
      values.get(name)[3 * 4 + 1] = 1e-20f;
      refused(
          "In '" + name + "' the fast unit 1 does not feed the slower unit 3",
          () -> Weights.of(architecture, values));
    }
  }
}
