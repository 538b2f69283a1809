package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.Differentiable;
import io.cellbelt.bptt.FunctionCheck;
import io.cellbelt.bptt.GradientCheck;
import io.cellbelt.bptt.GradientCheck.Report;
import io.cellbelt.bptt.GradientCheck.Row;
import io.cellbelt.bptt.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions of one's own: right ones pass, wrong ones do not, and the mistake is named. */
class FunctionCheckTest {
  private static final SplittableRandom RANDOM = new SplittableRandom(1);
  private static final OwnFunction OWN = new OwnFunction(samples(5, 3), samples(5, 4));
  private static final Map<String, double[]> PLACE =
      Map.of("W", samples(1, 12)[0], "b", samples(1, 4)[0]);

  private static double[][] samples(int count, int size) {
    double[][] all = new double[count][];
    for (int n = 0; n < count; n++) {
      all[n] = RANDOM.doubles(size, -1, 1).toArray();
    }
    return all;
  }

  private static Differentiable function(
      ToDoubleFunction<Map<String, double[]>> loss, UnaryOperator<Map<String, double[]>> gradient) {
    return new Differentiable() {
      @Override
      public double loss(Map<String, double[]> at) {
        return loss.applyAsDouble(at);
      }

      @Override
      public Map<String, double[]> gradient(Map<String, double[]> at) {
        return gradient.apply(at);
      }
    };
  }

  private static Differentiable wrong(String name, UnaryOperator<double[]> mistake) {
    return function(
        OWN::loss,
        at -> {
          Map<String, double[]> gradient = new LinkedHashMap<>(OWN.gradient(at));
          gradient.computeIfPresent(name, (n, values) -> mistake.apply(values));
          return gradient;
        });
  }

  private static Row row(Report report, String name) {
    return report.rows().stream()
        .filter(row -> row.parameter().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aRightGradientPasses() {
    GradientCheck.of(OWN).layout("W", Layout.of(4, 3)).run(PLACE).assertPassed();
    Report report = GradientCheck.of(OWN).run(PLACE);
    assertThat(report.passed()).isTrue();
    assertThat(row(report, "W").entries()).isEqualTo(12);
    assertThat(row(report, "W").guess()).isEmpty();
    assertThat(row(report, "W").referenceError()).isLessThan(1e-8);
    Report fast = GradientCheck.of(OWN).fast(3).seed(7).run(PLACE);
    assertThat(fast.passed()).isTrue();
    assertThat(row(fast, "W").entries()).isEqualTo(3);
    assertThat(row(fast, "W").index()).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWrongGradientFailsAndIsNamed(boolean fast) {
    Differentiable twice = wrong("W", FunctionCheckTest::doubled);
    FunctionCheck check = GradientCheck.of(twice).layout("W", Layout.of(4, 3));
    Report report = (fast ? check.fast() : check).run(PLACE);
    assertThat(report.passed()).isFalse();
    assertThat(row(report, "b").passed()).isTrue();
    Row row = row(report, "W");
    assertThat(row.guess()).startsWith("the gradient is 2.0 times what it should be");
    assertThat(row.analytic()).isEqualTo(2 * OWN.gradient(PLACE).get("W")[row.index()]);
    assertThat(Math.abs(row.analytic() - 2 * row.numeric())).isLessThan(1e-8);
    assertThat(row.absoluteError()).isEqualTo(Math.abs(row.analytic() - row.numeric()));
    assertThatThrownBy(report::assertPassed)
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("W: the gradient is 2.0 times", "claimed", "FAILED");
  }

  /** Of a tensor with a layout the row and the column, of another the place in its array. */
  @Test
  void entriesAreToldByRowAndColumn() {
    Differentiable nan = wrong("W", v -> spoiled(v, 7));
    Report told = GradientCheck.of(nan).layout("W", Layout.of(4, 3).withGates("ifgo")).run(PLACE);
    assertThat(row(told, "W").place()).isEqualTo("[2, 1]");
    assertThat(told.toString()).contains("[2, 1]", "FAILED at gate g, unit 0, input 1");
    Report untold = GradientCheck.of(nan).run(PLACE);
    assertThat(row(untold, "W").place()).isEqualTo("[7]");
    assertThat(untold.forward()).isEmpty();
    assertThat(untold.toString()).doesNotContain("forward");
    assertThat(GradientCheck.of(OWN).fast().run(PLACE).rows())
        .allMatch(row -> row.place().equals("-"));
  }

  private static double[] spoiled(double[] values, int entry) {
    double[] spoiled = values.clone();
    spoiled[entry] = Double.NaN;
    return spoiled;
  }

  private static double[] doubled(double[] values) {
    double[] doubled = values.clone();
    for (int i = 0; i < doubled.length; i++) {
      doubled[i] *= 2;
    }
    return doubled;
  }

  @Test
  void aMistakeEverywhereIsOneOfTheLoss() {
    Differentiable mine =
        function(
            OWN::loss,
            at -> {
              Map<String, double[]> gradient = new LinkedHashMap<>(OWN.gradient(at));
              gradient.replaceAll((name, values) -> doubled(values));
              return gradient;
            });
    assertThat(GradientCheck.of(mine).run(PLACE).guess()).contains("look at the loss");
  }

  @Test
  void gatesAndTransposedMatricesAreNamed() {
    Differentiable forgets =
        wrong(
            "W",
            values -> {
              double[] wrong = values.clone();
              wrong[3] = 0;
              wrong[4] = 0;
              wrong[5] = 0;
              return wrong;
            });
    Layout gates = Layout.of(4, 3).withGates("ifgo");
    assertThat(row(GradientCheck.of(forgets).layout("W", gates).run(PLACE), "W").guess())
        .startsWith("only the rows of gate f are wrong (zero)");
    Differentiable across =
        wrong(
            "W",
            values -> {
              double[] wrong = new double[12];
              for (int i = 0; i < 12; i++) {
                wrong[i % 3 * 4 + i / 3] = values[i];
              }
              return wrong;
            });
    assertThat(row(GradientCheck.of(across).layout("W", gates).run(PLACE), "W").guess())
        .startsWith("the matrix is transposed");
    assertThat(row(GradientCheck.of(wrong("b", v -> new double[4])).run(PLACE), "b").guess())
        .startsWith("the gradient is zero");
    Differentiable nan = wrong("b", v -> new double[] {v[0], Double.NaN, v[2], v[3]});
    Report report = GradientCheck.of(nan).run(PLACE);
    assertThat(row(report, "b").guess()).startsWith("the gradient is NaN or infinite at 1 of 4");
    assertThat(row(report, "W").passed()).isTrue();
    assertThat(report.passed()).isFalse();
  }

  /** h = tanh(u h + w x), with a gradient that forgets all steps but the last. */
  private record Recurrence(double[] x, boolean cut) {
    Differentiable over(int steps) {
      return function(at -> states(at, steps)[steps] + 1, at -> gradient(at, steps));
    }

    private double[] states(Map<String, double[]> at, int steps) {
      double[] h = new double[steps + 1];
      h[0] = 0.3;
      for (int t = 1; t <= steps; t++) {
        h[t] = Math.tanh(at.get("u")[0] * h[t - 1] + at.get("w")[0] * x[t - 1]);
      }
      return h;
    }

    private Map<String, double[]> gradient(Map<String, double[]> at, int steps) {
      double[] h = states(at, steps);
      double[] du = new double[1];
      double[] dw = new double[1];
      double dh = 1;
      for (int t = steps; t > (cut ? steps - 1 : 0); t--) {
        double da = dh * (1 - h[t] * h[t]);
        du[0] += da * h[t - 1];
        dw[0] += da * x[t - 1];
        dh = da * at.get("u")[0];
      }
      return Map.of("u", du, "w", dw);
    }
  }

  @Test
  void aGradientCutOffInTimeIsNamed() {
    Map<String, double[]> place = Map.of("u", new double[] {0.9}, "w", new double[] {0.4});
    double[] x = {0.5, -0.2, 0.8, 0.1};
    Recurrence right = new Recurrence(x, false);
    GradientCheck.of(right.over(4)).oneStep(right.over(1)).run(place).assertPassed();
    Recurrence cut = new Recurrence(x, true);
    Report report = GradientCheck.of(cut.over(4)).oneStep(cut.over(1)).run(place);
    assertThat(report.rows())
        .allMatch(row -> row.guess().startsWith("it is right at T = 1 and wrong at more steps"));
  }

  @Test
  void onlyRecurrentWeightsAreNamed() {
    Layout recurrent = Layout.of(4, 3).asRecurrent();
    Report report =
        GradientCheck.of(wrong("W", v -> new double[12])).layout("W", recurrent).run(PLACE);
    assertThat(report.guess()).startsWith("only recurrent weights are wrong");
  }

  private static double slope(double x) {
    return x < 0 ? -1 : 1;
  }

  /** |x| has no gradient at 0; elsewhere it is checked, and nothing else is excused. */
  @Test
  void kinksAreCountedAndNotExcuses() {
    Differentiable absolute =
        function(
            at -> Math.abs(at.get("x")[0]) + Math.abs(at.get("x")[1]),
            at -> Map.of("x", new double[] {slope(at.get("x")[0]), slope(at.get("x")[1])}));
    Report report = GradientCheck.of(absolute).run(Map.of("x", new double[] {0, 2}));
    assertThat(report.passed()).isTrue();
    assertThat(report.kinks()).isEqualTo(1);
    assertThat(report.rows().getFirst().entries()).isEqualTo(1);
    for (FunctionCheck check :
        new FunctionCheck[] {GradientCheck.of(absolute), GradientCheck.of(absolute).fast()}) {
      Report nothing = check.run(Map.of("x", new double[2]));
      assertThat(nothing.passed()).isFalse();
      assertThat(nothing.rows().getFirst().guess()).startsWith("nothing could be compared");
    }
    Differentiable wrong =
        function(absolute::loss, at -> Map.of("x", new double[] {7, slope(at.get("x")[1])}));
    assertThat(GradientCheck.of(wrong).run(Map.of("x", new double[] {0, 2})).passed()).isFalse();
  }

  /** However many parameters there are. */
  @Test
  void aFastCheckCostsTheSameAtAnySize() {
    int[] calls = new int[2];
    int[] sizes = {10, 100_000};
    for (int k = 0; k < 2; k++) {
      AtomicInteger count = new AtomicInteger();
      Differentiable squares =
          function(
              at -> {
                count.incrementAndGet();
                double sum = 0;
                for (double value : at.get("x")) {
                  sum += value * value / 2;
                }
                return sum;
              },
              at -> Map.of("x", at.get("x").clone()));
      double[] place = new SplittableRandom(k).doubles(sizes[k], -1, 1).toArray();
      Report report = GradientCheck.of(squares).fast().limit(1e-5).run(Map.of("x", place));
      assertThat(report.passed()).as("%s", report).isTrue();
      calls[k] = count.get();
    }
    assertThat(calls[0]).isLessThan(300);
    assertThat(calls[1]).isLessThan(300);
  }

  @Test
  void aLargeConstantInTheLossIsNamed() {
    Differentiable shifted = function(at -> OWN.loss(at) + 1e10, OWN::gradient);
    Report report = GradientCheck.of(shifted).run(PLACE);
    assertThat(report.passed()).isFalse();
    assertThat(row(report, "W").guess()).startsWith("it cannot be told: rounding of the loss");
  }

  @Test
  void lossesInFloatAreCheckedWithLargerSteps() {
    Differentiable rough = function(at -> (float) OWN.loss(at), OWN::gradient);
    assertThat(GradientCheck.of(rough).run(PLACE).passed()).isFalse();
    GradientCheck.of(rough).inFloat().run(PLACE).assertPassed();
    Differentiable wrong = function(rough::loss, wrong("W", v -> doubled(v))::gradient);
    Report report = GradientCheck.of(wrong).inFloat().run(PLACE);
    assertThat(row(report, "W").guess()).startsWith("the gradient is 2.0 times");
  }

  @Test
  void thePlaceStaysAsItWas() {
    double[] place = {0.25, -0.0};
    GradientCheck.of(function(at -> at.get("x")[0], at -> Map.of("x", new double[] {1, 0})))
        .run(Map.of("x", place))
        .assertPassed();
    assertThat(place).containsExactly(0.25, -0.0);
  }

  @Test
  void refusesWhatCannotBeChecked() {
    AtomicInteger calls = new AtomicInteger();
    refuses("must be the same twice", function(at -> calls.incrementAndGet(), OWN::gradient));
    refuses("The gradient of 'W' has the 12 entries", wrong("W", v -> new double[3]));
    refuses("but got none", wrong("W", v -> null));
    assertThatThrownBy(() -> GradientCheck.of(OWN).layout("V", Layout.of(1, 1)).run(PLACE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no such tensor");
    assertThatThrownBy(() -> GradientCheck.of(OWN).layout("W", Layout.of(1, 1)).run(PLACE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the tensor has 12 entries");
    assertThatThrownBy(() -> GradientCheck.of(OWN).run(Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 tensor or more");
    assertThatThrownBy(() -> GradientCheck.of(OWN).fast(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> GradientCheck.of(OWN).limit(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void refuses(String sentence, Differentiable function) {
    assertThatThrownBy(() -> GradientCheck.of(function).run(PLACE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }

  /** docs/gradient-check.md shows the function that is tested here, line by line. */
  @Test
  void theDocumentShowsTheFunctionThatIsTestedHere() throws IOException {
    String source =
        Files.readString(Path.of("src/test/java/io/cellbelt/propertytests/bptt/OwnFunction.java"));
    String body = source.substring(source.indexOf("  @Override\n  public Map"));
    assertThat(Files.readString(Path.of("../docs/gradient-check.md")))
        .contains(body.stripTrailing())
        .contains(
            "GradientCheck.of(OWN).layout(\"W\", Layout.of(4, 3)).run(PLACE).assertPassed();");
  }
}
