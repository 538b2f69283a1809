package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CastsTest {
  private static final Map<ElementType, Integer> CODES =
      Map.ofEntries(
          Map.entry(ElementType.F32, 1),
          Map.entry(ElementType.U8, 2),
          Map.entry(ElementType.I8, 3),
          Map.entry(ElementType.U16, 4),
          Map.entry(ElementType.I16, 5),
          Map.entry(ElementType.I32, 6),
          Map.entry(ElementType.I64, 7),
          Map.entry(ElementType.BOOL, 9),
          Map.entry(ElementType.F16, 10),
          Map.entry(ElementType.F64, 11),
          Map.entry(ElementType.U32, 12),
          Map.entry(ElementType.U64, 13),
          Map.entry(ElementType.BF16, 16));

  private final Random random = new Random(5);

  @Test
  void everyTypeToEveryOther() {
    for (ElementType from : ElementType.values()) {
      for (ElementType to : ElementType.values()) {
        Tensor x = Trial.random(random, from, from.storage() == Storage.LONG, 3, 7);
        Tensor y = Trial.of(19, "Cast", x).with("to", CODES.get(to)).run();
        assertThat(y.type()).isEqualTo(to);
        assertThat(y.shape()).containsExactly(3, 7);
        for (int i = 0; i < x.size(); i++) {
          check(y, i, exact(x, i), from + " to " + to);
        }
        Tensor like = Trial.of(19, "CastLike", x, Casts.converted(Casts.TRUE, to)).run();
        Tensor heap = Casts.converted(x, to);
        assertThat(like.type()).isEqualTo(to);
        assertThat(like.doubles()).containsExactly(y.doubles());
        assertThat(heap.doubles()).containsExactly(y.doubles());
      }
    }
  }

  private static BigDecimal exact(Tensor x, int index) {
    if (x.type().storage() != Storage.LONG) {
      return new BigDecimal(x.doubleAt(index));
    }
    long value = x.longs()[index];
    return x.type() == ElementType.U64
        ? new BigDecimal(Long.toUnsignedString(value))
        : BigDecimal.valueOf(value);
  }

  private static void check(Tensor y, int index, BigDecimal value, String what) {
    if (y.type().storage() != Storage.LONG) {
      float narrow = y.type().rounded(value.floatValue());
      double expected = y.type() == ElementType.F64 ? value.doubleValue() : narrow;
      assertThat(y.doubleAt(index)).as("%s of %s", what, value).isEqualTo(expected);
      return;
    }
    BigInteger whole = value.toBigInteger();
    long expected =
        y.type() == ElementType.BOOL
            ? value.signum() == 0 ? 0 : 1
            : y.type().wrapped(whole.longValue());
    assertThat(y.longs()[index]).as("%s of %s", what, value).isEqualTo(expected);
  }

  @Test
  void floatsOutOfRange() {
    double infinity = Double.POSITIVE_INFINITY;
    Tensor x = Tensor.of(new double[] {infinity, -infinity, Double.NaN, 1e10, -1, 300.7}, 6);
    assertThat(Casts.converted(x, ElementType.I32).longs())
        .containsExactly(Integer.MAX_VALUE, Integer.MIN_VALUE, 0, Integer.MAX_VALUE, -1, 300);
    assertThat(Casts.converted(x, ElementType.I64).longs())
        .containsExactly(Long.MAX_VALUE, Long.MIN_VALUE, 0, 10_000_000_000L, -1, 300);
    assertThat(Casts.converted(x, ElementType.U8).longs()[4]).isEqualTo(255);
    assertThat(Casts.converted(x, ElementType.I8).longs()[5]).isEqualTo(44);
    assertThat(Casts.converted(x, ElementType.BOOL).longs()).containsExactly(1, 1, 1, 1, 1, 1);
    assertThat(Casts.converted(x, ElementType.F16).doubleAt(3)).isEqualTo(infinity);
    Tensor large = Tensor.of(new double[] {0x1p63, 0x1.8p63}, 2);
    assertThat(Casts.converted(large, ElementType.U64).longs())
        .containsExactly(Long.MIN_VALUE, Long.MIN_VALUE + (1L << 62));
  }

  @Test
  void typesThatHaveNamesInOldVersions() {
    Tensor x = Tensor.of(new float[] {-1.5f, 2.5f}, 2);
    assertThat(Trial.of(1, "Cast", x).with("to", "INT32").run().longs()).containsExactly(-1, 2);
    assertThat(Trial.of(1, "Cast", x).with("to", "DOUBLE").run().type()).isEqualTo(ElementType.F64);
    assertThatThrownBy(() -> Trial.of(1, "Cast", x).with("to", "STRING").run())
        .hasMessageContaining("the type STRING are not supported");
  }

  @Test
  void otherTypesAreRefused() {
    Tensor x = Tensor.of(new float[] {1}, 1);
    assertThatThrownBy(() -> Trial.of(19, "Cast", x).with("to", 17).run())
        .hasMessageContaining("ONNX's type 17 are not supported; floats of 16 to 64 bits");
  }
}
