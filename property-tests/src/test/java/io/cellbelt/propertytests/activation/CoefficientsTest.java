package io.cellbelt.propertytests.activation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.activation.Erf;
import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Log;
import io.cellbelt.kernels.activation.Softplus;
import io.cellbelt.kernels.activation.Tanh;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Derives the frozen coefficients again, or shows that they leave no more than rounding. */
@Tag("slow")
class CoefficientsTest {
  /** The last interval of Tanh but for the constant one. */
  private static final int LAST = 2;

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

  @Test
  void logLeavesNoMoreThanRounding() {
    MinimaxFit fit =
        new MinimaxFit(
            CoefficientsTest::logRest,
            f -> f == 0 ? 0 : 1 / StrictMath.log1p(f),
            StrictMath.sqrt(0.5) - 1,
            StrictMath.sqrt(2) - 1,
            3,
            1,
            8);
    float[] frozen = {Log.C3, Log.C4, Log.C5, Log.C6, Log.C7, Log.C8, Log.C9, Log.C10};
    assertThat(fit.largestError(frozen)).isLessThan(5.9e-9);
  }

  /** log(1 + f) - f + f^2 / 2, by its series where the difference would cancel. */
  private static double logRest(double f) {
    if (Math.abs(f) > 0.03) {
      return StrictMath.log1p(f) - f + f * f / 2;
    }
    double sum = 0;
    for (int k = 14; k >= 3; k--) {
      sum = sum * f + (k % 2 == 1 ? 1.0 : -1.0) / k;
    }
    return sum * f * f * f;
  }

  @Test
  void erfIsTheMinimaxFit() {
    MinimaxFit near =
        new MinimaxFit(x -> Promise.erf(x) - x, x -> 1 / Promise.erf(x), 0x1p-10, 0.84, 1, 2, 6);
    float[] frozenNear = {Erf.A1, Erf.A3, Erf.A5, Erf.A7, Erf.A9, Erf.A11};
    assertThat(near.coefficients()).containsExactly(frozenNear);
    assertThat(near.largestError(frozenNear)).isLessThan(6e-9);
    MinimaxFit far =
        new MinimaxFit(
            x -> -StrictMath.log(1 - Promise.erf(x)),
            x -> (1 - Promise.erf(x)) / Promise.erf(x),
            0.84,
            3.9,
            1,
            1,
            6);
    float[] frozenFar = {Erf.B1, Erf.B2, Erf.B3, Erf.B4, Erf.B5, Erf.B6};
    assertThat(far.coefficients()).containsExactly(frozenFar);
    assertThat(far.largestError(frozenFar)).isLessThan(3.5e-9);
  }

  /**
   * Of the slopes that keep the error, the frozen ones are the smallest or the largest. C3 and the
   * last slope are a few ULPs off: they weigh least and depend on where the error was sampled.
   */
  @Test
  void tanhIsTheMinimaxFit() {
    TanhFit fit = new TanhFit();
    assertThat(fit.error()).isLessThan(1.5904e-8);
    assertThat(fit.coefficient(1)).isEqualTo(Tanh.C1);
    assertThat(fit.coefficient(2)).isEqualTo(Tanh.C2);
    assertThat(fit.slope()).isEqualTo(Tanh.slope(TanhFit.DECISIVE));
    for (int i = 5; i <= 7; i++) {
      assertThat(fit.slopes(i)[0]).isEqualTo(Tanh.slope(i));
    }
    assertThat(fit.slopes(1)[1]).isEqualTo(Tanh.slope(1));
    float c3 = fit.coefficient(3);
    float lastSlope = fit.slopes(LAST)[1];
    assertThat(ulpsApart(c3, Tanh.C3)).isLessThanOrEqualTo(2);
    assertThat(ulpsApart(lastSlope, Tanh.slope(LAST))).isLessThanOrEqualTo(3);
    assertThat(largestTanhError(Tanh.C3, Tanh.slope(LAST)))
        .isLessThan(1.0001 * largestTanhError(c3, lastSlope));
  }

  private static int ulpsApart(float a, float b) {
    return Math.abs(Float.floatToRawIntBits(a) - Float.floatToRawIntBits(b));
  }

  /** What is left of the ULPs is rounding. That the slopes are floats adds the most to the fit. */
  @Test
  void tanhIsAsGoodAsThePolynomialAllows() {
    assertThat(largestTanhError(Tanh.C3, Tanh.slope(LAST))).isLessThan(2.3e-8);
  }

  /** The relative error of the formula in double, with the frozen floats but for two. */
  private static double largestTanhError(float c3, float lastSlope) {
    double largest = 0;
    for (int k = 1; k <= 1_000_000; k++) {
      double x = 9.006 * k / 1_000_000;
      int i = Tanh.interval((float) x);
      double slope = i == LAST ? lastSlope : Tanh.slope(i);
      double d = x - Tanh.centre(i);
      double w = d * d;
      double v = Tanh.tanh(i) * d + w * (Tanh.C1 + w * (Tanh.C2 + w * c3));
      double exact = StrictMath.tanh(x);
      largest = Math.max(largest, Math.abs(Tanh.tanh(i) + slope * d / (1 + v) - exact) / exact);
    }
    return largest;
  }

  /**
   * No float nearby has a tanh nearer to a float. Only above the last centre they come nearer, by
   * 3e-5 ULP each.
   */
  @Test
  void tanhOfTheCentresIsNearlyAFloat() {
    for (int i : new int[] {5, 6, 7, 0, 1, 2}) {
      float centre = Tanh.centre(i);
      assertThat(TanhFit.centreWithin(i)).isBetween(0.29, 0.5);
      assertThat(Tanh.tanh(i)).isEqualTo((float) StrictMath.tanh(centre));
      double distance = ulpsFromFloat(centre);
      assertThat(distance).isLessThan(i == LAST ? 0.07 : 1e-4);
      for (int k = 1; k <= 2_900; k++) {
        assertThat(ulpsFromFloat(centre - k * Math.ulp(centre))).isGreaterThan(distance);
        if (i != LAST) {
          assertThat(ulpsFromFloat(centre + k * Math.ulp(centre))).isGreaterThan(distance);
        }
      }
    }
  }

  /** How far the hyperbolic tangent is from a float. */
  private static double ulpsFromFloat(float x) {
    double exact = StrictMath.tanh(x);
    return Math.abs((float) exact - exact) / Math.ulp((float) exact);
  }

  @Test
  void tanhHasNoErrorAtItsEnds() {
    int first = Tanh.interval(0);
    assertThat(new float[] {Tanh.centre(first), Tanh.tanh(first), Tanh.slope(first)})
        .containsExactly(0, 0, 1);
    int constant = Tanh.interval(9.5f);
    assertThat(new float[] {Tanh.tanh(constant), Tanh.slope(constant)}).containsExactly(1, 0);
  }
}
