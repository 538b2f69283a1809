package io.cellbelt.propertytests.kernels;

import static io.cellbelt.propertytests.support.Floats.bits;
import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.elementwise.Normalise;
import io.cellbelt.kernels.elementwise.Reduction;
import io.cellbelt.kernels.elementwise.Softmax;
import io.cellbelt.kernels.elementwise.Unary;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Strided;
import io.cellbelt.propertytests.support.Tolerance;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/**
 * Reductions, and what is made of them: the bits of sixteen lanes that meet in a tree, as the
 * documentation says, so the same ones at any width.
 */
@Tag("any-width")
class ReductionProperties {
  private static final int LANES = 16;

  /** What the elements of a row become. */
  private static float expected(Reduction reduction, float... row) {
    float[] lanes = new float[LANES];
    Arrays.fill(lanes, start(reduction));
    for (int i = 0; i < row.length; i++) {
      lanes[i % LANES] = next(reduction, lanes[i % LANES], row[i]);
    }
    for (int apart = LANES / 2; apart > 0; apart /= 2) {
      for (int i = 0; i < apart; i++) {
        lanes[i] = joined(reduction, lanes[i], lanes[i + apart]);
      }
    }
    return lanes[0];
  }

  private static float start(Reduction reduction) {
    return switch (reduction) {
      case SUM, SUM_OF_SQUARES, SUM_OF_MAGNITUDES -> 0;
      case PRODUCT -> 1;
      case MAXIMUM -> Float.NEGATIVE_INFINITY;
      case MINIMUM -> Float.POSITIVE_INFINITY;
    };
  }

  private static float next(Reduction reduction, float before, float value) {
    return switch (reduction) {
      case SUM_OF_SQUARES -> Math.fma(value, value, before);
      case SUM_OF_MAGNITUDES -> before + Math.abs(value);
      default -> joined(reduction, before, value);
    };
  }

  private static float joined(Reduction reduction, float a, float b) {
    return switch (reduction) {
      case SUM, SUM_OF_SQUARES, SUM_OF_MAGNITUDES -> a + b;
      case PRODUCT -> a * b;
      case MAXIMUM -> Math.max(a, b);
      case MINIMUM -> Math.min(a, b);
    };
  }

  /** Half of the rows have nothing wild, so that not all results are NaN. */
  private static Strided rows(int rows, int floats, SplittableRandom random) {
    int stride = floats + random.nextInt(20);
    return random.nextBoolean()
        ? new Strided(rows, floats, stride, random)
        : Strided.tame(rows, floats, stride, random);
  }

  @Property(tries = 60)
  void rowsHaveTheBitsOfSixteenLanes(
      @ForAll @IntRange(min = 0, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 200) int floats,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (Reduction reduction : Reduction.values()) {
      try (Strided x = rows(rows, floats, random);
          Strided y = new Strided(1, rows, rows, random)) {
        float[] expected = new float[rows];
        for (int r = 0; r < rows; r++) {
          expected[r] = expected(reduction, x.get(r));
          assertThat(bits(reduction.scalar(x.get(r)))).isEqualTo(bits(expected[r]));
        }
        reduction.rows(x.address(), x.rowBytes(), floats, rows, y.address());
        assertThat(bits(y.get(0))).as(reduction.name()).isEqualTo(bits(expected));
        assertThat(x.restUntouched(0) && y.restUntouched(0)).isTrue();
      }
    }
  }

  @Property(tries = 60)
  void columnsHaveTheBitsOfOneElementAfterTheOther(
      @ForAll @IntRange(min = 1, max = 40) int count,
      @ForAll @IntRange(min = 1, max = 200) int floats,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (Reduction reduction : Reduction.values()) {
      try (Strided x = rows(count, floats, random);
          Strided y = new Strided(1, floats, floats, random)) {
        columns(reduction, x, count, y, floats);
      }
    }
  }

  /** More columns than are reduced at once. */
  @Example
  void manyColumnsTakeTurns() {
    SplittableRandom random = new SplittableRandom(1);
    for (Reduction reduction : Reduction.values()) {
      try (Strided x = Strided.tame(3, 5000, 5003, random);
          Strided y = new Strided(1, 5000, 5000, random)) {
        columns(reduction, x, 3, y, 5000);
      }
    }
  }

  private static void columns(Reduction reduction, Strided x, int count, Strided y, int floats) {
    float[] expected = new float[floats];
    Arrays.fill(expected, start(reduction));
    for (int i = 0; i < count; i++) {
      float[] row = x.get(i);
      for (int j = 0; j < floats; j++) {
        expected[j] = next(reduction, expected[j], row[j]);
      }
    }
    reduction.columns(x.address(), x.rowBytes(), count, y.address(), floats);
    assertThat(bits(y.get(0))).as(reduction.name()).isEqualTo(bits(expected));
    assertThat(x.restUntouched(0) && y.restUntouched(Strided.REACH)).isTrue();
  }

  @Property(tries = 60)
  void softmaxHasTheBitsOfItsParts(
      @ForAll @IntRange(min = 0, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 200) int floats,
      @ForAll boolean log,
      @ForAll boolean inPlace,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Strided x = rows(rows, floats, random);
        Strided y = new Strided(rows, floats, floats + random.nextInt(20), random)) {
      float[][] expected = new float[rows][];
      for (int r = 0; r < rows; r++) {
        expected[r] = softmax(x.get(r), log);
      }
      Strided result = inPlace ? x : y;
      Softmax.rows(
          x.address(), x.rowBytes(), result.address(), result.rowBytes(), floats, rows, log);
      for (int r = 0; r < rows; r++) {
        assertThat(bits(result.get(r))).isEqualTo(bits(expected[r]));
      }
      assertThat(x.restUntouched(0) && y.restUntouched(0)).isTrue();
    }
  }

  private static float[] softmax(float[] x, boolean log) {
    float[] y = new float[x.length];
    float max = expected(Reduction.MAXIMUM, x);
    for (int j = 0; j < y.length; j++) {
      y[j] = Exp.scalar(x[j] - max);
    }
    float sum = expected(Reduction.SUM, y);
    for (int j = 0; j < y.length; j++) {
      y[j] = log ? x[j] - max - Unary.LOG.scalar(sum) : y[j] / sum;
    }
    return y;
  }

  @Property(tries = 40)
  void softmaxIsNearItsDefinition(
      @ForAll @IntRange(min = 1, max = 200) int floats, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = Floats.random(floats, 20, random);
    double sum = 0;
    for (float value : x) {
      sum += Math.exp(value);
    }
    try (Strided from = Strided.row(x);
        Strided to = new Strided(1, floats, floats, random)) {
      for (boolean log : new boolean[] {false, true}) {
        double[] expected = new double[floats];
        for (int j = 0; j < floats; j++) {
          expected[j] = log ? x[j] - Math.log(sum) : Math.exp(x[j]) / sum;
        }
        Softmax.rows(from.address(), 0, to.address(), 0, floats, 1, log);
        Tolerance.forward(floats, 1).check(to.get(0), expected, "log: " + log);
      }
    }
  }

  @Example
  void softmaxOfWhatIsInfinite() {
    float inf = Float.POSITIVE_INFINITY;
    assertThat(softmaxed(false, -inf, 0, -inf, 0)).containsExactly(0, 0.5f, 0, 0.5f);
    assertThat(softmaxed(true, -inf, 3)).containsExactly(-inf, 0);
    assertThat(softmaxed(false, -inf, -inf)).containsOnly(Float.NaN);
    assertThat(softmaxed(true, -inf, -inf)).containsOnly(Float.NaN);
    assertThat(softmaxed(false, inf, 1)).contains(Float.NaN);
    assertThat(softmaxed(false, Float.NaN, 1)).containsOnly(Float.NaN);
    assertThat(softmaxed(true, Float.NaN, 1)).containsOnly(Float.NaN);
  }

  private static float[] softmaxed(boolean log, float... x) {
    try (Strided row = Strided.row(x)) {
      Softmax.rows(row.address(), 0, row.address(), 0, x.length, 1, log);
      return row.get(0);
    }
  }

  @Property(tries = 60)
  void normalisedRowsHaveTheBitsOfTheirParts(
      @ForAll @IntRange(min = 0, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 200) int floats,
      @ForAll boolean inPlace,
      @ForAll long seed) {
    float epsilon = 1e-5f;
    SplittableRandom random = new SplittableRandom(seed);
    try (Strided x = rows(rows, floats, random);
        Strided y = new Strided(rows, floats, floats + random.nextInt(20), random);
        Strided means = new Strided(1, rows, rows, random);
        Strided inverses = new Strided(1, rows, rows, random)) {
      float[][] expected = new float[rows][floats];
      float[] mean = new float[rows];
      float[] inverse = new float[rows];
      for (int r = 0; r < rows; r++) {
        float[] row = x.get(r);
        mean[r] = (float) ((double) expected(Reduction.SUM, row) / floats);
        float[] apart = new float[floats];
        for (int j = 0; j < floats; j++) {
          apart[j] = row[j] - mean[r];
        }
        double variance = (double) expected(Reduction.SUM_OF_SQUARES, apart) / floats;
        inverse[r] = (float) (1 / Math.sqrt(variance + epsilon));
        for (int j = 0; j < floats; j++) {
          expected[r][j] = apart[j] * inverse[r];
        }
      }
      Strided result = inPlace ? x : y;
      Normalise.rows(
          x.address(),
          x.rowBytes(),
          result.address(),
          result.rowBytes(),
          floats,
          rows,
          epsilon,
          means.address(),
          inverses.address());
      for (int r = 0; r < rows; r++) {
        assertThat(bits(result.get(r))).isEqualTo(bits(expected[r]));
      }
      assertThat(bits(means.get(0))).isEqualTo(bits(mean));
      assertThat(bits(inverses.get(0))).isEqualTo(bits(inverse));
      assertThat(x.restUntouched(0) && y.restUntouched(0)).isTrue();
      assertThat(means.restUntouched(0) && inverses.restUntouched(0)).isTrue();
    }
  }

  @Property(tries = 40)
  void normalisedRowsHaveTheirMeanAndVariance(
      @ForAll @IntRange(min = 2, max = 200) int floats, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = Floats.random(floats, 5, random);
    double mean = 0;
    for (float value : x) {
      mean += (double) value / floats;
    }
    double variance = 0;
    for (float value : x) {
      variance += (value - mean) * (value - mean) / floats;
    }
    double[] expected = new double[floats];
    for (int j = 0; j < floats; j++) {
      expected[j] = (x[j] - mean) / Math.sqrt(variance + 1e-3f);
    }
    try (Strided row = Strided.row(x)) {
      Normalise.rows(row.address(), 0, row.address(), 0, floats, 1, 1e-3f);
      Tolerance.forward(floats, 1).times(1 / Math.sqrt(variance)).check(row.get(0), expected, "y");
    }
  }
}
