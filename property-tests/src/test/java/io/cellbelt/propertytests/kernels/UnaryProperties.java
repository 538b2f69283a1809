package io.cellbelt.propertytests.kernels;

import static io.cellbelt.propertytests.support.Floats.bits;
import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Softplus;
import io.cellbelt.kernels.activation.Softsign;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.elementwise.Clip;
import io.cellbelt.kernels.elementwise.Unary;
import io.cellbelt.propertytests.support.Strided;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/**
 * Functions of one operand have the bits of plain Java. How near {@link Unary#LOG}, {@link
 * Unary#ERF} and the activations are to their functions, {@code ActivationTest} checks.
 */
@Tag("any-width")
class UnaryProperties {
  /** Plain Java where that is exact, otherwise the scalar form. */
  private static float expected(Unary function, float x) {
    return switch (function) {
      case COPY -> x;
      case ABSOLUTE -> Math.abs(x);
      case NEGATE -> -x;
      case SIGN -> Math.signum(x);
      case SQUARE_ROOT -> (float) Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case SQUARE -> x * x;
      case RELU -> x < 0 ? 0 : x;
      case EXP -> Exp.scalar(x);
      case SIGMOID -> Sigmoid.scalar(x);
      case TANH -> Tanh.scalar(x);
      case SOFTPLUS -> Softplus.scalar(x);
      case SOFTSIGN -> Softsign.scalar(x);
      case LOG, ERF -> function.scalar(x);
      case FLOOR -> (float) Math.floor(x);
      case CEIL -> (float) Math.ceil(x);
      case ROUND_EVEN -> (float) Math.rint(x);
    };
  }

  private static float[] expected(Unary function, float[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = expected(function, x[i]);
      assertThat(bits(function.scalar(x[i]))).as(function + " of " + x[i]).isEqualTo(bits(y[i]));
    }
    return y;
  }

  @Property(tries = 60)
  void floatsHaveTheBitsOfPlainJava(
      @ForAll @IntRange(min = 0, max = 200) int floats, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (Unary function : Unary.values()) {
      try (Strided x = new Strided(1, floats, floats, random);
          Strided y = new Strided(1, floats, floats, random)) {
        float[] expected = expected(function, x.get(0));
        function.apply(x.address(), y.address(), floats);
        assertThat(bits(y.get(0))).as(function.name()).isEqualTo(bits(expected));
        assertThat(y.restUntouched(Strided.REACH) && x.restUntouched(0)).isTrue();
        function.apply(x.address(), x.address(), floats);
        assertThat(bits(x.get(0))).as(function + " in place").isEqualTo(bits(expected));
        assertThat(x.restUntouched(Strided.REACH)).isTrue();
      }
    }
  }

  /** Where rounding, and adding what rounds, changes: around whole numbers, halves and 2^23. */
  @Example
  void roundingHoldsAtItsSeams() {
    for (float seam : new float[] {0, 0.5f, 1, 1.5f, 2, 2.5f, 0x1p22f, 0x1p23f, 0x1p24f, 0x1p31f}) {
      float[] x = {
        Math.nextDown(seam),
        seam,
        Math.nextUp(seam),
        -Math.nextDown(seam),
        -seam,
        -Math.nextUp(seam)
      };
      for (Unary function : new Unary[] {Unary.FLOOR, Unary.CEIL, Unary.ROUND_EVEN}) {
        try (Strided values = Strided.row(x)) {
          function.apply(values.address(), values.address(), x.length);
          assertThat(bits(values.get(0))).isEqualTo(bits(expected(function, x)));
        }
      }
    }
  }

  /** A copy keeps the bits of NaN too. */
  @Property(tries = 20)
  void copiesKeepEveryBit(@ForAll int bits) {
    try (Strided x = Strided.row(Float.intBitsToFloat(bits))) {
      Unary.COPY.apply(x.address(), x.address(), 1);
      assertThat(x.restUntouched(0)).isTrue();
      assertThat(Float.floatToRawIntBits(x.get(0)[0])).isEqualTo(bits);
    }
  }

  @Provide
  Arbitrary<Float> limits() {
    return Arbitraries.of(
        Float.NEGATIVE_INFINITY,
        -3f,
        -1f,
        -0f,
        0f,
        Float.MIN_VALUE,
        1f,
        6f,
        Float.POSITIVE_INFINITY);
  }

  @Property(tries = 60)
  void clipHasTheBitsOfPlainJava(
      @ForAll @IntRange(min = 0, max = 200) int floats,
      @ForAll("limits") float low,
      @ForAll("limits") float high,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Strided x = new Strided(1, floats, floats, random);
        Strided y = new Strided(1, floats, floats, random)) {
      float[] before = x.get(0);
      float[] expected = new float[floats];
      for (int i = 0; i < floats; i++) {
        float raised = before[i] < low ? low : before[i];
        expected[i] = raised > high ? high : raised;
        assertThat(bits(Clip.scalar(before[i], low, high))).isEqualTo(bits(expected[i]));
      }
      Clip.apply(x.address(), y.address(), floats, low, high);
      assertThat(bits(y.get(0))).isEqualTo(bits(expected));
      assertThat(y.restUntouched(Strided.REACH) && x.restUntouched(0)).isTrue();
      Clip.apply(x.address(), x.address(), floats, low, high);
      assertThat(bits(x.get(0))).isEqualTo(bits(expected));
    }
  }
}
