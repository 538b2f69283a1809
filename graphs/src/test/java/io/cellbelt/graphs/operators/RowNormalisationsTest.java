package io.cellbelt.graphs.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowNormalisationsTest {
  private static final List<ElementType> TYPES =
      List.of(ElementType.F32, ElementType.F64, ElementType.F16);

  private final Random random = new Random(7);

  /** Each row, less its mean where that is asked for, by the root of the mean of its squares. */
  private static double[] normalised(double[] x, int length, double epsilon, boolean centred) {
    double[] y = x.clone();
    for (int start = 0; start < x.length; start += length) {
      double mean = centred ? Arrays.stream(x, start, start + length).sum() / length : 0;
      double squares = 0;
      for (int i = start; i < start + length; i++) {
        y[i] = x[i] - mean;
        squares += y[i] * y[i];
      }
      for (int i = start; i < start + length; i++) {
        y[i] /= Math.sqrt(squares / length + epsilon);
      }
    }
    return y;
  }

  @Test
  void layers() {
    for (ElementType type : TYPES) {
      for (int run = 0; run < 20; run++) {
        int[] shape = Trial.shape(random, 1 + random.nextInt(4), 19);
        int axis = random.nextInt(shape.length);
        int[] own = Arrays.copyOfRange(shape, axis, shape.length);
        int length = Arrays.stream(own).reduce(1, (a, b) -> a * b);
        Tensor x = Trial.random(random, type, false, shape);
        Tensor scale = Trial.random(random, type, false, own);
        Tensor bias = run % 3 == 0 ? null : Trial.random(random, type, false, own);
        float epsilon = run % 2 == 0 ? 1e-5f : 0.1f;
        double[] expected = normalised(x.doubles(), length, epsilon, true);
        for (int i = 0; i < expected.length; i++) {
          expected[i] *= scale.doubleAt(i % length);
          expected[i] += bias == null ? 0 : bias.doubleAt(i % length);
        }
        Trial trial = Trial.of(17, "LayerNormalization", x, scale, bias).outputs(3);
        trial.with("axis", run % 2 == 0 ? axis : axis - shape.length).with("epsilon", epsilon);
        List<Tensor> all = trial.runAll();
        Trial.assertClose(all.getFirst(), expected, 2e-5, trial.toString());
        double[] means = new double[x.size() / length];
        double[] inverses = new double[means.length];
        for (int row = 0; row < means.length; row++) {
          double[] values = Arrays.copyOfRange(x.doubles(), row * length, (row + 1) * length);
          double mean = Arrays.stream(values).sum() / length;
          double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
          means[row] = mean;
          inverses[row] = 1 / Math.sqrt(squares / length + epsilon);
        }
        int[] single = shape.clone();
        Arrays.fill(single, axis, shape.length, 1);
        assertThat(all.get(1).shape()).containsExactly(single);
        assertThat(all.get(2).type()).isEqualTo(ElementType.F32);
        Trial.assertClose(all.get(1), means, 1e-5, "means");
        // The inverse of a variance of nearly nothing is as uncertain as that.
        Trial.assertClose(all.get(2), inverses, length == 1 ? 1e-5 : 1e-4, "inverses");
      }
    }
  }

  @Test
  void scalesThatRepeat() {
    Tensor x = Trial.random(random, ElementType.F32, false, 2, 3, 4);
    Tensor scale = Tensor.of(new float[] {2}, 1);
    double[] expected = normalised(x.doubles(), 12, 1e-5, true);
    Trial trial = Trial.of(17, "LayerNormalization", x, scale).with("axis", 1);
    Trial.assertClose(
        trial.run(), Arrays.stream(expected).map(v -> 2 * v).toArray(), 1e-5, trial.toString());
    assertThatThrownBy(
            () -> Trial.of(17, "LayerNormalization", x, Tensor.of(new float[3], 3)).run())
        .hasMessageContaining("do not fit together");
  }

  @Test
  void rootMeanSquares() {
    for (ElementType type : TYPES) {
      for (int run = 0; run < 12; run++) {
        int[] shape = Trial.shape(random, 1 + random.nextInt(4), 19);
        int axis = random.nextInt(shape.length);
        int[] own = Arrays.copyOfRange(shape, axis, shape.length);
        int length = Arrays.stream(own).reduce(1, (a, b) -> a * b);
        Tensor x = Trial.random(random, type, false, shape);
        Tensor scale = Trial.random(random, type, false, own);
        double[] expected = normalised(x.doubles(), length, 0.01f, false);
        for (int i = 0; i < expected.length; i++) {
          expected[i] *= scale.doubleAt(i % length);
        }
        Trial trial = Trial.of(23, "RMSNormalization", x, scale);
        trial.with("axis", axis).with("epsilon", 0.01f);
        Trial.assertClose(trial.run(), expected, 1e-5, trial.toString());
      }
    }
  }

  @Test
  void instancesAndGroups() {
    for (ElementType type : TYPES) {
      for (int run = 0; run < 12; run++) {
        int groups = 1 + random.nextInt(3);
        int channels = groups * (1 + random.nextInt(4));
        int[] shape = Trial.shape(random, 3 + random.nextInt(2), 9);
        shape[1] = channels;
        Tensor x = Trial.random(random, type, false, shape);
        int inner = x.size() / shape[0] / channels;
        Tensor scale = Trial.random(random, type, false, channels);
        Tensor bias = Trial.random(random, type, false, channels);
        double[] instances = normalised(x.doubles(), inner, 1e-5f, true);
        double[] grouped = normalised(x.doubles(), inner * channels / groups, 1e-5f, true);
        double[] byGroup = grouped.clone();
        for (int i = 0; i < x.size(); i++) {
          int channel = i / inner % channels;
          int group = channel / (channels / groups);
          instances[i] = instances[i] * scale.doubleAt(channel) + bias.doubleAt(channel);
          byGroup[i] = grouped[i] * scale.doubleAt(group) + bias.doubleAt(group);
          grouped[i] = grouped[i] * scale.doubleAt(channel) + bias.doubleAt(channel);
        }
        Trial instance = Trial.of(6, "InstanceNormalization", x, scale, bias);
        Trial.assertClose(instance.run(), instances, 1e-4, instance.toString());
        Trial group = Trial.of(21, "GroupNormalization", x, scale, bias);
        group.with("num_groups", groups);
        Trial.assertClose(group.run(), grouped, 1e-4, group.toString());
        Trial old =
            Trial.of(18, "GroupNormalization", x, first(scale, groups), first(bias, groups));
        old.with("num_groups", groups);
        Trial.assertClose(old.run(), byGroup, 1e-4, old.toString());
      }
    }
  }

  private static Tensor first(Tensor tensor, int count) {
    Tensor doubles = Tensor.of(Arrays.copyOf(tensor.doubles(), count), count);
    return Casts.converted(doubles, tensor.type());
  }

  @Test
  void groupsThatDoNotDivideChannelsAreRefused() {
    Tensor x = Tensor.of(new float[6], 1, 3, 2);
    Tensor scale = Tensor.of(new float[3], 3);
    assertThatThrownBy(
            () -> Trial.of(21, "GroupNormalization", x, scale, scale).with("num_groups", 2).run())
        .hasMessageContaining("which 2 groups divide");
    assertThatThrownBy(
            () -> Trial.of(6, "InstanceNormalization", x, scale, Tensor.of(new float[2], 2)).run())
        .hasMessageContaining("scale and bias are 3 floats");
  }
}
