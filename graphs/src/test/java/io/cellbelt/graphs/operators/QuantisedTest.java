package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QuantisedTest {
  private static final List<ElementType> NARROW =
      List.of(ElementType.U8, ElementType.I8, ElementType.U16, ElementType.I16);

  private final Random random = new Random(10);

  static Tensor scales(Random random, int... shape) {
    Tensor some = Trial.random(random, ElementType.F32, false, shape);
    float[] values = some.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i]) / 16 + 0.01f;
    }
    return Tensor.of(values, shape);
  }

  /** Rounds a float, halves to even numbers, and keeps it in the range of a type. */
  static long saturated(float value, long zero, ElementType type) {
    long low = type.isUnsigned() ? 0 : -(1L << type.bits() - 1);
    long high = low + (1L << type.bits()) - 1;
    if (Float.isNaN(value)) {
      return low;
    }
    if (Float.isInfinite(value)) {
      return value > 0 ? high : low;
    }
    BigDecimal rounded = new BigDecimal(value).setScale(0, RoundingMode.HALF_EVEN);
    return rounded
        .add(BigDecimal.valueOf(zero))
        .max(BigDecimal.valueOf(low))
        .min(BigDecimal.valueOf(high))
        .longValueExact();
  }

  @Test
  void oneScaleForAll() {
    for (ElementType type : NARROW) {
      for (ElementType from : List.of(ElementType.F32, ElementType.F16, ElementType.BF16)) {
        Tensor x = Trial.random(random, from, true, 4, 31);
        Tensor scale = Casts.converted(scales(random), from);
        Tensor zero = Trial.random(random, type, true);
        Tensor y = Trial.of(21, "QuantizeLinear", x, scale, zero).run();
        assertThat(y.type()).isEqualTo(type);
        for (int i = 0; i < x.size(); i++) {
          float quotient = (float) x.doubleAt(i) / (float) scale.doubleAt(0);
          assertThat(y.longs()[i])
              .as("%s to %s, %s", from, type, x.doubleAt(i))
              .isEqualTo(saturated(quotient, zero.longs()[0], type));
        }
        Tensor back = Trial.of(21, "DequantizeLinear", y, scale, zero).run();
        assertThat(back.type()).isEqualTo(from);
        for (int i = 0; i < x.size(); i++) {
          float value = (float) (y.longs()[i] - zero.longs()[0]) * (float) scale.doubleAt(0);
          assertThat((float) back.doubleAt(i)).isEqualTo(from.rounded(value));
        }
      }
    }
  }

  @Test
  void halvesAreRoundedToEvenNumbers() {
    Tensor x = Tensor.of(new float[] {-1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 300, -300, Float.NaN}, 8);
    Tensor one = Tensor.of(new float[] {1});
    assertThat(Trial.of(10, "QuantizeLinear", x, one).run().longs())
        .containsExactly(0, 0, 0, 2, 2, 255, 0, 0);
    Tensor zero = Tensor.wrap(ElementType.I8, new long[] {1});
    assertThat(Trial.of(10, "QuantizeLinear", x, one, zero).run().longs())
        .containsExactly(-1, 1, 1, 3, 3, 127, -128, -128);
    Tensor whole = Tensor.wrap(ElementType.I32, new long[] {5, 1000}, 2);
    assertThat(Trial.of(10, "QuantizeLinear", whole, Tensor.of(new float[] {2})).run().longs())
        .containsExactly(2, 255);
    assertThat(Trial.of(23, "QuantizeLinear", x, one).with("output_dtype", 5).run().longs())
        .containsExactly(-2, 0, 0, 2, 2, 300, -300, -32768);
  }

  @Test
  void scalesAlongAnAxisAndOfBlocks() {
    for (int run = 0; run < 40; run++) {
      int[] shape = Trial.shape(random, 1 + random.nextInt(3), 7);
      int axis = random.nextInt(shape.length);
      int block = run % 2 == 0 ? 0 : 1 + random.nextInt(shape[axis]);
      int[] scaleShape = {shape[axis]};
      if (block > 0) {
        scaleShape = shape.clone();
        scaleShape[axis] = Math.ceilDiv(shape[axis], block);
      }
      ElementType type = NARROW.get(run / 2 % 4);
      Tensor x = Trial.random(random, ElementType.F32, false, shape);
      Tensor scale = scales(random, scaleShape);
      Tensor zero = Trial.random(random, type, false, scaleShape);
      boolean fromTheEnd = random.nextBoolean();
      Trial trial = Trial.of(21, "QuantizeLinear", x, scale, zero);
      trial.with("axis", fromTheEnd ? axis - shape.length : axis).with("block_size", block);
      Tensor y = trial.run();
      Trial back = Trial.of(21, "DequantizeLinear", y, scale, zero);
      back.with("axis", axis).with("block_size", block);
      Tensor floats = back.run();
      int inner = 1;
      for (int d = axis + 1; d < shape.length; d++) {
        inner *= shape[d];
      }
      for (int i = 0; i < x.size(); i++) {
        int index = i / inner % shape[axis];
        int outer = i / inner / shape[axis];
        int s = scale.size() == 1 ? 0 : index;
        if (block > 0) {
          s = (outer * scaleShape[axis] + index / block) * inner + i % inner;
        }
        float quotient = x.floats()[i] / scale.floats()[s];
        long expected = saturated(quotient, zero.longs()[s], type);
        assertThat(y.longs()[i]).as(trial.toString()).isEqualTo(expected);
        assertThat(floats.floats()[i])
            .isEqualTo((float) (expected - zero.longs()[s]) * scale.floats()[s]);
      }
    }
  }

  @Test
  void aScaleOfItsOwn() {
    check(new float[] {0, 2, -3, -2.5f, 1.34f, 0.5f}, 0.019607844f, 153);
    check(new float[] {-1, -2.1f, -1.3f, -2.5f, -3.34f, -4}, 0.015686275f, 255);
    check(
        new float[] {1, 2.1f, 1.3f, 2.5f, 3.34f, 4, 1.5f, 2.6f, 3.9f, 4, 3, 2.345f},
        0.015686275f,
        0);
    check(new float[] {0, 0}, 1, 0);
  }

  private static void check(float[] x, float scale, long zero) {
    Trial trial = Trial.of(11, "DynamicQuantizeLinear", Tensor.of(x, x.length)).outputs(3);
    List<Tensor> all = trial.runAll();
    assertThat(all.get(1).floats()).containsExactly(scale);
    assertThat(all.get(2).longs()).containsExactly(zero);
    assertThat(all.get(2).type()).isEqualTo(ElementType.U8);
    for (int i = 0; i < x.length; i++) {
      assertThat(all.get(0).longs()[i]).isEqualTo(saturated(x[i] / scale, zero, ElementType.U8));
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Tensor x = Tensor.of(new float[6], 2, 3);
    assertThatThrownBy(() -> Trial.of(13, "QuantizeLinear", x, Tensor.of(new float[2], 2)).run())
        .hasMessageContaining("one for each index of axis 1 of F32 [2, 3], but got F32 [2]");
    assertThatThrownBy(
            () ->
                Trial.of(21, "QuantizeLinear", x, Tensor.of(new float[2], 2, 1))
                    .with("block_size", 2)
                    .run())
        .hasMessageContaining("with blocks of 2 along axis 1");
    Tensor zero = Tensor.wrap(ElementType.I32, new long[1]);
    assertThatThrownBy(() -> Trial.of(13, "QuantizeLinear", x, Tensor.of(new float[1]), zero).run())
        .hasMessageContaining("integers of 8 or 16 bits, but is asked for I32");
    assertThatThrownBy(() -> Trial.of(13, "DequantizeLinear", x, Tensor.of(new float[1])).run())
        .hasMessageContaining("it takes integers");
  }
}
