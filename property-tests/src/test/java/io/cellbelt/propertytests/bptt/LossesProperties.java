package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.training.Losses;
import io.cellbelt.propertytests.support.Block;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Tolerance;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Losses of a row and their gradients against the formulas in double. */
@Tag("any-width")
class LossesProperties {
  @Provide
  Arbitrary<Double> bounds() {
    return Arbitraries.of(0.0, 1e-6, 1.0, 10.0, 80.0, 1e4);
  }

  @Provide
  Arbitrary<Float> scales() {
    return Arbitraries.of(1f, 1f / 3, 1e-3f, 0f);
  }

  /** A row whose padding is not zero. */
  private static Block row(float[] y) {
    float[] padded = new float[Slab.pad(y.length)];
    Arrays.fill(padded, 3);
    System.arraycopy(y, 0, padded, 0, y.length);
    return Block.of(1, padded.length, padded);
  }

  @Property(tries = 150)
  void softmaxCrossEntropy(
      @ForAll @IntRange(min = 1, max = 70) int outputs,
      @ForAll("bounds") double bound,
      @ForAll("scales") float scale,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] y = bound == 0 ? new float[outputs] : Floats.random(outputs, bound, random);
    int label = random.nextInt(outputs);
    double[] softmax = Floats.toDouble(y);
    double max = Arrays.stream(softmax).max().orElseThrow();
    double sum = Arrays.stream(softmax).map(v -> Math.exp(v - max)).sum();
    Arrays.setAll(softmax, j -> Math.exp(y[j] - max) / sum);
    Tolerance tolerance = Tolerance.forward(outputs, 1);
    try (Block row = row(y)) {
      double loss =
          Losses.softmaxCrossEntropy(row.address(), outputs, Slab.pad(outputs), label, scale);
      double expected = Math.log(sum) + max - y[label];
      tolerance.check((float) loss, expected, "loss");
      float[] dy = row.get(0, 0, outputs);
      double total = 0;
      for (int j = 0; j < outputs; j++) {
        double gradient = scale * (softmax[j] - (j == label ? 1 : 0));
        tolerance.check(dy[j], gradient, scale, "gradient " + j);
        total += dy[j];
      }
      tolerance.check((float) total, 0, scale, "sum of the gradients");
      assertThat(row.get(0, outputs, Slab.pad(outputs) - outputs))
          .satisfies(padding -> assertThat(padding).isEqualTo(new float[padding.length]));
      assertThat(row.gapsUntouched()).isTrue();
    }
  }

  @Property(tries = 60)
  void squaredError(
      @ForAll @IntRange(min = 1, max = 70) int outputs,
      @ForAll @IntRange(min = 0, max = 5) int offset,
      @ForAll("bounds") double bound,
      @ForAll("scales") float scale,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] y = Floats.random(outputs, Math.max(bound, 1e-3), random);
    float[] targets = Floats.random(offset + outputs + 2, 1, random);
    Tolerance tolerance = Tolerance.forward(outputs, 1);
    try (Block row = row(y)) {
      double loss = Losses.squaredError(row.address(), outputs, targets, offset, scale);
      float[] dy = row.get(0, 0, outputs);
      double expected = 0;
      for (int j = 0; j < outputs; j++) {
        double error = (double) y[j] - targets[offset + j];
        expected += error * error;
        tolerance.check(dy[j], 2 * scale * error, scale * Math.max(1, bound), "gradient " + j);
      }
      tolerance.check((float) loss, expected, "loss");
      assertThat(row.gapsUntouched()).isTrue();
    }
  }
}
