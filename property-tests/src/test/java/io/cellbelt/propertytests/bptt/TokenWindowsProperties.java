package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.TokenWindows;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** How a long text becomes windows. Tokens here are their own positions. */
class TokenWindowsProperties {
  private static final int BREAK = 1_000_000;

  private static int[] positions(int count) {
    return IntStream.range(0, count).toArray();
  }

  @Property(tries = 200)
  void everyTokenButTheFirstAndARestIsPredictedOnce(
      @ForAll @IntRange(min = 2, max = 300) int count,
      @ForAll @IntRange(min = 1, max = 9) int batch,
      @ForAll @IntRange(min = 1, max = 40) int window) {
    Assume.that(count > batch);
    TokenWindows windows = new TokenWindows(positions(count), batch, window);
    int[] predicted = new int[count];
    int[] next = new int[batch];
    for (int i = 0; i < windows.size(); i++) {
      Batch part = windows.batch(i);
      assertThat(part.fresh()).isEqualTo(i == 0);
      boolean last = i == windows.size() - 1;
      assertThat(part.steps()).isBetween(last ? 1 : window, window);
      assertThat(part.tokens()).hasSize(part.steps() * batch);
      for (int row = 0; row < part.steps() * batch; row++) {
        int lane = row % batch;
        int token = part.tokens()[row];
        if (i > 0 || row >= batch) {
          assertThat(token).as("lanes go on").isEqualTo(next[lane]);
        }
        assertThat(part.labels()[row]).isEqualTo(token + 1);
        next[lane] = token + 1;
        predicted[token + 1]++;
      }
    }
    int used = (count - 1) / batch * batch;
    assertThat(windows.labels()).isEqualTo(used);
    assertThat(predicted[0]).isZero();
    assertThat(Arrays.copyOfRange(predicted, 1, used + 1)).containsOnly(1);
    assertThat(Arrays.stream(predicted).sum()).isEqualTo(used);
    assertThat(count - 1 - used).isLessThan(batch);
  }

  @Property(tries = 50)
  void aSplitSharesTheTokensAndNoneIsInBoth(
      @ForAll @IntRange(min = 100, max = 1000) int count,
      @ForAll @DoubleRange(min = 0.05, max = 0.95) double share) {
    TokenWindows.Split split = TokenWindows.split(positions(count), share, 1, count);
    int[] training = split.training().batch(0).labels();
    int[] validation = split.validation().batch(0).tokens();
    assertThat(training[training.length - 1]).isEqualTo(validation[0] - 1);
    assertThat((double) count - validation[0]).isCloseTo(share * count, within(0.5 + 1e-9));
    assertThat(split.training().labels() + split.validation().labels()).isEqualTo(count - 2);
  }

  @Example
  void tokensAreCopied() {
    int[] tokens = positions(5);
    TokenWindows windows = new TokenWindows(tokens, 1, 2);
    tokens[0] = 99;
    assertThat(windows.batch(0).tokens()).containsExactly(0, 1);
  }

  /** Positions, but for the line breaks, no two of them side by side. */
  private static int[] lines(int count, int longest, long seed) {
    int[] tokens = positions(count);
    SplittableRandom random = new SplittableRandom(seed);
    for (int at = 0; at < count; at += 2 + random.nextInt(longest)) {
      tokens[at] = BREAK;
    }
    return tokens;
  }

  @Property(tries = 300)
  void restartsAreAtLineStartsAndEveryLabelStillCountsOnce(
      @ForAll @IntRange(min = 10, max = 1500) int count,
      @ForAll @IntRange(min = 1, max = 5) int batch,
      @ForAll @IntRange(min = 1, max = 20) int window,
      @ForAll @IntRange(min = 0, max = 30) int more,
      @ForAll @IntRange(min = 1, max = 40) int longestLine,
      @ForAll @DoubleRange(min = 0, max = 1) double share,
      @ForAll @IntRange(min = 0, max = 3) int epoch,
      @ForAll long seed) {
    int[] tokens = lines(count, longestLine, seed);
    TokenWindows plain = new TokenWindows(tokens, batch, window, window + more);
    TokenWindows first = plain.withRestarts(share, BREAK, seed);
    TokenWindows windows = first.epoch(epoch);
    assertThat(windows.size()).isEqualTo(first.size()).isGreaterThanOrEqualTo(plain.size());
    int lane = windows.labels() / batch;
    int[] counted = new int[windows.labels() + 1];
    int[][] carried = new int[batch][];
    for (int i = 0; i < windows.size(); i++) {
      Batch part = windows.batch(i);
      assertThat(part.steps()).isBetween(1, window + more);
      for (int b = 0; b < batch; b++) {
        int[] in = column(part.tokens(), b, batch);
        int[] labels = column(part.labels(), b, batch);
        boolean starts = i == 0 || (share > 0 && part.restarts()[b]);
        if (i > 0 && starts) {
          assertThat(in[0]).as("the first token of a line").isEqualTo(BREAK);
        } else if (i > 0) {
          int same = Math.min(in.length, carried[b].length);
          assertThat(Arrays.copyOf(in, same))
              .as("lanes go on")
              .isEqualTo(Arrays.copyOf(carried[b], same));
        }
        int counts = 0;
        for (int t = 0; t < in.length; t++) {
          if (labels[t] >= 0) {
            assertThat(t).isGreaterThanOrEqualTo(part.context());
            int at = position(in, labels, t);
            assertThat(tokens[at]).isEqualTo(in[t]);
            assertThat(tokens[at + 1]).isEqualTo(labels[t]);
            counted[at + 1]++;
            counts++;
            if (starts) {
              assertThat(t).as("from the start on").isEqualTo(counts - 1);
            }
          }
        }
        boolean done =
            Arrays.stream(counted, b * lane + 1, (b + 1) * lane + 1).allMatch(c -> c > 0);
        assertThat(done || counts > 0 || more > 0).as("no window is idle").isTrue();
        // Behind its end a lane repeats its last token.
        carried[b] = done ? new int[0] : Arrays.copyOfRange(in, part.advance(), in.length);
      }
    }
    assertThat(Arrays.copyOfRange(counted, 1, counted.length)).containsOnly(1);
  }

  private static int[] column(int[] rows, int b, int batch) {
    return IntStream.range(0, rows.length / batch).map(t -> rows[t * batch + b]).toArray();
  }

  /** A line break does not tell where it is, but its label does. */
  private static int position(int[] in, int[] labels, int t) {
    return in[t] == BREAK ? labels[t] - 1 : in[t];
  }

  @Property(tries = 30)
  void asManyWindowsRestartAsAsked(
      @ForAll @DoubleRange(min = 0, max = 1) double share,
      @ForAll @IntRange(min = 0, max = 30) int epoch,
      @ForAll boolean anywhere,
      @ForAll long seed) {
    int batch = 4;
    int window = 16;
    TokenWindows windows =
        new TokenWindows(lines(40_000, 10, seed), batch, window)
            .withRestarts(share, anywhere ? -1 : BREAK, seed)
            .epoch(epoch);
    int restarts = 0;
    for (int i = 1; i < windows.size() && share > 0; i++) {
      for (boolean one : windows.batch(i).restarts()) {
        restarts += one ? 1 : 0;
      }
    }
    double all = windows.size() * (double) batch;
    // 5 standard deviations, and what the end of an epoch leaves out.
    assertThat(restarts / all).isCloseTo(share, within(5 * Math.sqrt(0.25 / all) + 0.01));
  }

  @Property(tries = 30)
  void theSameSeedGivesTheSameRestartsAndEachEpochOthers(
      @ForAll @IntRange(min = 0, max = 30) int epoch, @ForAll long seed) {
    TokenWindows plain = new TokenWindows(lines(5_000, 10, 1), 3, 8, 12);
    TokenWindows windows = plain.withRestarts(0.3, BREAK, seed).epoch(epoch);
    assertThat(restarts(windows))
        .isEqualTo(restarts(plain.withRestarts(0.3, BREAK, seed).epoch(9).epoch(epoch)))
        .isNotEqualTo(restarts(windows.epoch(epoch + 1)))
        .isNotEqualTo(restarts(plain.withRestarts(0.3, BREAK, seed + 1).epoch(epoch)));
  }

  private static String restarts(TokenWindows windows) {
    return IntStream.range(0, windows.size())
        .mapToObj(i -> Arrays.toString(windows.batch(i).restarts()))
        .collect(Collectors.joining());
  }

  @Example
  void noRestartsAreTheWindowsWithoutThem() {
    TokenWindows plain = new TokenWindows(positions(100), 3, 7);
    TokenWindows none = plain.withRestarts(0, 5, 1).epoch(3);
    TokenWindows nowhere = plain.withRestarts(0.5, BREAK, 1);
    for (int i = 0; i < plain.size(); i++) {
      assertThat(none.batch(i)).usingRecursiveComparison().isEqualTo(plain.batch(i));
      assertThat(nowhere.batch(i).labels()).isEqualTo(plain.batch(i).labels());
      assertThat(nowhere.batch(i).restarts()).containsOnly(i == 0);
    }
    assertThat(nowhere.size()).isEqualTo(plain.size());
  }

  private static void refused(String sentence, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }

  @Example
  void badSizesAreSentences() {
    refused("a batch and a length of 1 or more", () -> new TokenWindows(positions(9), 0, 1));
    refused("a batch and a length of 1 or more", () -> new TokenWindows(positions(9), 1, 0));
    refused(
        "A batch of 9 sequences needs at least 10 tokens, but got 9; give more data or a smaller"
            + " batch.",
        () -> new TokenWindows(positions(9), 9, 1));
    refused("needs at least 2 tokens", () -> new TokenWindows(new int[0], 1, 1));
    for (double share : new double[] {0, 1, -0.1, 1.1, Double.NaN}) {
      refused(
          "The share for validation is between 0 and 1, such as 0.1, but got " + share + ".",
          () -> TokenWindows.split(positions(50), share, 1, 1));
    }
    refused("needs at least 5 tokens", () -> TokenWindows.split(positions(20), 0.1, 4, 5));
    TokenWindows windows = new TokenWindows(positions(10), 1, 4);
    for (double share : new double[] {-0.1, 1.1, Double.NaN}) {
      refused(
          "The share of windows that start afresh is 0 to 1, such as 0.05, but got " + share + ".",
          () -> windows.withRestarts(share, 1, 1));
    }
    refused("or at any where that is -1, but got -2.", () -> windows.withRestarts(0.1, -2, 1));
    refused("Epochs are 0 and more, but got -1.", () -> windows.epoch(-1));
    for (int index : new int[] {-1, 3, Integer.MAX_VALUE}) {
      refused("There are windows 0 to 2, but got " + index + ".", () -> windows.batch(index));
    }
  }
}
