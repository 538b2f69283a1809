package io.cellbelt.bptt;

/**
 * Says when training no longer helps: after patience validations in a row whose loss was not lower
 * than the best one by more than minDelta. Not thread-safe.
 */
public final class EarlyStopping {
  private final int patience;
  private final double minDelta;
  private double best;
  private int bad;

  /**
   * Before the first validation.
   *
   * @param patience validations, 1 or more
   * @param minDelta how much lower is better, 0 or more
   */
  public EarlyStopping(int patience, double minDelta) {
    this(patience, minDelta, Double.POSITIVE_INFINITY, 0);
  }

  /**
   * Where another one was.
   *
   * @param best its {@link #best}
   * @param bad its {@link #bad}
   */
  public EarlyStopping(int patience, double minDelta, double best, int bad) {
    if (patience < 1 || bad < 0) {
      throw new IllegalArgumentException(
          "Early stopping needs a patience of 1 or more and a count of 0 or more, but got "
              + patience
              + " and "
              + bad
              + ".");
    }
    Ranges.checkNotNegative("What a loss must be lower by", minDelta);
    this.patience = patience;
    this.minDelta = minDelta;
    this.best = best;
    this.bad = bad;
  }

  /**
   * Takes note of a validation.
   *
   * @param loss NaN counts as not better
   * @return whether the loss is better than all before, so that the weights are worth keeping
   */
  public boolean validated(double loss) {
    boolean better = loss < best - minDelta;
    best = better ? loss : best;
    bad = better ? 0 : bad + 1;
    return better;
  }

  /** Whether to stop now: as many validations in a row as patience allows were not better. */
  public boolean stop() {
    return bad >= patience;
  }

  /** The lowest loss so far, infinity before the first. */
  public double best() {
    return best;
  }

  /** Validations in a row that were not better. */
  public int bad() {
    return bad;
  }
}
