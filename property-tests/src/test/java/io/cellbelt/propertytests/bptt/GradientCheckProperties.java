package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.bptt.GradientCheck.Report;
import io.cellbelt.bptt.GradientCheck.Row;
import io.cellbelt.bptt.Layout;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.DepthGatedLstm;
import io.cellbelt.cells.GridLstm;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Layer.Direction;
import io.cellbelt.cells.Layer.Merge;
import io.cellbelt.cells.LayerNormGru;
import io.cellbelt.cells.LayerNormLstm;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Mut;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Readout.Attention;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.AnyStack;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Gradients are those of finite differences, and the check is able to say that they are not. */
class GradientCheckProperties {
  /** Finite differences run the whole network for every entry. */
  @Provide
  Arbitrary<Architecture> small() {
    return new AnyArchitecture().get().filter(a -> isSmall(a, 1500));
  }

  /** Of few parameters; a norm over few units may divide by nearly nothing, and errors grow. */
  private static boolean isSmall(Architecture architecture, int most) {
    return architecture.parameters().stream().mapToInt(Parameter::size).sum() < most
        && architecture.layers().stream()
            .map(Layer::cell)
            .noneMatch(
                c ->
                    (c instanceof LayerNormLstm || c instanceof LayerNormGru)
                        && c.hiddenSize() < 6);
  }

  private static void checkPasses(Architecture architecture, int steps, int batch, long seed) {
    Weights weights = Training.weights(architecture, seed);
    Report report = GradientCheck.run(weights, steps, batch, seed);
    List<String> names = new ArrayList<>(weights.values().keySet());
    if (architecture.input() instanceof Input.Dense) {
      names.add("x");
    }
    names.add("initial state");
    assertThat(report.rows()).extracting(Row::parameter).isEqualTo(names);
    assertThat(report.rows()).as("%s", architecture).allMatch(Row::passed);
    assertThat(report.forward().orElseThrow().worst()).isLessThan(1);
    assertThat(report.worstKernelError()).isLessThan(1e-4);
    assertThat(report.worstReferenceError()).isLessThan(1e-7);
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
        new Architecture(
            new Input.Embedding(7, 5), Cells.stack(5, List.of(lower, upper), 33, 17), 3);
    checkPasses(architecture, 3, 2, 1);
  }

  @Tag("any-width")
  @Property(tries = 29, generation = GenerationMode.EXHAUSTIVE)
  void gradientsOfEveryKindAreRight(@ForAll Cells kind) {
    checkPasses(new Architecture(new Input.Dense(3), kind.stack(3, 4, 3), 2), 4, 2, 1);
  }

  private static Layer noisy(Cell cell, Direction direction, Merge merge) {
    return new Layer(cell, direction, merge, 0.3f, 0.2f, 0.2f, false);
  }

  /** What is only right together. */
  @Example
  void gradientsOfTheseStacksAreRight() {
    Input dense = new Input.Dense(3);
    Layer square = Layer.of(new Lstm(3, 3)).with(Direction.BIDIRECTIONAL, Merge.PRODUCT);
    for (Architecture architecture :
        List.of(
            new Architecture(
                new Input.OneHot(3),
                List.of(Layer.of(new Mut(3, 3, 1)).with(Direction.REVERSE)),
                Readout.NONE),
            new Architecture(
                new Input.OneHot(4),
                List.of(
                    noisy(new Mut(4, 4, 2), Direction.BIDIRECTIONAL, Merge.CONCAT),
                    noisy(Cells.CLOCKWORK.of(8, 6), Direction.REVERSE, Merge.CONCAT)),
                new Readout(Attention.ADDITIVE, 2)),
            new Architecture(
                dense,
                List.of(square, square.withTiedWeights(), square.withTiedWeights()),
                new Readout(Attention.DOT, 0)),
            new Architecture(
                dense,
                List.of(
                    noisy(new GridLstm(3, 3), Direction.FORWARD, Merge.CONCAT),
                    noisy(new GridLstm(3, 3), Direction.FORWARD, Merge.CONCAT).withTiedWeights(),
                    noisy(new DepthGatedLstm(3, 3), Direction.FORWARD, Merge.CONCAT)),
                Readout.linear(2)),
            new Architecture(
                new Input.Embedding(5, 3),
                List.of(
                    noisy(Cells.LSTM_EVERYTHING.of(3, 4), Direction.BIDIRECTIONAL, Merge.MEAN),
                    noisy(Cells.GRU_BEFORE.of(2, 3), Direction.BIDIRECTIONAL, Merge.SUM)),
                new Readout(Attention.ADDITIVE, 0)))) {
      checkPasses(architecture, 5, 3, 1);
    }
  }

  /** Directions, merges, noise of training, attention, ragged sequences. */
  @Property(tries = 20)
  void gradientsOfAnyStackAreRight(
      @ForAll("stacks") Architecture architecture,
      @ForAll @IntRange(min = 1, max = 5) int steps,
      @ForAll @IntRange(min = 1, max = 3) int batch,
      @ForAll long seed) {
    checkPasses(architecture, steps, batch, seed);
  }

  @Provide
  Arbitrary<Architecture> stacks() {
    return new AnyStack().get().filter(a -> isSmall(a, 800));
  }

  /** A chaotic network: floats and finite differences both lose their way in it. */
  @Example
  void whatCannotBeConfirmedFails() {
    Architecture architecture = Architecture.of(Cells.RNN.of(3, 20));
    Map<String, float[]> values = Nets.values(architecture, 1);
    values.replaceAll((_, tensor) -> scaled(tensor, 20));
    Weights weights = Weights.of(architecture, values);
    Report report = GradientCheck.run(weights, 120, 1, 1);
    assertThat(report.passed()).isFalse();
    assertThat(report.worstKernelError()).isGreaterThan(GradientCheck.KERNEL_LIMIT);
    assertThat(report.worstReferenceError()).isGreaterThan(GradientCheck.REFERENCE_LIMIT);
  }

  private static float[] scaled(float[] values, float factor) {
    float[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return scaled;
  }

  @Example
  void oneEntryTooFarOffFailsTheReport() {
    Row right = row(0.99e-4, 0.99e-7);
    assertThat(report(0.99e-5, right, right).passed()).isTrue();
    report(0.99e-5, right, right).assertPassed();
    for (Row wrong :
        List.of(row(1e-4, 0), row(0, 1e-7), row(Double.NaN, 0), row(0, Double.NaN), row(2, 0))) {
      assertThat(wrong.passed()).as("%s", wrong).isFalse();
      assertThat(report(0, right, wrong, right).passed()).isFalse();
      assertThatThrownBy(() -> report(0, right, wrong).assertPassed())
          .isInstanceOf(AssertionError.class)
          .hasMessageContainingAll("The gradients are wrong.", "w: too big", "FAILED", "entries");
    }
    assertThat(report(1e-5, right).passed()).isFalse();
    assertThat(report(Double.NaN, right).passed()).isFalse();
  }

  @Example
  void nothingComparedIsNotPassed() {
    assertThat(new Row("w", Layout.of(1, 1), 0, 1, 1, 1, 0, 0, 1e-7, 0, 3, "").passed()).isFalse();
    assertThat(new Row("w", Layout.of(1, 1), 0, 1, 1, 1, 0, 0, 1e-7, 1, 3, "").passed()).isTrue();
    assertThat(new Row("w", Layout.of(1, 1), 0, 1, 1, 1, 0, 0, 1e-7, 0, 0, "").passed()).isTrue();
  }

  private static Report report(double adjointError, Row... rows) {
    return new Report(
        Optional.empty(), List.of(rows), adjointError, GradientCheck.ADJOINT_LIMIT, "");
  }

  private static Row row(double kernelError, double referenceError) {
    return new Row(
        "w", Layout.of(1, 1), 0, 1, 1, 1, kernelError, referenceError, 1e-7, 1, 0, "too big");
  }

  /** Sequences of one's own, from a state of zero. */
  @Example
  void gradientsForGivenDataAreRight() {
    Architecture dense =
        new Architecture(
            new Input.Dense(3), List.of(Cells.LSTM.of(3, 5), Cells.GRU_BEFORE.of(5, 4)), 2);
    float[] x = Floats.random(5 * 2 * 3, 1);
    Weights weights = Training.weights(dense, 1);
    GradientCheck.run(weights, x, 5, 2, 1).assertPassed();
    assertThatThrownBy(() -> GradientCheck.run(weights, x, 5, 3, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> GradientCheck.run(weights, new int[10], 5, 2, 1))
        .isInstanceOf(IllegalArgumentException.class);
    for (Input input : List.of(new Input.Embedding(7, 3), new Input.OneHot(7))) {
      Architecture tokens =
          new Architecture(input, List.of(Cells.GRU_AFTER.of(input.size(), 5)), 2);
      Weights ofTokens = Training.weights(tokens, 1);
      GradientCheck.run(ofTokens, new int[] {6, 0, 0, 1, 1, 2}, 3, 2, 1).assertPassed();
      assertThatThrownBy(() -> GradientCheck.run(ofTokens, new int[] {7}, 1, 1, 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Example
  void needsStepsAndSequences() {
    Weights weights = Training.weights(Architecture.of(Cells.RNN.of(1, 1)), 1);
    assertThatThrownBy(() -> GradientCheck.run(weights, 0, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs 1 step and 1 sequence or more");
  }
}
