package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Matrix products against their sums. */
class ProductsTest {
  private static final List<String> A_B = List.of("a", "b");
  private static final List<String> Y = List.of("y");

  private static final Map<ElementType, Double> TOLERANCES =
      Map.of(
          ElementType.F32, 1e-5,
          ElementType.F64, 1e-13,
          ElementType.F16, 1e-3,
          ElementType.BF16, 1e-2,
          ElementType.I64, 0.0,
          ElementType.I8, 0.0,
          ElementType.U32, 0.0);

  /** Numbers of a type: whole ones where it is one of integers. */
  private static Tensor random(Random random, ElementType type, int... shape) {
    if (type.isFloating()) {
      return Reruns.random(random, type, 1, shape);
    }
    int least = type.isUnsigned() ? 0 : -99;
    double[] all = random.ints(Reruns.size(shape), least, 100).asDoubleStream().toArray();
    return Reruns.tensor(type, all, shape);
  }

  /** Sizes in front of a matrix: those that are given, or 1, or none. */
  private static int[] batch(Random random, int[] most) {
    int[] own = Arrays.copyOfRange(most, random.nextInt(most.length + 1), most.length);
    boolean repeats = random.nextBoolean();
    for (int d = 0; d < own.length; d++) {
      own[d] = repeats && random.nextBoolean() ? 1 : own[d];
    }
    return own;
  }

  private static int[] joined(int[] first, int... last) {
    int[] all = Arrays.copyOf(first, first.length + last.length);
    System.arraycopy(last, 0, all, first.length, last.length);
    return all;
  }

  /** Where the matrix of an operand starts, at an index of the result's batch. */
  private static int start(int[] batch, int[] sizes, int index, int each) {
    int rest = index;
    int at = 0;
    int step = each;
    for (int d = 1; d <= batch.length; d++) {
      int own = rest % batch[batch.length - d];
      rest /= batch[batch.length - d];
      if (d <= sizes.length) {
        at += sizes[sizes.length - d] == 1 ? 0 : own * step;
        step *= sizes[sizes.length - d];
      }
    }
    return at;
  }

  private static double[] product(
      Tensor a, Tensor b, int[] batch, int[] left, int[] right, int m, int k, int n) {
    double[] y = new double[Reruns.size(batch) * m * n];
    for (int i = 0; i < y.length; i++) {
      int fromA = start(batch, left, i / (m * n), m * k) + i / n % m * k;
      int fromB = start(batch, right, i / (m * n), k * n) + i % n;
      for (int j = 0; j < k; j++) {
        y[i] += a.doubleAt(fromA + j) * b.doubleAt(fromB + j * n);
      }
    }
    return y;
  }

  private static double[] wrapped(ElementType type, double[] all) {
    return type.isFloating()
        ? all
        : Arrays.stream(all).map(one -> type.wrapped((long) one)).toArray();
  }

  private static void check(
      Node node, Map<String, Tensor> given, ElementType type, double[] expected, int... shape) {
    Random random = new Random(expected.length);
    String what = node + " of " + given;
    double tolerance = TOLERANCES.get(type);
    for (Set<String> known : List.of(given.keySet(), Set.of("a"), Set.of("b"), Set.<String>of())) {
      Tensor y = Reruns.of(node, given, known).get("y");
      Reruns.check(what + ", known " + known, y, tolerance, type, expected, shape);
    }
    Set<String> some = Reruns.some(random, given.keySet());
    Tensor y = Reruns.turned(node, given, some).get("y");
    Reruns.check(what + ", turned, known " + some, y, tolerance, type, expected, shape);
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"F32", "F64", "F16", "BF16", "I64", "I8", "U32"})
  void multiplies(ElementType type) {
    Random random = new Random(type.name().hashCode());
    for (int i = 0; i < (type == ElementType.F32 ? 80 : 25); i++) {
      int[] batch = random.ints(random.nextInt(3), 1, 4).toArray();
      int[] left = batch(random, batch);
      int[] right = batch(random, batch);
      // What both leave out or have as 1 is not there, or 1.
      int[] both = new int[Math.max(left.length, right.length)];
      for (int d = 1; d <= both.length; d++) {
        int a = d <= left.length ? left[left.length - d] : 1;
        int b = d <= right.length ? right[right.length - d] : 1;
        both[both.length - d] = Math.max(a, b);
      }
      int m = random.nextInt(1, 8);
      int k = random.nextInt(10) == 0 ? 0 : random.nextInt(1, 20);
      int n = random.nextInt(4) == 0 ? random.nextInt(60, 140) : random.nextInt(1, 20);
      boolean row = left.length == 0 && random.nextInt(4) == 0;
      boolean column = right.length == 0 && random.nextInt(4) == 0;
      m = row ? 1 : m;
      n = column ? 1 : n;
      Map<String, Tensor> given = new LinkedHashMap<>();
      given.put("a", random(random, type, row ? new int[] {k} : joined(left, m, k)));
      given.put("b", random(random, type, column ? new int[] {k} : joined(right, k, n)));
      double[] y = product(given.get("a"), given.get("b"), both, left, right, m, k, n);
      int[] shape = row ? both : joined(both, m);
      check(
          OperatorCase.node("MatMul", A_B, Y, Map.of()),
          given,
          type,
          wrapped(type, y),
          column ? shape : joined(shape, n));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"F32", "F64", "F16", "I64"})
  void multipliesAndAdds(ElementType type) {
    Random random = new Random(100 + type.name().hashCode());
    for (int i = 0; i < (type == ElementType.F32 ? 80 : 25); i++) {
      int m = random.nextInt(1, 6);
      int k = random.nextInt(12) == 0 ? 0 : random.nextInt(1, 20);
      int n = random.nextInt(4) == 0 ? random.nextInt(60, 140) : random.nextInt(1, 8);
      boolean left = random.nextBoolean();
      boolean right = random.nextBoolean();
      boolean whole = !type.isFloating();
      double alpha = random.nextBoolean() ? 1 : whole ? 3 : 0.5;
      double beta = random.nextBoolean() ? 1 : random.nextInt(3) == 0 ? 0 : whole ? 2 : 0.25;
      Map<String, Attribute> attributes = new LinkedHashMap<>();
      attributes.put("transA", new Attribute.Whole(left ? 1 : 0));
      attributes.put("transB", new Attribute.Whole(right ? 1 : 0));
      attributes.put("alpha", new Attribute.Real((float) alpha));
      attributes.put("beta", new Attribute.Real((float) beta));
      if (random.nextBoolean()) {
        attributes.values().removeIf(one -> one.equals(new Attribute.Whole(0)));
        attributes.values().removeIf(one -> one.equals(new Attribute.Real(1)));
      }
      Tensor a = random(random, type, m, k);
      Tensor b = random(random, type, k, n);
      Map<String, Tensor> given = new LinkedHashMap<>();
      given.put("a", left ? transposed(a) : a);
      given.put("b", right ? transposed(b) : b);
      int[] c =
          switch (random.nextInt(7)) {
            case 0 -> null;
            case 1 -> new int[0];
            case 2 -> new int[] {1};
            case 3 -> new int[] {n};
            case 4 -> new int[] {1, n};
            case 5 -> new int[] {m, 1};
            default -> new int[] {m, n};
          };
      if (c != null) {
        given.put("c", random(random, type, c));
      }
      double[] y = product(a, b, new int[0], new int[0], new int[0], m, k, n);
      for (int j = 0; j < y.length; j++) {
        y[j] *= alpha;
        if (c != null) {
          int row = c.length < 2 || c[0] == 1 ? 0 : j / n * c[1];
          int column = c.length == 0 || c[c.length - 1] == 1 ? 0 : j % n;
          y[j] += beta * given.get("c").doubleAt(row + column);
        }
      }
      List<String> inputs = List.copyOf(given.keySet());
      check(OperatorCase.node("Gemm", inputs, Y, attributes), given, type, y, m, n);
    }
  }

  private static Tensor transposed(Tensor tensor) {
    int rows = tensor.shape()[0];
    int columns = tensor.shape()[1];
    double[] all = new double[rows * columns];
    for (int i = 0; i < all.length; i++) {
      all[i % columns * rows + i / columns] = tensor.doubleAt(i);
    }
    return Reruns.tensor(tensor.type(), all, columns, rows);
  }

  @Test
  void refusesWhatDoesNotFit() {
    Tensor a = Tensor.of(new float[6], 2, 3);
    refuse("as long as", "MatMul", a, a);
    refuse("of one type", "MatMul", a, Tensor.of(new double[6], 3, 2));
    refuse("of one type", "MatMul", a, Tensor.of(new float[1]));
    refuse(
        "do not fit together",
        "MatMul",
        Tensor.of(new float[12], 2, 2, 3),
        Tensor.of(new float[18], 3, 3, 2));
    refuse("as long as", "Gemm", a, a);
    refuse("multiplies matrices", "Gemm", a, Tensor.of(new float[3], 3));
    Tensor b = Tensor.of(new float[6], 3, 2);
    refuse("do not fit", "Gemm", a, b, Tensor.of(new float[3], 3));
    refuse("fit", "Gemm", a, b, Tensor.of(new float[8], 2, 2, 2));
    refuse("one type", "Gemm", a, b, Tensor.of(new double[2], 2));
    refuse("fit", "Gemm", Tensor.of(new float[3], 1, 3), b, Tensor.of(new float[8], 4, 2));
  }

  private static void refuse(String sentence, String operator, Tensor... tensors) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (int i = 0; i < tensors.length; i++) {
      given.put("abc".substring(i, i + 1), tensors[i]);
    }
    Node node = OperatorCase.node(operator, List.copyOf(given.keySet()), Y, Map.of());
    for (Set<String> known : List.of(Set.<String>of(), Set.of("b", "c"))) {
      assertThatThrownBy(() -> Reruns.of(node, given, known))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(sentence);
    }
  }
}
