package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.cells.Cell;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.propertytests.support.Cells;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Tolerance;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** What cells do between their products, forward and backward, against the equations in double. */
@Tag("any-width")
class PointwiseProperties {
  /** Where gates and states of a cell lie, and their values as the reference has them. */
  private static final class Case implements AutoCloseable {
    final Cell cell;
    final Rows rows;
    final int h;
    final Slab gates;
    final Slab previous;
    final Slab next;
    final Slab dStates;
    final double[][] a;
    final double[][][] before;
    final double[][][] after;
    final double[][][] d;

    Case(Cell cell, int count, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      this.cell = cell;
      h = cell.hiddenSize();
      int width = Slab.pad(h);
      int saved = cell.gates().length() * width;
      int gateRow = Slab.rowStride(saved + cell.pointwise().saved() * width);
      int stateRow = Slab.rowStride(cell.states() * width);
      rows = new Rows(count, width, bytes(gateRow), bytes(saved), bytes(stateRow), bytes(width));
      gates = Slab.allocate((long) count * gateRow);
      previous = Slab.allocate((long) count * stateRow);
      next = Slab.allocate((long) count * stateRow);
      dStates = Slab.allocate((long) count * stateRow);
      a = new double[count][cell.gates().length() * h];
      before = new double[count][cell.states()][h];
      after = new double[count][cell.states()][h];
      d = new double[count][cell.states()][h];
      for (int row = 0; row < count; row++) {
        for (int gate = 0; gate < cell.gates().length(); gate++) {
          float[] values = Floats.random(h, 3, random);
          gates.put(gateIndex(row, gate), values, 0, h);
          System.arraycopy(Floats.toDouble(values), 0, a[row], gate * h, h);
        }
        for (int state = 0; state < cell.states(); state++) {
          before[row][state] = put(previous, row, state, Floats.random(h, 2, random));
          d[row][state] = put(dStates, row, state, Floats.random(h, 1, random));
        }
      }
    }

    private static long bytes(int floats) {
      return (long) Float.BYTES * floats;
    }

    long gateIndex(int row, int gate) {
      return (row * rows.gateRow() + gate * rows.block()) / Float.BYTES;
    }

    long stateIndex(int row, int state) {
      return (row * rows.stateRow() + state * rows.plane()) / Float.BYTES;
    }

    double[] put(Slab slab, int row, int state, float[] values) {
      slab.put(stateIndex(row, state), values, 0, h);
      return Floats.toDouble(values);
    }

    void forward(Slab next) {
      cell.pointwise().forward(rows, gates.address(), previous.address(), next.address());
    }

    void backward() {
      cell.pointwise()
          .backward(rows, gates.address(), previous.address(), next.address(), dStates.address());
    }

    void referenceForward() {
      for (int row = 0; row < rows.count(); row++) {
        cell.reference().forward(a[row], before[row], after[row]);
      }
    }

    void checkGates(Tolerance tolerance) {
      for (int row = 0; row < rows.count(); row++) {
        for (int j = 0; j < a[row].length; j++) {
          float actual = gates.get(gateIndex(row, j / h) + j % h);
          tolerance.check(actual, a[row][j], "row %d, gate value %d".formatted(row, j));
        }
      }
    }

    void checkStates(Slab slab, double[][][] expected, Tolerance tolerance) {
      for (int row = 0; row < rows.count(); row++) {
        for (int state = 0; state < cell.states(); state++) {
          float[] actual = new float[rows.width()];
          slab.get(stateIndex(row, state), actual, 0, actual.length);
          for (int j = 0; j < h; j++) {
            tolerance.check(
                actual[j], expected[row][state][j], "row %d, state %d".formatted(row, state));
          }
          for (int j = h; j < actual.length; j++) {
            assertThat(actual[j]).as("padding lane %s", j).isZero();
          }
        }
      }
    }

    void checkGatePaddingIsZero() {
      for (int row = 0; row < rows.count(); row++) {
        for (int gate = 0; gate < cell.gates().length(); gate++) {
          for (int j = h; j < rows.width(); j++) {
            assertThat(gates.get(gateIndex(row, gate) + j)).as("padding lane %s", j).isZero();
          }
        }
      }
    }

    @Override
    public void close() {
      gates.close();
      previous.close();
      next.close();
      dStates.close();
    }
  }

  @Property(tries = 60)
  void forwardFollowsTheEquations(
      @ForAll Cells kind,
      @ForAll @IntRange(min = 1, max = 70) int hidden,
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll long seed) {
    try (Case c = new Case(kind.of(1, hidden), rows, seed)) {
      c.forward(c.next);
      c.referenceForward();
      c.checkGates(Tolerance.forward(1, 1));
      c.checkStates(c.next, c.after, Tolerance.forward(1, 1));
    }
  }

  @Property(tries = 60)
  void backwardFollowsTheEquations(
      @ForAll Cells kind,
      @ForAll @IntRange(min = 1, max = 70) int hidden,
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll long seed) {
    try (Case c = new Case(kind.of(1, hidden), rows, seed)) {
      c.forward(c.next);
      c.backward();
      c.referenceForward();
      for (int row = 0; row < rows; row++) {
        c.cell.reference().backward(c.a[row], c.before[row], c.after[row], c.d[row]);
      }
      c.checkGates(Tolerance.backward(1, 1));
      c.checkGatePaddingIsZero();
      c.checkStates(c.dStates, c.d, Tolerance.backward(1, 1));
    }
  }

  @Property(tries = 40)
  void inPlaceHasTheSameBits(
      @ForAll Cells kind,
      @ForAll @IntRange(min = 1, max = 70) int hidden,
      @ForAll @IntRange(min = 1, max = 5) int rows,
      @ForAll long seed) {
    try (Case apart = new Case(kind.of(1, hidden), rows, seed);
        Case inPlace = new Case(kind.of(1, hidden), rows, seed)) {
      apart.forward(apart.next);
      inPlace.forward(inPlace.previous);
      assertThat(inPlace.previous.segment().mismatch(apart.next.segment())).isEqualTo(-1);
      assertThat(inPlace.gates.segment().mismatch(apart.gates.segment())).isEqualTo(-1);
    }
  }
}
