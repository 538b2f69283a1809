package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QuantisedProductsTest {
  private static final List<ElementType> BYTES = List.of(ElementType.U8, ElementType.I8);

  private final Random random = new Random(11);

  private Tensor bytes(ElementType type, int... shape) {
    return Trial.random(random, type, true, shape);
  }

  private static long at(Tensor tensor, int index) {
    return tensor == null ? 0 : tensor.longs()[tensor.size() == 1 ? 0 : index];
  }

  /** {@code [batch, m, k]} by {@code [batch or 1, k, n]}, term by term. */
  private static long[] product(Tensor a, Tensor zeroOfA, Tensor b, Tensor zeroOfB) {
    int m = a.shape()[1];
    int k = a.shape()[2];
    int n = b.shape()[b.rank() - 1];
    long[] left = a.longs();
    long[] right = b.longs();
    long[] y = new long[a.shape()[0] * m * n];
    for (int i = 0; i < y.length; i++) {
      int row = i / n;
      int matrix = b.rank() == 2 ? 0 : i / n / m;
      for (int j = 0; j < k; j++) {
        long x = left[row * k + j] - at(zeroOfA, row % m);
        y[i] += x * (right[(matrix * k + j) * n + i % n] - at(zeroOfB, i % n));
      }
    }
    return y;
  }

  /** Long sums are beyond what floats hold. */
  @Test
  void productsOfIntegers() {
    for (int run = 0; run < 40; run++) {
      int k = run % 4 == 0 ? 2500 : 1 + random.nextInt(40);
      int m = 1 + random.nextInt(9);
      int n = 1 + random.nextInt(40);
      ElementType typeOfB = BYTES.get(run / 2 % 2);
      Tensor a = bytes(BYTES.get(run % 2), 2, m, k);
      Tensor b = run % 3 == 0 ? bytes(typeOfB, k, n) : bytes(typeOfB, 2, k, n);
      Tensor zeroOfA =
          run % 5 == 0 ? null : bytes(a.type(), run % 5 == 1 ? new int[] {m} : new int[0]);
      Tensor zeroOfB =
          run % 7 == 0 ? null : bytes(typeOfB, run % 7 == 1 ? new int[] {n} : new int[0]);
      long[] expected = product(a, zeroOfA, b, zeroOfB);
      Trial fed = Trial.of(10, "MatMulInteger", a, b, zeroOfA, zeroOfB);
      Tensor y = fed.run();
      assertThat(y.type()).isEqualTo(ElementType.I32);
      assertThat(y.shape()).containsExactly(2, m, n);
      assertThat(y.longs()).as(fed.toString()).containsExactly(expected);
      Trial known = Trial.of(10, "MatMulInteger", a).known(b).known(zeroOfA).known(zeroOfB);
      assertThat(known.run().longs()).as("%s, known", known).containsExactly(expected);
    }
  }

  @Test
  void theLargestSums() {
    int k = 4000;
    long[] most = new long[k];
    Arrays.fill(most, 255);
    Tensor a = Tensor.wrap(ElementType.U8, most, 1, k);
    Tensor b = Tensor.wrap(ElementType.U8, most, k, 1);
    assertThat(Trial.of(10, "MatMulInteger", a, b).run().longs()).containsExactly(255L * 255 * k);
    assertThat(Trial.of(10, "MatMulInteger", a).known(b).run().longs())
        .containsExactly(255L * 255 * k);
  }

  @Test
  void productsThatAreQuantisedAgain() {
    for (int run = 0; run < 30; run++) {
      int k = 1 + random.nextInt(600);
      int n = 1 + random.nextInt(20);
      Tensor a = bytes(BYTES.get(run % 2), 2, 3, k);
      Tensor b = bytes(BYTES.get(run / 2 % 2), k, n);
      Tensor zeroOfA = bytes(a.type());
      Tensor zeroOfB = bytes(b.type(), run % 3 == 0 ? new int[] {n} : new int[0]);
      Tensor scaleOfA = QuantisedTest.scales(random);
      Tensor scaleOfB = QuantisedTest.scales(random, run % 3 == 0 ? new int[] {n} : new int[0]);
      Tensor scaleOfY = Tensor.of(new float[] {k + 0.3f});
      Tensor zeroOfY = bytes(BYTES.get(run / 4 % 2));
      long[] sums = product(a, zeroOfA, b, zeroOfB);
      Tensor y =
          Trial.of(
                  21,
                  "QLinearMatMul",
                  a,
                  scaleOfA,
                  zeroOfA,
                  b,
                  scaleOfB,
                  zeroOfB,
                  scaleOfY,
                  zeroOfY)
              .run();
      assertThat(y.type()).isEqualTo(zeroOfY.type());
      for (int i = 0; i < sums.length; i++) {
        float scale = scaleOfA.floats()[0] * scaleOfB.floats()[scaleOfB.size() == 1 ? 0 : i % n];
        float value = (float) sums[i] * (scale / scaleOfY.floats()[0]);
        assertThat(y.longs()[i])
            .isEqualTo(QuantisedTest.saturated(value, zeroOfY.longs()[0], zeroOfY.type()));
      }
    }
  }

  /**
   * x: {@code [2, groups c, height, width]}, w: {@code [m, c, 2, 3]}, strides 1 and 2, one zero
   * around.
   */
  private static long[] convolution(Tensor x, long zeroOfX, Tensor w, Tensor zeroOfW, int groups) {
    int channels = w.shape()[1];
    int filters = w.shape()[0];
    int height = x.shape()[2];
    int width = x.shape()[3];
    int rows = height + 2 - w.shape()[2] + 1;
    int columns = (width + 2 - w.shape()[3]) / 2 + 1;
    long[] inputs = x.longs();
    long[] taps = w.longs();
    long[] y = new long[2 * filters * rows * columns];
    for (int i = 0; i < y.length; i++) {
      int filter = i / columns / rows % filters;
      long zeroOfTaps = at(zeroOfW, filter);
      int image = i / columns / rows / filters;
      int first = filter / (filters / groups) * channels;
      for (int t = 0; t < channels * w.shape()[2] * w.shape()[3]; t++) {
        int channel = t / w.shape()[3] / w.shape()[2];
        int row = i / columns % rows - 1 + t / w.shape()[3] % w.shape()[2];
        int column = 2 * (i % columns) - 1 + t % w.shape()[3];
        if (row >= 0 && row < height && column >= 0 && column < width) {
          int at = ((image * groups * channels + first + channel) * height + row) * width + column;
          int tap = filter * channels * w.shape()[2] * w.shape()[3] + t;
          y[i] += (inputs[at] - zeroOfX) * (taps[tap] - zeroOfTaps);
        }
      }
    }
    return y;
  }

  @Test
  void convolutions() {
    for (int run = 0; run < 16; run++) {
      int groups = 1 + run % 3;
      // 60 channels of 6 taps, or one of very many, are more than floats hold.
      int channels = run % 4 == 0 ? 60 : 1 + random.nextInt(3);
      int width = run % 4 == 1 ? 700 : 9;
      int[] kernel = {groups * 2, run % 4 == 1 ? 1 : channels, 2, run % 4 == 1 ? 600 : 3};
      Tensor x = bytes(BYTES.get(run % 2), 2, groups * kernel[1], 4, width);
      Tensor w = bytes(BYTES.get(run / 2 % 2), kernel);
      Tensor zeroOfX = bytes(x.type());
      Tensor zeroOfW = bytes(w.type(), run % 5 == 0 ? new int[] {kernel[0]} : new int[0]);
      long[] sums = convolution(x, zeroOfX.longs()[0], w, zeroOfW, groups);
      Trial fed = geometry(Trial.of(10, "ConvInteger", x, w, zeroOfX, zeroOfW), groups);
      Tensor y = fed.run();
      assertThat(y.type()).isEqualTo(ElementType.I32);
      assertThat(y.longs()).as(fed.toString()).containsExactly(sums);
      Trial known = Trial.of(10, "ConvInteger", x).known(w).known(zeroOfX).known(zeroOfW);
      assertThat(geometry(known, groups).run().longs()).containsExactly(sums);
      quantisedAgain(x, zeroOfX, w, zeroOfW, groups, sums, run % 2 == 0);
    }
  }

  private static Trial geometry(Trial trial, int groups) {
    return trial.with("group", groups).with("pads", 1, 1, 1, 1).with("strides", 1, 2);
  }

  private void quantisedAgain(
      Tensor x, Tensor zeroOfX, Tensor w, Tensor zeroOfW, int groups, long[] sums, boolean biased) {
    int filters = w.shape()[0];
    int positions = sums.length / 2 / filters;
    Tensor scaleOfX = QuantisedTest.scales(random);
    Tensor scaleOfW =
        QuantisedTest.scales(random, zeroOfW.rank() == 0 ? new int[0] : new int[] {filters});
    Tensor scaleOfY = Tensor.of(new float[] {w.size() / filters + 0.7f});
    Tensor zeroOfY = bytes(x.type());
    long[] biases = random.longs(filters, -100_000, 100_000).toArray();
    Tensor bias = biased ? Tensor.wrap(ElementType.I32, biases, filters) : null;
    Trial trial =
        Trial.of(
            10, "QLinearConv", x, scaleOfX, zeroOfX, w, scaleOfW, zeroOfW, scaleOfY, zeroOfY, bias);
    Tensor y = geometry(trial, groups).run();
    for (int i = 0; i < sums.length; i++) {
      int filter = i / positions % filters;
      float scale = scaleOfX.floats()[0] * scaleOfW.floats()[scaleOfW.size() == 1 ? 0 : filter];
      long sum = sums[i] + (biased ? biases[filter] : 0);
      float value = (float) sum * (scale / scaleOfY.floats()[0]);
      assertThat(y.longs()[i])
          .isEqualTo(QuantisedTest.saturated(value, zeroOfY.longs()[0], zeroOfY.type()));
    }
  }

  @Test
  void otherTypesAndShapesAreRefused() {
    Tensor floats = Tensor.of(new float[4], 2, 2);
    Tensor bytes = Tensor.wrap(ElementType.U8, new long[4], 2, 2);
    assertThatThrownBy(() -> Trial.of(10, "MatMulInteger", floats, bytes).run())
        .hasMessageContaining("multiplies integers of 8 bits, but got F32 [2, 2]");
    Tensor zeros = Tensor.wrap(ElementType.U8, new long[3], 3);
    assertThatThrownBy(() -> Trial.of(10, "MatMulInteger", bytes, bytes, zeros).run())
        .hasMessageContaining("do not fit together");
    assertThatThrownBy(() -> Trial.of(10, "ConvInteger", bytes, bytes).run())
        .hasMessageContaining("do not fit");
  }
}
