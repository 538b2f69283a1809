package io.cellbelt.propertytests.misuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Clipping;
import io.cellbelt.bptt.Dataset;
import io.cellbelt.bptt.LearningRate;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Weights;
import io.cellbelt.propertytests.support.Jvm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A trainer has one user at a time, needs nothing of an executor, and changes only by success. */
class TrainerMisuseTest {
  private static final int BATCH = 4;
  private static final int STEPS = 2;

  static Trainer trainer(Executor executor) {
    Architecture architecture = new Architecture(new Input.Dense(3), List.of(new Lstm(3, 5)), 2);
    Trainer.Options options =
        new Trainer.Options(
            BATCH,
            STEPS,
            Loss.MEAN_SQUARED_ERROR,
            new Adam(0.01, 0.9, 0.999, 1e-8),
            Clipping.NONE,
            LearningRate.CONSTANT,
            3);
    Weights start = Weights.random(architecture, 1);
    return new Trainer(start, options, executor);
  }

  private static Batch batch(boolean fresh, float first) {
    float[] x = new float[STEPS * BATCH * 3];
    x[0] = first;
    return Batch.ofVectors(STEPS, fresh, x, new float[STEPS * BATCH * 2]);
  }

  private static Dataset dataset(Runnable meanwhile) {
    return new Dataset() {
      @Override
      public int size() {
        return 1;
      }

      @Override
      public Batch batch(int index) {
        meanwhile.run();
        return TrainerMisuseTest.batch(true, 1);
      }
    };
  }

  private static void refused(String sentence, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(sentence)
        .hasMessageEndingWith(".");
  }

  @Test
  void whatIsClosedIsRefused() {
    Trainer trainer = trainer(null);
    Map<String, float[]> checkpoint = trainer.checkpoint();
    trainer.close();
    trainer.close();
    String closed = "The trainer is closed";
    refused(closed, () -> trainer.update(batch(true, 1)));
    refused(closed, () -> trainer.evaluate(batch(true, 1)));
    refused(closed, () -> trainer.evaluate(dataset(() -> {})));
    refused(closed, trainer::snapshot);
    refused(closed, trainer::checkpoint);
    refused(closed, () -> trainer.restore(checkpoint));
    refused(closed, () -> trainer.learningRate(0.1));
    refused(closed, () -> trainer.validated(1));
  }

  @Test
  void aSecondThreadIsRefusedAndSoIsClosingMeanwhile() throws InterruptedException {
    try (Trainer trainer = trainer(null)) {
      List<Throwable> seen = new ArrayList<>();
      Runnable other =
          () -> {
            seen.add(thrown(() -> trainer.update(batch(true, 1))));
            seen.add(thrown(trainer::close));
          };
      trainer.evaluate(
          dataset(
              () -> {
                Thread thread = Thread.ofPlatform().start(other);
                try {
                  thread.join();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }));
      assertThat(seen)
          .hasSize(2)
          .allMatch(e -> e.getMessage().contains("is being used by another thread"));
      assertThat(trainer.update(batch(true, 1))).isFinite();
    }
  }

  private static Throwable thrown(Runnable call) {
    try {
      call.run();
      return new AssertionError("Nothing was thrown.");
    } catch (IllegalStateException e) {
      return e;
    }
  }

  @Test
  void dataThatUsesTheTrainerIsRefused() {
    try (Trainer trainer = trainer(null)) {
      String further = "is being used further up in this call";
      refused(further, () -> trainer.evaluate(dataset(() -> trainer.update(batch(true, 1)))));
      refused(further, () -> trainer.evaluate(dataset(trainer::close)));
      assertThat(trainer.update(batch(true, 1))).isFinite();
    }
  }

  @Test
  void whateverAnExecutorDoesTheResultIsTheSame() {
    List<Runnable> late = new ArrayList<>();
    List<Executor> executors =
        List.of(
            task -> {},
            late::add,
            Runnable::run,
            task -> {
              task.run();
              task.run();
            },
            task -> {
              throw new RejectedExecutionException("Full.");
            },
            task -> {
              throw new OutOfMemoryError("No more threads.");
            });
    Map<String, float[]> expected = trained(null);
    for (Executor executor : executors) {
      Map<String, float[]> values = trained(executor);
      assertThat(values.keySet()).isEqualTo(expected.keySet());
      values.forEach((name, floats) -> assertThat(floats).isEqualTo(expected.get(name)));
    }
    assertThat(late).isNotEmpty();
    late.forEach(Runnable::run);
  }

  @Test
  void anExecutorThatIsBrokenIsToldAndChangesNothing() {
    AtomicReference<Trainer> self = new AtomicReference<>();
    Map<String, Executor> executors =
        Map.of(
            "Broken.",
            task -> {
              throw new IllegalArgumentException("Broken.");
            },
            "The executor of a trainer failed, with java.lang.AssertionError: Very broken.",
            task -> {
              throw new AssertionError("Very broken.");
            },
            "is being used further up in this call",
            task -> self.get().update(batch(true, 1)),
            "further up in this call",
            task -> self.get().close());
    executors.forEach(
        (sentence, executor) -> {
          try (Trainer trainer = trainer(executor)) {
            self.set(trainer);
            Map<String, float[]> before = trainer.checkpoint();
            assertThatThrownBy(() -> trainer.update(batch(true, 1)))
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining(sentence);
            Map<String, float[]> after = trainer.checkpoint();
            before.forEach((name, floats) -> assertThat(after.get(name)).isEqualTo(floats));
          }
        });
  }

  private static Map<String, float[]> trained(Executor executor) {
    try (Trainer trainer = trainer(executor)) {
      trainer.update(batch(true, 1));
      trainer.evaluate(batch(true, 2));
      trainer.update(batch(false, 3));
      return trainer.checkpoint();
    }
  }

  @Test
  void anUpdateThatFailsChangesNothing() {
    try (Trainer trainer = trainer(null)) {
      trainer.update(batch(true, 1));
      Map<String, float[]> before = trainer.checkpoint();
      assertThatThrownBy(() -> trainer.update(batch(true, Float.NaN)))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("the weights are as before it");
      trainer.learningRate(1e300);
      assertThatThrownBy(() -> trainer.update(batch(true, 1)))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("learning rate");
      assertThatThrownBy(() -> trainer.evaluate(Batch.ofVectors(1, true, new float[1], null)))
          .isInstanceOf(IllegalArgumentException.class);
      Map<String, float[]> after = trainer.checkpoint();
      before.forEach((name, floats) -> assertThat(after.get(name)).as(name).isEqualTo(floats));
    }
  }

  @Test
  @Tag("process")
  void arraysThatChangeMeanwhileCrashNothing() {
    Jvm jvm = Jvm.run(RacingArrays.class);
    assertThat(jvm.exitCode()).as(jvm.output()).isZero();
    assertThat(jvm.output()).contains("raced");
  }
}
