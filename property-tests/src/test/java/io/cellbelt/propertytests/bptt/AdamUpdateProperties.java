package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.training.AdamUpdate;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Block;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import io.cellbelt.propertytests.support.Tolerance;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** The optimiser's step against its formulas in double. */
@Tag("any-width")
class AdamUpdateProperties {
  private static final float ALPHA = 0.01f;
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPSILON = 1e-8f;

  @Property(tries = 30)
  void stepsFollowTheFormulas(
      @ForAll @IntRange(min = 1, max = 9) int lines,
      @ForAll @IntRange(min = 1, max = 8) int steps,
      @ForAll @IntRange(min = -6, max = 3) int magnitude,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = lines * Slab.LINE;
    float scale = (float) random.nextDouble(0.1, 1);
    float[] start = Floats.random(n, 1, random);
    double[] w = Floats.toDouble(start);
    double[] m = new double[n];
    double[] v = new double[n];
    double largest = Math.pow(10, magnitude);
    try (Block weights = Block.of(1, n, start);
        Block mean = new Block(1, n);
        Block square = new Block(1, n)) {
      for (int step = 0; step < steps; step++) {
        float[] g = Floats.random(n, largest, random);
        try (Block gradients = Block.of(1, n, g)) {
          AdamUpdate.step(
              weights.address(),
              gradients.address(),
              mean.address(),
              square.address(),
              n,
              scale,
              ALPHA,
              BETA1,
              BETA2,
              EPSILON);
          assertThat(gradients.dense()).isEqualTo(g);
          assertThat(gradients.gapsUntouched()).isTrue();
        }
        for (int i = 0; i < n; i++) {
          double gradient = (double) scale * g[i];
          m[i] = BETA1 * m[i] + (1 - (double) BETA1) * gradient;
          v[i] = BETA2 * v[i] + (1 - (double) BETA2) * gradient * gradient;
          w[i] -= ALPHA * m[i] / (Math.sqrt(v[i]) + EPSILON);
        }
      }
      Tolerance tolerance = Tolerance.forward(2, steps);
      tolerance.check(weights.dense(), w, "w");
      for (int i = 0; i < n; i++) {
        tolerance.check(mean.get(0, i), m[i], largest, "m");
        tolerance.check(square.get(0, i), v[i], largest * largest, "v");
      }
      assertThat(weights.gapsUntouched()).isTrue();
      assertThat(mean.gapsUntouched()).isTrue();
      assertThat(square.gapsUntouched()).isTrue();
    }
  }

  /** Or else they would decay into denormals, which are slow. */
  @Example
  void momentsUnderTenToTheMinusThirtyBecomeZero() {
    float[] tiny = new float[Slab.LINE];
    Arrays.fill(tiny, 0, 5, 1.05e-30f);
    Arrays.fill(tiny, 5, Slab.LINE, -1.05e-30f);
    float[] squares = new float[Slab.LINE];
    Arrays.fill(squares, 1.0005e-30f);
    try (Block w = Block.of(1, Slab.LINE, new float[Slab.LINE]);
        Block g = Block.of(1, Slab.LINE, new float[Slab.LINE]);
        Block m = Block.of(1, Slab.LINE, tiny);
        Block v = Block.of(1, Slab.LINE, squares)) {
      AdamUpdate.step(
          w.address(),
          g.address(),
          m.address(),
          v.address(),
          Slab.LINE,
          1,
          ALPHA,
          BETA1,
          BETA2,
          EPSILON);
      assertThat(m.dense()).containsOnly(0);
      assertThat(v.dense()).containsOnly(0);
      assertThat(w.dense()).containsOnly(0);
    }
  }

  @Property(tries = 20)
  void paddingStaysZero(
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture, @ForAll long seed) {
    try (ParameterSlab weights = filled(architecture, seed);
        ParameterSlab gradients = filled(architecture, seed + 1);
        ParameterSlab mean = new ParameterSlab(architecture);
        ParameterSlab square = new ParameterSlab(architecture)) {
      for (int step = 0; step < 3; step++) {
        AdamUpdate.step(
            weights.address(),
            gradients.address(),
            mean.address(),
            square.address(),
            weights.floats(),
            0.5f,
            ALPHA,
            BETA1,
            BETA2,
            EPSILON);
      }
      for (ParameterSlab slab : new ParameterSlab[] {weights, mean, square}) {
        long inside = 0;
        for (Parameter parameter : architecture.parameters()) {
          inside += nonZero(slab.get(parameter));
        }
        assertThat(nonZero(slab.slab().segment().toArray(ValueLayout.JAVA_FLOAT)))
            .isEqualTo(inside);
      }
    }
  }

  private static ParameterSlab filled(Architecture architecture, long seed) {
    ParameterSlab slab = new ParameterSlab(architecture);
    Map<String, float[]> values = Nets.values(architecture, seed);
    architecture.parameters().forEach(p -> slab.put(p, values.get(p.name())));
    return slab;
  }

  private static long nonZero(float[] values) {
    long count = 0;
    for (float value : values) {
      count += value == 0 ? 0 : 1;
    }
    return count;
  }
}
