package io.cellbelt.cells.engine;

/**
 * Neighbouring sequences of a batch, all of them or some.
 *
 * @param first index in the batch of the first
 * @param count how many, 1 or more
 * @param of B, how many the batch has
 */
public record Sequences(int first, int count, int of) {
  /** All sequences of a batch. */
  public static Sequences all(int count) {
    return new Sequences(0, count, count);
  }

  /** The row of the batch, time-major, that belongs to a row of these sequences alone. */
  public int row(int own) {
    return count == of ? own : own / count * of + first + own % count;
  }
}
