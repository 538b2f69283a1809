package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Operators with two operands or more, element by element. */
class ArithmeticTest {
  private static final List<String> A_B = List.of("a", "b");
  private static final List<String> Y = List.of("y");

  private static DoubleBinaryOperator rule(String operator, boolean whole) {
    return switch (operator) {
      case "Add", "Sum", "Mean" -> (a, b) -> a + b;
      case "Sub" -> (a, b) -> a - b;
      case "Mul" -> (a, b) -> a * b;
      case "Div" -> (a, b) -> whole ? (b == 0 ? 0 : (long) a / (long) b) : a / b;
      case "Min" -> Math::min;
      case "Max" -> Math::max;
      case "PRelu" -> (a, b) -> a < 0 ? a * b : a;
      case "Pow" -> Math::pow;
      case "Mod" -> (a, b) -> b == 0 ? 0 : a - b * Math.floor(a / b);
      default -> (a, b) -> b == 0 && whole ? 0 : a % b;
    };
  }

  /** A shape that is repeated to a larger one: some sizes are 1, or not there. */
  private static int[] part(Random random, int[] shape) {
    int[] own = Arrays.copyOfRange(shape, random.nextInt(shape.length + 1), shape.length);
    for (int d = 0; d < own.length; d++) {
      own[d] = random.nextInt(3) == 0 ? 1 : own[d];
    }
    return own;
  }

  private static int[] joined(int[] a, int[] b) {
    int[] longer = (a.length > b.length ? a : b).clone();
    int[] other = a.length > b.length ? b : a;
    for (int d = 1; d <= other.length; d++) {
      int at = longer.length - d;
      longer[at] = Math.max(longer[at], other[other.length - d]);
    }
    return longer;
  }

  private static double at(Tensor tensor, int... index) {
    int[] shape = tensor.shape();
    int[] own = Arrays.copyOfRange(index, index.length - shape.length, index.length);
    for (int d = 0; d < own.length; d++) {
      own[d] = shape[d] == 1 ? 0 : own[d];
    }
    return Indexed.at(tensor, own);
  }

  private static Tensor applied(DoubleBinaryOperator rule, Tensor a, Tensor b) {
    return Indexed.of(
        a.type(),
        joined(a.shape(), b.shape()),
        index -> rule.applyAsDouble(at(a, index), at(b, index)));
  }

  private static int[] shape(Random random) {
    // Rows that are worth a call, and short ones.
    int[] shape = Indexed.shape(random, random.nextInt(1, 5));
    int last = shape.length - 1;
    shape[last] = random.nextInt(3) == 0 ? random.nextInt(8, 30) : shape[last];
    return shape;
  }

  @ParameterizedTest
  @ValueSource(strings = {"Add", "Sub", "Mul", "Div", "Mod", "fmod", "PRelu", "Pow"})
  void repeatsWhatIsSmaller(String operator) {
    Random random = new Random(operator.hashCode());
    for (int i = 0; i < 60; i++) {
      ElementType type = Indexed.number(random);
      boolean remainder = operator.equals("Mod");
      type = remainder && type.isFloating() ? ElementType.I32 : type;
      int[] shape = shape(random);
      boolean slope = operator.equals("PRelu");
      Tensor a = Indexed.random(random, type, slope ? shape : part(random, shape));
      int[] other = part(random, shape);
      other = slope && other.length < shape.length ? shape : other;
      Tensor b =
          operator.equals("Pow")
              ? Indexed.between(random, type, 0, type.bits() > 8 ? 3 : 2, other)
              : Indexed.random(random, type, other);
      Node node =
          operator.equals("fmod")
              ? OperatorCase.node("Mod", A_B, Y, Map.of("fmod", new Attribute.Whole(1)))
              : OperatorCase.node(operator, A_B, Y, Map.of());
      DoubleBinaryOperator rule = rule(operator, !type.isFloating());
      Map<String, Tensor> given = new LinkedHashMap<>();
      given.put("a", a);
      given.put("b", b);
      EveryWay.check(node, given, Set.of(), Map.of("y", applied(rule, a, b)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sum", "Mean", "Min", "Max"})
  void takesAnyNumberOfOperands(String operator) {
    Random random = new Random(operator.hashCode());
    for (int i = 0; i < 20; i++) {
      ElementType type = Indexed.number(random);
      type = operator.startsWith("M") && operator.length() == 3 ? type : ElementType.F16;
      type = random.nextBoolean() ? ElementType.F32 : type;
      int[] shape = shape(random);
      int count = random.nextInt(1, 4);
      Map<String, Tensor> given = new LinkedHashMap<>();
      Tensor y = null;
      for (int j = 0; j < count; j++) {
        Tensor one = Indexed.random(random, type, part(random, shape));
        given.put("abc".substring(j, j + 1), one);
        y = y == null ? one : applied(rule(operator, false), y, one);
      }
      if (operator.equals("Mean")) {
        y = applied((a, b) -> a / b, y, Tensor.of(new float[] {count}));
      }
      Node node = OperatorCase.node(operator, new ArrayList<>(given.keySet()), Y, Map.of());
      EveryWay.check(node, given, Set.of(), Map.of("y", y));
    }
  }

  @Test
  void narrowFloatsAreRounded() {
    Random random = new Random(5);
    for (String operator : List.of("Add", "Sum", "Mul", "PRelu", "Div", "Mean")) {
      Tensor a = Reruns.random(random, ElementType.F16, 3, 4, 5);
      Tensor b = Reruns.random(random, ElementType.F16, 3, 4, 5);
      Tensor y = applied(rule(operator, false), a, b);
      if (operator.equals("Mean")) {
        y = applied((s, t) -> (s + t) / 2, a, b);
      }
      Node node = OperatorCase.node(operator, A_B, Y, Map.of());
      EveryWay.check(node, Map.of("a", a, "b", b), Set.of(), Map.of("y", y));
    }
  }

  @Test
  void alignsAtAnAxisBeforeOpset7() {
    Tensor a = Indexed.random(new Random(6), ElementType.F32, 2, 3, 4, 5);
    Tensor b = Indexed.random(new Random(7), ElementType.F32, 3, 4);
    for (long axis : new long[] {1, -3}) {
      Node node =
          OperatorCase.node(
              6,
              "Mul",
              A_B,
              Y,
              Map.of("axis", new Attribute.Whole(axis), "broadcast", new Attribute.Whole(1)));
      Tensor y = applied((s, t) -> s * t, a, b.reshaped(3, 4, 1));
      EveryWay.check(node, Map.of("a", a, "b", b), Set.of(), Map.of("y", y));
    }
  }

  @Test
  void aSlopeOfOneDimensionIsOneOfChannels() {
    Tensor x = Indexed.random(new Random(8), ElementType.F32, 2, 3, 4);
    Tensor slope = Indexed.random(new Random(9), ElementType.F32, 3);
    Tensor y = applied(rule("PRelu", false), x, slope.reshaped(3, 1));
    Node node = OperatorCase.node("PRelu", A_B, Y, Map.of());
    EveryWay.check(node, Map.of("a", x, "b", slope), Set.of(), Map.of("y", y));
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor a = Tensor.of(new float[6], 2, 3);
    for (String operator : List.of("Add", "Max", "Sum")) {
      Node node = OperatorCase.node(operator, A_B, Y, Map.of());
      Map<String, Tensor> shapes = Map.of("a", a, "b", Tensor.of(new float[2], 2));
      assertThatThrownBy(() -> Reruns.of(node, shapes, Set.of()))
          .hasMessageContaining("[2, 3] and [2] do not fit together");
      Map<String, Tensor> types = Map.of("a", a, "b", Tensor.of(new double[3], 3));
      assertThatThrownBy(() -> Reruns.of(node, types, Set.of()))
          .hasMessageContaining("of one type");
    }
  }
}
