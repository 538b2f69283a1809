package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cellbelt.kernels.Kernels;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.propertytests.support.Block;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Tolerance;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Weights in fewer bits: what packing rounds them to, and that products calculate with that. */
@Tag("any-width")
class WeightFormatProperties {
  private static float[] packed(WeightFormat format, int inputs, int outputs, float[] dense) {
    PanelMatrix matrix = PanelMatrix.allocate(new PanelShape(inputs, 1, outputs, format));
    try (Slab _ = matrix.slab()) {
      float[] read = new float[dense.length];
      matrix.pack(dense);
      matrix.unpack(read);
      return read;
    }
  }

  @Property(tries = 40)
  void bf16RoundsToTheNearest(
      @ForAll @IntRange(min = 1, max = 70) int inputs,
      @ForAll @IntRange(min = 1, max = 70) int outputs,
      @ForAll @IntRange(min = -100, max = 100) int exponent,
      @ForAll long seed) {
    double bound = Math.scalb(1.0, exponent);
    float[] dense = Floats.random(inputs * outputs, bound, new SplittableRandom(seed));
    float[] read = packed(WeightFormat.BF16, inputs, outputs, dense);
    for (int i = 0; i < dense.length; i++) {
      assertThat(Float.floatToRawIntBits(read[i]) & 0xffff).isZero();
      assertThat(Math.abs((double) read[i] - dense[i])).isLessThanOrEqualTo(halfBf16Ulp(dense[i]));
    }
    assertThat(packed(WeightFormat.BF16, inputs, outputs, read)).isEqualTo(read);
  }

  /** A bfloat16 has 8 bits of significand, so half its last place is 2^-8 of the power of two. */
  private static double halfBf16Ulp(float value) {
    return Math.abs(value) < Float.MIN_NORMAL
        ? Float.MIN_NORMAL
        : Math.scalb(1.0, Math.getExponent(value) - 8);
  }

  @Example
  void bf16KeepsTheLargestFloatFinite() {
    float[] dense = {Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_NORMAL, Float.MIN_VALUE};
    assertThat(packed(WeightFormat.BF16, 4, 1, dense))
        .containsExactly(0x1.fep127f, -0x1.fep127f, Float.MIN_NORMAL, 0);
  }

  @Property(tries = 40)
  void int8RoundsToHalfAStepOfItsColumn(
      @ForAll @IntRange(min = 1, max = 70) int inputs,
      @ForAll @IntRange(min = 1, max = 70) int outputs,
      @ForAll @IntRange(min = -50, max = 50) int exponent,
      @ForAll long seed) {
    double bound = Math.scalb(1.0, exponent);
    // The scale is rounded to a float, and so is its product with the byte, of up to 127 steps.
    double rounding = 2 * 2 * 127 * 0x1p-24;
    float[] dense = Floats.random(inputs * outputs, bound, new SplittableRandom(seed));
    float[] read = packed(WeightFormat.INT8, inputs, outputs, dense);
    for (int output = 0; output < outputs; output++) {
      float largest = 0;
      for (int k = 0; k < inputs; k++) {
        largest = Math.max(largest, Math.abs(dense[output * inputs + k]));
      }
      for (int k = 0; k < inputs; k++) {
        int i = output * inputs + k;
        assertThat(Math.abs((double) read[i] - dense[i]))
            .isLessThanOrEqualTo(largest / 254.0 * (1 + rounding));
      }
    }
  }

  /**
   * The fraction that stays below a byte is never negative, so without the rounding that knows it
   * weights would come out half a step too large. With it their error is that of plain rounding:
   * uniform in half a step, so the mean of n is within 5 standard deviations, 5 / sqrt(12 n).
   */
  @Example
  void int8HasNoBias() {
    int inputs = 4096;
    int outputs = 64;
    float[] dense = Floats.random(inputs * outputs, 5);
    float[] read = packed(WeightFormat.INT8, inputs, outputs, dense);
    double step = 1 / 127.0;
    double[] sums = new double[4];
    for (int i = 0; i < dense.length; i++) {
      sums[i % 4] += (read[i] - dense[i]) / step;
    }
    double n = dense.length / 4.0;
    for (double sum : sums) {
      assertThat(Math.abs(sum / n)).isLessThan(5 / Math.sqrt(12 * n));
    }
  }

  @Example
  void columnsOfNothingAreZeroAndDenormalsVanish() {
    float[] dense = {0, 0, 1e-21f, -1e-30f, Float.MIN_VALUE, 0};
    for (WeightFormat format : WeightFormat.values()) {
      for (float weight : packed(format, 3, 2, dense)) {
        assertThat(weight == 0 || Math.abs(weight) >= Float.MIN_NORMAL).isTrue();
      }
    }
    assertThat(packed(WeightFormat.INT8, 3, 2, dense)).containsOnly(0);
  }

  @Property(tries = 60)
  void oneRowHasTheBitsOfMany(
      @ForAll WeightFormat format,
      @ForAll @IntRange(min = 2, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 300) int inputs,
      @ForAll @IntRange(min = 1, max = 300) int outputs,
      @ForAll boolean fromBias,
      @ForAll long seed) {
    PanelMatrix w = PanelMatrix.allocate(new PanelShape(inputs, 1, outputs, format));
    PanelMatrix rounded = PanelMatrix.allocate(new PanelShape(inputs, 1, outputs));
    int columns = w.shape().columns();
    int width = Slab.pad(inputs);
    float[] input = Floats.random(rows * width, seed + 1);
    for (int r = 0; r < rows; r++) {
      Arrays.fill(input, r * width + inputs, (r + 1) * width, 0);
    }
    float[] start = Floats.random(rows * columns, seed + 2);
    try (Slab _ = w.slab();
        Slab _ = rounded.slab();
        Slab scratch = Slab.allocate(Products.SCRATCH);
        Block x = Block.of(rows, width, input);
        Block s = Block.of(rows, columns, start);
        Block many = Block.of(rows, columns, start);
        Block single = Block.of(rows, columns, start);
        Block exact = Block.of(rows, columns, start)) {
      float[] dense = Floats.random(inputs * outputs, seed);
      w.pack(dense);
      w.unpack(dense);
      rounded.pack(dense);
      long sRow = fromBias ? 0 : s.rowBytes();
      Products.add(
          x.address(),
          x.rowBytes(),
          rows,
          w,
          s.address(),
          sRow,
          many.address(),
          many.rowBytes(),
          scratch.address());
      for (int r = 0; r < rows; r++) {
        Products.add(
            x.address() + r * x.rowBytes(),
            0,
            1,
            w,
            s.address() + r * sRow,
            0,
            single.address() + r * single.rowBytes(),
            0,
            0);
      }
      for (int r = 0; r < rows; r++) {
        for (int j = 0; j < outputs; j++) {
          assertThat(many.get(r, j)).isEqualTo(single.get(r, j));
        }
      }
      assertThat(many.gapsUntouched()).isTrue();
      Products.add(
          x.address(),
          x.rowBytes(),
          rows,
          rounded,
          s.address(),
          sRow,
          exact.address(),
          exact.rowBytes(),
          0);
      if (format != WeightFormat.INT8) {
        assertThat(many.dense()).isEqualTo(exact.dense());
      } else {
        for (int r = 0; r < rows; r++) {
          for (int j = 0; j < outputs; j++) {
            Tolerance.forward(inputs + 2, 1)
                .check(many.get(r, j), exact.get(r, j), inputs + 1.0, "int8 sum");
          }
        }
      }
    }
  }

  @Example
  void outerProductsNeedFloats() {
    PanelMatrix w = PanelMatrix.allocate(new PanelShape(3, 1, 2, WeightFormat.BF16));
    try (Slab _ = w.slab();
        Kernels kernels = new Kernels(1000)) {
      MemorySegment floats = MemorySegment.ofArray(new float[3]);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> kernels.outer(floats, floats, 1, w))
          .withMessageContaining("f32 matrix, but got BF16");
      kernels.multiply(floats, 1, w, MemorySegment.ofArray(new float[2]));
    }
  }
}
