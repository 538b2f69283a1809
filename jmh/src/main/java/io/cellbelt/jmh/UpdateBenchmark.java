package io.cellbelt.jmh;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Lstm;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.training.Norm;
import io.cellbelt.kernels.training.Updates;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What optimisers and clipping do to all parameters of an LSTM, and the same loads and stores with
 * next to no arithmetic.
 *
 * <p>The gradient changes its sign from call to call, so that weights and moments stay as large as
 * they are.
 */
public class UpdateBenchmark extends Microseconds {
  private static final float ALPHA = 1e-3f;
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPSILON = 1e-8f;

  /** Nearly all numbers are under it. */
  private static final float LIMIT = 0.09f;

  /** Input size and hidden size. */
  @Param({"64x128", "256x256"})
  public String shape;

  private ParameterSlab gradients;
  private Slab parameters;
  private Slab columns;
  private List<PanelMatrix> matrices;
  private long w;
  private long g;
  private long m;
  private long v;
  private long floats;
  private float sign = 1;

  /** Allocates. */
  @Setup(Level.Trial)
  public void setUp() {
    System.out.println("# Cellbelt: " + SimdEnvironment.current().summary());
    String[] sizes = shape.split("x", 2);
    Architecture architecture =
        Architecture.of(new Lstm(Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1])));
    gradients = new ParameterSlab(architecture);
    architecture.parameters().forEach(p -> gradients.put(p, Matrix.random(p.size())));
    matrices = gradients.all();
    columns =
        Slab.allocate(
            matrices.stream().mapToInt(matrix -> matrix.shape().columns()).max().orElseThrow());
    floats = gradients.floats();
    parameters = Slab.allocate(3 * floats);
    parameters.put(0, Matrix.random((int) floats), 0, (int) floats);
    g = gradients.address();
    w = parameters.address();
    m = parameters.address(floats);
    v = parameters.address(2 * floats);
  }

  /** Frees. */
  @TearDown(Level.Trial)
  public void tearDown() {
    parameters.close();
    columns.close();
    gradients.close();
  }

  private float scale() {
    sign = -sign;
    return sign;
  }

  /** Gradient descent. */
  @Benchmark
  public void sgd() {
    Updates.momentum(w, g, 0, floats, scale(), 0, ALPHA, 0, 1, 1);
  }

  /** Gradient descent with momentum. */
  @Benchmark
  public void momentum() {
    Updates.momentum(w, g, m, floats, scale(), 0, ALPHA, BETA1, 0, 1);
  }

  /** RMSProp. */
  @Benchmark
  public void rmsProp() {
    Updates.squares(w, g, 0, v, floats, scale(), 0, ALPHA, BETA1, 1 - BETA1, EPSILON, 0);
  }

  /** RMSProp with momentum. */
  @Benchmark
  public void rmsPropMomentum() {
    Updates.squares(w, g, m, v, floats, scale(), 0, ALPHA, BETA1, 1 - BETA1, EPSILON, BETA1);
  }

  /** AdaGrad, whose sum stops growing at 2^24 squares. */
  @Benchmark
  public void adaGrad() {
    Updates.squares(w, g, 0, v, floats, scale(), 0, ALPHA, 1, 1, EPSILON, 0);
  }

  /** Adam. */
  @Benchmark
  public void adam() {
    Updates.adam(w, g, m, v, floats, scale(), 0, 1, ALPHA, BETA1, BETA2, EPSILON);
  }

  /** AdamW. */
  @Benchmark
  public void adamW() {
    Updates.adam(w, g, m, v, floats, scale(), 0, 1 - ALPHA, ALPHA, BETA1, BETA2, EPSILON);
  }

  /** The loads and stores of gradient descent. */
  @Benchmark
  public void memoryOfTwo() {
    Blocks.subtract(g, w, w, (int) floats);
  }

  /** Those of momentum, RMSProp and AdaGrad. */
  @Benchmark
  public void memoryOfThree() {
    Yardsticks.update(g, w, m, floats);
  }

  /** Those of Adam. */
  @Benchmark
  public void memoryOfFour() {
    Yardsticks.update(g, w, m, v, floats);
  }

  /** The norms of the gradient. */
  @Benchmark
  public double norm() {
    double sum = 0;
    for (PanelMatrix matrix : matrices) {
      sum += Norm.sumOfSquares(matrix, columns);
    }
    return sum;
  }

  /** The gradient scaled, as by a clipped norm. */
  @Benchmark
  public void scaled() {
    Blocks.scale(g, floats, scale());
  }

  /** The gradient clipped by value. */
  @Benchmark
  public void clamped() {
    Blocks.clamp(g, floats, LIMIT);
  }
}
