package io.cellbelt.propertytests.support;

import io.cellbelt.cells.Masked;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Masked steps as they are meant: sequence by sequence, without the steps that do not count.
 *
 * @param mask whether a step counts, {@code [T, B]}
 */
public record Masking(boolean[] mask, int steps, int batch) {
  /** About a third of the steps masked. */
  public static Masking random(int steps, int batch, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean[] mask = new boolean[steps * batch];
    for (int row = 0; row < mask.length; row++) {
      mask[row] = random.nextInt(3) > 0;
    }
    return new Masking(mask, steps, batch);
  }

  /** Steps of a sequence that count. */
  public int length(int b) {
    int length = 0;
    for (int t = 0; t < steps; t++) {
      length += mask[t * batch + b] ? 1 : 0;
    }
    return length;
  }

  /** The steps of a sequence that count, of {@code [T, B, size]}. */
  public float[] counting(float[] rows, int b, int size) {
    float[] counting = new float[length(b) * size];
    int at = 0;
    for (int t = 0; t < steps; t++) {
      if (mask[t * batch + b]) {
        System.arraycopy(rows, (t * batch + b) * size, counting, at, size);
        at += size;
      }
    }
    return counting;
  }

  /** One sequence alone, without its masked steps. */
  public Feed counting(Feed feed, int b) {
    float[] x = feed.x() == null ? null : counting(feed.x(), b, feed.architecture().input().size());
    int[] tokens = new int[length(b)];
    int at = 0;
    for (int t = 0; t < steps && feed.tokens() != null; t++) {
      if (mask[t * batch + b]) {
        tokens[at++] = feed.tokens()[t * batch + b];
      }
    }
    return new Feed(feed.architecture(), length(b), 1, x, feed.tokens() == null ? null : tokens);
  }

  /** The outputs of all steps of a sequence, {@code [T, size]}, of those that count. */
  public float[] all(float[] counting, int b, int size, Masked masked) {
    float[] all = new float[steps * size];
    float[] previous = new float[size];
    int at = 0;
    for (int t = 0; t < steps; t++) {
      float[] now = masked == Masked.CARRY ? previous : new float[size];
      if (mask[t * batch + b]) {
        now = Arrays.copyOfRange(counting, at, at + size);
        at += size;
        previous = now;
      }
      System.arraycopy(now, 0, all, t * size, size);
    }
    return all;
  }

  /** The gradients of the outputs that count, of those of all steps of a sequence. */
  public float[] back(float[] rows, int b, int size, Masked masked) {
    float[] back = new float[length(b) * size];
    int at = -size;
    for (int t = 0; t < steps; t++) {
      boolean counts = mask[t * batch + b];
      at += counts ? size : 0;
      for (int i = 0; i < size && at >= 0 && (counts || masked == Masked.CARRY); i++) {
        back[at + i] += rows[(t * batch + b) * size + i];
      }
    }
    return back;
  }

  /** A feed whose masked steps must not matter: NaN, or a token that is in no vocabulary. */
  public Feed spoiled(Feed feed) {
    float[] x = feed.x() == null ? null : feed.x().clone();
    int[] tokens = feed.tokens() == null ? null : feed.tokens().clone();
    int size = feed.architecture().input().size();
    for (int row = 0; row < mask.length; row++) {
      if (!mask[row] && x != null) {
        Arrays.fill(x, row * size, (row + 1) * size, Float.NaN);
      }
      if (!mask[row] && tokens != null) {
        tokens[row] = -1;
      }
    }
    return new Feed(feed.architecture(), feed.steps(), feed.batch(), x, tokens);
  }
}
