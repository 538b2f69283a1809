package io.cellbelt.bptt;

import java.util.Arrays;

/**
 * A long sequence of tokens, such as a text, laid out as B sequences side by side and cut into
 * windows of T steps. Every token's label is the token after it. The first window starts afresh,
 * the others carry the states on.
 */
public final class TokenWindows implements Dataset {
  private final int[] tokens;
  private final int batch;
  private final int window;
  private final int lane;

  /**
   * Windows over all tokens; those that do not fill the last row of steps are left out.
   *
   * @param batch B, 1 or more
   * @param window T, 1 or more
   * @throws IllegalArgumentException if there are not at least 2 tokens for each sequence
   */
  public TokenWindows(int[] tokens, int batch, int window) {
    if (batch < 1 || window < 1) {
      throw new IllegalArgumentException(
          "Windows need a batch and a length of 1 or more, but got "
              + batch
              + " and "
              + window
              + ".");
    }
    if (tokens.length <= batch) {
      throw new IllegalArgumentException(
          "A batch of "
              + batch
              + " sequences needs at least "
              + (batch + 1)
              + " tokens, but got "
              + tokens.length
              + "; give more data or a smaller batch.");
    }
    this.tokens = tokens.clone();
    this.batch = batch;
    this.window = window;
    lane = (tokens.length - 1) / batch;
  }

  /** What {@link #split} gives. */
  public record Split(TokenWindows training, TokenWindows validation) {}

  /**
   * Windows for training, and windows over the last share of the tokens for validation.
   *
   * @param validationShare between 0 and 1
   */
  public static Split split(int[] tokens, double validationShare, int batch, int window) {
    if (!(validationShare > 0 && validationShare < 1)) {
      throw new IllegalArgumentException(
          "The share for validation is between 0 and 1, such as 0.1, but got "
              + validationShare
              + ".");
    }
    int cut = (int) Math.round(tokens.length * (1 - validationShare));
    return new Split(
        new TokenWindows(Arrays.copyOf(tokens, cut), batch, window),
        new TokenWindows(Arrays.copyOfRange(tokens, cut, tokens.length), batch, window));
  }

  @Override
  public int size() {
    return (lane + window - 1) / window;
  }

  /** Number of tokens that have a label. */
  public int labels() {
    return lane * batch;
  }

  @Override
  public Batch batch(int index) {
    if (index < 0 || index >= size()) {
      throw new IllegalArgumentException(
          "There are windows 0 to " + (size() - 1) + ", but got " + index + ".");
    }
    int from = index * window;
    int steps = Math.min(window, lane - from);
    int[] in = new int[steps * batch];
    int[] labels = new int[steps * batch];
    for (int t = 0; t < steps; t++) {
      for (int b = 0; b < batch; b++) {
        int at = b * lane + from + t;
        in[t * batch + b] = tokens[at];
        labels[t * batch + b] = tokens[at + 1];
      }
    }
    return Batch.ofTokens(steps, index == 0, in, labels);
  }
}
