package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Nets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Closing and sharing: what is not allowed is an exception, whatever the timing. */
class OwnershipTest {
  private static final int I = 4;
  private static final int H = 40;
  private static final String USED_BY_ANOTHER = "is being used by another thread";
  private static final float[] X = {0.1f, -0.2f, 0.3f, 0.4f};

  private final Network network = Nets.network(Architecture.of(Cells.LSTM.of(I, H)), 3);

  @Test
  void aClosedStreamRefusesEverythingButClosing() {
    Stream stream = network.newStream();
    stream.close();
    stream.close();
    float[] state = new float[2 * H];
    List<Runnable> uses =
        List.of(
            () -> stream.step(X, new float[H]),
            () -> stream.run(X, 1, new float[H]),
            stream::reset,
            () -> stream.saveState(state),
            () -> stream.restoreState(state));
    assertThat(uses)
        .allSatisfy(
            use ->
                assertThatIllegalStateException()
                    .isThrownBy(use::run)
                    .withMessage("The stream is closed; open another one."));
    network.close();
  }

  @Test
  void aNetworkIsNotClosedUnderItsStreams() {
    Stream stream = network.newStream();
    Streams streams = network.newStreams(3);
    assertThatIllegalStateException()
        .isThrownBy(network::close)
        .withMessageContaining("still in use by 2 open streams")
        .withMessageContaining("close those first");
    stream.step(X, new float[H]);
    stream.close();
    streams.close();
    network.close();
    network.close();
  }

  @Test
  void aClosedNetworkOpensNoStreams() {
    network.close();
    assertThatIllegalStateException()
        .isThrownBy(network::newStream)
        .withMessageContaining("is closed; open another one");
    assertThatIllegalStateException()
        .isThrownBy(network::weights)
        .withMessageContaining("is closed; open another one");
  }

  /** Returns whether the work was done, and not refused with that sentence. */
  private static boolean attempt(Runnable work, String sentence) {
    try {
      work.run();
      return true;
    } catch (IllegalStateException refused) {
      assertThat(refused).hasMessageContaining(sentence);
      return false;
    }
  }

  private static <T> List<T> together(List<Callable<T>> tasks) throws Exception {
    CountDownLatch start = new CountDownLatch(tasks.size());
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      List<Future<T>> futures =
          tasks.stream()
              .map(
                  task ->
                      threads.submit(
                          () -> {
                            start.countDown();
                            start.await();
                            return task.call();
                          }))
              .toList();
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    }
  }

  /** The state counts the steps, since the input is always the same. */
  @RepeatedTest(3)
  void whatTwoThreadsDoIsDoneWhollyOrRefused() throws Exception {
    try (Stream shared = network.newStream();
        Stream alone = network.newStream()) {
      Callable<Integer> work =
          () -> {
            float[] y = new float[H];
            int done = 0;
            for (int attempts = 0; attempts < 2000; attempts++) {
              done += attempt(() -> shared.step(X, y), USED_BY_ANOTHER) ? 1 : 0;
            }
            return done;
          };
      int steps = together(List.of(work, work)).stream().mapToInt(Integer::intValue).sum();

      float[] y = new float[H];
      for (int t = 0; t < steps; t++) {
        alone.step(X, y);
      }
      assertThat(state(shared)).isEqualTo(state(alone));
    }
    network.close();
  }

  private static float[] state(Stream stream) {
    float[] state = new float[stream.stateSize()];
    stream.saveState(state);
    return state;
  }

  @RepeatedTest(10)
  void closingWhileAnotherThreadStepsIsRefusedOrEndsTheSteps() throws Exception {
    Stream stream = network.newStream();
    Callable<Boolean> step =
        () -> {
          float[] y = new float[40 * H];
          while (attempt(() -> stream.run(new float[40 * I], 40, y), "The stream is ")) {
            Thread.onSpinWait();
          }
          return true;
        };
    Callable<Boolean> close =
        () -> {
          while (!attempt(stream::close, USED_BY_ANOTHER)) {
            Thread.onSpinWait();
          }
          return true;
        };
    together(List.of(step, close));
    network.close();
  }

  @RepeatedTest(10)
  void openingStreamsWhileAnotherThreadClosesTheNetworkWorksOrIsRefused() throws Exception {
    Callable<Integer> open =
        () -> {
          int opened = 0;
          while (opened < 50 && attempt(() -> stepOnce(network), "is closed; open another one")) {
            opened++;
          }
          return opened;
        };
    Callable<Integer> close =
        () -> {
          while (!attempt(network::close, "still in use by 1 open stream")) {
            Thread.onSpinWait();
          }
          return 0;
        };
    together(List.of(open, close));
  }

  private static void stepOnce(Network network) {
    try (Stream stream = network.newStream()) {
      stream.step(X, new float[H]);
    }
  }

  @Test
  void tokensThatChangeDuringACallAreRefusedOrUsedButNeverBelieved() throws Exception {
    Architecture architecture =
        new Architecture(new Input.OneHot(5), List.of(Cells.RNN.of(5, 7)), 0);
    try (Network ofTokens = Nets.network(architecture, 1);
        Stream stream = ofTokens.newStream()) {
      int[] tokens = new int[64];
      AtomicBoolean done = new AtomicBoolean();
      Callable<Boolean> change =
          () -> {
            while (!done.get()) {
              tokens[63] = Integer.MAX_VALUE;
              Thread.onSpinWait();
              tokens[63] = 1;
            }
            return true;
          };
      Callable<Boolean> run =
          () -> {
            float[] y = new float[64 * 7];
            for (int i = 0; i < 300; i++) {
              try {
                stream.run(tokens, y);
              } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageContaining("The network takes tokens 0 to 4");
              }
            }
            done.set(true);
            return true;
          };
      together(List.of(change, run));
      stream.reset();
      stream.step(4, new float[7]);
    }
    network.close();
  }
}
