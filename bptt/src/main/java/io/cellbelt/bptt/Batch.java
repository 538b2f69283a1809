package io.cellbelt.bptt;

/**
 * B sequences over the T steps of a window, time-major, with what is expected of the outputs.
 *
 * <p>The arrays are not copied; whoever makes a batch must leave them alone.
 *
 * @param steps T, 1 or more
 * @param fresh whether the sequences start here, with zero states; otherwise the states are carried
 *     over from the batch before (truncated backpropagation)
 * @param tokens {@code [T, B]}, or null where x is given
 * @param x {@code [T, B, I]}, or null where tokens are given
 * @param labels {@code [T, B]}, -1 where there is none, or null where targets are given
 * @param targets {@code [T, B, O]}, or null where labels are given
 */
public record Batch(
    int steps, boolean fresh, int[] tokens, float[] x, int[] labels, float[] targets) {
  /** Checks that there is one input and one expectation. */
  public Batch {
    if (steps < 1) {
      throw new IllegalArgumentException("A batch has 1 step or more, but got " + steps + ".");
    }
    if ((tokens == null) == (x == null) || (labels == null) == (targets == null)) {
      throw new IllegalArgumentException(
          "A batch has either tokens or x, and either labels or targets.");
    }
  }

  /** Tokens in, labels expected. */
  public static Batch ofTokens(int steps, boolean fresh, int[] tokens, int[] labels) {
    return new Batch(steps, fresh, tokens, null, labels, null);
  }

  /** Vectors in, vectors expected. */
  public static Batch ofVectors(int steps, boolean fresh, float[] x, float[] targets) {
    return new Batch(steps, fresh, null, x, null, targets);
  }
}
