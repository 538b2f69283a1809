package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.cells.Cell;
import io.cellbelt.kernels.Kernels;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Tolerance;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The checked kernels over callers' memory. */
@Tag("any-width")
class KernelsProperties {
  private static final int WORKSPACE = 20_000;

  /** A copy in native memory at the given distance from a float's alignment. */
  private static MemorySegment segment(Arena arena, float[] values, int misaligned) {
    MemorySegment source = MemorySegment.ofArray(values);
    MemorySegment copy = arena.allocate(source.byteSize() + misaligned, 64).asSlice(misaligned);
    return copy.copyFrom(source);
  }

  private interface Elementwise {
    void run(Kernels kernels, MemorySegment x, MemorySegment y, long count);
  }

  @Property(tries = 30)
  void activationsFollowTheirFunctions(
      @ForAll @IntRange(max = 3) int misaligned,
      @ForAll @IntRange(min = 1, max = 300) int count,
      @ForAll @IntRange(min = 1, max = 200) int workspace,
      @ForAll long seed) {
    check(Kernels::sigmoid, x -> 1 / (1 + Math.exp(-x)), misaligned, count, workspace, seed);
    check(Kernels::tanh, Math::tanh, misaligned, count, workspace, seed);
    check(Kernels::exp, Math::exp, misaligned, count, workspace, seed);
  }

  private static void check(
      Elementwise kernel,
      DoubleUnaryOperator function,
      int misaligned,
      int count,
      int workspace,
      long seed) {
    float[] input = Floats.random(count, seed);
    float[] output = new float[count + 1];
    try (Arena arena = Arena.ofConfined();
        Kernels kernels = new Kernels(workspace)) {
      MemorySegment x = segment(arena, input, misaligned);
      kernel.run(kernels, x, MemorySegment.ofArray(output), count);
      for (int i = 0; i < count; i++) {
        double expected = function.applyAsDouble(input[i]);
        Tolerance.forward(1, 1).check(output[i], expected, "element " + i);
      }
      assertThat(output[count]).isZero();
      kernel.run(kernels, x, x, count);
      assertThat(x.mismatch(MemorySegment.ofArray(output))).isEqualTo(x.byteSize());
    }
  }

  @Property(tries = 30)
  void multiplyAndOuterFollowTheirSums(
      @ForAll @IntRange(min = 0, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 30) int inputs,
      @ForAll @IntRange(min = 1, max = 4) int blocks,
      @ForAll @IntRange(min = 1, max = 20) int size,
      @ForAll @IntRange(max = 3) int misaligned,
      @ForAll long seed) {
    int outputs = blocks * size;
    float[] weights = Floats.random(outputs * inputs, seed);
    float[] input = Floats.random(rows * inputs, seed + 1);
    float[] start = Floats.random(rows * outputs, seed + 2);
    double[] y = Floats.toDouble(start);
    double[] w = Floats.toDouble(weights);
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < outputs; j++) {
        for (int k = 0; k < inputs; k++) {
          y[r * outputs + j] += (double) input[r * inputs + k] * weights[j * inputs + k];
          w[j * inputs + k] += (double) input[r * inputs + k] * start[r * outputs + j];
        }
      }
    }
    PanelMatrix matrix = PanelMatrix.allocate(new PanelShape(inputs, blocks, size));
    try (Slab _ = matrix.slab();
        Arena arena = Arena.ofConfined();
        Kernels kernels = new Kernels(WORKSPACE)) {
      matrix.pack(weights);
      MemorySegment x = segment(arena, input, misaligned);
      float[] product = start.clone();
      kernels.multiply(x, rows, matrix, MemorySegment.ofArray(product));
      Tolerance.forward(inputs + 1, 1).check(product, y, "product");

      kernels.outer(x, segment(arena, start, misaligned), rows, matrix);
      matrix.unpack(weights);
      Tolerance.forward(rows + 1, 1).check(weights, w, "outer product");
    }
  }

  @Property(tries = 30)
  void cellsFollowTheirEquations(
      @ForAll Cells kind,
      @ForAll @IntRange(min = 1, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 40) int hidden,
      @ForAll long seed) {
    Cell cell = kind.of(1, hidden);
    int gates = cell.gates().length() * hidden;
    int blocks = gates + cell.pointwise().saved() * hidden;
    int states = cell.states() * hidden;
    float[] a = Floats.random(rows * blocks, seed);
    float[] before = Floats.random(rows * states, seed + 1);
    float[] after = before.clone();
    float[] d = Floats.random(rows * states, seed + 2);
    try (Kernels kernels = new Kernels(WORKSPACE)) {
      Expected expected = new Expected(cell, rows, a, blocks, before, d);
      MemorySegment activations = MemorySegment.ofArray(a);
      MemorySegment state = MemorySegment.ofArray(after);
      MemorySegment previous = MemorySegment.ofArray(before);
      MemorySegment gradient = MemorySegment.ofArray(d);
      switch (kind) {
        case LSTM -> kernels.lstmForward(activations, state, rows, hidden);
        case RNN -> kernels.rnnForward(activations, state, rows, hidden);
      }
      expected.forward();
      expected.check(a, after, null, Tolerance.forward(1, 1));
      switch (kind) {
        case LSTM -> kernels.lstmBackward(activations, previous, gradient, rows, hidden);
        case RNN -> kernels.rnnBackward(activations, previous, gradient, rows, hidden);
      }
      expected.backward();
      expected.check(a, after, d, Tolerance.backward(1, 1));
    }
  }

  /** The same in double, row by row. */
  private record Expected(
      Cell cell,
      int blocks,
      double[][] a,
      double[][][] before,
      double[][][] after,
      double[][][] d) {
    Expected(Cell cell, int rows, float[] a, int blocks, float[] before, float[] d) {
      this(
          cell,
          blocks,
          new double[rows][cell.gates().length() * cell.hiddenSize()],
          new double[rows][cell.states()][cell.hiddenSize()],
          new double[rows][cell.states()][cell.hiddenSize()],
          new double[rows][cell.states()][cell.hiddenSize()]);
      int h = cell.hiddenSize();
      for (int r = 0; r < rows; r++) {
        System.arraycopy(Floats.toDouble(a), r * blocks, this.a[r], 0, this.a[r].length);
        for (int s = 0; s < cell.states(); s++) {
          int from = (r * cell.states() + s) * h;
          System.arraycopy(Floats.toDouble(before), from, this.before[r][s], 0, h);
          System.arraycopy(Floats.toDouble(d), from, this.d[r][s], 0, h);
        }
      }
    }

    void forward() {
      for (int r = 0; r < a.length; r++) {
        cell.reference().forward(a[r], before[r], after[r]);
      }
    }

    void backward() {
      for (int r = 0; r < a.length; r++) {
        cell.reference().backward(a[r], before[r], after[r], d[r]);
      }
    }

    void check(float[] gates, float[] states, float[] gradients, Tolerance tolerance) {
      for (int r = 0; r < a.length; r++) {
        for (int j = 0; j < a[r].length; j++) {
          tolerance.check(gates[r * blocks + j], a[r][j], "gate value " + j);
        }
        for (int s = 0; s < cell.states(); s++) {
          for (int j = 0; j < cell.hiddenSize(); j++) {
            int at = (r * cell.states() + s) * cell.hiddenSize() + j;
            tolerance.check(states[at], after[r][s][j], "state " + s);
            if (gradients != null) {
              tolerance.check(gradients[at], d[r][s][j], "gradient of state " + s);
            }
          }
        }
      }
    }
  }

  private static MemorySegment heap(int floats) {
    return MemorySegment.ofArray(new float[floats]);
  }

  private static void refused(
      Class<? extends Throwable> type, String sentence, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(type).hasMessageContaining(sentence);
  }

  /** A call that is refused must not count as a use that never ended. */
  @Example
  void badInputIsASentenceAndTheKernelsWorkOn() {
    PanelMatrix matrix = PanelMatrix.allocate(new PanelShape(3, 2, 4));
    PanelMatrix closed = PanelMatrix.allocate(new PanelShape(3, 2, 4));
    closed.slab().close();
    Class<IllegalArgumentException> illegal = IllegalArgumentException.class;
    try (Slab _ = matrix.slab();
        Kernels kernels = new Kernels(200)) {
      refused(illegal, "'x' needs room for 5", () -> kernels.tanh(heap(4), heap(5), 5));
      refused(illegal, "'y' needs room for 5", () -> kernels.exp(heap(5), heap(4), 5));
      refused(illegal, "0 or more, but got -1", () -> kernels.sigmoid(heap(1), heap(1), -1));
      refused(illegal, "read-only", () -> kernels.tanh(heap(1), heap(1).asReadOnly(), 1));
      refused(
          illegal, "'x' needs room for 6", () -> kernels.multiply(heap(5), 2, matrix, heap(16)));
      refused(
          illegal, "'y' needs room for 16", () -> kernels.multiply(heap(6), 2, matrix, heap(9)));
      refused(illegal, "'g' needs room for 16", () -> kernels.outer(heap(6), heap(9), 2, matrix));
      refused(illegal, "rows is 0 or more", () -> kernels.multiply(heap(6), -1, matrix, heap(9)));
      refused(
          illegal, "open some with more", () -> kernels.multiply(heap(99), 9, matrix, heap(99)));
      refused(illegal, "hidden size is 1 to", () -> kernels.rnnForward(heap(1), heap(1), 1, 0));
      refused(illegal, "'gates' needs room", () -> kernels.lstmForward(heap(9), heap(4), 1, 2));
      refused(illegal, "'states' needs room", () -> kernels.lstmForward(heap(10), heap(3), 1, 2));
      refused(
          illegal,
          "'dStates' needs room for 4",
          () -> kernels.lstmBackward(heap(10), heap(4), heap(3), 1, 2));
      refused(
          IllegalStateException.class,
          "is closed; open another one",
          () -> kernels.multiply(heap(6), 2, closed, heap(16)));
      refused(
          IllegalStateException.class,
          "is closed; open another one",
          () -> kernels.outer(heap(6), heap(16), 2, closed));
      refused(NullPointerException.class, "", () -> kernels.multiply(heap(6), 2, null, heap(16)));
      refused(NullPointerException.class, "'x' is a segment", () -> kernels.exp(null, heap(1), 1));
      kernels.multiply(heap(6), 2, matrix, heap(16));
    }
  }

  @Example
  void workspacesOfImpossibleSizesAreRefused() {
    for (int floats : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      refused(
          IllegalArgumentException.class,
          "floats, but got " + floats,
          () -> new Kernels(floats).close());
    }
  }

  @Example
  void closedKernelsAreClosed() {
    Kernels kernels = new Kernels(1);
    kernels.close();
    kernels.close();
    refused(
        IllegalStateException.class,
        "The kernels' workspace is closed",
        () -> kernels.tanh(heap(1), heap(1), 1));
  }
}
