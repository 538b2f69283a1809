package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SoftmaxesTest {
  private final Random random = new Random(6);

  @Test
  void alongAnyAxis() {
    for (String operator : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      for (ElementType type : List.of(ElementType.F32, ElementType.F64, ElementType.F16)) {
        for (int run = 0; run < 20; run++) {
          int rank = 1 + random.nextInt(4);
          int axis = random.nextInt(rank);
          boolean fromTheEnd = random.nextBoolean();
          Tensor x = Trial.random(random, type, false, Trial.shape(random, rank, 20));
          Trial trial = Trial.of(13, operator, x).with("axis", fromTheEnd ? axis - rank : axis);
          check(trial, operator, x, axis, axis + 1);
        }
      }
    }
  }

  @Test
  void inOldVersionsAlongAllFromTheAxisOn() {
    for (String operator : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      for (int axis = 0; axis < 3; axis++) {
        Tensor x = Trial.random(random, ElementType.F32, false, 3, 4, 5);
        check(Trial.of(11, operator, x).with("axis", axis), operator, x, axis, 3);
      }
      Tensor x = Trial.random(random, ElementType.F32, false, 3, 4, 5);
      check(Trial.of(1, operator, x), operator, x, 1, 3);
      check(Trial.of(13, operator, x), operator, x, 2, 3);
    }
  }

  private static void check(Trial trial, String operator, Tensor x, int from, int to) {
    int[] shape = x.shape();
    int count = Arrays.stream(shape, from, to).reduce(1, (a, b) -> a * b);
    int inner = Arrays.stream(shape, to, shape.length).reduce(1, (a, b) -> a * b);
    double[] expected = new double[x.size()];
    for (int i = 0; i < expected.length; i++) {
      int first = i / (inner * count) * inner * count + i % inner;
      double sum = 0;
      int largest = first;
      for (int k = 0; k < count; k++) {
        int at = first + k * inner;
        sum += Math.exp(x.doubleAt(at));
        largest = x.doubleAt(at) > x.doubleAt(largest) ? at : largest;
      }
      expected[i] =
          switch (operator) {
            case "Softmax" -> Math.exp(x.doubleAt(i)) / sum;
            case "LogSoftmax" -> x.doubleAt(i) - Math.log(sum);
            default -> i == largest ? 1 : 0;
          };
    }
    Tensor y = trial.run();
    assertThat(y.shape()).containsExactly(shape);
    Trial.assertClose(y, expected, 2e-6, trial.toString());
  }

  @Test
  void theFirstOfEqualNumbersIsTheLargest() {
    Tensor x = Tensor.of(new float[] {1, 3, 3, 2}, 1, 4);
    assertThat(Trial.of(13, "Hardmax", x).run().floats()).containsExactly(0, 1, 0, 0);
  }

  @Test
  void integersAreRefused() {
    Tensor x = Tensor.of(new long[2], 1, 2);
    assertThatThrownBy(() -> Trial.of(13, "Softmax", x).run())
        .hasMessageContaining("works on floats, but got I64 [1, 2]");
  }
}
