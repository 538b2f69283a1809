package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.training.Updates;
import io.cellbelt.propertytests.support.AnyArchitecture;
import io.cellbelt.propertytests.support.Block;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import io.cellbelt.propertytests.support.Tolerance;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** The optimisers' steps against their formulas in double. */
@Tag("any-width")
class UpdatesProperties {
  private static final float ALPHA = 0.01f;
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPSILON = 1e-8f;

  /** One parameter in double. */
  static final class Wide {
    double w;
    double m;
    double v;

    void adam(double g, double keep) {
      m = BETA1 * m + (1 - (double) BETA1) * g;
      v = BETA2 * v + (1 - (double) BETA2) * g * g;
      w = keep * w - ALPHA * m / (Math.sqrt(v) + EPSILON);
    }

    void squares(double g, double keep, double add, double momentum) {
      v = keep * v + add * g * g;
      m = momentum * m + g / (Math.sqrt(v) + EPSILON);
      w -= ALPHA * m;
    }

    void momentum(double g, double momentum, double direct, double through) {
      m = momentum * m + g;
      w -= ALPHA * (direct * g + through * m);
    }
  }

  /** An optimiser, as kernel and as formula. */
  enum Rule {
    ADAM {
      @Override
      void step(long w, long g, long m, long v, long n, float scale, float decay) {
        Updates.adam(w, g, m, v, n, scale, decay, 1, ALPHA, BETA1, BETA2, EPSILON);
      }

      @Override
      void step(Wide wide, double g) {
        wide.adam(g, 1);
      }
    },
    ADAM_W {
      @Override
      void step(long w, long g, long m, long v, long n, float scale, float decay) {
        Updates.adam(w, g, m, v, n, scale, decay, BETA1, ALPHA, BETA1, BETA2, EPSILON);
      }

      @Override
      void step(Wide wide, double g) {
        wide.adam(g, BETA1);
      }
    },
    RMS_PROP {
      @Override
      void step(long w, long g, long m, long v, long n, float scale, float decay) {
        Updates.squares(w, g, 0, v, n, scale, decay, ALPHA, BETA1, 1 - BETA1, EPSILON, 0);
      }

      @Override
      void step(Wide wide, double g) {
        wide.squares(g, BETA1, 1 - BETA1, 0);
        wide.m = 0;
      }
    },
    RMS_PROP_MOMENTUM {
      @Override
      void step(long w, long g, long m, long v, long n, float scale, float decay) {
        Updates.squares(w, g, m, v, n, scale, decay, ALPHA, BETA1, 1 - BETA1, EPSILON, BETA1);
      }

      @Override
      void step(Wide wide, double g) {
        wide.squares(g, BETA1, 1 - BETA1, BETA1);
      }
    },
    ADA_GRAD {
      @Override
      void step(long w, long g, long m, long v, long n, float scale, float decay) {
        Updates.squares(w, g, 0, v, n, scale, decay, ALPHA, 1, 1, EPSILON, 0);
      }

      @Override
      void step(Wide wide, double g) {
        wide.squares(g, 1, 1, 0);
        wide.m = 0;
      }
    },
    SGD {
      @Override
      void step(long w, long g, long m, long v, long n, float scale, float decay) {
        Updates.momentum(w, g, 0, n, scale, decay, ALPHA, 0, 1, 1);
      }

      @Override
      void step(Wide wide, double g) {
        wide.momentum(g, 0, 1, 0);
        wide.m = 0;
      }
    },
    SGD_MOMENTUM {
      @Override
      void step(long w, long g, long m, long v, long n, float scale, float decay) {
        Updates.momentum(w, g, m, n, scale, decay, ALPHA, BETA1, 0, 1);
      }

      @Override
      void step(Wide wide, double g) {
        wide.momentum(g, BETA1, 0, 1);
      }
    },
    SGD_NESTEROV {
      @Override
      void step(long w, long g, long m, long v, long n, float scale, float decay) {
        Updates.momentum(w, g, m, n, scale, decay, ALPHA, BETA1, 1, BETA1);
      }

      @Override
      void step(Wide wide, double g) {
        wide.momentum(g, BETA1, 1, BETA1);
      }
    };

    abstract void step(long w, long g, long m, long v, long n, float scale, float decay);

    abstract void step(Wide wide, double g);
  }

  @Property(tries = 100)
  void stepsFollowTheFormulas(
      @ForAll Rule rule,
      @ForAll @IntRange(min = 1, max = 9) int lines,
      @ForAll @IntRange(min = 1, max = 8) int steps,
      @ForAll @IntRange(min = -4, max = 3) int magnitude,
      @ForAll boolean decays,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = lines * Slab.LINE;
    float scale = (float) random.nextDouble(0.1, 1);
    float decay = decays ? 0.05f : 0;
    double largest = Math.pow(10, magnitude);
    float[] start = Floats.random(n, 1, random);
    Wide[] wide = new Wide[n];
    Arrays.setAll(wide, _ -> new Wide());
    for (int i = 0; i < n; i++) {
      wide[i].w = start[i];
    }
    try (Block weights = Block.of(1, n, start);
        Block mean = new Block(1, n);
        Block square = new Block(1, n)) {
      for (int step = 0; step < steps; step++) {
        float[] g = Floats.random(n, largest, random);
        // Where a gradient and a decay cancel, its sign, and so that of the step, is rounding.
        for (int i = 0; decays && i < n; i++) {
          g[i] = Math.copySign(Math.abs(g[i]) + 0.3f, (float) wide[i].w);
        }
        try (Block gradients = Block.of(1, n, g)) {
          rule.step(
              weights.address(),
              gradients.address(),
              mean.address(),
              square.address(),
              n,
              scale,
              decay);
          assertThat(gradients.dense()).isEqualTo(g);
          assertThat(gradients.gapsUntouched()).isTrue();
        }
        for (int i = 0; i < n; i++) {
          rule.step(wide[i], (double) scale * g[i] + (double) decay * wide[i].w);
        }
      }
      Tolerance tolerance = Tolerance.forward(4, steps);
      double bound = steps * Math.max(largest + 1, 4);
      for (int i = 0; i < n; i++) {
        double scaleOfW = Math.max(1, 10 * ALPHA * bound);
        tolerance.check(weights.get(0, i), wide[i].w, scaleOfW, "w");
        tolerance.check(mean.get(0, i), wide[i].m, 10 * bound, "m");
        tolerance.check(square.get(0, i), wide[i].v, bound * bound, "v");
      }
      assertThat(weights.gapsUntouched()).isTrue();
      assertThat(mean.gapsUntouched()).isTrue();
      assertThat(square.gapsUntouched()).isTrue();
    }
  }

  /** Or else they would decay into denormals, which are slow. */
  @Property
  void momentsUnderTenToTheMinusThirtyBecomeZero(@ForAll Rule rule) {
    float[] tiny = new float[Slab.LINE];
    Arrays.fill(tiny, 0, 5, 1.05e-30f);
    Arrays.fill(tiny, 5, Slab.LINE, -1.05e-30f);
    float[] squares = new float[Slab.LINE];
    Arrays.fill(squares, rule == Rule.ADA_GRAD ? 0.9e-30f : 1.0005e-30f);
    boolean hasMean = rule != Rule.ADA_GRAD && rule != Rule.RMS_PROP && rule != Rule.SGD;
    boolean hasSquare = !rule.name().startsWith("SGD");
    try (Block w = Block.of(1, Slab.LINE, new float[Slab.LINE]);
        Block g = Block.of(1, Slab.LINE, new float[Slab.LINE]);
        Block m = Block.of(1, Slab.LINE, tiny);
        Block v = Block.of(1, Slab.LINE, squares)) {
      rule.step(w.address(), g.address(), m.address(), v.address(), Slab.LINE, 1, 0);
      assertThat(m.dense()).isEqualTo(hasMean ? new float[Slab.LINE] : tiny);
      assertThat(v.dense()).isEqualTo(hasSquare ? new float[Slab.LINE] : squares);
      assertThat(w.dense()).containsOnly(0);
    }
  }

  @Property(tries = 40)
  void paddingStaysZero(
      @ForAll Rule rule,
      @ForAll(supplier = AnyArchitecture.class) Architecture architecture,
      @ForAll long seed) {
    try (ParameterSlab weights = filled(architecture, seed);
        ParameterSlab gradients = filled(architecture, seed + 1);
        ParameterSlab mean = new ParameterSlab(architecture);
        ParameterSlab square = new ParameterSlab(architecture)) {
      for (int step = 0; step < 3; step++) {
        rule.step(
            weights.address(),
            gradients.address(),
            mean.address(),
            square.address(),
            weights.floats(),
            0.5f,
            0.1f);
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
