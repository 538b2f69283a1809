package io.cellbelt.propertytests.cells;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Streams;
import io.cellbelt.propertytests.support.Allocations;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Nets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Once warm, steps allocate nothing, whatever else the JVM has run. */
@DisabledIfSystemProperty(
    named = "cellbelt.checkedSegments",
    matches = "true",
    disabledReason = "checked segments allocate a slice per access")
class AllocationTest {
  private static final int RUN = 5;
  private static final int STREAMS = 3;

  private static List<Architecture> architectures(Cells kind) {
    return List.of(
        Architecture.of(kind.of(7, 33)),
        new Architecture(new Input.Dense(32), List.of(kind.of(32, 64), kind.of(64, 20)), 10),
        new Architecture(new Input.OneHot(30), List.of(kind.of(30, 17)), 30),
        new Architecture(new Input.Embedding(50, 9), List.of(kind.of(9, 40)), 0));
  }

  /** Every way to advance one network. */
  private static final class Driver implements AutoCloseable {
    private final Architecture architecture;
    private final Network network;
    private final Stream stream;
    private final Streams streams;
    private final Feed one;
    private final Feed several;
    private final Feed together;
    private final Arena arena = Arena.ofShared();

    Driver(Architecture architecture) {
      this.architecture = architecture;
      network = Nets.network(architecture, 1);
      stream = network.newStream();
      streams = network.newStreams(STREAMS);
      one = Feed.random(architecture, 1, 1, 1);
      several = Feed.random(architecture, RUN, 1, 2);
      together = Feed.random(architecture, 1, STREAMS, 3);
    }

    void check() {
      float[] y = several.newOutput();
      float[] ys = together.newOutput();
      if (one.x() == null) {
        check("step of a token", () -> stream.step(one.tokens()[0], y));
        check("run of tokens", () -> stream.run(several.tokens(), y));
        check("step of streams", () -> streams.step(together.tokens(), ys));
      } else {
        MemorySegment heap = MemorySegment.ofArray(one.x());
        MemorySegment output = arena.allocate((long) Float.BYTES * architecture.outputSize());
        check("step of an array", () -> stream.step(one.x(), y));
        check("step of a heap and a native segment", () -> stream.step(heap, output));
        check("run", () -> stream.run(several.x(), RUN, y));
        check("step of streams", () -> streams.step(together.x(), ys));
      }
    }

    private void check(String what, Runnable call) {
      Allocations.checkNone(what + " through " + architecture, call);
    }

    @Override
    public void close() {
      stream.close();
      streams.close();
      network.close();
      arena.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void noWayOfSteppingAllocates(Cells kind) {
    for (Architecture architecture : architectures(kind)) {
      try (Driver driver = new Driver(architecture)) {
        driver.check();
      }
    }
  }

  /** Call sites that have seen every kind of cell, input and memory are compiled differently. */
  @Test
  void norDoesItAmongAllOthers() {
    List<Driver> drivers = new ArrayList<>();
    for (Cells kind : Cells.values()) {
      architectures(kind).forEach(architecture -> drivers.add(new Driver(architecture)));
    }
    drivers.forEach(Driver::check);
    drivers.forEach(Driver::check);
    drivers.forEach(Driver::close);
  }
}
