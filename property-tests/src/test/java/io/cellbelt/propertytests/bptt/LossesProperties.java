package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cellbelt.bptt.Loss;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.training.Ctc;
import io.cellbelt.kernels.training.Losses;
import io.cellbelt.kernels.training.MixtureDensity;
import io.cellbelt.propertytests.support.Block;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Tolerance;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.DoubleRange;
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

  @Provide
  Arbitrary<Loss> rows() {
    return Arbitraries.of(
        Loss.SIGMOID_CROSS_ENTROPY,
        Loss.MEAN_ABSOLUTE_ERROR,
        new Loss.Huber(0.5),
        new Loss.MixtureDensity(1),
        new Loss.MixtureDensity(4));
  }

  @Property(tries = 200)
  void lossesOfRows(
      @ForAll("rows") Loss loss,
      @ForAll @IntRange(min = 1, max = 70) int size,
      @ForAll @IntRange(min = 0, max = 5) int offset,
      @ForAll("scales") float scale,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean mixture = loss instanceof Loss.MixtureDensity;
    int outputs = loss instanceof Loss.MixtureDensity density ? density.outputs() : size;
    float[] y = Floats.random(outputs, mixture ? 1.5 : 6, random);
    float[] targets = new float[offset + outputs + 3];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = (float) random.nextDouble(0, 1);
    }
    double[] own = Floats.toDouble(Arrays.copyOfRange(targets, offset, offset + outputs + 3));
    double[] wide = Floats.toDouble(y);
    double expected = ReferenceLosses.row(loss, wide, own);
    double[] gradient = ReferenceLosses.gradient(wide, v -> ReferenceLosses.row(loss, v, own));
    int columns = Slab.pad(outputs);
    try (Block row = row(y);
        Block scratch = new Block(1, columns)) {
      long at = row.address();
      long room = scratch.address();
      double got =
          switch (loss) {
            case Loss.Huber(double delta) ->
                Losses.huber(at, outputs, targets, offset, (float) delta, scale);
            case Loss.MixtureDensity(int m) ->
                new MixtureDensity(m).apply(at, targets, offset, scale);
            default ->
                loss.equals(Loss.MEAN_ABSOLUTE_ERROR)
                    ? Losses.absoluteError(at, outputs, targets, offset, scale)
                    : Losses.sigmoidCrossEntropy(
                        at, outputs, columns, targets, offset, room, scale);
          };
      Tolerance.forward(outputs, 1).check((float) got, expected, "loss");
      float[] dy = row.get(0, 0, outputs);
      for (int j = 0; j < outputs; j++) {
        double size1 = Math.max(1, Math.abs(gradient[j]));
        assertThat(Math.abs(dy[j] - scale * gradient[j]))
            .as("gradient %s", j)
            .isLessThanOrEqualTo(1e-5 * scale * size1);
      }
      float padding = loss.equals(Loss.SIGMOID_CROSS_ENTROPY) ? 0 : 3;
      for (float value : row.get(0, outputs, columns - outputs)) {
        assertThat(value).isEqualTo(padding);
      }
      assertThat(row.gapsUntouched()).isTrue();
      assertThat(scratch.gapsUntouched()).isTrue();
    }
  }

  /** Logits and points far away are still numbers, and their losses what they should be. */
  @Property(tries = 50)
  void lossesOfFarAwayRows(@ForAll @DoubleRange(min = 20, max = 1e4) double far) {
    float big = (float) far;
    try (Block row = row(new float[] {big, -big, big, -big});
        Block scratch = new Block(1, 16)) {
      float[] targets = {1, 0, 0, 1};
      double loss =
          Losses.sigmoidCrossEntropy(row.address(), 4, 16, targets, 0, scratch.address(), 1);
      assertThat((float) loss).isEqualTo((float) (2.0 * big));
      assertThat(row.get(0, 0, 4)).containsExactly(new float[] {0, 0, 1, -1}, within(1e-8f));
    }
    try (Block row = row(new float[] {big, 1, 0, 0, 0, 0, 5})) {
      float[] targets = {3 * big, -2 * big, 1};
      double loss = new MixtureDensity(1).apply(row.address(), targets, 0, 1);
      assertThat(loss).isFinite().isGreaterThan(far * far);
      for (float value : row.get(0, 0, 7)) {
        assertThat(value).isFinite();
      }
    }
  }

  @Property(tries = 150)
  void ctcIsTheSumOverAllPaths(
      @ForAll @IntRange(min = 1, max = 5) int steps,
      @ForAll @IntRange(min = 1, max = 4) int outputs,
      @ForAll @IntRange(min = 1, max = 3) int gap,
      @ForAll("scales") float scale,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int blank = random.nextInt(outputs);
    int[] labels =
        Arrays.stream(random.ints(steps, 0, outputs).toArray())
            .filter(k -> k != blank)
            .limit(random.nextInt(steps + 1))
            .toArray();
    while (Ctc.fewestSteps(labels) > steps) {
      labels = Arrays.copyOf(labels, labels.length - 1);
    }
    int[] own = labels;
    float[] y = Floats.random(steps * outputs, 3, random);
    ToDoubleFunction<double[]> reference =
        v -> {
          double[][] rows = new double[steps][];
          for (int t = 0; t < steps; t++) {
            rows[t] = Arrays.copyOfRange(v, t * outputs, (t + 1) * outputs);
          }
          return ReferenceLosses.ctc(rows, own, blank);
        };
    double[] wide = Floats.toDouble(y);
    double expected = reference.applyAsDouble(wide);
    double[] gradient = ReferenceLosses.gradient(wide, reference);
    try (Block rows = new Block(gap * steps, 16)) {
      for (int t = 0; t < steps; t++) {
        rows.set(gap * t, 0, Arrays.copyOfRange(y, t * outputs, (t + 1) * outputs));
      }
      Ctc ctc = new Ctc(steps, outputs, blank);
      double loss = ctc.apply(rows.address(), gap * rows.rowBytes(), steps, labels, scale);
      assertThat(loss).isCloseTo(expected, within(1e-12 * Math.max(1, expected)));
      for (int i = 0; i < y.length; i++) {
        assertThat(Math.abs(rows.get(gap * (i / outputs), i % outputs) - scale * gradient[i]))
            .isLessThanOrEqualTo(1e-6 * scale);
      }
      assertThat(rows.gapsUntouched()).isTrue();
    }
  }
}
