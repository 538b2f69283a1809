package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Nets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
  private final Architecture architecture =
      new Architecture(
          new Input.Embedding(6, 3), List.of(Cells.LSTM.of(3, 5), Cells.RNN.of(5, 4)), 2);
  private final Map<String, float[]> values = Nets.values(architecture, 1);

  private void refused(String... sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Weights.of(architecture, values))
        .withMessageContainingAll(sentence);
  }

  @Test
  void giveBackWhatTheyWereMadeOf() {
    Weights weights = Weights.of(architecture, values);
    assertThat(weights.values().keySet())
        .containsExactly(
            "embedding.weight",
            "lstm.weight_ih_l0",
            "lstm.weight_hh_l0",
            "lstm.bias_l0",
            "rnn.weight_ih_l1",
            "rnn.weight_hh_l1",
            "rnn.bias_l1",
            "head.weight",
            "head.bias");
    assertThat(weights.values()).usingRecursiveComparison().isEqualTo(values);
  }

  @Test
  void areTheirOwnCopy() {
    Weights weights = Weights.of(architecture, values);
    float before = values.get("head.bias")[0];
    values.get("head.bias")[0] = 42;
    weights.values().get("head.bias")[0] = 42;
    assertThat(weights.values().get("head.bias")[0]).isEqualTo(before);
  }

  @Test
  void holdNothingTooSmallForTheKernels() {
    values.put("head.bias", new float[] {-Float.MIN_VALUE, 0x1p-126f});
    assertThat(Weights.of(architecture, values).values().get("head.bias"))
        .isEqualTo(new float[] {0, 0x1p-126f});
  }

  @Test
  void takeNoMemoryThatHasToBeGivenBack() {
    long before = Slab.allocated();
    Weights weights = Weights.of(architecture, values);
    assertThat(weights.to(WeightFormat.INT8).values()).hasSameSizeAs(values);
    try (Network network = new Network(weights.to(WeightFormat.BF16))) {
      assertThat(Slab.allocated() - before).isEqualTo(network.byteSize());
      assertThat(network.weights().values()).hasSameSizeAs(values);
      assertThat(Slab.allocated() - before).isEqualTo(network.byteSize());
    }
    assertThat(Slab.allocated()).isEqualTo(before);
  }

  @Test
  void theSameSeedGivesTheSameNumbersAndAnotherOthers() {
    Weights one = Weights.random(architecture, 7);
    Weights same = Weights.random(architecture, 7);
    Weights other = Weights.random(architecture, 8);
    assertThat(same.values()).usingRecursiveComparison().isEqualTo(one.values());
    assertThat(other.values().get("head.weight")).isNotEqualTo(one.values().get("head.weight"));
    assertThat(one.values().get("lstm.bias_l0"))
        .isEqualTo(new float[] {0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  }

  @Test
  void refuseWhatIsMissing() {
    values.remove("rnn.weight_hh_l1");
    refused("The parameter 'rnn.weight_hh_l1' [4, 4] is missing; there are [", "head.bias");
  }

  @Test
  void refuseWhatTheyDoNotKnow() {
    values.put("gru.bias_l9", new float[1]);
    refused("The parameters [gru.bias_l9] do not belong to", "leave them out.");
  }

  @Test
  void refuseAnotherSize() {
    values.put("lstm.weight_ih_l0", new float[59]);
    refused("The parameter 'lstm.weight_ih_l0' has the shape [20, 3], 60 floats, but got 59.");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void refuseWhatIsNotANumber(float bad) {
    values.get("head.weight")[5] = bad;
    refused("The parameter 'head.weight' holds " + bad + " at index 5; weights must be finite");
  }
}
