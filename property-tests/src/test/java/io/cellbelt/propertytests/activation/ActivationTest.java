package io.cellbelt.propertytests.activation;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Tanh;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationTest {
  private static final int BLOCK = 4096;

  /** Floats in order: key 0 is zero, negative keys are the negative floats. */
  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  /** Where a formula or a range changes, and where a result reaches its limit. */
  private static final float[] SEAMS = {
    0, 0x1p-60f, 0x1p-30f, 0x1p-12f, 0.04332f, 0.12996f, 0.17328f, 0.34657f, 0.39103f, 0.80128f,
    1.0397f, 1.62179f, 2.44231f, 4.08333f, 5.72436f, 8.6644f, 9.00641f, 16.6355f, 17.3287f,
    86.98997f, 87.33655f, 87.37987f, 87.68312f, 88.37626f, 88.72284f, 89.06941f, 0x1p23f
  };

  @ParameterizedTest
  @EnumSource
  void staysWithinItsBoundsOnASample(Activation activation) {
    sweep(activation, -INFINITY, INFINITY, 4099);
    for (float seam : SEAMS) {
      int key = Float.floatToRawIntBits(seam);
      sweep(activation, Math.max(key - BLOCK, -INFINITY), key + BLOCK, 1);
      sweep(activation, -key - BLOCK, -key + BLOCK, 1);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource
  void staysWithinItsBoundsOnEveryFloat(Activation activation) {
    sweep(activation, -INFINITY, INFINITY, 1);
  }

  @Tag("any-width")
  @ParameterizedTest
  @EnumSource
  void keepsNan(Activation activation) {
    for (int bits : new int[] {0x7fc00000, 0xffc00000, 0x7f800001, 0xff8001ff, 0x7fffffff}) {
      float nan = Float.intBitsToFloat(bits);
      assertThat(activation.scalar.apply(nan)).isNaN();
      assertThat(applied(activation, nan)).containsOnly(Float.NaN);
    }
  }

  @Tag("any-width")
  @Test
  void saturatesExactly() {
    assertThat(applied(Activation.TANH, Float.POSITIVE_INFINITY)).containsOnly(1);
    assertThat(applied(Activation.TANH, Float.NEGATIVE_INFINITY)).containsOnly(-1);
    assertThat(applied(Activation.TANH, 10)).containsOnly(1);
    assertThat(applied(Activation.SIGMOID, Float.POSITIVE_INFINITY)).containsOnly(1);
    assertThat(applied(Activation.SIGMOID, Float.NEGATIVE_INFINITY)).containsOnly(0);
    assertThat(applied(Activation.SIGMOID, 18)).containsOnly(1);
    assertThat(applied(Activation.SIGMOID, -88)).containsOnly(0);
    assertThat(applied(Activation.SIGMOID, 0)).containsOnly(0.5f);
    assertThat(applied(Activation.EXP, Float.POSITIVE_INFINITY))
        .containsOnly(Float.POSITIVE_INFINITY);
    assertThat(applied(Activation.EXP, Float.NEGATIVE_INFINITY)).containsOnly(0);
    assertThat(applied(Activation.EXP, 0)).containsOnly(1);
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
    float[] minusZero = applied(Activation.TANH, -0.0f);
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

  private static Offset<Double> byUlps(double exact) {
    return Offset.offset(2.0 * Math.ulp((float) exact));
  }

  /** Every value through the vector form and the scalar form, from the lowest to the highest. */
  private static void sweep(Activation activation, int from, int to, int step) {
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
  private static void check(Activation activation, float x, float y, float previous) {
    boolean sameBits =
        Float.floatToRawIntBits(y) == Float.floatToRawIntBits(activation.scalar.apply(x));
    boolean inRange = y >= activation.lowest && y <= activation.highest;
    boolean inOrder = !activation.monotone || y >= previous;
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

  private static float[] applied(Activation activation, float x) {
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
