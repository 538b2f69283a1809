package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;

class LogicTest {
  private static final Map<String, LongBinaryOperator> BITS =
      Map.of("And", (a, b) -> a & b, "Or", (a, b) -> a | b, "Xor", (a, b) -> a ^ b);

  private final Random random = new Random(4);

  private static Tensor truths(int... values) {
    long[] longs = new long[values.length];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = values[i];
    }
    return Tensor.wrap(ElementType.BOOL, longs, longs.length);
  }

  /** An element of a tensor that is repeated to a shape of three dimensions. */
  private static int index(Tensor tensor, int[] shape, int flat) {
    int[] own = tensor.shape();
    int index = 0;
    int step = 1;
    int rest = flat;
    for (int d = 1; d <= shape.length; d++) {
      int at = rest % shape[shape.length - d];
      rest /= shape[shape.length - d];
      if (d <= own.length) {
        index += own[own.length - d] == 1 ? 0 : step * at;
        step *= own[own.length - d];
      }
    }
    return index;
  }

  @Test
  void truthValuesAndBits() {
    BITS.forEach(
        (name, op) -> {
          Tensor a = Trial.random(random, ElementType.BOOL, false, 3, 1, 5);
          Tensor b = Trial.random(random, ElementType.BOOL, false, 4, 5);
          Tensor y = Trial.of(7, name, a, b).run();
          assertThat(y.type()).isEqualTo(ElementType.BOOL);
          checkPairs(y, a, b, op);
          for (ElementType type : List.of(ElementType.I8, ElementType.U64, ElementType.U16)) {
            Tensor c = Trial.random(random, type, true, 3, 4, 5);
            Tensor d = Trial.random(random, type, true, 1, 5);
            checkPairs(Trial.of(18, "Bitwise" + name, c, d).run(), c, d, op);
          }
        });
    assertThat(Trial.of(1, "Not", truths(0, 1)).run().longs()).containsExactly(1, 0);
    Tensor bytes = Tensor.wrap(ElementType.U8, new long[] {0, 200}, 2);
    assertThat(Trial.of(18, "BitwiseNot", bytes).run().longs()).containsExactly(255, 55);
    Tensor signed = Tensor.wrap(ElementType.I8, new long[] {0, -100}, 2);
    assertThat(Trial.of(18, "BitwiseNot", signed).run().longs()).containsExactly(-1, 99);
  }

  private static void checkPairs(Tensor y, Tensor a, Tensor b, LongBinaryOperator op) {
    int[] shape = {3, 4, 5};
    assertThat(y.shape()).containsExactly(shape);
    for (int i = 0; i < y.size(); i++) {
      long expected = op.applyAsLong(a.longs()[index(a, shape, i)], b.longs()[index(b, shape, i)]);
      assertThat(y.longs()[i]).isEqualTo(y.type().wrapped(expected));
    }
  }

  @Test
  void shiftsByAllBitsAndMore() {
    Tensor x = Tensor.wrap(ElementType.U8, new long[] {1, 255, 255, 255}, 4);
    Tensor by = Tensor.wrap(ElementType.U8, new long[] {7, 4, 8, 200}, 4);
    assertThat(Trial.of(11, "BitShift", x, by).with("direction", "LEFT").run().longs())
        .containsExactly(128, 240, 0, 0);
    assertThat(Trial.of(11, "BitShift", x, by).with("direction", "RIGHT").run().longs())
        .containsExactly(0, 15, 0, 0);
    Tensor wide = Tensor.wrap(ElementType.U64, new long[] {-1, -1}, 2);
    Tensor far = Tensor.wrap(ElementType.U64, new long[] {63, 64}, 2);
    assertThat(Trial.of(11, "BitShift", wide, far).with("direction", "RIGHT").run().longs())
        .containsExactly(1, 0);
    assertThatThrownBy(() -> Trial.of(11, "BitShift", x, by).run())
        .hasMessageContaining("\"LEFT\" or \"RIGHT\"");
  }

  @Test
  void comparisonsOfEveryType() {
    // NaN stands to nothing, which is an order of 2 here.
    Map<String, IntPredicate> operators =
        Map.of(
            "Equal", order -> order == 0,
            "Less", order -> order < 0,
            "LessOrEqual", order -> order <= 0,
            "Greater", order -> order == 1,
            "GreaterOrEqual", order -> order == 0 || order == 1);
    int[] shape = {3, 4, 5};
    operators.forEach(
        (name, holds) -> {
          for (ElementType type : ElementType.values()) {
            boolean special = type.isFloating() || random.nextBoolean();
            Tensor a = Trial.random(random, type, special, 3, 4, 5);
            Tensor b = Trial.random(random, type, special, 4, 1);
            Tensor y = Trial.of(16, name, a, b).run();
            assertThat(y.type()).isEqualTo(ElementType.BOOL);
            for (int i = 0; i < y.size(); i++) {
              int left = index(a, shape, i);
              int right = index(b, shape, i);
              assertThat(y.longs()[i] == 1)
                  .as("%s of %s: %s, %s", name, type, a.doubleAt(left), b.doubleAt(right))
                  .isEqualTo(holds.test(order(a, left, b, right)));
            }
          }
        });
  }

  private static int order(Tensor a, int left, Tensor b, int right) {
    if (a.type().storage() != Storage.LONG) {
      double x = a.doubleAt(left);
      double y = b.doubleAt(right);
      return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
    }
    long x = a.longs()[left];
    long y = b.longs()[right];
    return Integer.signum(a.type().isUnsigned() ? Long.compareUnsigned(x, y) : Long.compare(x, y));
  }

  @Test
  void secondOperandsFromAnAxisOn() {
    Tensor a = Trial.random(random, ElementType.BOOL, false, 2, 3, 4);
    Tensor b = truths(1, 0, 1);
    Tensor y = Trial.of(1, "And", a, b).with("axis", 1).with("broadcast", 1).run();
    for (int i = 0; i < y.size(); i++) {
      assertThat(y.longs()[i]).isEqualTo(a.longs()[i] & b.longs()[i / 4 % 3]);
    }
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor bound = Tensor.of(new float[] {1.5f, 3.5f}, 2);
    assertThat(Trial.of(1, "Less", x, bound).with("axis", 0).with("broadcast", 1).run().longs())
        .containsExactly(1, 0, 1, 0);
    assertThat(Trial.of(1, "Greater", x, bound).with("axis", 0).with("broadcast", 1).run().longs())
        .containsExactly(0, 1, 0, 1);
  }

  @Test
  void choosesBetweenTwoOfEveryType() {
    int[] shape = {3, 4, 5};
    for (ElementType type : ElementType.values()) {
      Tensor condition = Trial.random(random, ElementType.BOOL, false, 3, 1, 5);
      Tensor a = Trial.random(random, type, true, 4, 1);
      Tensor b = Trial.random(random, type, true, 5);
      Tensor y = Trial.of(16, "Where", condition, a, b).run();
      assertThat(y.type()).isEqualTo(type);
      assertThat(y.shape()).containsExactly(shape);
      for (int i = 0; i < y.size(); i++) {
        boolean first = condition.longs()[index(condition, shape, i)] == 1;
        double expected = first ? a.doubleAt(index(a, shape, i)) : b.doubleAt(index(b, shape, i));
        assertThat(y.doubleAt(i)).isEqualTo(expected);
      }
    }
  }

  @Test
  void whatIsNoNumberAndWhatIsInfinite() {
    float infinity = Float.POSITIVE_INFINITY;
    Tensor x = Tensor.of(new float[] {1, Float.NaN, infinity, -infinity}, 4);
    assertThat(Trial.of(13, "IsNaN", x).run().longs()).containsExactly(0, 1, 0, 0);
    assertThat(Trial.of(10, "IsInf", x).run().longs()).containsExactly(0, 0, 1, 1);
    assertThat(Trial.of(10, "IsInf", x).with("detect_negative", 0).run().longs())
        .containsExactly(0, 0, 1, 0);
    assertThat(Trial.of(10, "IsInf", x).with("detect_positive", 0).run().longs())
        .containsExactly(0, 0, 0, 1);
    assertThat(Trial.of(20, "IsNaN", Tensor.of(new double[] {Double.NaN}, 1)).run().longs())
        .containsExactly(1);
  }

  @Test
  void operandsThatDoNotFitAreRefused() {
    Tensor floats = Tensor.of(new float[] {1}, 1);
    Tensor wholes = Tensor.of(new long[] {1}, 1);
    assertThatThrownBy(() -> Trial.of(7, "And", floats, floats).run())
        .hasMessageContaining("truth values, but got F32 [1]");
    assertThatThrownBy(() -> Trial.of(16, "Less", floats, wholes).run())
        .hasMessageContaining("one type, but got F32 [1] and I64 [1]");
    assertThatThrownBy(() -> Trial.of(18, "BitwiseAnd", floats, floats).run())
        .hasMessageContaining("works on integers");
    assertThatThrownBy(() -> Trial.of(16, "Where", truths(1), floats, wholes).run())
        .hasMessageContaining("both choices are of one type");
  }
}
