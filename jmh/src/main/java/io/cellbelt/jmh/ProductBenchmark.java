package io.cellbelt.jmh;

import io.cellbelt.kernels.product.Products;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The products of an LSTM layer: H inputs to four gates of H. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class ProductBenchmark {
  /** Hidden size. */
  @Param({"32", "128", "256", "512"})
  public int hidden;

  /** Rows at once: 1 is a stream, 32 a batch. */
  @Param({"1", "4", "32"})
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
        matrix.x.address(), matrix.xRow, rows, matrix.w, matrix.y.address(), matrix.yRow);
  }

  /** {@code W += Xᵀ G}. */
  @Benchmark
  public void outer() {
    Products.outer(
        matrix.x.address(), matrix.xRow, matrix.y.address(), matrix.yRow, rows, matrix.w);
  }
}
