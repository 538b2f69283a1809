package io.cellbelt.bptt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Where the sequences of {@link TokenWindows} start afresh in an epoch. A sequence does so at the
 * start of a window only, so it waits with the end of the window before for as many steps as its
 * new start lies before where that window would have begun: from then on it lags behind.
 *
 * @param lags of each sequence the windows in which it starts, and by how many steps it lags behind
 *     from there on; window 0 is one of them
 */
record Restarts(List<NavigableMap<Integer, Integer>> lags) {
  /** Another stream of random numbers for each epoch. */
  private static final long EPOCH = 0x9e3779b97f4a7c15L;

  /**
   * What to draw.
   *
   * @param share of the windows of a sequence that start afresh, 0 to 1
   * @param token that a start begins with, or -1 where any will do
   */
  record Rule(double share, int token, long seed) {
    Rule {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException(
            "The share of windows that start afresh is 0 to 1, such as 0.05, but got "
                + share
                + ".");
      }
      if (token < -1) {
        throw new IllegalArgumentException(
            "Windows start afresh at a token of 0 or more, or at any where that is -1, but got "
                + token
                + ".");
      }
    }

    /** Whether there is anything to draw. */
    boolean none() {
      return share == 0;
    }
  }

  /** No restarts. */
  static Restarts none(int sequences) {
    return new Restarts(Collections.nCopies(sequences, new TreeMap<>(Map.of(0, 0))));
  }

  /**
   * Draws the restarts of an epoch.
   *
   * @param most steps that a sequence may lag behind
   */
  static Restarts draw(Rule rule, int epoch, TokenWindows windows, int sequences, int most) {
    SplittableRandom random = new SplittableRandom(rule.seed() + epoch * EPOCH);
    List<NavigableMap<Integer, Integer>> lags = new ArrayList<>();
    for (int b = 0; b < sequences; b++) {
      lags.add(lags(rule, random.split(), windows, b, most));
    }
    return new Restarts(lags);
  }

  private static NavigableMap<Integer, Integer> lags(
      Rule rule, SplittableRandom random, TokenWindows windows, int sequence, int most) {
    NavigableMap<Integer, Integer> lags = new TreeMap<>();
    lags.put(0, 0);
    int lag = 0;
    int last = 0;
    boolean due = false;
    for (int i = 1; (long) i * windows.window() - lag < windows.lane(); i++) {
      due |= random.nextDouble() < rule.share();
      int place = windows.start(i) - lag;
      int earliest = Math.max(last + 1, place - Math.min(windows.window() - 1, most - lag));
      int start = due ? windows.lastStart(rule.token(), sequence, earliest, place) : -1;
      if (start >= 0) {
        lag += place - start;
        last = start;
        lags.put(i, lag);
        due = false;
      }
    }
    return lags;
  }

  /** Steps that a sequence lags behind in a window. */
  int lag(int sequence, int window) {
    return lags.get(sequence).floorEntry(window).getValue();
  }

  /** Whether a sequence starts afresh in a window. */
  boolean starts(int sequence, int window) {
    return lags.get(sequence).containsKey(window);
  }

  /** The window after that one in which a sequence starts afresh, null if it never does. */
  Integer next(int sequence, int window) {
    return lags.get(sequence).higherKey(window);
  }

  /** Mean steps that the sequences lag behind at the end. */
  int meanLag() {
    double sum = 0;
    for (NavigableMap<Integer, Integer> sequence : lags) {
      sum += sequence.lastEntry().getValue();
    }
    return (int) Math.ceil(sum / lags.size());
  }
}
