package io.cellbelt.cells.engine;

import io.cellbelt.cells.Masked;
import java.util.Arrays;
import java.util.Objects;

/**
 * The way from sequences with masked steps to shorter ones without, and back: each sequence's steps
 * that count move to the front, in their order.
 *
 * <p>Immutable, thread-safe.
 */
public final class Compaction {
  private final int batch;
  private final int given;
  private final int steps;
  private final int[] lengths;

  /** By row, {@code [T, B]}: the row to which it moved, or -1 if it is masked. */
  private final int[] moved;

  /** By row, {@code [T, B]}: where the last row up to it that counts moved, or -1 before any. */
  private final int[] last;

  /**
   * For a mask.
   *
   * @param mask whether a step counts, {@code [T, B]}
   * @throws IllegalArgumentException if it has another size
   */
  public Compaction(boolean[] mask, int steps, int batch) {
    Objects.requireNonNull(
        mask, "A mask says of every step of every sequence whether it counts, but got null.");
    if (mask.length != (long) steps * batch) {
      throw new IllegalArgumentException(
          "A mask says of "
              + steps
              + " steps of "
              + batch
              + " sequences whether they count, but got "
              + mask.length
              + " values.");
    }
    this.batch = batch;
    given = steps;
    lengths = new int[batch];
    moved = new int[mask.length];
    last = new int[mask.length];
    int longest = Math.min(steps, 1);
    for (int row = 0; row < mask.length; row++) {
      int b = row % batch;
      moved[row] = mask[row] ? lengths[b]++ * batch + b : -1;
      last[row] = lengths[b] == 0 ? -1 : (lengths[b] - 1) * batch + b;
      longest = Math.max(longest, lengths[b]);
    }
    this.steps = longest;
  }

  /** T, steps with masked ones. */
  public int given() {
    return given;
  }

  /**
   * Steps of the longest sequence without masked ones; 1 if all are masked, 0 if there are none.
   */
  public int steps() {
    return steps;
  }

  /** Steps of each sequence without masked ones, {@code [B]}, a new array. */
  public int[] lengths() {
    return lengths.clone();
  }

  /** Rows of size floats without the masked ones; zeros behind the ends. */
  public float[] gather(float[] rows, int size) {
    float[] gathered = new float[steps * batch * size];
    for (int row = 0; row < moved.length; row++) {
      if (moved[row] >= 0) {
        System.arraycopy(rows, row * size, gathered, moved[row] * size, size);
      }
    }
    return gathered;
  }

  /**
   * Tokens without the masked ones; token 0 behind the ends.
   *
   * @throws IllegalArgumentException if one that counts is not in the vocabulary
   */
  public int[] gatherTokens(int[] tokens, int vocabulary) {
    int[] gathered = new int[steps * batch];
    for (int row = 0; row < moved.length; row++) {
      if (moved[row] >= 0) {
        if (tokens[row] < 0 || tokens[row] >= vocabulary) {
          throw new IllegalArgumentException(
              "The network takes tokens 0 to "
                  + (vocabulary - 1)
                  + ", but got "
                  + tokens[row]
                  + " at index "
                  + row
                  + ", which is not masked.");
        }
        gathered[moved[row]] = tokens[row];
      }
    }
    return gathered;
  }

  /** Moves rows back to their steps. */
  public void scatter(float[] gathered, int size, Masked masked, float[] rows) {
    int[] from = masked == Masked.CARRY ? last : moved;
    for (int row = 0; row < from.length; row++) {
      if (from[row] >= 0) {
        System.arraycopy(gathered, from[row] * size, rows, row * size, size);
      } else {
        Arrays.fill(rows, row * size, (row + 1) * size, 0);
      }
    }
  }

  /** Gradients of {@link #scatter}: those of masked rows are added to the row that they repeat. */
  public float[] gatherGradients(float[] rows, int size, Masked masked) {
    int[] to = masked == Masked.CARRY ? last : moved;
    float[] gathered = new float[steps * batch * size];
    for (int row = 0; row < to.length; row++) {
      for (int i = 0; to[row] >= 0 && i < size; i++) {
        gathered[to[row] * size + i] += rows[row * size + i];
      }
    }
    return gathered;
  }
}
