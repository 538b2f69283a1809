package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Clipping;
import io.cellbelt.bptt.EarlyStopping;
import io.cellbelt.bptt.LearningRate;
import io.cellbelt.bptt.LearningRate.Cosine;
import io.cellbelt.bptt.LearningRate.OneCycle;
import io.cellbelt.bptt.LearningRate.Plateau;
import io.cellbelt.bptt.LearningRate.Step;
import io.cellbelt.bptt.LearningRate.WarmCosine;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Sgd;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** Learning rates as PyTorch's schedulers step them, and what becomes of them in training. */
class LearningRateProperties {
  private static final Architecture ARCHITECTURE = Architecture.of(Cells.LSTM.of(3, 4));

  @Property(tries = 50)
  void stepsMultiplyEverySoOften(
      @ForAll @IntRange(min = 1, max = 7) int every,
      @ForAll @DoubleRange(min = 0.1, max = 1) double factor) {
    LearningRate schedule = new Step(every, factor);
    double rate = 0.3;
    for (int n = 0; n < 30; n++) {
      if (n > 0 && n % every == 0) {
        rate *= factor;
      }
      assertThat(schedule.at(0.3, n)).isCloseTo(rate, within(1e-14));
    }
  }

  /** PyTorch's recursion. */
  @Property(tries = 50)
  void aCosineFallsToTheLastRateAndStays(
      @ForAll @IntRange(min = 1, max = 40) int total,
      @ForAll @DoubleRange(min = 0, max = 0.3) double last) {
    LearningRate schedule = new Cosine(total, last);
    double rate = 0.3;
    for (int n = 0; n < total; n++) {
      assertThat(schedule.at(0.3, n)).isCloseTo(rate, within(1e-12));
      double next = 1 + Math.cos(Math.PI * (n + 1) / total);
      rate = next / (1 + Math.cos(Math.PI * n / total)) * (rate - last) + last;
    }
    assertThat(schedule.at(0.3, total)).isCloseTo(last, within(1e-14));
    assertThat(schedule.at(0.3, total + 5L)).isCloseTo(last, within(1e-14));
  }

  @Property(tries = 50)
  void aWarmCosineRisesAndFalls(
      @ForAll @IntRange(min = 1, max = 500) int total,
      @ForAll @DoubleRange(min = 0.01, max = 0.5) double rise) {
    LearningRate schedule = new WarmCosine(total, rise, 0.05);
    LearningRate cosine = new Cosine(total, 0.05 * 0.3);
    for (int n = 0; n <= total + 1; n++) {
      double warm = Math.min(1, 0.1 + n / (rise * total));
      assertThat(schedule.at(0.3, n)).isCloseTo(warm * cosine.at(0.3, n), within(1e-14));
    }
  }

  /** PyTorch's phases. */
  @Property(tries = 50)
  void oneCycleRisesAndFalls(
      @ForAll @IntRange(min = 2, max = 60) int total,
      @ForAll @DoubleRange(min = 0.05, max = 0.95) double rise) {
    LearningRate schedule = new OneCycle(total, 0.4, rise, 10, 100);
    double[] ends = {rise * total - 1, total - 1};
    double[] rates = {0.04, 0.4, 0.0004};
    for (int n = 0; n < total; n++) {
      double from = 0;
      for (int phase = 0; phase < 2; phase++) {
        if (n <= ends[phase] || phase == 1) {
          double share = ends[phase] == from ? 1 : (n - from) / (ends[phase] - from);
          double expected =
              rates[phase + 1]
                  + (rates[phase] - rates[phase + 1]) / 2 * (1 + Math.cos(Math.PI * share));
          // Before its start PyTorch goes on with the cosine, here it stays.
          if (ends[0] >= 0) {
            assertThat(schedule.at(7, n)).as("%s", n).isCloseTo(expected, within(1e-12));
          }
          break;
        }
        from = ends[phase];
      }
    }
    assertThat(schedule.at(7, total - 1L)).isCloseTo(0.0004, within(1e-12));
    assertThat(schedule.at(7, 3L * total)).isCloseTo(0.0004, within(1e-12));
    assertThat(new OneCycle(10, 1).at(7, 0)).isCloseTo(1 / 25.0, within(1e-15));
    assertThat(new OneCycle(10, 1).at(7, 2)).isEqualTo(1);
    assertThat(new OneCycle(10, 1).at(7, 9)).isCloseTo(1 / 25e4, within(1e-15));
  }

  @Example
  void aPlateauLowersTheRateAfterMoreThanItsPatience() {
    Plateau schedule = new Plateau(2, 0.5);
    Plateau.State state = Plateau.State.FIRST;
    double[] losses = {3, 2, 2, 1.9999, Double.NaN, 1, 1, 1, 1, 1, 1, 1};
    double[] factors = {1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125};
    for (int i = 0; i < losses.length; i++) {
      state = schedule.next(state, losses[i]);
      assertThat(state.factor()).as("%s", i).isEqualTo(factors[i]);
    }
    assertThat(state.best()).isEqualTo(1);
  }

  private static Options options(LearningRate schedule) {
    return new Options(
        2,
        3,
        Loss.MEAN_SQUARED_ERROR,
        new Sgd(0.1, 0.5, true, 0.01),
        new Clipping.GlobalNorm(1),
        schedule);
  }

  private static Batch batch(long seed) {
    return Training.batch(
        Feed.random(ARCHITECTURE, 3, 2, seed), false, Loss.MEAN_SQUARED_ERROR, seed);
  }

  /** As if someone had set each rate by hand. */
  @Example
  void trainingFollowsTheSchedule() {
    for (LearningRate schedule :
        List.of(
            LearningRate.CONSTANT,
            new Step(2, 0.5),
            new Cosine(5, 0.01),
            new WarmCosine(6, 0.3, 0.05),
            new OneCycle(6, 0.2))) {
      try (Trainer scheduled = Training.trainer(ARCHITECTURE, 1, options(schedule));
          Trainer byHand = Training.trainer(ARCHITECTURE, 1, options(LearningRate.CONSTANT))) {
        for (int n = 0; n < 6; n++) {
          assertThat(scheduled.learningRate()).isEqualTo(schedule.at(0.1, n));
          byHand.learningRate(schedule.at(0.1, n));
          assertThat(scheduled.update(batch(n))).isEqualTo(byHand.update(batch(n)));
        }
        Training.checkSame(scheduled.checkpoint(), byHand.checkpoint());
      }
    }
  }

  @Property(tries = 20)
  void aPlateauGoesOnFromACheckpoint(@ForAll @IntRange(min = 0, max = 6) int validations) {
    double[] losses = {0.1 / 3, 0.2, 0.01, 0.3, 0.3, 0.3, 0.001, 0.2, 0.2, 0.2};
    Options options = options(new Plateau(1, 1 / 3.0));
    try (Trainer original = Training.trainer(ARCHITECTURE, 1, options);
        Trainer resumed = Training.trainer(ARCHITECTURE, 2, options)) {
      for (int i = 0; i < validations; i++) {
        original.update(batch(i));
        original.validated(losses[i]);
      }
      resumed.validated(1e-9);
      resumed.validated(1);
      resumed.validated(1);
      resumed.restore(original.checkpoint());
      for (int i = validations; i < losses.length; i++) {
        assertThat(resumed.learningRate()).isEqualTo(original.learningRate());
        assertThat(resumed.update(batch(i))).isEqualTo(original.update(batch(i)));
        original.validated(losses[i]);
        resumed.validated(losses[i]);
      }
      assertThat(original.learningRate()).isLessThan(0.1 / 8);
      Training.checkSame(resumed.checkpoint(), original.checkpoint());
    }
  }

  @Example
  void aDamagedPlateauIsRefused() {
    try (Trainer trainer = Training.trainer(ARCHITECTURE, 1, options(new Plateau(1, 0.5)))) {
      Map<String, float[]> checkpoint = trainer.checkpoint();
      checkpoint.get("plateau")[11] = 40000;
      Map<String, float[]> before = trainer.checkpoint();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.restore(checkpoint))
          .withMessageContaining("in 'plateau'; it is damaged.");
      Training.checkSame(trainer.checkpoint(), before);
      checkpoint.remove("plateau");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.restore(checkpoint))
          .withMessageContaining("needs 'plateau' with 12 floats, but has none");
    }
  }

  @Example
  void trainingStopsEarly() {
    EarlyStopping stopping = new EarlyStopping(2, 0.1);
    double[] losses = {3, 2.95, 2.5, 2.45, Double.NaN};
    boolean[] better = {true, false, true, false, false};
    for (int i = 0; i < losses.length; i++) {
      assertThat(stopping.stop()).isFalse();
      assertThat(stopping.validated(losses[i])).isEqualTo(better[i]);
    }
    assertThat(stopping.stop()).isTrue();
    assertThat(stopping.best()).isEqualTo(2.5);
    EarlyStopping resumed = new EarlyStopping(3, 0.1, stopping.best(), stopping.bad());
    assertThat(resumed.stop()).isFalse();
    resumed.validated(2.5);
    assertThat(resumed.stop()).isTrue();
  }

  private static void refused(String sentence, Runnable make) {
    assertThatIllegalArgumentException().isThrownBy(make::run).withMessage(sentence);
  }

  @Example
  void settingsOutOfRange() {
    refused("A schedule needs 1 updates or more, but got 0.", () -> new Step(0, 0.5));
    refused("A schedule needs 2 updates or more, but got 1.", () -> new OneCycle(1, 0.5));
    refused("A factor is a number over 0, but got 0.0.", () -> new Step(1, 0));
    refused(
        "A last learning rate is a number of 0 or more, but got -1.0.", () -> new Cosine(1, -1));
    refused(
        "A learning rate is a number over 0, such as 0.002, but got 0.0.",
        () -> new OneCycle(2, 0));
    refused(
        "One cycle rises for a share of the updates over 0 and under 1, such as 0.3, but got 1.0.",
        () -> new OneCycle(2, 1, 1, 25, 25));
    refused(
        "A warm-up rises for a share of the updates over 0 and under 1, such as 0.3, but got 0.0.",
        () -> new WarmCosine(1, 0, 0));
    refused(
        "A last share of the learning rate is a number of 0 or more, but got NaN.",
        () -> new WarmCosine(1, 0.5, Double.NaN));
    refused(
        "What a cycle's peak is divided by is a number of 1 or more, but got 0.5.",
        () -> new OneCycle(2, 1, 0.3, 0.5, 25));
    refused("A patience is 0 validations or more, but got -1.", () -> new Plateau(-1, 0.5));
    refused(
        "After a plateau the learning rate is multiplied by a factor over 0 and under 1, such as"
            + " 0.1, but got 1.0.",
        () -> new Plateau(1, 1));
    refused(
        "Early stopping needs a patience of 1 or more and a count of 0 or more, but got 0 and 0.",
        () -> new EarlyStopping(0, 0));
    refused(
        "Training needs a clipping and a learning rate, Clipping.NONE and LearningRate.CONSTANT"
            + " too, not null.",
        () -> options(null));
  }
}
