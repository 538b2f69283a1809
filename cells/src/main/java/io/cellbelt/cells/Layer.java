package io.cellbelt.cells;

import io.cellbelt.kernels.checks.Sizes;

/**
 * A cell's place in a stack: which way it runs, and what happens to its outputs.
 *
 * <p>Immutable, thread-safe.
 *
 * @param cell the cell; both directions of a bidirectional layer have one like it, with parameters
 *     of their own
 * @param direction which way it goes through a sequence
 * @param merge how two directions become one output
 * @param dropout share of the outputs that training sets to zero at each step (Srivastava et al.
 *     2014), 0 to 1, 1 excluded; the others are scaled up
 * @param recurrentDropout share of h that training hides from the products of the next step, the
 *     same units throughout a sequence (Gal and Ghahramani 2016), 0 to 1, 1 excluded
 * @param zoneout probability that a unit keeps its state for a step (Krueger et al. 2017), 0 to 1,
 *     1 excluded; without training, the expectation of it
 * @param tied whether the layer uses the parameters of the layer below, which must have an equal
 *     cell and direction
 */
public record Layer(
    Cell cell,
    Direction direction,
    Merge merge,
    float dropout,
    float recurrentDropout,
    float zoneout,
    boolean tied) {
  /** Which way a layer goes through a sequence. */
  public enum Direction {
    /** From the first step to the last. */
    FORWARD,
    /** From the last step to the first; outputs stay with their steps. */
    REVERSE,
    /** Both, side by side. */
    BIDIRECTIONAL
  }

  /** How the outputs of two directions become one. */
  public enum Merge {
    /** One after the other: {@code [forward, reverse]}. */
    CONCAT,
    /** {@code forward + reverse}. */
    SUM,
    /** {@code (forward + reverse) / 2}. */
    MEAN,
    /** {@code forward * reverse}. */
    PRODUCT
  }

  /**
   * Checks the numbers, also those that the cell gives.
   *
   * @throws IllegalArgumentException if something does not fit together
   */
  public Layer {
    if (cell == null || direction == null || merge == null) {
      throw new IllegalArgumentException(
          "A layer needs a cell, a direction and a merge, but one of them is null.");
    }
    if (cell instanceof CustomCell custom && !(cell instanceof CheckedCell)) {
      cell = new CheckedCell(custom);
    }
    cell.schedule().parameters(cell).forEach(Parameter::size);
    checkShare("dropout", dropout);
    checkShare("recurrent dropout", recurrentDropout);
    checkShare("zoneout", zoneout);
  }

  private static void checkShare(String name, float share) {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException(
          "A " + name + " is 0 or more and under 1, but got " + share + ".");
    }
  }

  /** A layer that runs forward, and no more. */
  public static Layer of(Cell cell) {
    return new Layer(cell, Direction.FORWARD, Merge.CONCAT, 0, 0, 0, false);
  }

  /** The same in another direction, both directions concatenated. */
  public Layer with(Direction other) {
    return with(other, Merge.CONCAT);
  }

  /** The same in another direction, with another merge. */
  public Layer with(Direction other, Merge otherMerge) {
    return new Layer(cell, other, otherMerge, dropout, recurrentDropout, zoneout, tied);
  }

  /**
   * The same with dropout of its outputs.
   *
   * @param share 0 to 1, 1 excluded
   */
  public Layer withDropout(float share) {
    return new Layer(cell, direction, merge, share, recurrentDropout, zoneout, tied);
  }

  /**
   * The same with dropout of h on its way to the next step.
   *
   * @param share 0 to 1, 1 excluded
   */
  public Layer withRecurrentDropout(float share) {
    return new Layer(cell, direction, merge, dropout, share, zoneout, tied);
  }

  /**
   * The same with zoneout.
   *
   * @param probability that a unit keeps its state for a step, 0 to 1, 1 excluded
   */
  public Layer withZoneout(float probability) {
    return new Layer(cell, direction, merge, dropout, recurrentDropout, probability, tied);
  }

  /** The same with the parameters of the layer below. */
  public Layer withTiedWeights() {
    return new Layer(cell, direction, merge, dropout, recurrentDropout, zoneout, true);
  }

  /** The cell, as it was given. */
  @Override
  public Cell cell() {
    return cell instanceof CheckedCell checked ? checked.original() : cell;
  }

  /**
   * The cell that the library goes by: that of {@link #cell}, but for a custom one with the numbers
   * that it gave when the layer was made, which were checked then and do not change any more.
   */
  public Cell checkedCell() {
    return cell;
  }

  /** Directions: 1, or 2 for both. */
  public int directions() {
    return direction == Direction.BIDIRECTIONAL ? 2 : 1;
  }

  /**
   * Length of what the layer hands up at a step: that of the cell, twice as much where two
   * directions are concatenated.
   */
  public int outputSize() {
    boolean sideBySide = direction == Direction.BIDIRECTIONAL && merge == Merge.CONCAT;
    return Sizes.product("outputs of a layer", sideBySide ? 2 : 1, cell.outputSize());
  }
}
