package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.reference.ReferenceNetwork;
import io.cellbelt.kernels.Kernels;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Tolerance;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
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
      @ForAll boolean lstm,
      @ForAll @IntRange(min = 1, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 40) int hidden,
      @ForAll long seed) {
    int gates = (lstm ? 4 : 1) * hidden;
    int blocks = (lstm ? 5 : 1) * hidden;
    int states = (lstm ? 2 : 1) * hidden;
    float[] a = Floats.random(rows * blocks, seed);
    float[] before = Floats.random(rows * states, seed + 1);
    float[] after = before.clone();
    float[] d = Floats.random(rows * states, seed + 2);
    Cell cell = lstm ? new Lstm(gates, hidden) : new Rnn(gates, hidden);
    Expected[] expected = new Expected[rows];
    for (int r = 0; r < rows; r++) {
      expected[r] =
          Expected.of(
              cell, row(a, r, rows, gates), row(before, r, rows, states), row(d, r, rows, states));
    }
    try (Kernels kernels = new Kernels(WORKSPACE)) {
      MemorySegment activations = MemorySegment.ofArray(a);
      MemorySegment state = MemorySegment.ofArray(after);
      MemorySegment previous = MemorySegment.ofArray(before);
      MemorySegment gradient = MemorySegment.ofArray(d);
      if (lstm) {
        kernels.lstmForward(activations, state, rows, hidden);
      } else {
        kernels.rnnForward(activations, state, rows, hidden);
      }
      for (int r = 0; r < rows; r++) {
        Tolerance.forward(1, 1).check(row(after, r, rows, states), expected[r].after, "states");
      }
      if (lstm) {
        kernels.lstmBackward(activations, previous, gradient, rows, hidden);
      } else {
        kernels.rnnBackward(activations, previous, gradient, rows, hidden);
      }
      Tolerance tolerance = Tolerance.backward(1, 1);
      for (int r = 0; r < rows; r++) {
        tolerance.check(row(a, r, rows, gates), expected[r].gradients.x(), "gradients of gates");
        tolerance.check(
            row(d, r, rows, states), expected[r].gradients.initial(), "gradients of states");
      }
    }
  }

  /** The start of a row of {@code [rows, any]}. */
  private static float[] row(float[] values, int row, int rows, int length) {
    int from = row * (values.length / rows);
    return Arrays.copyOfRange(values, from, from + length);
  }

  /** One step in double: W is the identity, so that x is what the gates sum up to, and U is 0. */
  private record Expected(double[] after, ReferenceNetwork.Gradients gradients) {
    static Expected of(Cell cell, float[] gates, float[] before, float[] d) {
      Architecture architecture = Architecture.of(cell);
      Map<String, double[]> values = new LinkedHashMap<>();
      for (Parameter parameter : architecture.parameters()) {
        values.put(parameter.name(), new double[parameter.size()]);
      }
      for (int i = 0; i < gates.length; i++) {
        values.get(architecture.inputWeight(0))[i * gates.length + i] = 1;
      }
      var network = new ReferenceNetwork(architecture, values);
      network.forward(null, Floats.toDouble(gates), 1, Floats.toDouble(before));
      return new Expected(
          network.finalState(),
          network.backward(new double[cell.hiddenSize()], Floats.toDouble(d)));
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
    closed.close();
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
