package io.cellbelt.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Activation.Function;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Gru;
import io.cellbelt.cells.Gru.Reset;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.cells.LayerNormLstm;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Lstm.Coupling;
import io.cellbelt.cells.Lstm.Options;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.WeightFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks that are written as ONNX, and opened again. */
class OnnxExportTest {
  private static final Options LSTM = Options.DEFAULT;

  @TempDir Path folder;

  static List<Architecture> architectures() {
    List<Architecture> all = new ArrayList<>();
    for (Cell cell :
        List.of(
            new Lstm(3, 4),
            new Lstm(3, 4, LSTM.withPeepholes()),
            new Lstm(3, 4, LSTM.with(Coupling.FORGET_FROM_INPUT).withClip(5)),
            new Lstm(
                3,
                4,
                LSTM.withActivations(
                    Activation.of(Function.HARD_SIGMOID),
                    new Activation(Function.AFFINE, 0.5f, 0.25f),
                    Activation.of(Function.SOFTSIGN))),
            new Gru(3, 4, Reset.AFTER),
            new Gru(3, 4, Reset.BEFORE),
            new Rnn(3, 4),
            new Rnn(3, 4, Activation.of(Function.LEAKY_RELU)))) {
      all.add(Architecture.of(cell));
      all.add(Architecture.of(Layer.of(cell).with(Direction.REVERSE)));
      for (Merge merge : Merge.values()) {
        all.add(Architecture.of(Layer.of(cell).with(Direction.BIDIRECTIONAL, merge)));
      }
    }
    all.add(
        new Architecture(
            new Input.Embedding(7, 3), List.of(new Lstm(3, 4), new Gru(4, 5, Reset.AFTER)), 6));
    all.add(new Architecture(new Input.OneHot(5), List.of(new Rnn(5, 4), new Rnn(4, 4)), 2));
    return all;
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void isTheSameNetworkWhenItIsOpened(Architecture architecture) throws IOException {
    Weights weights = Weights.random(architecture, 3);
    Path file = folder.resolve("model.onnx");
    OnnxExport.write(file, weights);
    try (OpenModel open = Models.open(file)) {
      assertThat(open).isInstanceOf(OpenModel.Recurrent.class);
      Weights read = ((OpenModel.Recurrent) open).network().weights();
      assertThat(read.architecture()).isEqualTo(architecture);
      Map<String, float[]> expected = weights.values();
      assertThat(read.values().keySet()).isEqualTo(expected.keySet());
      read.values()
          .forEach((name, values) -> assertThat(values).as(name).isEqualTo(expected.get(name)));
    }
  }

  @Test
  void writesTheNumbersThatQuantisedWeightsStandFor() throws IOException {
    Weights weights = Weights.random(Architecture.of(new Lstm(3, 4)), 3).to(WeightFormat.BF16);
    Path file = folder.resolve("model.onnx");
    OnnxExport.write(file, weights);
    try (OpenModel open = Models.open(file)) {
      Weights read = ((OpenModel.Recurrent) open).network().weights();
      assertThat(read.values().get("lstm.weight_ih_l0"))
          .isEqualTo(weights.values().get("lstm.weight_ih_l0"));
    }
  }

  static final List<Architecture> REFUSED =
      List.of(
          Architecture.of(new LayerNormLstm(3, 4)),
          Architecture.of(new Lstm(3, 4, LSTM.withProjection(2))),
          Architecture.of(new Lstm(3, 4, LSTM.withoutGates("o"))),
          Architecture.of(new Lstm(3, 4, LSTM.withGateRecurrence())),
          Architecture.of(new Lstm(3, 4, LSTM.with(Coupling.INPUT_FROM_FORGET))),
          Architecture.of(Layer.of(new Rnn(3, 4)).withZoneout(0.5f)),
          new Architecture(
              new Input.Dense(3),
              List.of(Layer.of(new Rnn(3, 4))),
              new Readout(Readout.Attention.DOT, 0)));

  @ParameterizedTest
  @FieldSource("REFUSED")
  void refusesWhatOnnxHasNoOperatorForAndLeavesTheFile(Architecture architecture)
      throws IOException {
    Weights weights = Weights.random(architecture, 3);
    Path file = Files.writeString(folder.resolve("model.onnx"), "old");
    assertThatThrownBy(() -> OnnxExport.write(file, weights))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ONNX has no operator for")
        .hasMessageEndingWith("save it as safetensors.");
    assertThat(file).hasContent("old");
  }
}
