package io.cellbelt.jmh;

import io.cellbelt.kernels.product.Products;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** The products of an LSTM layer: H inputs to four gates of H. */
public class ProductBenchmark extends Microseconds {
  /** Hidden size. */
  @Param({"32", "128", "256", "512"})
  public int hidden;

  /** Rows at once: 1 is a stream, 32 a batch, 192 what training sums gradients of weights over. */
  @Param({"1", "8", "32", "192"})
  public int rows;

  private Matrix matrix;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    matrix = new Matrix(hidden, 4, hidden, rows);
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    matrix.close();
  }

  /** {@code Y += X W}. */
  @Benchmark
  public void accumulate() {
    Products.accumulate(
        matrix.x.address(), matrix.xRow, rows, matrix.w, matrix.y.address(), matrix.yRow, 0);
  }

  /** {@code Y += G Wᵀ}, on a transposed packing. */
  @Benchmark
  public void transposed() {
    Products.accumulate(
        matrix.y.address(),
        matrix.yRow,
        rows,
        matrix.transpose,
        matrix.dx.address(),
        matrix.xRow,
        0);
  }

  /** {@code W += Xᵀ G}. */
  @Benchmark
  public void outer() {
    Products.outer(
        matrix.x.address(), matrix.xRow, matrix.y.address(), matrix.yRow, rows, matrix.w);
  }
}
