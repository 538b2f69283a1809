package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class ActivationsTest {
  private static final List<ElementType> FLOATS =
      List.of(ElementType.F32, ElementType.F64, ElementType.F16, ElementType.BF16);

  private final Random random = new Random(3);

  private void check(
      String operator, int opset, String[] names, float[] values, DoubleUnaryOperator f) {
    for (ElementType type : FLOATS) {
      Tensor x = Trial.random(random, type, false, Trial.shape(random, 3, 13));
      Trial trial = Trial.of(opset, operator, x);
      for (int i = 0; i < names.length; i++) {
        trial.with(names[i], values[i]);
      }
      double[] expected = new double[x.size()];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = f.applyAsDouble(x.doubleAt(i));
      }
      Trial.assertClose(trial.run(), expected, 3e-6, trial.toString());
    }
  }

  private void check(String operator, int opset, DoubleUnaryOperator f) {
    check(operator, opset, new String[0], new float[0], f);
  }

  private void check(String operator, int opset, float alpha, DoubleUnaryOperator f) {
    check(operator, opset, new String[] {"alpha"}, new float[] {alpha}, f);
  }

  private void check(String operator, int opset, float alpha, float beta, DoubleUnaryOperator f) {
    check(operator, opset, new String[] {"alpha", "beta"}, new float[] {alpha, beta}, f);
  }

  @Test
  void withTheNumbersThatTheyHaveByDefault() {
    check("LeakyRelu", 16, x -> x < 0 ? 0.01f * x : x);
    check("Elu", 22, x -> x < 0 ? Math.exp(x) - 1 : x);
    check("Selu", 6, x -> 1.050701f * (x > 0 ? x : 1.6732632f * (Math.exp(x) - 1)));
    check("Selu", 1, x -> 1.0507f * (x > 0 ? x : 1.6732f * (Math.exp(x) - 1)));
    check("Celu", 12, x -> x < 0 ? Math.exp(x) - 1 : x);
    check("ThresholdedRelu", 10, x -> x > 1 ? x : 0);
    check("HardSigmoid", 6, x -> Math.clamp(0.2f * x + 0.5, 0.0, 1.0));
    check("HardSwish", 14, x -> x * Math.clamp((x + 3) / 6, 0.0, 1.0));
    check("Gelu", 20, x -> x * (1 + RealFunctions.erf(x / Math.sqrt(2))) / 2);
    check("Mish", 18, x -> x * Math.tanh(Math.log(1 + Math.exp(x))));
    check("Swish", 24, x -> x / (1 + Math.exp(-x)));
    check("Shrink", 9, x -> Math.abs(x) > 0.5 ? x : 0);
    check("ScaledTanh", 1, Math::tanh);
    check("ParametricSoftplus", 1, x -> Math.log(1 + Math.exp(x)));
  }

  @Test
  void withNumbersOfTheirOwn() {
    check("LeakyRelu", 6, 0.3f, x -> x < 0 ? 0.3f * x : x);
    check("LeakyRelu", 6, -0.3f, x -> x < 0 ? -0.3f * x : x);
    check("Elu", 6, 0.7f, x -> x < 0 ? 0.7f * (Math.exp(x) - 1) : x);
    check("Elu", 6, -0.7f, x -> x < 0 ? -0.7f * (Math.exp(x) - 1) : x);
    check("Celu", 12, 2.5f, x -> x < 0 ? 2.5 * (Math.exp(x / 2.5) - 1) : x);
    check("ThresholdedRelu", 10, 2, x -> x > 2 ? x : 0);
    check("ThresholdedRelu", 10, -2, x -> x > -2 ? x : 0);
    check("HardSigmoid", 6, 0.4f, 0.1f, x -> Math.clamp(0.4f * x + 0.1f, 0.0, 1.0));
    check("Swish", 24, 1.7f, x -> x / (1 + Math.exp(-1.7f * x)));
    check("ScaledTanh", 1, 1.5f, 0.5f, x -> 1.5 * Math.tanh(x / 2));
    check("Affine", 1, 1.5f, 0.5f, x -> 1.5 * x + 0.5);
    check("ParametricSoftplus", 1, 1.5f, 0.5f, x -> 1.5 * Math.log(1 + Math.exp(x / 2)));
    check(
        "Selu",
        6,
        new String[] {"alpha", "gamma"},
        new float[] {2, 3},
        x -> x > 0 ? 3 * x : 6 * (Math.exp(x) - 1));
    check(
        "Shrink",
        9,
        new String[] {"lambd", "bias"},
        new float[] {1.5f, 0.25f},
        x -> x > 1.5 ? x - 0.25 : x < -1.5 ? x + 0.25 : 0);
  }

  @Test
  void geluByTanh() {
    Tensor x = Trial.random(random, ElementType.F32, false, 3, 700);
    double[] expected = new double[x.size()];
    for (int i = 0; i < expected.length; i++) {
      double v = x.doubleAt(i);
      expected[i] = v / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
    }
    Trial trial = Trial.of(20, "Gelu", x).with("approximate", "tanh");
    Trial.assertClose(trial.run(), expected, 3e-6, trial.toString());
    assertThatThrownBy(() -> Trial.of(20, "Gelu", x).with("approximate", "erf").run())
        .hasMessageContaining("\"none\" or \"tanh\", but got \"erf\"");
  }

  @Test
  void shrinksIntegers() {
    Tensor x = Tensor.wrap(ElementType.I8, new long[] {-5, -1, 0, 1, 5}, 5);
    assertThat(Trial.of(9, "Shrink", x).with("lambd", 2f).with("bias", 1f).run().longs())
        .containsExactly(-4, 0, 0, 0, 4);
  }
}
