package io.cellbelt.bptt;

import java.util.Arrays;
import java.util.Objects;

/**
 * A long sequence of tokens, such as a text, laid out as B sequences side by side and cut into
 * windows. Every token's label is the token after it. The first window starts afresh, the others
 * carry the states on.
 *
 * <p>A network that is trained so never sees the zero state again after its first window, but that
 * is what a new stream starts from. {@link #withRestarts} makes some sequences start afresh in some
 * windows.
 *
 * <p>Truncated backpropagation BPTT(k2; k1) of Williams and Peng (1990): each window has k1 new
 * steps, and gradients flow back through k2, so that a window begins with {@code k2 - k1} steps of
 * the ones before, as far as there are any. Every label counts once. Immutable, thread-safe.
 */
public final class TokenWindows implements Dataset {
  private final int[] tokens;
  private final int batch;
  private final int window;
  private final int back;
  private final int lane;
  private final Restarts.Rule rule;
  private final Restarts restarts;

  /** Steps that a sequence may lag behind, after it started afresh before its place. */
  private final int slack;

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
    rule = new Restarts.Rule(0, -1, 0);
    restarts = Restarts.none(batch);
    slack = 0;
  }

  private TokenWindows(TokenWindows of, Restarts.Rule rule, int epoch, int slack) {
    tokens = of.tokens;
    batch = of.batch;
    window = of.window;
    back = of.back;
    lane = of.lane;
    this.rule = rule;
    this.slack = slack;
    restarts = Restarts.draw(rule, epoch, this, batch, slack);
  }

  /**
   * The same windows, in some of which a sequence starts afresh, with zero states ({@link
   * Batch#restarts}), at a place where a text can start. The place is the nearest one before; where
   * it is further away than a window, the sequence waits for one. Every label still counts once, so
   * there are a few more windows, some of whose steps have none (label -1).
   *
   * @param share of the windows of each sequence, 0 to 1; 0 for none
   * @param token that a start begins with, such as a line break; -1 where any will do
   * @param seed the same one gives the same windows
   */
  public TokenWindows withRestarts(double share, int token, long seed) {
    Restarts.Rule drawn = new Restarts.Rule(share, token, seed);
    return new TokenWindows(
        this, drawn, 0, Restarts.draw(drawn, 0, this, batch, Integer.MAX_VALUE).meanLag());
  }

  /**
   * As many windows of the same tokens for another time through them, in which other sequences
   * start afresh.
   *
   * @param epoch 0 for the first time, or more
   */
  public TokenWindows epoch(int epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("Epochs are 0 and more, but got " + epoch + ".");
    }
    return new TokenWindows(this, rule, epoch, slack);
  }

  /**
   * What {@link #split} gives: two parts of one text that do not overlap.
   *
   * @param training the first part
   * @param validation the rest
   */
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
    return (lane + slack + window - 1) / window;
  }

  /** Number of tokens that have a label, those that a loss is averaged over. */
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
    int steps = (int) Math.min((index + 1L) * window, lane + slack) - from;
    int[] in = new int[steps * batch];
    int[] labels = new int[steps * batch];
    boolean[] starts = new boolean[batch];
    int context = steps;
    for (int b = 0; b < batch; b++) {
      starts[b] = restarts.starts(b, index);
      int at = place(b, index);
      int first = starts[b] ? at : at + index * window - from;
      Integer next = restarts.next(b, index);
      int end = next == null ? lane : place(b, next);
      for (int t = 0; t < steps; t++) {
        int token = b * lane + Math.min(at + t, lane - 1);
        boolean counts = at + t >= first && at + t < end;
        in[t * batch + b] = tokens[token];
        labels[t * batch + b] = counts ? tokens[token + 1] : -1;
        context = counts ? Math.min(context, t) : context;
      }
    }
    int advance = Math.min(steps, start(index + 1) - from);
    Batch carried = Batch.ofTokens(steps, index == 0, in, labels).withOverlap(context, advance);
    return rule.none() ? carried : carried.withRestarts(starts);
  }

  /** Where a sequence is at the first step of a window. */
  private int place(int sequence, int index) {
    return start(index) - restarts.lag(sequence, index);
  }

  /** The first step of a window, of those before it too, for a sequence that does not lag. */
  int start(int index) {
    return (int) Math.max(0, (index + 1L) * window - back);
  }

  /** k1. */
  int window() {
    return window;
  }

  /** Tokens of a sequence. */
  int lane() {
    return lane;
  }

  /** The last place from one to another where a sequence can start afresh, or -1. */
  int lastStart(int token, int sequence, int earliest, int latest) {
    for (int at = latest; at >= earliest; at--) {
      if (token < 0 || tokens[sequence * lane + at] == token) {
        return at;
      }
    }
    return -1;
  }
}
