package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.TokenWindows;
import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** How a long text becomes windows. Tokens here are their own positions. */
class TokenWindowsProperties {
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
    for (int index : new int[] {-1, 3, Integer.MAX_VALUE}) {
      refused("There are windows 0 to 2, but got " + index + ".", () -> windows.batch(index));
    }
  }
}
