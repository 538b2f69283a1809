package io.cellbelt.jmh;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.SimdEnvironment;
import io.cellbelt.kernels.Slab;
import java.util.SplittableRandom;

/** A packed matrix with rows of inputs and outputs, all random, and the environment printed. */
final class Matrix implements AutoCloseable {
  final PanelMatrix w;
  final PanelMatrix transpose;
  final Slab x;
  final Slab y;
  final Slab dx;
  final long xRow;
  final long yRow;

  Matrix(int inputs, int blocks, int size, int rows) {
    System.out.println("# Cellbelt: " + SimdEnvironment.current().summary());
    PanelShape shape = new PanelShape(inputs, blocks, size);
    w = PanelMatrix.allocate(shape);
    w.pack(random(blocks * size * inputs));
    transpose = PanelMatrix.allocate(PanelMatrix.transposed(shape));
    transpose.transposeOf(w);
    int xStride = Slab.rowStride(transpose.shape().columns());
    int yStride = Slab.rowStride(shape.columns());
    xRow = (long) Float.BYTES * xStride;
    yRow = (long) Float.BYTES * yStride;
    x = Slab.allocate((long) rows * xStride);
    y = Slab.allocate((long) rows * yStride);
    dx = Slab.allocate((long) rows * xStride);
    x.put(0, random(rows * xStride), 0, rows * xStride);
  }

  static float[] random(int count) {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-0.1, 0.1);
    }
    return values;
  }

  @Override
  public void close() {
    w.close();
    x.close();
    y.close();
    dx.close();
    transpose.close();
  }
}
