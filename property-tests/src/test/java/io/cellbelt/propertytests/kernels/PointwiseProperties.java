package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.bptt.Bptt;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Schedule;
import io.cellbelt.cells.Schedule.Group;
import io.cellbelt.cells.Schedule.Product;
import io.cellbelt.cells.Schedule.Source;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.LibraryKernel;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.RowLayout;
import io.cellbelt.cells.reference.ReferenceNetwork;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Pointwise;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.pointwise.Step;
import io.cellbelt.kernels.simd.LibrarySlab;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Feed;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Nets;
import io.cellbelt.propertytests.support.Tolerance;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** What cells do between their products, forward and backward, against the equations in double. */
@Tag("any-width")
class PointwiseProperties {
  /** Gates and states of some rows with zeros in the padding, and what else a kernel reads. */
  private static final class Case implements AutoCloseable {
    final Schedule schedule;
    final Pointwise kernel;
    final Rows rows;
    final ParameterSlab parameters;
    final ParameterSlab gradients;
    final LibrarySlab gates;
    final LibrarySlab previous;
    final LibrarySlab next;
    final LibrarySlab dStates;
    final LibrarySlab extra;
    final Step step = new Step();

    Case(Cell cell, int count, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      Architecture architecture = Architecture.of(cell);
      schedule = cell.schedule();
      kernel = ((LibraryKernel) cell.kernel()).pointwise();
      rows = RowLayout.of(cell, count);
      parameters = new ParameterSlab(architecture);
      gradients = new ParameterSlab(architecture);
      Map<String, float[]> values = Nets.values(architecture, seed);
      architecture.parameters().forEach(p -> parameters.put(p, values.get(p.name())));
      gates = new LibrarySlab(count * rows.gateRow() / Float.BYTES);
      previous = new LibrarySlab(count * rows.stateRow() / Float.BYTES);
      next = new LibrarySlab(count * rows.stateRow() / Float.BYTES);
      dStates = new LibrarySlab(count * rows.stateRow() / Float.BYTES);
      extra = new LibrarySlab(4L * count * rows.width());
      for (int row = 0; row < count; row++) {
        int gate = 0;
        for (Group group : schedule.groups()) {
          for (int g = 0; g < group.gates().length(); g++, gate++) {
            put(gates, gateIndex(row, gate), Floats.random(group.size(), 3, random));
          }
        }
        for (int state = 0; state < schedule.states().size(); state++) {
          int size = schedule.states().get(state);
          put(previous, stateIndex(row, state), Floats.random(size, 2, random));
          put(dStates, stateIndex(row, state), Floats.random(size, 1, random));
        }
        for (int kind = 0; kind < 2; kind++) {
          long index = ((long) kind * count + row) * rows.width();
          put(extra, index, Floats.random(cell.hiddenSize(), 1, random));
        }
      }
      step.gates = gates.address();
      step.previous = previous.address();
      step.next = next.address();
      step.dStates = dStates.address();
      step.x = extra.address();
      step.below = extra.address((long) count * rows.width());
      step.dx = extra.address(2L * count * rows.width());
      step.dBelow = extra.address(3L * count * rows.width());
      step.xRow = rows.bytes();
      step.belowRow = rows.bytes();
      step.dxRow = rows.bytes();
      step.dBelowRow = rows.bytes();
      step.vectors = vectors(architecture, parameters);
      step.dVectors = vectors(architecture, gradients);
      step.clocks = random.ints(count, 0, Math.max(1, cell.clock())).toArray();
    }

    private long[] vectors(Architecture architecture, ParameterSlab from) {
      return schedule.vectors().stream()
          .mapToLong(v -> from.matrix(architecture.name(0, 0, v.parameter())).address())
          .toArray();
    }

    private static void put(Slab slab, long index, float[] values) {
      slab.put(index, values, 0, values.length);
    }

    long gateIndex(int row, int gate) {
      return (row * rows.gateRow() + rows.block(gate)) / Float.BYTES;
    }

    long stateIndex(int row, int state) {
      return (row * rows.stateRow() + state * rows.plane()) / Float.BYTES;
    }

    void forward() {
      for (int stage = 0; stage < kernel.stages(); stage++) {
        kernel.forward(stage, rows, step);
      }
    }

    void backward() {
      for (int stage = kernel.stages() - 1; stage >= 0; stage--) {
        kernel.backward(stage, rows, step);
        for (Group group : schedule.groups()) {
          for (Product product : group.products()) {
            if (product.stage() == stage && product.source() instanceof Source.Saved saved) {
              putGradient(saved.gradient());
            }
          }
        }
      }
    }

    /** As the product of a stage leaves it, going back. */
    private void putGradient(int saved) {
      for (int row = 0; row < rows.count(); row++) {
        float[] block = Arrays.copyOf(Floats.random(rows.size(), row), rows.width());
        put(gates, gateIndex(row, schedule.gates().length() + saved), block);
      }
    }

    void checkPadding(Slab slab) {
      for (int row = 0; row < rows.count(); row++) {
        for (int state = 0; state < schedule.states().size(); state++) {
          int size = schedule.states().get(state);
          checkPadding(slab, stateIndex(row, state), size, "state " + state);
        }
      }
    }

    void checkPaddingOfGates() {
      for (int row = 0; row < rows.count(); row++) {
        int gate = 0;
        for (Group group : schedule.groups()) {
          for (int g = 0; g < group.gates().length(); g++, gate++) {
            checkPadding(gates, gateIndex(row, gate), group.size(), "gate " + gate);
          }
        }
      }
    }

    void checkPaddingOfTheRest() {
      for (int row = 0; row < 4 * rows.count(); row++) {
        checkPadding(extra, (long) row * rows.width(), rows.size(), "x or below");
      }
    }

    private static void checkPadding(Slab slab, long index, int size, String what) {
      for (int j = size; j < Slab.pad(size); j++) {
        assertThat(slab.get(index + j)).as("padding lane %s of %s", j, what).isZero();
      }
    }

    @Override
    public void close() {
      parameters.close();
      gradients.close();
      gates.close();
      previous.close();
      next.close();
      dStates.close();
      extra.close();
    }
  }

  @Property(tries = 150)
  void outputsStatesAndGradientsFollowTheEquations(
      @ForAll Cells kind,
      @ForAll @IntRange(min = 1, max = 20) int inputs,
      @ForAll @IntRange(min = 1, max = 70) int size,
      @ForAll @IntRange(min = 1, max = 3) int steps,
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll long seed) {
    // The deviation of a few numbers may be nearly nothing, and layer norm divides by it.
    int hidden = kind.isNormalised() ? Math.max(size, 8) : size;
    double growth = kind.isNormalised() ? 32 : 1;
    Cell cell = kind.of(kind.isSquare() ? hidden : inputs, hidden);
    Architecture architecture = Architecture.of(cell);
    Feed feed = Feed.random(architecture, steps, rows, seed);
    float[] y = feed.newOutput();
    float[] dy = Floats.random(y.length, seed + 1);
    int stateSize = Nets.state(architecture, seed).length;
    float[] dFinal = Floats.random(rows * stateSize, seed + 2);
    Weights weights = Weights.of(architecture, Nets.values(architecture, seed));
    try (Bptt bptt = new Bptt(weights, steps, rows)) {
      for (int row = 0; row < rows; row++) {
        bptt.initialState(row, Nets.state(architecture, seed + row));
      }
      bptt.forward(feed.x(), steps, y);
      float[][] finals = new float[rows][];
      Arrays.setAll(finals, bptt::finalState);
      bptt.backward(dy, dFinal);
      float[] dx = bptt.inputGradient();

      int sum = cell.inputSize() + 2 * hidden;
      Tolerance forward = Tolerance.forward(sum, steps).times(growth);
      Tolerance backward = Tolerance.backward(sum * rows, steps).times(growth);
      Map<String, double[]> gradients = new LinkedHashMap<>();
      var reference =
          new ReferenceNetwork(architecture, ReferenceNetwork.widened(weights.values()));
      for (int row = 0; row < rows; row++) {
        double[] initial = Floats.toDouble(Nets.state(architecture, seed + row));
        double[] expected =
            reference.forward(null, Floats.toDouble(feed.sequence(row).x()), steps, initial);
        int outputs = architecture.outputSize();
        check(forward, feed.column(y, row, outputs), expected, "output");
        check(forward, finals[row], reference.finalState(), "final state");
        float[] own = Arrays.copyOfRange(dFinal, row * stateSize, (row + 1) * stateSize);
        var back =
            reference.backward(
                Floats.toDouble(feed.column(dy, row, outputs)), Floats.toDouble(own));
        check(backward, feed.column(dx, row, cell.inputSize()), back.x(), "gradient of x");
        check(backward, bptt.initialStateGradient(row), back.initial(), "gradient of states");
        back.parameters()
            .forEach((name, values) -> gradients.merge(name, values, PointwiseProperties::sum));
      }
      bptt.gradients().forEach((name, g) -> check(backward, g, gradients.get(name), name));
    }
  }

  /** Measured at the largest of the tensor: small gradients are differences of large ones. */
  private static void check(Tolerance tolerance, float[] actual, double[] expected, String what) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    double scale = Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElse(0));
    for (int i = 0; i < actual.length; i++) {
      tolerance.check(actual[i], expected[i], scale, what + " at " + i);
    }
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sum = a.clone();
    Arrays.setAll(sum, i -> a[i] + b[i]);
    return sum;
  }

  @Property(tries = 100)
  void paddingStaysZero(
      @ForAll Cells kind,
      @ForAll @IntRange(min = 1, max = 70) int hidden,
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll long seed) {
    try (Case c = new Case(kind.of(hidden, hidden), rows, seed)) {
      c.forward();
      c.checkPadding(c.next);
      c.backward();
      c.checkPadding(c.dStates);
      c.checkPaddingOfGates();
      c.checkPaddingOfTheRest();
    }
  }

  @Property(tries = 80)
  void inPlaceHasTheSameBits(
      @ForAll Cells kind,
      @ForAll @IntRange(min = 1, max = 70) int hidden,
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll long seed) {
    try (Case apart = new Case(kind.of(hidden, hidden), rows, seed);
        Case inPlace = new Case(kind.of(hidden, hidden), rows, seed)) {
      inPlace.step.next = inPlace.step.previous;
      apart.forward();
      inPlace.forward();
      assertThat(inPlace.previous.segment().mismatch(apart.next.segment())).isEqualTo(-1);
      assertThat(inPlace.gates.segment().mismatch(apart.gates.segment())).isEqualTo(-1);
    }
  }
}
