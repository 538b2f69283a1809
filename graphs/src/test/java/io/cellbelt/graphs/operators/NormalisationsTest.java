package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NormalisationsTest {
  private static final List<ElementType> TYPES =
      List.of(ElementType.F32, ElementType.F64, ElementType.F16);

  private final Random random = new Random(8);

  private Tensor positive(ElementType type, int... shape) {
    Tensor some = Trial.random(random, type, false, shape);
    double[] values = Arrays.stream(some.doubles()).map(v -> Math.abs(v) + 0.1).toArray();
    return Casts.converted(Tensor.of(values, shape), type);
  }

  @Test
  void batchesByKnownAndFedParameters() {
    for (ElementType type : TYPES) {
      for (int run = 0; run < 24; run++) {
        int[] shape = Trial.shape(random, 2 + random.nextInt(4), run % 4 == 0 ? 21 : 6);
        Tensor x = Trial.random(random, type, false, shape);
        Tensor[] parameters = parameters(type, shape[1]);
        double[] expected = batch(x, parameters, x.size() / shape[0] / shape[1], 0.01f);
        int opset = List.of(7, 9, 14, 15).get(run % 4);
        Trial fed = Trial.of(opset, "BatchNormalization", x);
        fed = Trial.of(opset, "BatchNormalization", all(x, parameters)).with("epsilon", 0.01f);
        Trial.assertClose(fed.run(), expected, 1e-5, fed.toString());
        Trial known = Trial.of(opset, "BatchNormalization", x).with("epsilon", 0.01f);
        Arrays.stream(parameters).forEach(known::known);
        Trial.assertClose(known.run(), expected, 1e-5, known.toString());
      }
    }
  }

  private Tensor[] parameters(ElementType type, int... shape) {
    return new Tensor[] {
      Trial.random(random, type, false, shape),
      Trial.random(random, type, false, shape),
      Trial.random(random, type, false, shape),
      positive(type, shape)
    };
  }

  private static Tensor[] all(Tensor x, Tensor[] parameters) {
    Tensor[] all = new Tensor[5];
    all[0] = x;
    System.arraycopy(parameters, 0, all, 1, 4);
    return all;
  }

  private static double[] batch(Tensor x, Tensor[] parameters, int inner, double epsilon) {
    double[] y = x.doubles();
    for (int i = 0; i < y.length; i++) {
      int c = i / inner % parameters[0].size();
      double normal =
          (y[i] - parameters[2].doubleAt(c)) / Math.sqrt(parameters[3].doubleAt(c) + epsilon);
      y[i] = normal * parameters[0].doubleAt(c) + parameters[1].doubleAt(c);
    }
    return y;
  }

  @Test
  void batchesInOldVersions() {
    Tensor x = Trial.random(random, ElementType.F32, false, 2, 3, 4);
    Tensor[] own = parameters(ElementType.F32, 3, 4);
    Trial byElement = Trial.of(7, "BatchNormalization", all(x, own)).with("spatial", 0);
    Trial.assertClose(byElement.run(), batch(x, own, 1, 1e-5), 1e-5, byElement.toString());
    Tensor[] channels = parameters(ElementType.F32, 3);
    Trial test = Trial.of(6, "BatchNormalization", all(x, channels)).with("is_test", 1);
    Trial.assertClose(test.run(), batch(x, channels, 4, 1e-5), 1e-5, test.toString());
    assertThatThrownBy(() -> Trial.of(6, "BatchNormalization", all(x, channels)).run())
        .hasMessageContaining("exported for inference: training_mode 0, or is_test 1");
    assertThatThrownBy(
            () ->
                Trial.of(15, "BatchNormalization", all(x, channels)).with("training_mode", 1).run())
        .hasMessageContaining("exported for inference");
    assertThatThrownBy(() -> Trial.of(15, "BatchNormalization", all(x, own)).run())
        .hasMessageContaining("one for each channel");
  }

  @Test
  void norms() {
    for (ElementType type : TYPES) {
      for (int p = 1; p <= 2; p++) {
        for (int axis = 0; axis < 3; axis++) {
          double[] values = Trial.random(random, type, false, 3, 4, 5).doubles();
          Arrays.fill(values, 0, 5, 0);
          Tensor x = Casts.converted(Tensor.of(values, 3, 4, 5), type);
          int step = List.of(20, 5, 1).get(axis);
          int count = x.shape()[axis];
          double[] expected = new double[60];
          for (int i = 0; i < 60; i++) {
            double sum = 0;
            for (int k = 0; k < count; k++) {
              double value = x.doubleAt(i - i / step % count * step + k * step);
              sum += p == 1 ? Math.abs(value) : value * value;
            }
            double norm = p == 1 ? sum : Math.sqrt(sum);
            expected[i] = norm == 0 ? 0 : x.doubleAt(i) / norm;
          }
          Trial trial = Trial.of(1, "LpNormalization", x).with("axis", axis).with("p", p);
          Trial.assertClose(trial.run(), expected, 1e-6, trial.toString());
        }
      }
    }
    assertThatThrownBy(
            () -> Trial.of(1, "LpNormalization", Tensor.of(new float[1], 1)).with("p", 3).run())
        .hasMessageContaining("p is 3");
  }

  @Test
  void meansAndVariances() {
    Tensor x = Trial.random(random, ElementType.F32, false, 2, 3, 4, 5);
    check(Trial.of(13, "MeanVarianceNormalization", x), x, 0, 2, 3);
    check(Trial.of(13, "MeanVarianceNormalization", x).with("axes", 1, -1), x, 1, 3);
    check(Trial.of(1, "MeanVarianceNormalization", x), x, 2, 3);
    check(Trial.of(1, "MeanVarianceNormalization", x).with("across_channels", 1), x, 1, 2, 3);
    Tensor doubles = Trial.random(random, ElementType.F64, false, 2, 3, 4, 5);
    check(Trial.of(9, "MeanVarianceNormalization", doubles), doubles, 0, 2, 3);
  }

  private static void check(Trial trial, Tensor x, int... along) {
    int[] steps = {60, 20, 5, 1};
    double[] expected = new double[x.size()];
    for (int i = 0; i < expected.length; i++) {
      double sum = 0;
      double squares = 0;
      int count = 0;
      for (int j = 0; j < x.size(); j++) {
        boolean same = true;
        for (int d = 0; d < 4; d++) {
          boolean equal = i / steps[d] % x.shape()[d] == j / steps[d] % x.shape()[d];
          same &= equal || Arrays.binarySearch(along, d) >= 0;
        }
        if (same) {
          sum += x.doubleAt(j);
          squares += x.doubleAt(j) * x.doubleAt(j);
          count++;
        }
      }
      double mean = sum / count;
      expected[i] = (x.doubleAt(i) - mean) / (Math.sqrt(squares / count - mean * mean) + 1e-9);
    }
    Trial.assertClose(trial.run(), expected, 1e-5, trial.toString());
  }

  @Test
  void neighbouringChannels() {
    for (ElementType type : TYPES) {
      for (int size = 1; size < 6; size++) {
        Tensor x = Trial.random(random, type, false, 2, 5, 3, 4);
        double[] expected = new double[x.size()];
        for (int i = 0; i < expected.length; i++) {
          int channel = i / 12 % 5;
          int low = Math.max(0, channel - (int) Math.floor((size - 1) / 2.0));
          int high = Math.min(4, channel + (int) Math.ceil((size - 1) / 2.0));
          double sum = 0;
          for (int c = low; c <= high; c++) {
            double value = x.doubleAt(i + 12 * (c - channel));
            sum += value * value;
          }
          expected[i] = x.doubleAt(i) / Math.pow(1.5 + 0.2f / size * sum, 0.6f);
        }
        Trial trial = Trial.of(13, "LRN", x).with("size", size);
        trial.with("alpha", 0.2f).with("beta", 0.6f).with("bias", 1.5f);
        Trial.assertClose(trial.run(), expected, 2e-6, trial.toString());
      }
    }
    assertThatThrownBy(() -> Trial.of(13, "LRN", Tensor.of(new float[2], 1, 2)).run())
        .hasMessageContaining("size is 1 or more");
  }
}
