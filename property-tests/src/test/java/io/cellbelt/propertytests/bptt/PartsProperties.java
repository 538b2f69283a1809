package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.bptt.Trainer.Options;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Readout;
import io.cellbelt.propertytests.support.AnyStack;
import io.cellbelt.propertytests.support.Feed;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * Batches in parts: the same result on any number of threads, and that of one part but for sums.
 */
class PartsProperties {
  private static final int BATCH = 5;
  private static final int WINDOW = 6;
  private static final ExecutorService ONE = Executors.newSingleThreadExecutor();
  private static final ExecutorService THREE = new ForkJoinPool(3);
  private static final ExecutorService SHUT = Executors.newSingleThreadExecutor();

  static {
    SHUT.shutdown();
  }

  /** Idle, busy, none at all: every kind of executor. */
  private static final List<Executor> EXECUTORS =
      List.of(
          ONE,
          THREE,
          SHUT,
          Runnable::run,
          task -> {
            // Never runs anything.
          });

  @AfterContainer
  static void end() {
    ONE.shutdown();
    THREE.shutdown();
  }

  private static Options options(Loss loss, int parts) {
    return new Options(BATCH, WINDOW, loss, Adam.of(0.01), 0.5).withParts(parts);
  }

  private static Batch nth(int n, Architecture architecture, Loss loss) {
    int steps = 1 + n % WINDOW;
    Feed feed = Feed.random(architecture, steps, BATCH, n);
    int[] lengths = new SplittableRandom(n).ints(BATCH, 0, steps + 1).toArray();
    return Training.batch(feed, n == 0, loss, n).withLengths(lengths);
  }

  private static Trainer trainer(
      Architecture architecture, long seed, Options options, Executor executor) {
    return new Trainer(Training.weights(architecture, seed), options, executor);
  }

  @Property(tries = 25)
  void theNumberOfThreadsDoesNotMatter(
      @ForAll(supplier = AnyStack.class) Architecture architecture,
      @ForAll Loss.Simple loss,
      @ForAll @IntRange(min = 2, max = BATCH) int parts,
      @ForAll @IntRange(min = 0, max = 4) int executor,
      @ForAll long seed) {
    Options options = options(loss, parts);
    try (Trainer alone = trainer(architecture, seed, options, null);
        Trainer helped = trainer(architecture, seed, options, EXECUTORS.get(executor))) {
      for (int n = 0; n < 6; n++) {
        assertThat(helped.update(nth(n, architecture, loss)))
            .isEqualTo(alone.update(nth(n, architecture, loss)));
        assertThat(helped.evaluate(nth(n + 7, architecture, loss)))
            .isEqualTo(alone.evaluate(nth(n + 7, architecture, loss)));
      }
      Training.checkSame(helped.checkpoint(), alone.checkpoint());
    }
  }

  /** States have the same bits; losses and gradients are the same sums in another order. */
  @Property(tries = 25)
  void partsAreTheWhole(
      @ForAll(supplier = AnyStack.class) Architecture architecture,
      @ForAll Loss.Simple loss,
      @ForAll @IntRange(min = 2, max = BATCH) int parts,
      @ForAll long seed) {
    Options whole =
        new Options(BATCH, WINDOW, loss, Training.STILL, Double.POSITIVE_INFINITY).withParts(1);
    try (Trainer one = trainer(architecture, seed, whole, null);
        Trainer several = trainer(architecture, seed, whole.withParts(parts), THREE)) {
      Batch batch = nth(5, architecture, loss);
      double expected = one.update(batch);
      assertThat(several.update(batch)).isCloseTo(expected, within(1e-12 + 1e-12 * expected));
      Map<String, float[]> gradients = Training.gradients(several);
      Training.gradients(one)
          .forEach(
              (name, values) -> {
                float largest = 1e-3f;
                for (float value : values) {
                  largest = Math.max(largest, Math.abs(value));
                }
                assertThat(gradients.get(name))
                    .as(name)
                    .containsExactly(values, within(1e-5f * largest));
              });
      Map<String, float[]> states = several.checkpoint();
      for (int b = 0; b < BATCH; b++) {
        assertThat(states.get("state/" + b)).isEqualTo(one.checkpoint().get("state/" + b));
      }
    }
  }

  @Example
  void wholeSequencesComeInPartsToo() {
    Architecture architecture =
        new Architecture(new Input.Dense(3), List.of(Layer.of(new Lstm(3, 7))), Readout.linear(4));
    Loss loss = new Loss.Ctc(0);
    try (Trainer alone = trainer(architecture, 1, options(loss, 3), null);
        Trainer helped = trainer(architecture, 1, options(loss, 3), THREE)) {
      Feed feed = Feed.random(architecture, WINDOW, BATCH, 3);
      Batch batch = Training.batch(feed, true, loss, 3).withWeights(1, 0.5f, 2, 0, 1);
      for (int i = 0; i < 3; i++) {
        assertThat(helped.update(batch)).isEqualTo(alone.update(batch));
      }
      Training.checkSame(helped.checkpoint(), alone.checkpoint());
    }
  }

  /** An executor whose only thread is the trainer's own must not be waited for. */
  @Example
  void aTrainerMayRunOnTheExecutorThatHelpsIt() throws Exception {
    Architecture architecture = Architecture.of(new Lstm(3, 7));
    Loss loss = Loss.MEAN_SQUARED_ERROR;
    try (Trainer alone = trainer(architecture, 1, options(loss, 4), null);
        Trainer helped = trainer(architecture, 1, options(loss, 4), ONE)) {
      Batch batch = nth(0, architecture, loss);
      assertThat(ONE.submit(() -> helped.update(batch)).get()).isEqualTo(alone.update(batch));
    }
  }

  @Example
  void anExecutorThatFailsIsToldAndLosesNothing() {
    Architecture architecture = Architecture.of(new Lstm(3, 7));
    Loss loss = Loss.MEAN_SQUARED_ERROR;
    Executor broken =
        task -> {
          throw new UnsupportedOperationException("no threads today");
        };
    try (Trainer trainer = trainer(architecture, 1, options(loss, 2), broken)) {
      Map<String, float[]> before = trainer.checkpoint();
      assertThatThrownBy(() -> trainer.update(nth(0, architecture, loss)))
          .hasMessage("no threads today");
      assertThat(trainer.updates()).isZero();
      before.keySet().removeIf(name -> name.startsWith("state/"));
      before.forEach(
          (name, values) -> assertThat(trainer.checkpoint().get(name)).isEqualTo(values));
    }
  }

  @Example
  void refusesPartsThatAreNone() {
    Options options = options(Loss.MEAN_SQUARED_ERROR, 1);
    for (int parts : new int[] {0, -1, BATCH + 1}) {
      assertThatThrownBy(() -> options.withParts(parts))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("A batch of 5 sequences has 1 to 5 parts, but got " + parts + ".");
    }
  }
}
