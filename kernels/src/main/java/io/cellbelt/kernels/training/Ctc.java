package io.cellbelt.kernels.training;

import io.cellbelt.kernels.checks.Sizes;
import io.cellbelt.kernels.simd.Lanes;
import java.util.Arrays;

/**
 * Connectionist temporal classification (Graves et al. 2006) of one sequence: the negative log of
 * the probability that its outputs, without repetitions and then without blanks, are its labels.
 * Forward-backward in the log domain and in double. Has its own scratch, which grows with the
 * longest labels; not thread-safe.
 */
public final class Ctc {
  /** Up to here {@code 1 + e^x} is 1. */
  private static final double LOST = -37;

  private final int blank;

  /** The labels at hand, a copy, because a caller's array may change. */
  private final int[] labels;

  private final double[] sums;
  private final double[] shares;
  private final double[] behind;
  private final double[] next;
  private double[] emitted = new double[0];
  private double[] alpha = new double[0];

  /**
   * Scratch.
   *
   * @param maxSteps the most steps, and so labels, of a sequence
   * @param outputs number of outputs, the blank's among them
   * @param blank which output is the blank
   */
  public Ctc(int maxSteps, int outputs, int blank) {
    this.blank = blank;
    labels = new int[maxSteps];
    sums = new double[maxSteps];
    shares = new double[outputs];
    int states = Sizes.sum("states of the longest labels", maxSteps, maxSteps, 1);
    behind = new double[states];
    next = new double[states];
  }

  /** The fewest steps in which the labels fit: equal neighbours need a blank between them. */
  public static int fewestSteps(int[] labels) {
    int steps = labels.length;
    for (int i = 1; i < labels.length; i++) {
      steps += labels[i] == labels[i - 1] ? 1 : 0;
    }
    return steps;
  }

  /**
   * The loss and its gradient.
   *
   * @param y raw address of the logits of step 0; out: {@code scale} times the loss's gradient
   * @param row bytes from a step to the next
   * @param steps no fewer than {@link #fewestSteps}
   * @param given the labels, none of which is the blank
   * @return the loss in nats, not scaled
   * @throws IllegalArgumentException if they are too many, or one is out of range
   */
  public double apply(long y, long row, int steps, int[] given, double scale) {
    if (steps == 0) {
      return 0;
    }
    copy(given);
    int states = 2 * given.length + 1;
    if (alpha.length < (long) steps * states) {
      alpha = new double[Sizes.product("states of all steps", steps, states)];
      emitted = new double[alpha.length];
    }
    for (int t = 0; t < steps; t++) {
      emit(Lanes.base(y + t * row), t, states);
      forward(t, states);
    }
    int last = (steps - 1) * states + states - 1;
    double probability =
        states == 1 ? alpha[last] : sum(alpha[last], alpha[last - 1], Double.NEGATIVE_INFINITY);
    Arrays.fill(behind, 0, states, Double.NEGATIVE_INFINITY);
    for (int t = steps - 1; t >= 0; t--) {
      long at = Lanes.base(y + t * row);
      if (t == steps - 1) {
        behind[states - 1] = 0;
        behind[Math.max(0, states - 2)] = 0;
      } else {
        backward(t, states);
      }
      Arrays.fill(shares, 0);
      for (int s = 0; s < states; s++) {
        shares[label(s)] += Math.exp(alpha[t * states + s] + behind[s] - probability);
      }
      for (int k = 0; k < shares.length; k++) {
        set(at, k, scale * (get(at, k) / sums[t] - shares[k]));
      }
    }
    return -probability;
  }

  private void copy(int[] given) {
    if (given.length > labels.length) {
      throw new IllegalArgumentException(
          "There are 0 to " + labels.length + " labels, but got " + given.length + ".");
    }
    System.arraycopy(given, 0, labels, 0, given.length);
    for (int i = 0; i < given.length; i++) {
      if (labels[i] < 0 || labels[i] >= shares.length || labels[i] == blank) {
        throw new IllegalArgumentException(
            "The labels are 0 to "
                + (shares.length - 1)
                + " without the blank "
                + blank
                + ", but got "
                + labels[i]
                + ".");
      }
    }
  }

  private static double get(long row, int output) {
    return Lanes.get(row + (long) Float.BYTES * output);
  }

  private static void set(long row, int output, double value) {
    Lanes.set(row + (long) Float.BYTES * output, (float) value);
  }

  /** The labels' log probabilities at a step, whose logits become softmax, not yet divided. */
  private void emit(long row, int t, int states) {
    double max = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < shares.length; k++) {
      max = Math.max(max, get(row, k));
    }
    int now = t * states;
    for (int s = 0; s < states; s++) {
      emitted[now + s] = get(row, label(s)) - max;
    }
    double sum = 0;
    for (int k = 0; k < shares.length; k++) {
      double exp = Math.exp(get(row, k) - max);
      sum += exp;
      set(row, k, exp);
    }
    sums[t] = sum;
    double norm = Math.log(sum);
    for (int s = 0; s < states; s++) {
      emitted[now + s] -= norm;
    }
  }

  /** Labels with blanks before, between and after them. */
  private int label(int state) {
    return state % 2 == 0 ? blank : labels[state / 2];
  }

  /** Whether the blank before a state may be left out. */
  private boolean skips(int state) {
    return state % 2 == 1 && state > 1 && labels[state / 2] != labels[state / 2 - 1];
  }

  private void forward(int t, int states) {
    int now = t * states;
    int before = now - states;
    for (int s = 0; s < states; s++) {
      double way;
      if (t == 0) {
        way = s < 2 ? 0 : Double.NEGATIVE_INFINITY;
      } else {
        way =
            sum(
                alpha[before + s],
                s > 0 ? alpha[before + s - 1] : Double.NEGATIVE_INFINITY,
                skips(s) ? alpha[before + s - 2] : Double.NEGATIVE_INFINITY);
      }
      alpha[now + s] = way + emitted[now + s];
    }
  }

  /** From what is behind the step after this to what is behind this. */
  private void backward(int t, int states) {
    int after = (t + 1) * states;
    for (int s = 0; s < states; s++) {
      next[s] = behind[s] + emitted[after + s];
    }
    for (int s = 0; s < states; s++) {
      boolean skip = s + 2 < states && skips(s + 2);
      behind[s] =
          sum(
              next[s],
              s + 1 < states ? next[s + 1] : Double.NEGATIVE_INFINITY,
              skip ? next[s + 2] : Double.NEGATIVE_INFINITY);
    }
  }

  /** {@code log(e^a + e^b + e^c)}. */
  private static double sum(double a, double b, double c) {
    double max = Math.max(a, Math.max(b, c));
    return max == Double.NEGATIVE_INFINITY
        ? max
        : max + Math.log(exp(a - max) + exp(b - max) + exp(c - max));
  }

  /** For a sum of 1 or more, from which what is too small is lost. */
  private static double exp(double x) {
    return x < LOST ? 0 : Math.exp(x);
  }
}
