package io.cellbelt.propertytests.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.simd.Cold;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ActivationTest {
  static {
    Cold.end(); // tests are of the vectors
  }

  private static final int BLOCK = 4096;

  /** Floats in order: key 0 is zero, negative keys are the negative floats. */
  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  /** Where a formula or a range changes, and where a result reaches its limit. */
  private static final float[] SEAMS = {
    0, 0x1p-60f, 0x1p-30f, 0x1p-12f, 0.04332f, 0.12996f, 0.17328f, 0.34657f, 0.39103f, 0.70711f,
    0.80128f, 0.84f, 1, 1.0397f, 1.41421f, 1.62179f, 2.44231f, 3.87696f, 4, 4.08333f, 5.72436f,
    8.6644f, 9.00641f, 16.6355f, 17.3287f, 86.98997f, 87.33655f, 87.37987f, 87.68312f, 88.37626f,
    88.72284f, 89.06941f, 0x1p23f
  };

  @ParameterizedTest
  @EnumSource
  void staysWithinItsBoundsOnASample(Promise activation) {
    sweep(activation, -INFINITY, INFINITY, 4099);
    for (float seam : SEAMS) {
      int key = Float.floatToRawIntBits(seam);
      sweep(activation, Math.max(key - BLOCK, -INFINITY), key + BLOCK, 1);
      sweep(activation, -key - BLOCK, -key + BLOCK, 1);
    }
  }

  /** Those that are more than a product and a sum. */
  @Tag("slow")
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"IDENTITY", "AFFINE", "RELU", "LEAKY_RELU", "THRESHOLDED_RELU", "HARD_SIGMOID"})
  void staysWithinItsBoundsOnEveryFloat(Promise activation) {
    IntStream.range(-128, 128).parallel().forEach(part -> sweepPart(activation, part));
  }

  /** A 128th of the floats of one sign, from the last of the part before, for the order. */
  private static void sweepPart(Promise activation, int part) {
    long from = ((long) part << 24) - 1;
    long to = ((part + 1L) << 24) - 1;
    sweep(activation, (int) Math.max(from, -INFINITY), (int) Math.min(to, INFINITY), 1);
  }

  @Tag("any-width")
  @ParameterizedTest
  @EnumSource
  void keepsNan(Promise activation) {
    for (int bits : new int[] {0x7fc00000, 0xffc00000, 0x7f800001, 0xff8001ff, 0x7fffffff}) {
      float nan = Float.intBitsToFloat(bits);
      assertThat(activation.scalar.apply(nan)).isNaN();
      assertThat(applied(activation, nan)).containsOnly(Float.NaN);
    }
  }

  @Tag("any-width")
  @Test
  void saturatesExactly() {
    assertThat(applied(Promise.TANH, Float.POSITIVE_INFINITY)).containsOnly(1);
    assertThat(applied(Promise.TANH, Float.NEGATIVE_INFINITY)).containsOnly(-1);
    assertThat(applied(Promise.TANH, 10)).containsOnly(1);
    assertThat(applied(Promise.SIGMOID, Float.POSITIVE_INFINITY)).containsOnly(1);
    assertThat(applied(Promise.SIGMOID, Float.NEGATIVE_INFINITY)).containsOnly(0);
    assertThat(applied(Promise.SIGMOID, 18)).containsOnly(1);
    assertThat(applied(Promise.SIGMOID, -88)).containsOnly(0);
    assertThat(applied(Promise.SIGMOID, 0)).containsOnly(0.5f);
    assertThat(applied(Promise.EXP, Float.POSITIVE_INFINITY)).containsOnly(Float.POSITIVE_INFINITY);
    assertThat(applied(Promise.EXP, Float.NEGATIVE_INFINITY)).containsOnly(0);
    assertThat(applied(Promise.EXP, 0)).containsOnly(1);
    assertThat(applied(Promise.ERF, Float.POSITIVE_INFINITY)).containsOnly(1);
    assertThat(applied(Promise.ERF, -3.88f)).containsOnly(-1);
    assertThat(applied(Promise.LOG, Float.POSITIVE_INFINITY)).containsOnly(Float.POSITIVE_INFINITY);
    assertThat(applied(Promise.LOG, 0)).containsOnly(Float.NEGATIVE_INFINITY);
    assertThat(applied(Promise.LOG, -0.0f)).containsOnly(Float.NEGATIVE_INFINITY);
    assertThat(applied(Promise.LOG, Float.NEGATIVE_INFINITY)).containsOnly(Float.NaN);
    assertThat(applied(Promise.LOG, -Float.MIN_VALUE)).containsOnly(Float.NaN);
    assertThat(applied(Promise.LOG, 1)).containsOnly(0);
  }

  @Tag("any-width")
  @Test
  void tanhIsOddToTheBitAndTheIdentityNearZero() {
    for (int key = 0; key <= INFINITY - 65_537; key += 65_537) {
      float x = Float.intBitsToFloat(key);
      float y = Tanh.scalar(x);
      assertThat(Float.floatToRawIntBits(Tanh.scalar(-x))).isEqualTo(Float.floatToRawIntBits(-y));
      if (x < 0x1p-13f) {
        assertThat(Float.floatToRawIntBits(y)).isEqualTo(key);
      }
    }
    float[] minusZero = applied(Promise.TANH, -0.0f);
    assertThat(Float.floatToRawIntBits(minusZero[0])).isEqualTo(Float.floatToRawIntBits(-0.0f));
  }

  @Test
  void derivativesFollowFromTheOutputs() {
    for (float x = -20; x <= 20; x += 0.01f) {
      float s = Sigmoid.scalar(x);
      float t = Tanh.scalar(x);
      assertThat((double) Sigmoid.scalarDerivative(s))
          .isEqualTo(s * (1.0 - s), byUlps(s * (1.0 - s)));
      assertThat((double) Tanh.scalarDerivative(t))
          .isEqualTo(1 - (double) t * t, byUlps(1 - (double) t * t));
    }
  }

  static List<Activation> activations() {
    return List.of(
        new Activation.Affine(),
        new Activation.Affine(-0.3f, 0.7f),
        new Activation.Relu(),
        new Activation.LeakyRelu(),
        new Activation.LeakyRelu(0),
        new Activation.ThresholdedRelu(),
        new Activation.HardSigmoid(),
        new Activation.Tanh(),
        new Activation.Sigmoid(),
        new Activation.ScaledTanh(),
        new Activation.ScaledTanh(1.7159f, 0.6667f),
        new Activation.Elu(),
        new Activation.Elu(1.7f),
        new Activation.Softsign(),
        new Activation.Softplus());
  }

  /** Against a difference quotient of the scalar form's double reference, away from kinks. */
  @Tag("any-width")
  @ParameterizedTest
  @MethodSource("activations")
  void derivativesAreThoseOfTheActivation(Activation activation) {
    for (float x = -9.97f; x <= 10; x += 0.0613f) {
      float h = 1f / 64;
      double slope =
          (8 * ((double) activation.scalar(x + h) - activation.scalar(x - h))
                  - ((double) activation.scalar(x + 2 * h) - activation.scalar(x - 2 * h)))
              / (12 * h);
      if (hasKinkNear(activation, x)) {
        continue;
      }
      float y = activation.scalar(x);
      assertThat((double) activation.scalarDerivative(y)).isCloseTo(slope, Offset.offset(1e-4));
    }
  }

  private static boolean hasKinkNear(Activation activation, float x) {
    double near = 0.04;
    return switch (activation) {
      case Activation.Relu _, Activation.LeakyRelu _, Activation.Elu _, Activation.Softsign _ ->
          Math.abs(x) < near;
      case Activation.ThresholdedRelu a -> Math.abs(x - a.alpha()) < near;
      case Activation.HardSigmoid _ -> Math.abs(Math.abs(x) - 2.5) < near;
      default -> false;
    };
  }

  @Tag("any-width")
  @ParameterizedTest
  @MethodSource("activations")
  void blocksOfDerivativesHaveTheBitsOfTheScalarForm(Activation activation) {
    float[] values = new float[Slab.LINE];
    float[] derivatives = new float[Slab.LINE];
    try (Slab slab = Slab.allocate(values.length)) {
      for (float from = -12; from < 12; from += 0.31f) {
        for (int i = 0; i < values.length; i++) {
          values[i] = activation.scalar(from + 0.017f * i);
        }
        values[0] = Float.NaN;
        slab.put(0, values, 0, values.length);
        activation.derivative(slab.address(), values.length);
        slab.get(0, derivatives, 0, values.length);
        for (int i = 0; i < values.length; i++) {
          assertThat(Float.compare(derivatives[i], activation.scalarDerivative(values[i])))
              .isZero();
        }
      }
    }
  }

  @Test
  void refusesParametersThatHideTheInput() {
    assertThatThrownBy(() -> new Activation.LeakyRelu(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got -1.0");
    assertThatThrownBy(() -> new Activation.Elu(Float.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Activation.ScaledTanh(0, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Offset<Double> byUlps(double exact) {
    return Offset.offset(2.0 * Math.ulp((float) exact));
  }

  /** Every value through the vector form and the scalar form, from the lowest to the highest. */
  private static void sweep(Promise activation, int from, int to, int step) {
    float[] values = new float[BLOCK];
    float[] results = new float[BLOCK];
    float previous = Float.NEGATIVE_INFINITY;
    try (Slab slab = Slab.allocate(BLOCK)) {
      for (long key = from; key <= to; ) {
        int count = 0;
        for (; count < BLOCK && key <= to; key += step) {
          values[count++] = value((int) key);
        }
        slab.put(0, values, 0, BLOCK);
        activation.block.apply(slab.address(), BLOCK);
        slab.get(0, results, 0, BLOCK);
        for (int i = 0; i < count; i++) {
          check(activation, values[i], results[i], previous);
          previous = results[i];
        }
      }
    }
  }

  /** Plain comparisons first: an assertion object per float would take hours. */
  private static void check(Promise activation, float x, float y, float previous) {
    boolean sameBits =
        Float.floatToRawIntBits(y) == Float.floatToRawIntBits(activation.scalar.apply(x));
    boolean inRange = !(y < activation.lowest || y > activation.highest);
    boolean inOrder = !activation.monotone || !(y < previous);
    double ulps = activation.ulps(x, y);
    if (!sameBits || !inRange || !inOrder || !(ulps <= activation.largestUlp)) {
      throw new AssertionError(
          String.format(
              "%s(%s) = %s after %s: %.4f ULP off (%.2f allowed); scalar form gives %s",
              activation, x, y, previous, ulps, activation.largestUlp, activation.scalar.apply(x)));
    }
  }

  private static float value(int key) {
    return key < 0 ? -Float.intBitsToFloat(-key) : Float.intBitsToFloat(key);
  }

  private static float[] applied(Promise activation, float x) {
    float[] values = new float[Slab.LINE];
    Arrays.fill(values, x);
    try (Slab slab = Slab.allocate(values.length)) {
      slab.put(0, values, 0, values.length);
      activation.block.apply(slab.address(), values.length);
      slab.get(0, values, 0, values.length);
    }
    return values;
  }
}
