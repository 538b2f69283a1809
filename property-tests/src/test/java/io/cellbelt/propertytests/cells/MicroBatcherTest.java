package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.cells.MicroBatcher;
import io.cellbelt.propertytests.support.Allocations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps of many threads are those of each stream alone, however they fall together. */
@Timeout(60)
class MicroBatcherTest {
  /** Streams that add up what they are fed; those from 1000 on are closed. */
  private static final class Sums implements MicroBatcher.Advance {
    final float[] states = new float[1000];
    int largest;

    @Override
    public void advance(int[] streams, int count, float[] x, float[] y) {
      for (int i = 0; i < count; i++) {
        if (streams[i] < 0 || streams[i] >= states.length) {
          throw new IllegalArgumentException("The stream " + streams[i] + " is not open.");
        }
      }
      largest = Math.max(largest, count);
      for (int i = 0; i < count; i++) {
        states[streams[i]] += x[2 * i] + x[2 * i + 1];
        y[i] = states[streams[i]];
      }
    }
  }

  private static void run(MicroBatcher batcher, int stream, int steps) {
    float sum = 0;
    float[] y = new float[1];
    for (int t = 0; t < steps; t++) {
      float a = ThreadLocalRandom.current().nextInt(9);
      batcher.step(stream, new float[] {a, 1}, y);
      sum += a + 1;
      assertThat(y[0]).isEqualTo(sum);
    }
  }

  private static void await(List<Future<?>> all) throws InterruptedException, ExecutionException {
    for (Future<?> one : all) {
      one.get();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "4, 0", "64, 0", "4, 50", "64, 200"})
  void everyStreamGoesItsOwnWay(int most, int micros) throws Exception {
    Sums sums = new Sums();
    MicroBatcher batcher = new MicroBatcher(sums, 2, 1, most, Duration.ofNanos(1000L * micros));
    int threads = 24;
    int steps = 500;
    try (ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
        ExecutorService platform = Executors.newFixedThreadPool(4)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int stream = 7 * i;
        all.add((i % 6 == 0 ? platform : virtual).submit(() -> run(batcher, stream, steps)));
      }
      await(all);
    }
    assertThat(batcher.steps()).isEqualTo((long) threads * steps);
    assertThat(batcher.passes()).isBetween((long) threads * steps / most, (long) threads * steps);
    assertThat(sums.largest).isBetween(1, most);
  }

  @Test
  void whatArrivesDuringAPassIsTheNextBatch() throws Exception {
    Semaphore entered = new Semaphore(0);
    CountDownLatch go = new CountDownLatch(1);
    List<Integer> sizes = new ArrayList<>();
    MicroBatcher batcher =
        new MicroBatcher(
            (_, count, _, _) -> {
              sizes.add(count);
              entered.release();
              awaitQuietly(go);
            },
            1,
            1,
            3,
            Duration.ZERO);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        int stream = i;
        all.add(threads.submit(() -> batcher.step(stream, new float[1], new float[1])));
        if (i == 0) {
          entered.acquire();
        }
      }
      assertThatThrownBy(() -> batcher.step(0, new float[1], new float[1]))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("stream 0 is on its way");
      Thread.sleep(100);
      go.countDown();
      await(all);
    }
    // The two that found no room come together, or one after the other.
    assertThat(sizes).startsWith(1, 3);
    assertThat(sizes.stream().mapToInt(size -> size).sum()).isEqualTo(6);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void oneThatIsWrongDoesNotHarmTheOthers() throws Exception {
    Sums sums = new Sums();
    MicroBatcher batcher = new MicroBatcher(sums, 2, 1, 8, Duration.ofMillis(20));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> right = new ArrayList<>();
      List<Future<?>> wrong = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        int stream = i;
        right.add(threads.submit(() -> run(batcher, stream, 20)));
        wrong.add(threads.submit(() -> run(batcher, 5000 + stream, 20)));
      }
      await(right);
      for (Future<?> one : wrong) {
        assertThatThrownBy(one::get)
            .hasCauseInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("is not open");
      }
    }
    assertThat(sums.largest).isGreaterThan(1);
  }

  @Test
  void whatBreaksOffIsToldToAll() {
    MicroBatcher batcher =
        new MicroBatcher(
            (_, _, _, _) -> {
              throw new StackOverflowError();
            },
            1,
            1,
            4,
            Duration.ZERO);
    assertThatThrownBy(() -> batcher.step(0, new float[1], new float[1]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("broke off")
        .hasCauseInstanceOf(StackOverflowError.class);
    assertThatThrownBy(() -> batcher.step(0, new float[1], new float[1]))
        .hasMessageContaining("broke off");
  }

  @Test
  void anInterruptEndsTheWaitAndStaysSet() {
    MicroBatcher batcher = new MicroBatcher(new Sums(), 2, 1, 4, Duration.ofHours(1));
    float[] y = new float[1];
    Thread.currentThread().interrupt();
    batcher.step(3, new float[] {1, 2}, y);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(y).containsExactly(3);
  }

  @Test
  void nothingElseRunsWhileSomethingIsExclusive() throws Exception {
    Sums sums = new Sums();
    MicroBatcher batcher = new MicroBatcher(sums, 2, 1, 4, Duration.ZERO);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int stream = i;
        all.add(threads.submit(() -> run(batcher, stream, 300)));
        all.add(
            threads.submit(
                () -> {
                  for (int k = 0; k < 50; k++) {
                    batcher.exclusively(
                        () -> {
                          float[] before = sums.states.clone();
                          Thread.onSpinWait();
                          assertThat(sums.states).containsExactly(before);
                        });
                  }
                }));
      }
      await(all);
    }
    assertThatThrownBy(() -> batcher.exclusively(() -> batcher.step(1, new float[2], new float[1])))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("within");
    assertThatThrownBy(() -> batcher.exclusively(() -> batcher.exclusively(() -> {})))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("within");
    batcher.step(1, new float[2], new float[1]);
  }

  @Test
  void oneCallerAllocatesNothing() {
    MicroBatcher batcher = new MicroBatcher((_, _, x, y) -> y[0] = x[0], 1, 1, 4, Duration.ZERO);
    float[] x = {1};
    float[] y = new float[1];
    Allocations.checkNone("a step", () -> batcher.step(0, x, y));
  }

  @Test
  void sizesAreChecked() {
    MicroBatcher batcher = new MicroBatcher(new Sums(), 2, 1, 4, Duration.ZERO);
    assertThatThrownBy(() -> batcher.step(0, new float[3], new float[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("The array x has 2 floats, but got one of 3");
    assertThatThrownBy(() -> batcher.step(0, new float[2], new float[0]))
        .hasMessageContaining("The array y has 1 floats");
    assertThatThrownBy(() -> new MicroBatcher(new Sums(), 2, 1, 0, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 or more");
    assertThatThrownBy(() -> new MicroBatcher(new Sums(), 2, 1, 1, Duration.ofMillis(-1)))
        .hasMessageContaining("0 or more");
  }
}
