package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.bptt.GradientCheck.Report;
import io.cellbelt.bptt.GradientCheck.Row;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Nets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Gradients are those of finite differences, and the check is able to say that they are not. */
class GradientCheckProperties {
  private static final int FEW = 1500;

  /** Finite differences run the whole network for every entry. */
  @Provide
  Arbitrary<Architecture> small() {
    return new AnyArchitecture()
        .get()
        .filter(a -> a.parameters().stream().mapToInt(Parameter::size).sum() < FEW);
  }

  private static void checkPasses(Architecture architecture, int steps, int batch, long seed) {
    try (Weights weights = Training.weights(architecture, seed)) {
      Report report = GradientCheck.run(weights, steps, batch, seed);
      List<String> names = new ArrayList<>(weights.values().keySet());
      if (architecture.input() instanceof Input.Dense) {
        names.add("x");
      }
      names.add("initial state");
      assertThat(report.rows()).extracting(Row::parameter).isEqualTo(names);
      assertThat(report.passed()).as("%s", report).isTrue();
      assertThat(report.worstKernelError()).isLessThan(1e-4);
      assertThat(report.worstReferenceError()).isLessThan(1e-7);
    }
  }

  @Property(tries = 12)
  void gradientsOfAnyNetworkAreRight(
      @ForAll("small") Architecture architecture,
      @ForAll @IntRange(min = 1, max = 12) int steps,
      @ForAll @IntRange(min = 1, max = 9) int batch,
      @ForAll long seed) {
    checkPasses(architecture, steps, batch, seed);
  }

  @Tag("any-width")
  @Property(tries = 2)
  void gradientsOfLayersWiderThanVectorsAreRight(@ForAll Cells lower, @ForAll Cells upper) {
    Architecture architecture =
        new Architecture(new Input.Embedding(7, 5), List.of(lower.of(5, 33), upper.of(33, 17)), 3);
    checkPasses(architecture, 3, 2, 1);
  }

  /** A chaotic network: floats and finite differences both lose their way in it. */
  @Example
  void whatCannotBeConfirmedFails() {
    Architecture architecture = Architecture.of(Cells.RNN.of(3, 20));
    Map<String, float[]> values = Nets.values(architecture, 1);
    values.replaceAll((_, tensor) -> scaled(tensor, 12));
    try (Weights weights = Weights.of(architecture, values)) {
      Report report = GradientCheck.run(weights, 60, 1, 1);
      assertThat(report.passed()).isFalse();
      assertThat(report.worstKernelError()).isGreaterThan(GradientCheck.KERNEL_LIMIT);
      assertThat(report.worstReferenceError()).isGreaterThan(GradientCheck.REFERENCE_LIMIT);
    }
  }

  private static float[] scaled(float[] values, float factor) {
    float[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return scaled;
  }

  /** Kernels read the padding and the reference does not: a NaN there spoils only the kernels. */
  @Example
  void wrongGradientsOfTheKernelsFail() {
    Architecture architecture = Architecture.of(Cells.LSTM.of(2, 3));
    try (Weights weights = Training.weights(architecture, 1)) {
      PanelMatrix bias = weights.parameters().matrix(architecture.bias(0));
      long start = (bias.address() - bias.slab().address()) / Float.BYTES;
      bias.slab().set(start + bias.shape().index(0, 3), Float.NaN);
      Report report = GradientCheck.run(weights, 4, 2, 1);
      assertThat(report.passed()).isFalse();
      assertThat(report.worstKernelError()).isNaN();
      assertThat(report.worstReferenceError()).isLessThan(GradientCheck.REFERENCE_LIMIT);
    }
  }

  @Example
  void oneEntryTooFarOffFailsTheReport() {
    Row right = row(0.99e-4, 0.99e-7);
    assertThat(new Report(List.of(right, right)).passed()).isTrue();
    for (Row wrong :
        List.of(row(1e-4, 0), row(0, 1e-7), row(Double.NaN, 0), row(0, Double.NaN), row(2, 0))) {
      assertThat(wrong.passed()).as("%s", wrong).isFalse();
      assertThat(new Report(List.of(right, wrong, right)).passed()).isFalse();
    }
  }

  private static Row row(double kernelError, double referenceError) {
    return new Row("w", 0, 1, 1, 1, kernelError, referenceError);
  }

  @Example
  void needsStepsAndSequences() {
    try (Weights weights = Training.weights(Architecture.of(Cells.RNN.of(1, 1)), 1)) {
      assertThatThrownBy(() -> GradientCheck.run(weights, 0, 1, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("needs 1 step and 1 sequence or more");
    }
  }
}
