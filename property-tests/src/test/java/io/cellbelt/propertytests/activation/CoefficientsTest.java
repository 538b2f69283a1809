package io.cellbelt.propertytests.activation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Softplus;
import io.cellbelt.kernels.activation.Tanh;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Derives the frozen coefficients again, or shows that they leave no more than rounding. */
@Tag("slow")
class CoefficientsTest {
  @Test
  void expIsTheMinimaxFit() {
    MinimaxFit fit =
        new MinimaxFit(
            r -> StrictMath.expm1(r) - r, r -> StrictMath.exp(-r), -0.347, 0.347, 2, 1, 5);
    float[] frozen = {Exp.C2, Exp.C3, Exp.C4, Exp.C5, Exp.C6};
    assertThat(fit.coefficients()).containsExactly(frozen);
    assertThat(fit.largestError(frozen)).isLessThan(3.3e-9);
  }

  @Test
  void softplusIsTheMinimaxFit() {
    MinimaxFit fit =
        new MinimaxFit(
            CoefficientsTest::artanhRest,
            w -> 1 / (2 * w + artanhRest(w)),
            0x1p-10,
            0.33334,
            3,
            2,
            4);
    float[] frozen = {Softplus.C3, Softplus.C5, Softplus.C7, Softplus.C9};
    assertThat(fit.coefficients()).containsExactly(frozen);
    assertThat(fit.largestError(frozen)).isLessThan(4.5e-9);
  }

  /** 2 artanh(w) - 2 w, by its series where the difference would cancel. */
  private static double artanhRest(double w) {
    if (w > 0.05) {
      return StrictMath.log1p(w) - StrictMath.log1p(-w) - 2 * w;
    }
    double sum = 0;
    for (int k = 13; k >= 3; k -= 2) {
      sum = sum * w * w + 2.0 / k;
    }
    return sum * w * w * w;
  }

  /** The formula in double with the frozen floats: what is left of the ULPs is rounding. */
  @Test
  void tanhIsAsGoodAsThePolynomialAllows() {
    double largest = 0;
    for (int k = 1; k <= 1_000_000; k++) {
      double x = 9.006 * k / 1_000_000;
      int i = Tanh.interval((float) x);
      double d = x - Tanh.centre(i);
      double w = d * d;
      double v = Tanh.tanh(i) * d + w * (Tanh.C1 + w * (Tanh.C2 + w * Tanh.C3));
      double exact = StrictMath.tanh(x);
      largest =
          Math.max(largest, Math.abs(Tanh.tanh(i) + Tanh.slope(i) * d / (1 + v) - exact) / exact);
    }
    assertThat(largest).isLessThan(2.3e-8);
  }

  @Test
  void tanhOfTheCentresIsNearlyAFloat() {
    for (int i = 0; i < 8; i++) {
      double exact = StrictMath.tanh(Tanh.centre(i));
      if (Tanh.slope(i) > 0) {
        assertThat(Math.abs(Tanh.tanh(i) - exact))
            .isLessThanOrEqualTo(0.1 * Math.ulp(Tanh.tanh(i)));
      }
    }
  }
}
