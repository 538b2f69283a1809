package io.cellbelt.kernels.product;

import static io.cellbelt.kernels.PanelShape.WIDTH;

import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.simd.Cold;
import io.cellbelt.kernels.simd.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Products on arrays, while the JVM is {@link Cold}: the first answer of a small network comes a
 * quarter of a second sooner. The bits are those of the other kernels, as the sums are the same
 * chains. Allocates.
 */
public final class Plain {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private Plain() {}

  /** {@code Y = S + X W} with W in f32; the parameters are those of {@link Products#add}. */
  public static void add(
      long x, long xRow, int rows, PanelShape shape, long w, long s, long sRow, long y, long yRow) {
    int k = shape.inputs();
    float[] row = new float[k];
    float[] panel = new float[k * WIDTH];
    float[] sums = new float[WIDTH];
    for (int p = 0; p < shape.panels(); p++) {
      long at = p * Products.STEP;
      copy(w + p * k * Products.STEP, panel);
      for (int r = 0; r < rows; r++) {
        copy(x + r * xRow, row);
        copy(s + r * sRow + at, sums);
        addPanel(row, panel, sums);
        long to = y + r * yRow + at;
        MemorySegment.copy(sums, 0, Lanes.memory(to), FLOAT, Lanes.offset(to), WIDTH);
      }
    }
  }

  private static void copy(long from, float[] to) {
    MemorySegment.copy(Lanes.memory(from), FLOAT, Lanes.offset(from), to, 0, to.length);
  }

  private static void addPanel(float[] x, float[] panel, float[] sums) {
    for (int i = 0; i < x.length; i++) {
      float factor = x[i];
      int from = i * WIDTH;
      for (int j = 0; j < WIDTH; j++) {
        sums[j] = Math.fma(factor, panel[from + j], sums[j]);
      }
    }
  }
}
