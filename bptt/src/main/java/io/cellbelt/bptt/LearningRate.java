package io.cellbelt.bptt;

import java.util.Objects;

/**
 * How the learning rate changes while training goes on: a function of the number of updates before,
 * n, and of the optimiser's own rate, γ. As PyTorch's schedulers of {@code
 * torch.optim.lr_scheduler} that are stepped after each update.
 */
public sealed interface LearningRate {
  /** γ at all times. */
  LearningRate CONSTANT = new Constant();

  /**
   * The learning rate of an update.
   *
   * @param base γ
   * @param updates n, the number of updates before this one
   * @return 0 or more
   */
  double at(double base, long updates);

  /** γ at all times. */
  record Constant() implements LearningRate {
    @Override
    public double at(double base, long updates) {
      return base;
    }
  }

  /**
   * {@code γ factor^⌊n / every⌋} ({@code StepLR}).
   *
   * @param every updates from one change to the next, 1 or more
   * @param factor over 0
   */
  record Step(long every, double factor) implements LearningRate {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Step {
      Ranges.checkUpdates(every, 1);
      Ranges.checkOver("A factor", factor);
    }

    @Override
    public double at(double base, long updates) {
      return base * Math.pow(factor, (double) (updates / every));
    }
  }

  /**
   * Half a cosine from γ down to a last rate, and then that ({@code CosineAnnealingLR}, whose rate
   * rises again): {@code last + (γ - last) (1 + cos(π n / total)) / 2}.
   *
   * @param total updates on the way, 1 or more
   * @param last 0 or more
   */
  record Cosine(long total, double last) implements LearningRate {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Cosine {
      Ranges.checkUpdates(total, 1);
      Ranges.checkNotNegative("A last learning rate", last);
    }

    @Override
    public double at(double base, long updates) {
      return between(base, last, (double) updates / total);
    }
  }

  /**
   * Up to γ while an optimiser's moments are still noise, and down along half a cosine: {@code γ
   * min(1, s / rise + 0.1) (last + (1 - last) (1 + cos(π s)) / 2)}, where {@code s = n / total}.
   *
   * @param total number of updates, 1 or more; the last rate stays after them
   * @param rise share of the updates in which the rate rises from a tenth, 0 to 1, both excluded
   * @param last share of γ at the end, 0 or more
   */
  record WarmCosine(long total, double rise, double last) implements LearningRate {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public WarmCosine {
      Ranges.checkUpdates(total, 1);
      Ranges.checkRise("A warm-up", rise);
      Ranges.checkNotNegative("A last share of the learning rate", last);
    }

    @Override
    public double at(double base, long updates) {
      double share = Math.min(1, (double) updates / total);
      double warm = Math.min(1, (share + 0.1 * rise) / rise);
      return base * warm * (last + (1 - last) * 0.5 * (1 + Math.cos(Math.PI * share)));
    }
  }

  /**
   * One cycle (Smith and Topin 2018, arXiv 1708.07120) in two phases of half a cosine each ({@code
   * OneCycleLR}): from {@code peak / start} up to the peak at {@code n = rise total - 1}, and from
   * there down to {@code peak / (start end)} at {@code n = total - 1} and after. γ does not matter.
   *
   * @param total number of updates, 2 or more
   * @param peak the highest rate, over 0
   * @param rise share of the updates in which the rate rises, 0 to 1, both excluded
   * @param start what the peak is divided by for the first rate, 1 or more
   * @param end what the first rate is divided by for the last, 1 or more
   */
  record OneCycle(long total, double peak, double rise, double start, double end)
      implements LearningRate {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public OneCycle {
      Ranges.checkUpdates(total, 2);
      Ranges.checkLearningRate(peak);
      Ranges.checkRise("One cycle", rise);
      Ranges.checkNotUnderOne("What a cycle's peak is divided by", start);
      Ranges.checkNotUnderOne("What a cycle's first rate is divided by", end);
    }

    /** With PyTorch's settings: a rise of 0.3, from a 25th, to a 10000th of that. */
    public OneCycle(long total, double peak) {
      this(total, peak, 0.3, 25, 1e4);
    }

    @Override
    public double at(double base, long updates) {
      double first = peak / start;
      double top = Math.max(0, rise * total - 1);
      return updates < top
          ? between(first, peak, updates / top)
          : between(peak, first / end, (updates - top) / (total - 1 - top));
    }
  }

  /**
   * A smaller rate where the validation loss no longer falls ({@code ReduceLROnPlateau}): times
   * factor after more than patience validations in a row that were not better, which is under
   * {@code (1 - threshold)} times the best before. {@link Trainer#validated} tells it of each.
   *
   * @param patience validations, 0 or more
   * @param factor over 0 and under 1
   * @param threshold 0 to 1, 1 excluded
   */
  record Plateau(int patience, double factor, double threshold) implements LearningRate {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Plateau {
      Ranges.checkPatience(patience);
      if (!(factor > 0 && factor < 1)) {
        throw new IllegalArgumentException(
            "After a plateau the learning rate is multiplied by a factor over 0 and under 1, such"
                + " as 0.1, but got "
                + factor
                + ".");
      }
      Ranges.checkShare("A threshold", threshold);
    }

    /** With PyTorch's threshold of 1e-4. */
    public Plateau(int patience, double factor) {
      this(patience, factor, 1e-4);
    }

    /** Without any validation, γ: see {@link State#factor}. */
    @Override
    public double at(double base, long updates) {
      return base;
    }

    /**
     * What there is to remember.
     *
     * @param best the lowest loss so far
     * @param bad validations in a row that were not better
     * @param factor of γ
     */
    public record State(double best, int bad, double factor) {
      /** Before the first validation. */
      public static final State FIRST = new State(Double.POSITIVE_INFINITY, 0, 1);
    }

    /** The state after a validation. */
    public State next(State state, double loss) {
      Objects.requireNonNull(
          state, "There is a state before a validation, State.FIRST too, but got null.");
      if (loss < state.best() * (1 - threshold)) {
        return new State(loss, 0, state.factor());
      }
      return state.bad() < patience
          ? new State(state.best(), state.bad() + 1, state.factor())
          : new State(state.best(), 0, state.factor() * factor);
    }
  }

  private static double between(double from, double to, double share) {
    double cosine = Math.cos(Math.PI * Math.min(1, share));
    return to + (from - to) * (1 + cosine) / 2;
  }
}
