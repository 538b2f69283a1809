package io.cellbelt.propertytests.extension;

import static io.cellbelt.propertytests.extension.AnyCell.group;
import static io.cellbelt.propertytests.extension.AnyCell.schedule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Layer;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Readout;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Product;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.cells.Schedule.Vectors;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.kernels.Slab;
import io.cellbelt.propertytests.extension.AnyCell.Passes;
import io.cellbelt.propertytests.support.Nets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a custom cell says about itself is read once and checked: else a sentence. */
@Tag("any-width")
class RefusedCellTest {
  private static final Product W = Schedule.input();
  private static final Product U = Schedule.recurrent();

  private static void refused(String sentence, Consumer<AnyCell> change) {
    AnyCell cell = new AnyCell();
    change.accept(cell);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layer.of(cell))
        .withMessageContaining(sentence)
        .withMessageContaining(AnyCell.class.getName());
  }

  @Test
  void numbersOfACellAreCheckedByItsLayer() {
    Product saved = new Product("weight_hh", new Source.Saved(0, 1), 1);
    refused("names its kind", cell -> cell.kind = null);
    refused("names its kind", cell -> cell.kind = "a.b");
    refused("input size of 1 to", cell -> cell.inputSize = -3);
    refused("hidden size of 1 to", cell -> cell.hiddenSize = Integer.MAX_VALUE);
    refused("returns null from schedule()", cell -> cell.schedule = () -> null);
    refused("returns null from kernel()", cell -> cell.kernel = null);
    refused(
        "kernel's saved() is 1",
        cell -> cell.schedule = () -> schedule(List.of(group("a", 5, W, saved)), 5));
    refused("stages() is 2", cell -> cell.kernel = new Passes(null, null, 2, 0));
    refused("stages() is 0", cell -> cell.kernel = new Passes(null, null, 0, 0));
    refused("saved() is -1", cell -> cell.kernel = new Passes(null, null, 1, -1));
    refused("saved() is 2147483647", cell -> cell.kernel = new Passes(null, null, 1, 2147483647));
    refused(
        "sources of one length",
        cell ->
            cell.schedule =
                () ->
                    schedule(
                        List.of(
                            group("a", 5, new Product("m", new Source.X(), 0)),
                            group("b", 5, new Product("m", new Source.State(0), 0))),
                        5));
    refused("clock of 0", cell -> cell.clock = -1);
    refused("clock of 0", cell -> cell.clock = 1 << 25);
    refused(
        "has a clock, so that each group",
        cell -> {
          cell.clock = 2;
          cell.schedule = () -> Schedule.simple("ab", 5, 1);
        });
    refused(
        "has a clock, so that U",
        cell -> {
          cell.clock = 2;
          cell.schedule = () -> schedule(List.of(group("a", 5, W, U)), 7);
        });
  }

  @Test
  void outputsAreThoseOfTheSchedule() {
    AnyCell liar =
        new AnyCell() {
          @Override
          public int outputSize() {
            return 500;
          }
        };
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layer.of(liar))
        .withMessageContaining("leave outputSize() and stateSize() to the schedule");
  }

  @Test
  void schedulesFitTogether() {
    List<ThrowingCallable> wrong =
        List.of(
            () -> new Schedule(null, List.of(), List.of(5), 1, 0, -1),
            () -> new Schedule(List.of(), List.of(), List.of(5), 1, 0, -1),
            () -> new Schedule(Arrays.asList((Group) null), List.of(), List.of(5), 1, 0, -1),
            () -> new Schedule(List.of(group("a", 5, W)), null, List.of(5), 1, 0, -1),
            () -> schedule(List.of(group("a", 5, W))),
            () -> schedule(List.of(group("a", 5, W)), 0),
            () -> schedule(List.of(group("a", 5, W)), Integer.MAX_VALUE),
            () -> schedule(List.of(group("a", 5, W), group("a", 5, U)), 5),
            () -> schedule(List.of(group("a", 5, new Product("u", new Source.State(1), 0))), 5, 5),
            () -> new Schedule(List.of(group("a", 5, W)), List.of(), List.of(5), 2, 0, -1),
            () -> new Schedule(List.of(group("a", 5, W)), List.of(), List.of(5), 1, 1, -1),
            () -> new Schedule(List.of(group("a", 5, W)), List.of(), List.of(5), 1, 0, 1),
            () ->
                new Schedule(
                    List.of(group("a", 5, W)),
                    List.of(new Vectors("weight_ih", "p", 0)),
                    List.of(5),
                    1,
                    0,
                    -1),
            () -> group("", 5, W),
            () -> group(null, 5, W),
            () -> group("a", 0, W),
            () -> group("a", 5),
            () -> group("a", 5, W, W),
            () -> new Product(null, new Source.X(), 0),
            () -> new Product("bias", new Source.X(), 0),
            () -> new Product("w", null, 0),
            () -> new Product("w", new Source.X(), 1),
            () -> new Product("w", new Source.Saved(0, 1), 0),
            () -> new Product("w", new Source.State(0), -1),
            () -> new Source.State(-1),
            () -> new Source.Saved(0, 0),
            () -> new Vectors("v", "", 0),
            () -> new Vectors("v", "a", Float.NaN),
            () -> Schedule.simple("a", 5, 0),
            () -> Schedule.simple("a", 5, Integer.MAX_VALUE));
    for (int i = 0; i < wrong.size(); i++) {
      assertThatThrownBy(wrong.get(i))
          .as("wrong schedule %s", i)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith(".");
    }
  }

  @Test
  void sizesThatOverflowAreASentence() {
    AnyCell huge = new AnyCell();
    huge.hiddenSize = 1 << 28;
    huge.schedule = () -> schedule(List.of(group("ab", 1 << 28, W)), 1 << 28);
    huge.inputSize = 1;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layer.of(huge))
        .withMessageContaining("A row of a block holds 0 to");
    AnyCell product = new AnyCell();
    product.inputSize = 1 << 20;
    product.hiddenSize = 1 << 20;
    product.schedule = () -> Schedule.simple("a", 1 << 20, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Layer.of(product))
        .withMessageContaining("fewer than 2^31 floats");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.of(new Lstm(1, 1 << 20)))
        .withMessageContaining("fewer than 2^31 floats");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.of(new Lstm(1 << 30, 1 << 30)))
        .withMessageContaining("A gate has 1 to");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Architecture(
                    new Input.Embedding(1 << 20, 1 << 20), List.of(new Rnn(1 << 20, 2)), 1))
        .withMessageContaining("fewer than 2^31 floats");
  }

  /** What is asked for later is what was asked for at first. */
  @Test
  void aCellThatChangesItsMindIsTakenAtItsFirstWord() {
    AtomicInteger asked = new AtomicInteger();
    AnyCell fickle =
        new AnyCell() {
          @Override
          public int hiddenSize() {
            return asked.getAndIncrement() == 0 ? 5 : 5000;
          }
        };
    fickle.schedule = () -> Schedule.simple("a", asked.get() < 3 ? 5 : 5000, 1);
    fickle.kernel = new Passes(row -> row.next(0).copy(row.gate(0)), row -> {}, 1, 0);
    Architecture architecture =
        new Architecture(new Input.Dense(3), List.of(Layer.of(fickle)), Readout.NONE);
    assertThat(architecture.layers().getFirst().cell()).isSameAs(fickle);
    assertThat(architecture.outputSize()).isEqualTo(5);
    asked.set(100);
    try (Network network = Nets.network(architecture, 1);
        Streams streams = network.newStreams(2)) {
      float[] y = new float[20];
      streams.run(new float[12], 2, y);
      assertThat(y).hasSize(20);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 6, Integer.MAX_VALUE})
  void moreActiveUnitsThanThereAreAreASentence(int active) {
    AnyCell cell = new AnyCell();
    cell.clock = 2;
    cell.active = active;
    long before = Slab.allocated();
    try (Network network = Nets.network(Architecture.of(cell), 1);
        Stream stream = network.newStream()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stream.step(new float[3], new float[5]))
          .withMessageContaining("0 to 5 active units");
    }
    assertThat(Slab.allocated()).isEqualTo(before);
  }
}
