package io.cellbelt.bptt;

import java.util.Arrays;
import java.util.Objects;

/**
 * A long sequence of tokens, such as a text, laid out as B sequences side by side and cut into
 * windows. Every token's label is the token after it. The first window starts afresh, the others
 * carry the states on.
 *
 * <p>Truncated backpropagation BPTT(k2; k1) of Williams and Peng (1990): each window has k1 new
 * steps, and gradients flow back through k2, so that a window begins with {@code k2 - k1} steps of
 * the ones before, as far as there are any. Every label counts once.
 */
public final class TokenWindows implements Dataset {
  private final int[] tokens;
  private final int batch;
  private final int window;
  private final int back;
  private final int lane;

  /**
   * Windows over all tokens; those that do not fill the last row of steps are left out.
   *
   * @param batch B, 1 or more
   * @param window T, 1 or more
   * @throws IllegalArgumentException if there are not at least 2 tokens for each sequence
   */
  public TokenWindows(int[] tokens, int batch, int window) {
    this(tokens, batch, window, window);
  }

  /**
   * Windows that overlap.
   *
   * @param batch B, 1 or more
   * @param window k1, new steps of each window, 1 or more
   * @param back k2, steps that gradients flow back through, k1 or more: the most steps of a batch
   * @throws IllegalArgumentException if there are not at least 2 tokens for each sequence
   */
  public TokenWindows(int[] tokens, int batch, int window, int back) {
    Objects.requireNonNull(tokens, "Windows are laid over tokens, but got null.");
    if (back < window) {
      throw new IllegalArgumentException(
          "Gradients flow back through the "
              + window
              + " new steps of a window or more, but got "
              + back
              + "; take a shorter window.");
    }
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
    this.back = back;
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
    return split(tokens, validationShare, batch, window, window);
  }

  /**
   * Windows for training, and windows over the last share of the tokens for validation, which do
   * not overlap.
   *
   * @param validationShare between 0 and 1
   * @param window k1
   * @param back k2
   */
  public static Split split(int[] tokens, double validationShare, int batch, int window, int back) {
    Objects.requireNonNull(tokens, "Windows are laid over tokens, but got null.");
    if (!(validationShare > 0 && validationShare < 1)) {
      throw new IllegalArgumentException(
          "The share for validation is between 0 and 1, such as 0.1, but got "
              + validationShare
              + ".");
    }
    int cut = (int) Math.round(tokens.length * (1 - validationShare));
    return new Split(
        new TokenWindows(Arrays.copyOf(tokens, cut), batch, window, back),
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
    int from = start(index);
    int first = index * window;
    int steps = Math.min(first + window, lane) - from;
    int[] in = new int[steps * batch];
    int[] labels = new int[steps * batch];
    for (int t = 0; t < steps; t++) {
      for (int b = 0; b < batch; b++) {
        int at = b * lane + from + t;
        in[t * batch + b] = tokens[at];
        labels[t * batch + b] = tokens[at + 1];
      }
    }
    int advance = Math.min(steps, start(index + 1) - from);
    return Batch.ofTokens(steps, index == 0, in, labels).withOverlap(first - from, advance);
  }

  /** The first step of a window, of those before it too. */
  private int start(int index) {
    return (int) Math.max(0, (index + 1L) * window - back);
  }
}
