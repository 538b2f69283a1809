package io.cellbelt.propertytests.kernels;

import static io.cellbelt.propertytests.support.Allocations.checkNone;

import io.cellbelt.kernels.Kernels;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** Once warm, the checked kernels allocate nothing. */
@DisabledIfSystemProperty(
    named = "cellbelt.checkedSegments",
    matches = "true",
    disabledReason = "checked segments allocate a slice per access")
class KernelsAllocationTest {
  private static final int ROWS = 5;
  private static final int HIDDEN = 20;

  @Test
  void noKernelAllocates() {
    PanelMatrix w = PanelMatrix.allocate(new PanelShape(HIDDEN, 5, HIDDEN));
    try (Slab _ = w.slab();
        Arena arena = Arena.ofConfined();
        Kernels kernels = new Kernels(10_000)) {
      MemorySegment gates = arena.allocate((long) Float.BYTES * ROWS * 5 * HIDDEN);
      MemorySegment states = MemorySegment.ofArray(new float[ROWS * 2 * HIDDEN]);
      MemorySegment gradients = MemorySegment.ofArray(new float[ROWS * 2 * HIDDEN]);
      checkNone("sigmoid", () -> kernels.sigmoid(states, gates, HIDDEN));
      checkNone("tanh", () -> kernels.tanh(gates, gates, HIDDEN));
      checkNone("exp", () -> kernels.exp(gates, states, HIDDEN));
      checkNone("multiply", () -> kernels.multiply(states, ROWS, w, gates));
      checkNone("outer", () -> kernels.outer(states, gates, ROWS, w));
      checkNone("LSTM", () -> kernels.lstmForward(gates, states, ROWS, HIDDEN));
      checkNone("its gradient", () -> kernels.lstmBackward(gates, states, gradients, ROWS, HIDDEN));
      checkNone("RNN", () -> kernels.rnnForward(gates, states, ROWS, HIDDEN));
      checkNone("its gradient", () -> kernels.rnnBackward(gates, states, gradients, ROWS, HIDDEN));
    }
  }
}
