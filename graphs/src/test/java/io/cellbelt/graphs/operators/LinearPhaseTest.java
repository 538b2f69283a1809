package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.graphs.Attribute;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Filters that read the same, or the opposite, from behind. */
class LinearPhaseTest {
  private static final int SAMPLES = 300;
  private static final int STRIDE = 20;

  /** [filters, 1, zeros + taps + 1], the last tap 0 as well. */
  private static Tensor filters(Random random, int zeros, int taps, int same, int opposite) {
    int all = zeros + taps + 1;
    float[] w = new float[(same + opposite) * all];
    for (int m = 0; m < same + opposite; m++) {
      int from = m * all + zeros;
      for (int i = 0; 2 * i < taps; i++) {
        float value = random.nextFloat() - 0.5f;
        float other = m < same ? value : -value;
        boolean middle = 2 * i + 1 == taps;
        w[from + i] = middle && m >= same ? 0 : value;
        w[from + taps - 1 - i] = middle ? w[from + i] : other;
      }
    }
    return Tensor.of(w, same + opposite, 1, all);
  }

  private static Tensor convolved(Tensor x, Tensor w, Tensor bias) {
    int count = w.shape()[0];
    int taps = w.shape()[2];
    int positions = (SAMPLES - taps) / STRIDE + 1;
    int batch = x.shape()[0];
    float[] y = new float[batch * count * positions];
    for (int i = 0; i < y.length; i++) {
      int filter = i / positions % count;
      double sum = bias.doubleAt(filter);
      for (int t = 0; t < taps; t++) {
        int at = i / positions / count * SAMPLES + i % positions * STRIDE + t;
        sum += x.doubleAt(at) * w.doubleAt(filter * taps + t);
      }
      y[i] = (float) sum;
    }
    return Tensor.of(y, batch, count, positions);
  }

  private static Tensor random(Random random, int... shape) {
    float[] all = new float[product(shape)];
    for (int i = 0; i < all.length; i++) {
      all[i] = random.nextFloat() - 0.5f;
    }
    return Tensor.of(all, shape);
  }

  private static int product(int... shape) {
    int size = 1;
    for (int d : shape) {
      size *= d;
    }
    return size;
  }

  @ParameterizedTest
  @CsvSource({"0,63,33,33", "1,64,33,33", "1,127,65,65", "0,40,70,0", "3,41,0,70", "0,128,65,64"})
  void halfTheProductsGiveTheSame(int zeros, int taps, int same, int opposite) {
    Random random = new Random(taps);
    Tensor w = filters(random, zeros, taps, same, opposite);
    Tensor x = random(random, 2, 1, SAMPLES);
    Tensor bias = random(random, same + opposite);
    Node node =
        OperatorCase.node(
            "Conv",
            List.of("x", "w", "bias"),
            List.of("y"),
            Map.of("strides", new Attribute.Wholes(List.of((long) STRIDE))));
    Map<String, Tensor> given = new LinkedHashMap<>();
    given.put("x", x);
    given.put("w", w);
    given.put("bias", bias);
    Tensor expected = convolved(x, w, bias);
    for (Set<String> known : List.of(Set.of("w", "bias"), Set.of("w"), Set.<String>of())) {
      Tensor y = OperatorCase.runFed(node, given, known).get("y");
      assertThat(y.shape()).isEqualTo(expected.shape());
      assertThat(y.floats()).usingComparatorWithPrecision(2e-5f).containsExactly(expected.floats());
    }
  }
}
