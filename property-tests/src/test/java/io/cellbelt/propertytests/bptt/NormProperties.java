package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.training.Norm;
import io.cellbelt.propertytests.support.Floats;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** The sum of the squares has the bits of its definition, which knows no vector width. */
@Tag("any-width")
class NormProperties {
  @Property(tries = 40)
  void sumsColumnsInFloatAndTheirSumsInDouble(
      @ForAll @IntRange(min = 1, max = 70) int inputs,
      @ForAll @IntRange(min = 1, max = 4) int blocks,
      @ForAll @IntRange(min = 1, max = 70) int size,
      @ForAll long seed) {
    float[] values = Floats.random(blocks * size * inputs, seed);
    double expected = 0;
    for (int column = 0; column < blocks * size; column++) {
      float sum = 0;
      for (int k = 0; k < inputs; k++) {
        float value = values[column * inputs + k];
        sum = Math.fma(value, value, sum);
      }
      expected += sum;
    }
    PanelMatrix matrix = PanelMatrix.allocate(new PanelShape(inputs, blocks, size));
    try (Slab panels = matrix.slab();
        Slab scratch = Slab.allocate(matrix.shape().columns())) {
      matrix.pack(values);
      assertThat(panels.byteSize()).isPositive();
      assertThat(Norm.sumOfSquares(matrix, scratch)).isEqualTo(expected);
    }
  }
}
