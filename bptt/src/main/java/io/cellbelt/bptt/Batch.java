package io.cellbelt.bptt;

/**
 * B sequences over the T steps of a window, time-major, with what is expected of the outputs.
 *
 * <p>In truncated backpropagation a batch that is not fresh starts from the states that the one
 * before left. Windows may overlap, {@link #withOverlap}, so that gradients flow back further than
 * a batch has new steps. The arrays are not copied; whoever makes a batch must leave them alone.
 *
 * @param steps T, 1 or more
 * @param fresh whether the sequences start here, with zero states; otherwise the states are carried
 *     over from the batch before (truncated backpropagation)
 * @param tokens {@code [T, B]}, or null where x is given
 * @param x {@code [T, B, I]}, or null where tokens are given
 * @param labels {@code [T, B]}, -1 where there is none, or null; with attention {@code [B]}
 * @param targets {@code [T, B, O]}, or null; with attention {@code [B, O]}; as many per row as the
 *     loss says, where it says so
 * @param sequences of each sequence its labels, for {@link Loss.Ctc}, or null; a sequence whose
 *     array is null does not count
 * @param lengths {@code [B]}, 0 to T: what is behind them does not count; null where all have T
 * @param weights how much each row of labels or targets, or each sequence of sequences, counts, 0
 *     or more; null where all count the same. Means are weighted ones
 * @param context steps at the front without a loss, since they had it in a batch before, 0 to T
 * @param advance steps after which the states are those that the next batch starts from, 0 to T
 * @param restarts {@code [B]}, the sequences that start here, with zero states, although the batch
 *     is not fresh; null where none does
 */
public record Batch(
    int steps,
    boolean fresh,
    int[] tokens,
    float[] x,
    int[] labels,
    float[] targets,
    int[][] sequences,
    int[] lengths,
    float[] weights,
    int context,
    int advance,
    boolean[] restarts) {
  /** Checks that there is one input and one expectation, and the steps. */
  public Batch {
    if (steps < 1) {
      throw new IllegalArgumentException("A batch has 1 step or more, but got " + steps + ".");
    }
    int expectations =
        (labels == null ? 0 : 1) + (targets == null ? 0 : 1) + (sequences == null ? 0 : 1);
    if ((tokens == null) == (x == null) || expectations != 1) {
      throw new IllegalArgumentException(
          "A batch has either tokens or x, and one of labels, targets and sequences.");
    }
    if (context < 0 || context > steps || advance < 0 || advance > steps) {
      throw new IllegalArgumentException(
          "Of the "
              + steps
              + " steps of a batch 0 to all can be context, and the next can start after 0 to all,"
              + " but got "
              + context
              + " and "
              + advance
              + ".");
    }
  }

  /** A batch whose windows do not overlap: the next one goes on where this one ends. */
  public Batch(
      int steps,
      boolean fresh,
      int[] tokens,
      float[] x,
      int[] labels,
      float[] targets,
      int[][] sequences,
      int[] lengths,
      float[] weights) {
    this(steps, fresh, tokens, x, labels, targets, sequences, lengths, weights, 0, steps, null);
  }

  /** Sequences of the same length with labels or targets that count the same. */
  public Batch(int steps, boolean fresh, int[] tokens, float[] x, int[] labels, float[] targets) {
    this(steps, fresh, tokens, x, labels, targets, null, null, null);
  }

  /** Tokens in, labels expected. */
  public static Batch ofTokens(int steps, boolean fresh, int[] tokens, int[] labels) {
    return new Batch(steps, fresh, tokens, null, labels, null);
  }

  /** Vectors in, vectors expected. */
  public static Batch ofVectors(int steps, boolean fresh, float[] x, float[] targets) {
    return new Batch(steps, fresh, null, x, null, targets);
  }

  /** Whole sequences of vectors in, sequences of labels expected. */
  public static Batch ofSequences(int steps, float[] x, int[][] sequences) {
    return new Batch(steps, true, null, x, null, null, sequences, null, null);
  }

  /** The same batch with sequences of different lengths. */
  public Batch withLengths(int... lengthsOfAll) {
    return with(lengthsOfAll, weights, context, advance, restarts);
  }

  /** The same batch with rows that count differently. */
  public Batch withWeights(float... weightsOfAll) {
    return with(lengths, weightsOfAll, context, advance, restarts);
  }

  /**
   * The same batch in windows that overlap: truncated backpropagation through time with k1 new
   * steps each time and gradients back through k2 (Williams and Peng 1990) has batches of k2 steps
   * with a context of {@code k2 - k1} and an advance of k1. {@link TokenWindows} makes them.
   */
  public Batch withOverlap(int contextSteps, int advanceSteps) {
    return with(lengths, weights, contextSteps, advanceSteps, restarts);
  }

  /**
   * The same batch in which some sequences start here, with zero states: a new text where one has
   * ended, or a start like those that the network will be used from.
   *
   * @param restartsOfAll {@code [B]}
   */
  public Batch withRestarts(boolean... restartsOfAll) {
    return with(lengths, weights, context, advance, restartsOfAll);
  }

  /** Whether a sequence starts here, with zero states. */
  boolean starts(int sequence) {
    return fresh || (restarts != null && restarts[sequence]);
  }

  private Batch with(
      int[] lengthsOfAll,
      float[] weightsOfAll,
      int contextSteps,
      int advanceSteps,
      boolean[] restartsOfAll) {
    return new Batch(
        steps,
        fresh,
        tokens,
        x,
        labels,
        targets,
        sequences,
        lengthsOfAll,
        weightsOfAll,
        contextSteps,
        advanceSteps,
        restartsOfAll);
  }
}
