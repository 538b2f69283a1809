package io.cellbelt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SamplerTest {
  private static final float[] LOGITS = {0, (float) Math.log(3), -1e30f};

  private static double share(double temperature) {
    Sampler sampler = new Sampler(temperature, LOGITS.length, new SplittableRandom(5));
    int draws = 20_000;
    int second = 0;
    for (int i = 0; i < draws; i++) {
      int token = sampler.next(LOGITS);
      assertThat(token).isLessThan(2);
      second += token;
    }
    return second / (double) draws;
  }

  @Test
  void drawsFromTheSoftmax() {
    assertThat(share(1)).isCloseTo(0.75, within(0.02));
    assertThat(share(0.5)).isCloseTo(0.9, within(0.02));
  }

  @Test
  void temperatureZeroTakesTheLikeliest() {
    assertThat(share(0)).isEqualTo(1);
    assertThat(share(1e-300)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesTemperaturesThatAreNone(double temperature) {
    assertThatThrownBy(() -> new Sampler(temperature, 2, new SplittableRandom()))
        .hasMessageContaining("must be a number of 0 or more");
  }
}
