package io.cellbelt.propertytests.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Nets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input is a sentence, and the state stays as it was. */
class RefusalTest {
  private static final int I = 3;
  private static final int H = 5;
  private static final int VOCABULARY = 7;

  private final Network dense = Nets.network(Architecture.of(Cells.LSTM.of(I, H)), 1);
  private final Network tokens =
      Nets.network(
          new Architecture(
              new Input.OneHot(VOCABULARY), List.<Cell>of(Cells.RNN.of(VOCABULARY, H)), 0),
          1);
  private final Stream stream = dense.newStream();
  private final Stream tokenStream = tokens.newStream();
  private final Streams pair = dense.newStreams(2);

  @BeforeEach
  void begin() {
    Feed.random(dense.architecture(), 4, 1, 2).run(stream);
    Feed.random(tokens.architecture(), 4, 1, 2).run(tokenStream);
    Feed.random(dense.architecture(), 4, 2, 2).run(pair);
  }

  @AfterEach
  void end() {
    stream.close();
    tokenStream.close();
    pair.close();
    dense.close();
    tokens.close();
  }

  private void refused(Class<? extends Throwable> type, String sentence, ThrowingCallable call) {
    List<float[]> before = states();
    assertThatThrownBy(call).isInstanceOf(type).hasMessage(sentence);
    assertThat(states()).usingRecursiveComparison().isEqualTo(before);
  }

  private void refused(String sentence, ThrowingCallable call) {
    refused(IllegalArgumentException.class, sentence, call);
  }

  private List<float[]> states() {
    float[] one = new float[stream.stateSize()];
    float[] other = new float[tokenStream.stateSize()];
    float[] first = new float[pair.stateSize()];
    float[] second = new float[pair.stateSize()];
    stream.saveState(one);
    tokenStream.saveState(other);
    pair.saveState(0, first);
    pair.saveState(1, second);
    return List.of(one, other, first, second);
  }

  private static MemorySegment heap(int floats) {
    return MemorySegment.ofArray(new float[floats]);
  }

  @Test
  void shortArrays() {
    refused(
        "'x' needs room for 3 values, but has 2.",
        () -> stream.step(new float[I - 1], new float[H]));
    refused(
        "'y' needs room for 5 values, but has 4.",
        () -> stream.step(new float[I], new float[H - 1]));
    refused(
        "'x' needs room for 120 values, but has 119.",
        () -> stream.run(new float[119], 40, new float[40 * H]));
    refused(
        "'y' needs room for 200 values, but has 199.",
        () -> stream.run(new float[120], 40, new float[199]));
    refused(
        "'x' needs room for 6 values, but has 5.",
        () -> pair.step(new float[2 * I - 1], new float[2 * H]));
    refused(
        "'y' needs room for 10 values, but has 0.",
        () -> tokenStream.run(new int[2], new float[0]));
  }

  @Test
  void sizesBeyondAnInt() {
    refused(
        "'x' needs room for 6442450941 values, but has 3.",
        () -> stream.run(new float[I], Integer.MAX_VALUE, new float[H]));
    refused(
        "'x' needs room for 12884901882 values, but has 3.",
        () -> pair.run(heap(I), Integer.MAX_VALUE, heap(H)));
  }

  @Test
  void shortSegments() {
    refused(
        "'x' needs room for 3 values, but has 2.",
        () -> stream.step(heap(I).asSlice(0, 4 * I - 1), heap(H)));
    refused("'y' needs room for 5 values, but has 4.", () -> stream.step(heap(I), heap(H - 1)));
  }

  @Test
  void readOnlyOutput() {
    refused(
        "The segment 'y' is read-only, but results are written to it.",
        () -> stream.step(heap(I), heap(H).asReadOnly()));
  }

  @Test
  void closedArena() {
    Arena arena = Arena.ofShared();
    MemorySegment closed = arena.allocate(1000);
    arena.close();
    refused(
        IllegalStateException.class,
        "The segment 'x' belongs to a closed arena; give one that is open.",
        () -> stream.step(closed, heap(H)));
    refused(
        IllegalStateException.class,
        "The segment 'y' belongs to a closed arena; give one that is open.",
        () -> stream.run(heap(2 * I), 2, closed));
  }

  @Test
  void anotherThreadsSegment() throws Exception {
    try (var executor = Executors.newSingleThreadExecutor()) {
      Arena arena = executor.submit(Arena::ofConfined).get();
      MemorySegment foreign = executor.submit(() -> arena.allocate(1000)).get();
      refused(
          WrongThreadException.class,
          "The segment 'x' is confined to another thread; give one of a shared arena.",
          () -> stream.step(foreign, heap(H)));
      refused(
          WrongThreadException.class,
          "The segment 'y' is confined to another thread; give one of a shared arena.",
          () -> stream.step(heap(I), foreign));
      executor.submit(arena::close).get();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, VOCABULARY, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void tokensOutsideTheVocabulary(int bad) {
    refused(
        "The network takes tokens 0 to 6, but got " + bad + " at index 0.",
        () -> tokenStream.step(bad, new float[H]));
    int[] sequence = new int[40];
    sequence[37] = bad;
    refused(
        "The network takes tokens 0 to 6, but got " + bad + " at index 37.",
        () -> tokenStream.run(sequence, new float[40 * H]));
  }

  @Test
  void tokensForVectorsAndVectorsForTokens() {
    refused(
        "The network takes vectors of 3 floats, but got tokens.",
        () -> stream.step(1, new float[H]));
    refused(
        "The network takes vectors of 3 floats, but got tokens.",
        () -> stream.run(new int[4], new float[4 * H]));
    refused(
        "The network takes tokens 0 to 6, but got floats.",
        () -> tokenStream.step(new float[VOCABULARY], new float[H]));
    refused(
        "The network takes tokens 0 to 6, but got floats.",
        () -> tokenStream.step(heap(VOCABULARY), heap(H)));
  }

  @Test
  void negativeSteps() {
    String sentence = "The number of steps is 0 or more, but got a negative one.";
    refused(sentence, () -> stream.run(new float[I], -1, new float[H]));
    refused(sentence, () -> pair.run(heap(I), Integer.MIN_VALUE, heap(H)));
  }

  @Test
  void lengths() {
    float[] x = new float[3 * 2 * I];
    float[] y = new float[3 * 2 * H];
    refused(
        "A length is 0 to the 3 steps that are given, but got -1 for stream 1.",
        () -> pair.run(x, 3, new int[] {3, -1}, y));
    refused(
        "A length is 0 to the 3 steps that are given, but got 4 for stream 0.",
        () -> pair.run(x, 3, new int[] {4, 3}, y));
    for (int count : new int[] {0, 1, 3}) {
      refused(
          "There is one length for each of the 2 streams, but got " + count + ".",
          () -> pair.run(x, 3, new int[count], y));
    }
    refused(
        NullPointerException.class,
        "The lengths are an array of a length per stream, not null.",
        () -> pair.run(x, 3, null, y));
    refused(
        "'x' needs room for 24 values, but has 18.",
        () -> pair.run(x, 4, new int[2], new float[40]));
    refused(
        "The number of steps is 0 or more, but got a negative one.",
        () -> pair.run(x, -1, new int[2], y));
  }

  @Test
  void nothingAtAll() {
    refused(
        NullPointerException.class,
        "The input is an array or a segment, but got null.",
        () -> stream.step((float[]) null, new float[H]));
    refused(
        NullPointerException.class,
        "The output is an array or a segment, but got null.",
        () -> stream.step(heap(I), null));
  }

  @Test
  void statesOfAnotherSizeAndStreamsThatAreNotThere() {
    refused(
        "The state of a stream has 10 floats, but got an array of 9.",
        () -> stream.saveState(new float[9]));
    refused(
        "The state of a stream has 10 floats, but got an array of 11.",
        () -> stream.restoreState(new float[11]));
    refused("The stream 2 is not open; 2 others are.", () -> pair.reset(2));
    refused("The stream -1 is not open; 2 others are.", () -> pair.saveState(-1, new float[10]));
    refused("The stream 2 is not open; 2 others are.", () -> pair.restoreState(2, new float[10]));
    refused("The stream 2 is not open; 2 others are.", () -> pair.close(2));
  }

  @Test
  void subsetsThatAreNone() {
    float[] x = new float[2 * I];
    float[] y = new float[2 * H];
    refused(
        "A stream advances once at a time, but 1 was given twice.",
        () -> pair.advance(new int[] {1, 1}, x, y));
    refused("The stream 2 is not open; 2 others are.", () -> pair.advance(new int[] {0, 2}, x, y));
    refused(
        "The stream -1 is not open; 2 others are.",
        () -> pair.advance(new int[] {-1}, heap(I), heap(H)));
    refused(
        "'x' needs room for 6 values, but has 5.",
        () -> pair.advance(new int[] {1, 0}, new float[2 * I - 1], y));
    refused(
        "'y' needs room for 10 values, but has 9.",
        () -> pair.advance(new int[] {1, 0}, x, new float[2 * H - 1]));
    refused(
        "The network takes vectors of 3 floats, but got tokens.",
        () -> pair.advance(new int[] {1}, new int[] {0}, y));
    assertThatThrownBy(() -> pair.advance(null, x, y))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("Which streams advance is an array of numbers, but got null.");
    refused("Scratch is for 1 row or more, but got 0.", () -> dense.scratchBytes(0));
  }

  @Test
  void countsOfStreams() {
    for (int count : new int[] {-1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      refused(
          "Streams that are advanced together are 0 to 1000000, but got " + count + ".",
          () -> dense.newStreams(count));
    }
  }

  @Test
  void architecturesThatDoNotFit() {
    refused(
        "A cell needs an input size and a hidden size of 1 or more, but got 0 and 5 for LSTM.",
        () -> Cells.LSTM.of(0, 5));
    refused(
        "A cell needs an input size and a hidden size of 1 or more, but got 5 and -1 for RNN.",
        () -> Cells.RNN.of(5, -1));
    refused("A dense input needs a size of 1 or more, but got 0.", () -> new Input.Dense(0));
    refused("An embedding needs a size of 1 or more, but got 0.", () -> new Input.Embedding(1, 0));
    refused(
        "A network needs 1 layer or more, but got none.",
        () -> new Architecture(new Input.Dense(1), List.of(), 0));
    refused(
        "A network has 0 outputs (no head) or more, but got -1.",
        () -> new Architecture(new Input.Dense(1), List.of(Cells.RNN.of(1, 1)), -1));
    refused(
        "Layer 1 takes 6 inputs, but layer 0 gives 5.",
        () ->
            new Architecture(
                new Input.Dense(I), List.of(Cells.RNN.of(I, 5), Cells.LSTM.of(6, 5)), 0));
    refused(
        "Layer 0 takes 4 inputs, but the network's input gives 3.",
        () -> new Architecture(new Input.Dense(I), List.of(Cells.RNN.of(4, 5)), 0));
  }
}
