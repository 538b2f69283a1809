package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Clipping;
import io.cellbelt.bptt.LearningRate;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Nets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/** Gradients clipped in each way, against the gradient as it is. */
@Tag("any-width")
class ClippingProperties {
  private static final Loss LOSS = Loss.MEAN_SQUARED_ERROR;

  private static Map<String, float[]> gradients(
      Architecture architecture, long seed, Clipping clipping) {
    Options options = new Options(2, 3, LOSS, Training.STILL, clipping, LearningRate.CONSTANT);
    Batch batch = Training.batch(Feed.random(architecture, 3, 2, seed), true, LOSS, seed);
    try (Trainer trainer = Training.trainer(architecture, seed, options)) {
      trainer.update(batch);
      return Training.gradients(trainer);
    }
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  @Property(tries = 12)
  void byValue(@ForAll(supplier = AnyArchitecture.class) Architecture net, @ForAll long seed) {
    float limit = 1e-3f;
    Map<String, float[]> free = gradients(net, seed, Clipping.NONE);
    free.values()
        .forEach(
            values -> {
              for (int i = 0; i < values.length; i++) {
                values[i] = Math.clamp(values[i], -limit, limit);
              }
            });
    Training.checkSameButForDust(gradients(net, seed, new Clipping.Value(limit)), free);
  }

  @Property(tries = 12)
  void byNormOfEachTensor(
      @ForAll(supplier = AnyArchitecture.class) Architecture net, @ForAll long seed) {
    double limit = 1e-2;
    Map<String, float[]> free = gradients(net, seed, Clipping.NONE);
    Map<String, float[]> tight = gradients(net, seed, new Clipping.TensorNorm(limit));
    free.forEach(
        (name, values) -> {
          double norm = norm(values);
          double factor = norm > limit ? limit / norm : 1;
          float[] clipped = tight.get(name);
          for (int i = 0; i < values.length; i++) {
            assertThat(Math.abs(clipped[i] - factor * values[i]))
                .as(name)
                .isLessThanOrEqualTo(1e-6 * Math.max(1e-20, Math.abs(factor * values[i])));
          }
        });
  }

  @Property(tries = 12)
  void byNormOfAll(@ForAll(supplier = AnyArchitecture.class) Architecture net, @ForAll long seed) {
    Map<String, float[]> free = gradients(net, seed, Clipping.NONE);
    double norm = Math.sqrt(free.values().stream().mapToDouble(v -> norm(v) * norm(v)).sum());
    Map<String, float[]> half = gradients(net, seed, new Clipping.GlobalNorm(norm / 2));
    free.forEach(
        (name, values) -> {
          for (int i = 0; i < values.length; i++) {
            assertThat(Math.abs(half.get(name)[i] - 0.5 * values[i]))
                .isLessThanOrEqualTo(2e-6 * Math.max(1e-20, Math.abs(values[i])));
          }
        });
  }

  /** A head of zeros lets no gradient through, so only its own can be too large. */
  @Example
  void theFirstTensorThatIsNotFiniteIsNamed() {
    checkNamed("head.weight", 0);
    checkNamed("rnn.weight_ih_l0", 1e30f);
  }

  private static void checkNamed(String tensor, float head) {
    Architecture architecture =
        new Architecture(new Input.Dense(3), List.of(Cells.RNN_RELU.of(3, 4)), 2);
    Map<String, float[]> values = Nets.values(architecture, 1);
    values.values().forEach(numbers -> Arrays.fill(numbers, 1));
    Arrays.fill(values.get("head.weight"), head);
    Options options = new Options(1, 1, LOSS, Training.STILL, 1);
    Weights weights = Weights.of(architecture, values);
    try (Trainer trainer = new Trainer(weights, options)) {
      Map<String, float[]> before = trainer.checkpoint();
      Batch batch = Batch.ofVectors(1, true, new float[] {1, 1, 1}, new float[] {1e30f, 1e30f});
      assertThatThrownBy(() -> trainer.update(batch))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageStartingWith("The norm of the gradient of '" + tensor + "' at update 1 is ")
          .hasMessageContaining("the weights are as before it");
      Training.checkSame(trainer.checkpoint(), before);
    }
  }

  @Example
  void limitsOutOfRange() {
    for (double bad : new double[] {0, -1, Double.NaN}) {
      String norm = "The gradient is clipped to a norm over 0, such as 1, but got " + bad + ".";
      String value = "The gradient is clipped to a value over 0, such as 1, but got " + bad + ".";
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Clipping.GlobalNorm(bad))
          .withMessage(norm);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Clipping.TensorNorm(bad))
          .withMessage(norm);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Clipping.Value(bad))
          .withMessage(value);
    }
  }
}
