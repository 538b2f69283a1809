package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Input;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The order of calls, and bad input. */
class BpttTest {
  private static final int STEPS = 3;
  private static final int BATCH = 2;
  private static final int I = 4;
  private static final int H = 5;
  private static final int VOCABULARY = 7;
  private static final int STATE = 2 * H;
  private static final String NO_FORWARD =
      "There is no forward pass to go back through; each one serves once, so run another.";

  private static final Architecture DENSE = Architecture.of(Cells.LSTM.of(I, H));
  private static final Architecture TOKENS =
      new Architecture(new Input.OneHot(VOCABULARY), List.<Cell>of(Cells.RNN.of(VOCABULARY, H)), 0);

  private final Bptt bptt = new Bptt(Training.weights(DENSE, 1), STEPS, BATCH);
  private final Bptt tokens = new Bptt(Training.weights(TOKENS, 1), STEPS, BATCH);
  private final Feed feed = Feed.random(DENSE, STEPS, BATCH, 1);
  private final float[] y = feed.newOutput();

  @AfterEach
  void close() {
    bptt.close();
    tokens.close();
  }

  private static void refused(String sentence, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
  }

  private static void outOfOrder(String sentence, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IllegalStateException.class).hasMessage(sentence);
  }

  @Test
  void eachForwardPassIsGoneBackThroughOnce() {
    outOfOrder(NO_FORWARD, () -> bptt.backward(y));
    Training.forward(bptt, feed);
    bptt.backward(y);
    outOfOrder(NO_FORWARD, () -> bptt.backward(y));
    Training.forward(bptt, feed);
    bptt.backward(y);
  }

  @Test
  void gradientsOfInputsAndStatesNeedABackwardPass() {
    Training.forward(bptt, feed);
    outOfOrder("There is no gradient yet; call backward first.", bptt::inputGradient);
    outOfOrder(
        "There is no gradient yet; call backward first.", () -> bptt.initialStateGradient(0));
    bptt.backward(y);
    assertThat(bptt.inputGradient()).hasSize(STEPS * BATCH * I);
    assertThat(bptt.initialStateGradient(1)).hasSize(STATE);
    outOfOrder("Tokens have no gradient; only vector inputs do.", tokens::inputGradient);
  }

  /** A state for passes to come must not get into the one that is on the tape. */
  @Test
  void aNewInitialStateSpoilsNoGradient() {
    float[] dy = Training.forward(bptt, feed);
    bptt.backward(dy);
    var expected = bptt.gradients();
    bptt.clearGradients();
    Training.forward(bptt, feed);
    bptt.initialState(0, Training.state(DENSE, 3));
    outOfOrder(NO_FORWARD, () -> bptt.backward(dy));
    bptt.initialState(0, new float[STATE]);
    Training.forward(bptt, feed);
    bptt.backward(dy);
    Training.checkSame(bptt.gradients(), expected);
  }

  @Test
  void badSizesAreSentences() {
    refused(
        "Backpropagation needs 1 step and 1 sequence or more, but got 0 and 1.",
        () -> new Bptt(Training.weights(DENSE, 1), 0, 1));
    refused(
        "Backpropagation needs 1 step and 1 sequence or more, but got 1 and -1.",
        () -> new Bptt(Training.weights(DENSE, 1), 1, -1));
    refused(
        "There is room for 1 to 3 steps, but got 4.", () -> bptt.forward(feed.x(), STEPS + 1, y));
    refused("There is room for 1 to 3 steps, but got 0.", () -> bptt.forward(feed.x(), 0, y));
    refused(
        "'x' needs 16 values, time-major, but got 24.",
        () -> bptt.forward(feed.x(), 2, new float[2 * BATCH * H]));
    refused(
        "'y' needs 30 values, time-major, but got 29.",
        () -> bptt.forward(feed.x(), STEPS, new float[29]));
    refused(
        "The network takes vectors, but got the other.",
        () -> bptt.forward(new int[STEPS * BATCH], STEPS, y));
    refused(
        "The network takes tokens, but got the other.", () -> tokens.forward(feed.x(), STEPS, y));
    refused(
        "The tokens are 0 to 6, but got 7 at index 1.",
        () -> tokens.forward(new int[] {0, 7}, 1, new float[BATCH * H]));
    refused(
        "The tokens are 0 to 6, but got -1 at index 0.",
        () -> tokens.forward(new int[] {-1, 0}, 1, new float[BATCH * H]));
    refused(
        "'state' needs 10 values, time-major, but got 5.",
        () -> bptt.initialState(0, new float[H]));
    refused("There are sequences 0 to 1, but got 2.", () -> bptt.initialState(2, new float[STATE]));
    refused("There are sequences 0 to 1, but got -1.", () -> bptt.initialStateGradient(-1));
  }

  @Test
  void afterABadCallTheGoodOneWorks() {
    Training.forward(bptt, feed);
    refused("'dy' needs 30 values, time-major, but got 1.", () -> bptt.backward(new float[1]));
    bptt.backward(y);
    assertThat(bptt.gradients()).hasSize(3);
  }
}
