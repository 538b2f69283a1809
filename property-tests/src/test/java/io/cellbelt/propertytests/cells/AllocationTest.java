package io.cellbelt.propertytests.cells;

import io.cellbelt.cells.Architecture;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Driver;
import io.cellbelt.propertytests.support.Driver.Way;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
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

  /** Rounds of all ways in random order, and the most calls of a way in a round. */
  private static final int ROUNDS = 20;

  private static final int CALLS = 40;

  @ParameterizedTest
  @EnumSource
  void noWayOfSteppingAllocates(Cells kind) {
    for (Architecture architecture : Driver.architectures(kind)) {
      try (Driver driver = new Driver(architecture, WeightFormat.F32, RUN, STREAMS)) {
        driver.ways().forEach(Way::checkNoAllocation);
      }
    }
  }

  /**
   * Call sites that have seen many kinds of cell, input, memory, format and number of rows are
   * compiled differently.
   */
  @Test
  @Tag("slow")
  void norDoesAnyAmongAllOthers() {
    Random random = new Random(1);
    List<Driver> drivers = new ArrayList<>();
    for (Cells kind : Cells.FEW) {
      for (Architecture architecture : Driver.architectures(kind)) {
        for (WeightFormat format : WeightFormat.values()) {
          drivers.add(
              new Driver(architecture, format, random.nextInt(2, 13), random.nextInt(1, 13)));
        }
      }
    }
    List<Way> ways = new ArrayList<>();
    drivers.forEach(driver -> ways.addAll(driver.ways()));
    interleave(ways, random);
    ways.forEach(Way::checkNoAllocation);
    ways.forEach(Way::checkNoAllocation);
    drivers.forEach(Driver::close);
  }

  private static void interleave(List<Way> ways, Random random) {
    for (int round = 0; round < ROUNDS; round++) {
      Collections.shuffle(ways, random);
      for (Way way : ways) {
        for (int calls = random.nextInt(CALLS); calls > 0; calls--) {
          way.call().run();
        }
      }
    }
  }
}
