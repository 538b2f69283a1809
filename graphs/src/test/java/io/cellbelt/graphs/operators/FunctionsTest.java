package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FunctionsTest {
  private static final List<ElementType> FLOATS =
      List.of(ElementType.F32, ElementType.F64, ElementType.F16, ElementType.BF16);

  private static final Map<String, DoubleUnaryOperator> FUNCTIONS =
      Map.ofEntries(
          Map.entry("Abs", Math::abs),
          Map.entry("Neg", x -> -x),
          Map.entry("Sign", x -> x > 0 ? 1 : x < 0 ? -1 : x),
          Map.entry("Relu", x -> Double.isNaN(x) || x > 0 ? x : 0),
          Map.entry("Exp", Math::exp),
          Map.entry("Log", Math::log),
          Map.entry("Sqrt", x -> x < 0 ? Double.NaN : Math.pow(x, 0.5)),
          Map.entry("Reciprocal", x -> 1 / x),
          Map.entry("Floor", x -> -Math.ceil(-x)),
          Map.entry("Ceil", x -> -Math.floor(-x)),
          Map.entry("Round", FunctionsTest::even),
          Map.entry("Erf", FunctionsTest::erf),
          Map.entry("Sigmoid", x -> Math.exp(x) > 1e300 ? 1 : Math.exp(x) / (1 + Math.exp(x))),
          Map.entry("Tanh", Math::tanh),
          Map.entry("Softplus", x -> x > 30 ? x : Math.log1p(Math.exp(x))),
          Map.entry(
              "Softsign",
              x -> Double.isInfinite(x) ? Math.signum(x) : x < 0 ? x / (1 - x) : x / (1 + x)),
          Map.entry("Sin", Math::sin),
          Map.entry("Cos", Math::cos),
          Map.entry("Tan", x -> Math.sin(x) / Math.cos(x)),
          Map.entry("Asin", Math::asin),
          Map.entry("Acos", Math::acos),
          Map.entry("Atan", Math::atan),
          Map.entry("Sinh", Math::sinh),
          Map.entry("Cosh", Math::cosh),
          Map.entry("Asinh", x -> Math.signum(x) * Math.log(Math.abs(x) + Math.hypot(x, 1))),
          Map.entry(
              "Acosh",
              x -> x > 1e20 ? Math.log(x) + Math.log(2) : Math.log(x + Math.sqrt(x * x - 1))),
          Map.entry("Atanh", x -> Math.log((1 + x) / (1 - x)) / 2));

  static List<String> functions() {
    return FUNCTIONS.keySet().stream().sorted().toList();
  }

  private static double even(double x) {
    double down = Math.floor(x);
    double rest = x - down;
    boolean up = rest > 0.5 || rest == 0.5 && down % 2 != 0;
    return Double.isNaN(x) ? x : up ? down + 1 : down;
  }

  /** By the trapezoidal rule on {@code 2/√π ∫ e^(-t²) dt}, whose error falls as e^(-n²). */
  private static double erf(double x) {
    if (Math.abs(x) > 6 || x == 0 || Double.isNaN(x)) {
      return Math.signum(x);
    }
    int steps = 2000;
    double sum = 0;
    for (int i = 0; i < steps; i++) {
      // Gauss-Legendre of two points in each step.
      double middle = (i + 0.5) * x / steps;
      double off = x / steps / 2 / Math.sqrt(3);
      sum +=
          Math.exp(-(middle - off) * (middle - off)) + Math.exp(-(middle + off) * (middle + off));
    }
    return sum * x / steps / Math.sqrt(Math.PI);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void floatsOfAnyWidth(String operator) {
    Random random = new Random(operator.hashCode());
    for (ElementType type : FLOATS) {
      for (int rank = 0; rank < 5; rank++) {
        Tensor x = Trial.random(random, type, rank > 0, Trial.shape(random, rank, 6));
        double[] expected = new double[x.size()];
        for (int i = 0; i < expected.length; i++) {
          expected[i] = FUNCTIONS.get(operator).applyAsDouble(x.doubleAt(i));
        }
        Trial trial = Trial.of(22, operator, x);
        Trial.assertClose(trial.run(), expected, 2e-6, trial.toString());
      }
    }
  }

  @Test
  void integers() {
    Map<String, LongUnaryOperator> operators =
        Map.of("Abs", Math::abs, "Neg", x -> -x, "Sign", Long::signum, "Relu", x -> Math.max(0, x));
    Random random = new Random(1);
    operators.forEach(
        (operator, f) -> {
          for (ElementType type :
              List.of(ElementType.I8, ElementType.I16, ElementType.I32, ElementType.I64)) {
            Tensor x = Trial.random(random, type, true, 5, 7);
            long[] expected = x.longs();
            for (int i = 0; i < expected.length; i++) {
              expected[i] = type.wrapped(f.applyAsLong(expected[i]));
            }
            assertThat(Trial.of(14, operator, x).run().longs()).containsExactly(expected);
          }
        });
    Tensor large = Tensor.wrap(ElementType.U64, new long[] {-1, 0, 5}, 3);
    assertThat(Trial.of(13, "Abs", large).run().longs()).containsExactly(-1, 0, 5);
    assertThat(Trial.of(13, "Sign", large).run().longs()).containsExactly(1, 0, 1);
  }

  @Test
  void whatHasNoMeaningIsRefused() {
    Tensor whole = Tensor.of(new long[] {1, 2}, 2);
    assertThatThrownBy(() -> Trial.of(13, "Exp", whole).run())
        .hasMessageContaining("it works on floats, but got I64 [2]");
    assertThatThrownBy(() -> Trial.of(13, "Neg", Tensor.wrap(ElementType.U8, new long[1], 1)).run())
        .hasMessageContaining("numbers with a sign");
    assertThatThrownBy(() -> Trial.of(14, "Relu", Casts.TRUE).run())
        .hasMessageContaining("it works on numbers");
  }

  @Test
  void clipsByBoundsThatAreInputs() {
    Random random = new Random(2);
    for (ElementType type :
        List.of(
            ElementType.F32,
            ElementType.F64,
            ElementType.F16,
            ElementType.I8,
            ElementType.U8,
            ElementType.I64)) {
      Tensor x = Trial.random(random, type, false, 4, 9);
      Tensor low = Casts.converted(Tensor.of(new double[] {2}), type).reshaped();
      Tensor high = Casts.converted(Tensor.of(new double[] {5}), type).reshaped();
      for (int which = 0; which < 4; which++) {
        Tensor least = (which & 1) == 0 ? null : low;
        Tensor most = (which & 2) == 0 ? null : high;
        double[] expected = x.doubles();
        for (int i = 0; i < expected.length; i++) {
          expected[i] = least == null ? expected[i] : Math.max(2, expected[i]);
          expected[i] = most == null ? expected[i] : Math.min(5, expected[i]);
        }
        Tensor y = Trial.of(13, "Clip", x, least, most).run();
        assertThat(y.doubles()).as("%s %s", type, which).containsExactly(expected);
        assertThat(y.type()).isEqualTo(type);
      }
      assertThat(Trial.of(13, "Clip", x, high, low).run().doubles()).containsOnly(2);
    }
    Tensor unsigned = Tensor.wrap(ElementType.U64, new long[] {-1, 3}, 2);
    Tensor bound = Tensor.wrap(ElementType.U64, new long[] {7});
    assertThat(Trial.of(13, "Clip", unsigned, bound).run().longs()).containsExactly(-1, 7);
  }

  @Test
  void clipsByBoundsThatAreAttributes() {
    Tensor x = Tensor.of(new float[] {-3, 0, 3, Float.NaN}, 4);
    assertThat(Trial.of(6, "Clip", x).with("min", -1f).with("max", 2f).run().floats())
        .containsExactly(-1, 0, 2, Float.NaN);
    assertThat(Trial.of(6, "Clip", x).with("max", 2f).run().floats())
        .containsExactly(-3, 0, 2, Float.NaN);
    assertThat(
            Trial.of(10, "Clip", Tensor.of(new double[] {-3, 7}, 2))
                .with("min", 1f)
                .run()
                .doubles())
        .containsExactly(1, 7);
  }
}
