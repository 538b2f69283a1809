package io.cellbelt.propertytests.extension;

import static io.cellbelt.propertytests.extension.AnyCell.group;
import static io.cellbelt.propertytests.extension.AnyCell.schedule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.Loss;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Activation;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Block;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Row;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Step;
import io.cellbelt.propertytests.extension.AnyCell.Passes;
import io.cellbelt.propertytests.support.Nets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A custom kernel stays within its row, or gets a sentence, and the stream steps on. */
@Tag("any-width")
class CustomKernelTest {
  private static Architecture with(Consumer<Row> forward) {
    return Architecture.of(AnyCell.of(forward));
  }

  /** A step with a kernel that does something wrong: a sentence, and the stream steps on. */
  private static void refusedInAStep(
      Class<? extends Exception> type, String sentence, Consumer<Row> wrong) {
    boolean[] misused = {true};
    Architecture architecture =
        with(
            row -> {
              row.next(0).add(row.gate(0)).add(0, 1);
              if (misused[0]) {
                wrong.accept(row);
              }
            });
    long before = Slab.allocated();
    try (Network network = Nets.network(architecture, 1);
        Stream stream = network.newStream()) {
      float[] x = {1, 2, 3};
      float[] y = new float[5];
      float[] state = new float[5];
      misused[0] = false;
      stream.step(x, y);
      stream.saveState(state);
      misused[0] = true;
      assertThatThrownBy(() -> stream.step(x, new float[5]))
          .isInstanceOf(type)
          .hasMessageContaining(sentence);
      assertThatThrownBy(() -> stream.run(new float[90], 30, new float[150]))
          .isInstanceOf(type)
          .hasMessageContaining(sentence);
      float[] after = new float[5];
      stream.saveState(after);
      assertThat(after).isEqualTo(state);
      misused[0] = false;
      stream.step(x, y);
    }
    assertThat(Slab.allocated()).isEqualTo(before);
  }

  @Test
  void aKernelStaysWithinItsRow() {
    Class<IndexOutOfBoundsException> outside = IndexOutOfBoundsException.class;
    Class<IllegalStateException> state = IllegalStateException.class;
    Class<IllegalArgumentException> size = IllegalArgumentException.class;
    Class<NullPointerException> missing = NullPointerException.class;
    refusedInAStep(outside, "has 1 gates", row -> row.gate(1));
    refusedInAStep(outside, "asked for -1", row -> row.gate(-1));
    refusedInAStep(outside, "has 1 saved blocks", row -> row.saved(1));
    refusedInAStep(outside, "has 1 states", row -> row.previous(7));
    refusedInAStep(outside, "has 0 lists", row -> row.vector(0, 0));
    refusedInAStep(outside, "floats 0 to 4 in gate 0", row -> row.gate(0).get(5));
    refusedInAStep(outside, "but got -1", row -> row.gate(0).set(-1, 0));
    refusedInAStep(outside, "but got 16", row -> row.gate(0).add(16, 0));
    refusedInAStep(state, "only reads state 0 at t-1", row -> row.previous(0).fill(1));
    refusedInAStep(state, "only reads state 0 at t-1", row -> row.previous(0).add(row.gate(0)));
    refusedInAStep(state, "Gradients are there in backward", row -> row.dState(0));
    refusedInAStep(state, "Gradients are there in backward", row -> row.dVector(0, 0));
    refusedInAStep(state, "implement readsInput()", Row::x);
    refusedInAStep(state, "implement readsMemoryBelow()", Row::below);
    refusedInAStep(state, "implement clock()", Row::clock);
    refusedInAStep(missing, "block, but got null", row -> row.gate(0).multiply(null));
    refusedInAStep(missing, "activation, but got null", row -> row.gate(0).apply(null));
    refusedInAStep(
        size,
        "fine, I have had enough",
        row -> {
          throw new IllegalArgumentException("fine, I have had enough");
        });
  }

  @Test
  void aClockCountsTheSteps() {
    AnyCell cell = AnyCell.of(row -> row.next(0).set(0, row.clock()));
    cell.clock = 3;
    try (Network network = Nets.network(Architecture.of(cell), 1);
        Stream stream = network.newStream()) {
      float[] y = new float[25];
      stream.run(new float[15], 5, y);
      assertThat(new float[] {y[0], y[5], y[10], y[15], y[20]}).containsExactly(0, 1, 2, 0, 1);
      stream.step(new float[3], y);
      assertThat(y[0]).isEqualTo(2);
    }
  }

  @Test
  void operandsHaveTheSameLength() {
    AnyCell cell = new AnyCell();
    cell.schedule =
        () ->
            schedule(List.of(group("a", 5, Schedule.input()), group("b", 6, Schedule.input())), 5);
    cell.kernel = new Passes(row -> row.gate(0).multiply(row.gate(1)), row -> {}, 1, 0);
    try (Network network = Nets.network(Architecture.of(cell), 1);
        Stream stream = network.newStream()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream.step(new float[3], new float[5]))
          .withMessageContaining("Operands of gate 0 have its 5 floats, but gate 1 has 6");
    }
  }

  @Test
  void blocksAreOfNoUseOutsideTheirCallOrToAnotherThread() {
    List<Block> kept = new ArrayList<>();
    AtomicReference<Throwable> other = new AtomicReference<>();
    Architecture architecture =
        with(
            row -> {
              kept.add(row.gate(0));
              Thread thread = new Thread(() -> row.gate(0).fill(1));
              thread.setUncaughtExceptionHandler((t, e) -> other.set(e));
              thread.start();
              try {
                thread.join();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    try (Network network = Nets.network(architecture, 1);
        Stream stream = network.newStream()) {
      stream.step(new float[3], new float[5]);
    }
    String sentence = "from the thread of the call";
    assertThat(other.get())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(sentence);
    for (ThrowingCallable use :
        List.<ThrowingCallable>of(
            () -> kept.getFirst().fill(1),
            () -> kept.getFirst().get(0),
            () -> kept.getFirst().set(0, 1),
            () -> kept.getFirst().add(0, 1),
            () -> kept.getFirst().apply(Activation.TANH))) {
      assertThatThrownBy(use)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(sentence);
    }
  }

  /** Weights are as they were, and training goes on. */
  @Test
  void anExceptionInBackwardEndsAnUpdateAndNothingElse() {
    boolean[] fails = {true};
    AnyCell cell = new AnyCell();
    cell.kernel =
        new Passes(
            row -> row.next(0).copy(row.gate(0)),
            row -> {
              if (fails[0]) {
                row.dx();
              }
              row.gate(0).copy(row.dState(0));
            },
            1,
            0);
    Batch batch = Batch.ofVectors(3, true, new float[18], new float[30]);
    long before = Slab.allocated();
    Weights weights = Weights.random(Architecture.of(cell), 1);
    try (Trainer trainer =
        new Trainer(
            weights, new Trainer.Options(2, 3, Loss.MEAN_SQUARED_ERROR, Adam.of(0.01), 1))) {
      assertThatThrownBy(() -> trainer.update(batch))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("implement readsInput()");
      Weights after = trainer.snapshot();
      weights.values().forEach((n, v) -> assertThat(after.values().get(n)).isEqualTo(v));
      fails[0] = false;
      assertThat(trainer.update(batch)).isEqualTo(trainer.evaluate(batch), within(0.1));
    }
    assertThat(Slab.allocated()).isEqualTo(before);
  }

  /** A sigmoid and a fill leave padding that is not zero, and a scale what is nearly nothing. */
  @Test
  void whatAKernelLeavesBehindABlockSpoilsNothing() {
    AnyCell cell = new AnyCell();
    cell.kernel =
        new Passes(
            row -> row.next(0).copy(row.gate(0).apply(Activation.SIGMOID)).set(0, 1e-32f),
            row -> {
              assertThat(row.dState(0).get(1)).isZero();
              row.gate(0).fill(1);
              row.dState(0).fill(1);
            },
            1,
            0);
    try (ParameterSlab parameters = new ParameterSlab(Architecture.of(cell));
        Unrolled tape = new Unrolled(parameters, 1, 2);
        Slab gradients = Slab.allocate(1000)) {
      Track track = tape.tracks(0)[0];
      tape.forward(1);
      checkRows(tape.slab(), tape.index(track.states(1)), track.rows().stateRow(), 0, 0.5f);

      Step step = track.step();
      step.dStates = gradients.address();
      gradients.set(1, 1e-32f);
      track.pointwise().backward(0, track.rows(), step);
      checkRows(gradients, 0, track.rows().stateRow(), 1, 1);
      checkRows(tape.slab(), tape.index(track.gates(0)), track.rows().gateRow(), 1, 1);
    }
  }

  /** Two rows of a first float, four others, and zeros. */
  private static void checkRows(Slab slab, long at, long rowBytes, float first, float others) {
    for (int row = 0; row < 2; row++) {
      float[] floats = new float[16];
      slab.get(at + row * rowBytes / Float.BYTES, floats, 0, 16);
      float[] expected = new float[16];
      Arrays.fill(expected, 0, 5, others);
      expected[0] = first;
      assertThat(floats).isEqualTo(expected);
    }
  }
}
