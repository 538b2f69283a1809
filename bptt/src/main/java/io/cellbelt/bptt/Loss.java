package io.cellbelt.bptt;

import io.cellbelt.kernels.checks.Sizes;

/**
 * What training makes small. A row is one step of one sequence, or with attention one sequence;
 * rows behind the end of a sequence do not count, and neither do those whose weight is 0.
 */
public sealed interface Loss {
  /** {@link Simple#SOFTMAX_CROSS_ENTROPY}. */
  Loss SOFTMAX_CROSS_ENTROPY = Simple.SOFTMAX_CROSS_ENTROPY;

  /** {@link Simple#SIGMOID_CROSS_ENTROPY}. */
  Loss SIGMOID_CROSS_ENTROPY = Simple.SIGMOID_CROSS_ENTROPY;

  /** {@link Simple#MEAN_SQUARED_ERROR}. */
  Loss MEAN_SQUARED_ERROR = Simple.MEAN_SQUARED_ERROR;

  /** {@link Simple#MEAN_ABSOLUTE_ERROR}. */
  Loss MEAN_ABSOLUTE_ERROR = Simple.MEAN_ABSOLUTE_ERROR;

  /** Losses without settings. */
  enum Simple implements Loss {
    /** {@code -log softmax(y)[label]}, in nats, averaged over the rows that have a label. */
    SOFTMAX_CROSS_ENTROPY,

    /**
     * {@code -target log σ(y) - (1 - target) log(1 - σ(y))}, in nats, averaged over all outputs of
     * all rows; targets are probabilities.
     */
    SIGMOID_CROSS_ENTROPY,

    /** {@code (y - target)²}, averaged over all outputs of all rows. */
    MEAN_SQUARED_ERROR,

    /** {@code |y - target|}, averaged over all outputs of all rows; its gradient at 0 is 0. */
    MEAN_ABSOLUTE_ERROR
  }

  /**
   * {@code e² / 2} where the error e is within ±δ and {@code δ (|e| - δ / 2)} elsewhere (Huber
   * 1964), averaged over all outputs of all rows.
   *
   * @param delta δ, over 0
   */
  record Huber(double delta) implements Loss {
    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if the number is out of its range
     */
    public Huber {
      Ranges.checkOver("Huber's delta", delta);
    }
  }

  /**
   * Connectionist temporal classification (Graves et al. 2006): the negative log, in nats, of the
   * probability of a sequence's labels, whatever the steps at which they come; averaged over the
   * sequences that have labels. Outputs are logits.
   *
   * @param blank which output means no label, such as 0
   */
  record Ctc(int blank) implements Loss {
    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if the number is out of its range
     */
    public Ctc {
      if (blank < 0) {
        throw new IllegalArgumentException(
            "The blank is an output, 0 or more, but got " + blank + ".");
      }
    }
  }

  /**
   * The density of a point, in nats, under a mixture of bivariate Gaussians, and whether a stroke
   * ends there (Graves 2013, arXiv 1308.0850, equations 15 to 26), averaged over the rows. The
   * network has 1 + 6 M outputs, in this order:
   *
   * <pre>
   *   ê        e = 1 / (1 + exp(ê)), the probability that the stroke ends; mind the sign
   *   π̂[M]     π = softmax(π̂), the weights of the components
   *   μ̂1[M]    μ1 = μ̂1, their means in the first coordinate
   *   μ̂2[M]    μ2 = μ̂2, and in the second
   *   σ̂1[M]    σ1 = exp(σ̂1), their standard deviations
   *   σ̂2[M]    σ2 = exp(σ̂2)
   *   ρ̂[M]     ρ = tanh(ρ̂), their correlations
   * </pre>
   *
   * <p>A row has three targets: both coordinates, and 1 where the stroke ends or 0.
   *
   * @param components M, 1 or more
   */
  record MixtureDensity(int components) implements Loss {
    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if the number is out of its range
     */
    public MixtureDensity {
      if (components < 1) {
        throw new IllegalArgumentException(
            "A mixture has 1 component or more, but got " + components + ".");
      }
    }

    /** Outputs O that the network must have for this loss. */
    public int outputs() {
      return Sizes.sum("outputs", 1, Sizes.product("outputs of components", 6, components));
    }
  }
}
