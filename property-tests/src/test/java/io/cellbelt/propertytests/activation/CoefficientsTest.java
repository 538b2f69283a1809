package io.cellbelt.propertytests.activation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Tanh;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Derives version v1 of the coefficients again. */
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
  void tanhIsTheMinimaxFit() {
    MinimaxFit fit =
        new MinimaxFit(
            x -> StrictMath.tanh(x) - x,
            x -> 1 / StrictMath.tanh(x),
            0x1p-20,
            Tanh.POLYNOMIAL_BELOW,
            3,
            2,
            4);
    float[] frozen = {Tanh.C3, Tanh.C5, Tanh.C7, Tanh.C9};
    assertThat(fit.coefficients()).containsExactly(frozen);
    assertThat(fit.largestError(frozen)).isLessThan(3.7e-8);
  }
}
