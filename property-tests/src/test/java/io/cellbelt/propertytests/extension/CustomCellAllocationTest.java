package io.cellbelt.propertytests.extension;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Input;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Stream;
import io.cellbelt.propertytests.support.Allocations;
import io.cellbelt.propertytests.support.Nets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** A custom cell's steps allocate nothing where its vectors are as wide as the processor's. */
@DisabledIfSystemProperty(
    named = "cellbelt.checkedSegments",
    matches = "true",
    disabledReason = "checked segments allocate a slice per access")
class CustomCellAllocationTest {
  @Test
  void stepsAllocateNothing() {
    Architecture rich =
        new Architecture(new Input.Dense(4), List.of(new RichCell(4), new RichCell(4)), 3);
    for (Architecture architecture : List.of(ExtensionPointTest.STACK, rich)) {
      try (Network network = Nets.network(architecture, 1);
          Stream stream = network.newStream()) {
        float[] x = new float[4];
        float[] y = new float[3];
        Allocations.checkNone(architecture.toString(), () -> stream.step(x, y));
      }
    }
  }
}
