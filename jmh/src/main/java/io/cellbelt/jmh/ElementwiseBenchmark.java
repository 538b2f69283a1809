package io.cellbelt.jmh;

import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.elementwise.Binary;
import io.cellbelt.kernels.elementwise.Moves;
import io.cellbelt.kernels.elementwise.Normalise;
import io.cellbelt.kernels.elementwise.Reduction;
import io.cellbelt.kernels.elementwise.Softmax;
import io.cellbelt.kernels.elementwise.Unary;
import io.cellbelt.kernels.product.Panels;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What graphs of operators run with, over 4,096 floats in rows of some length, without gaps. */
public class ElementwiseBenchmark extends Microseconds {
  private static final int SIDE = PanelShape.WIDTH;
  private static final int FLOATS = SIDE * SIDE;

  /** Keeps loads from waiting for stores to the same place modulo 4 KiB. */
  private static final int APART = FLOATS + 5 * Slab.LINE;

  /** Floats of a row. */
  @Param({"4096", "64", "12"})
  public int row;

  private Slab slab;
  private long a;
  private long b;
  private long y;
  private long bytes;
  private int rows;
  private int[] index;
  private int[] runs;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    System.out.println("# Cellbelt: " + SimdEnvironment.current().summary());
    slab = Slab.allocate(4L * APART);
    slab.put(0, Matrix.random(2 * APART), 0, 2 * APART);
    a = slab.address();
    b = slab.address(APART);
    y = slab.address(2L * APART);
    bytes = (long) Float.BYTES * row;
    rows = FLOATS / row;
    index = new int[FLOATS];
    runs = new int[Moves.RUN * rows];
    for (int i = 0; i < FLOATS; i++) {
      index[i] = i * 37 % FLOATS;
    }
    for (int r = 0; r < rows; r++) {
      runs[Moves.RUN * r] = (rows - 1 - r) * row;
      runs[Moves.RUN * r + 1] = r * row;
      runs[Moves.RUN * r + 2] = row;
    }
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    slab.close();
  }

  /** {@code y = a + b}. */
  @Benchmark
  public void add() {
    Binary.ADD.apply(a, bytes, false, b, bytes, false, y, bytes, row, rows);
  }

  /** The same with one row of b for all. */
  @Benchmark
  public void addOneRow() {
    Binary.ADD.apply(a, bytes, false, b, 0, false, y, bytes, row, rows);
  }

  /** The same with a scalar for each row. */
  @Benchmark
  public void addScalars() {
    Binary.ADD.apply(a, bytes, false, b, Float.BYTES, true, y, bytes, row, rows);
  }

  /** A function that is a single instruction, over all rows at once. */
  @Benchmark
  public void relu() {
    Unary.RELU.apply(a, y, FLOATS);
  }

  /** The logarithm, over all rows at once. */
  @Benchmark
  public void log() {
    Unary.LOG.apply(a, y, FLOATS);
  }

  /** The error function, over all rows at once. */
  @Benchmark
  public void erf() {
    Unary.ERF.apply(a, y, FLOATS);
  }

  /** Sums of rows. */
  @Benchmark
  public void sumOfRows() {
    Reduction.SUM.rows(a, bytes, row, rows, y);
  }

  /** Sums of columns. */
  @Benchmark
  public void sumOfColumns() {
    Reduction.SUM.columns(a, bytes, rows, y, row);
  }

  /** Softmax of rows. */
  @Benchmark
  public void softmax() {
    Softmax.rows(a, bytes, y, bytes, row, rows, false);
  }

  /** Its logarithm. */
  @Benchmark
  public void logSoftmax() {
    Softmax.rows(a, bytes, y, bytes, row, rows, true);
  }

  /** Normalised rows. */
  @Benchmark
  public void normalise() {
    Normalise.rows(a, bytes, y, bytes, row, rows, 1e-5f);
  }

  /** Single floats from anywhere. */
  @Benchmark
  public void gather() {
    Moves.gather(a, y, index, FLOATS);
  }

  /** Single floats to anywhere. */
  @Benchmark
  public void scatter() {
    Moves.scatter(a, y, index, FLOATS);
  }

  /** Rows in another order. */
  @Benchmark
  public void runs() {
    Moves.runs(a, y, runs, rows);
  }

  /** A matrix of one panel, 64 by 64. */
  @Benchmark
  public void packRows() {
    Panels.packRows(a, (long) Float.BYTES * SIDE, SIDE, SIDE, y);
  }

  /** The same, transposed. */
  @Benchmark
  public void packColumns() {
    Panels.packColumns(a, (long) Float.BYTES * SIDE, SIDE, SIDE, y);
  }
}
