package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.propertytests.support.Block;
import io.cellbelt.propertytests.support.Floats;
import io.cellbelt.propertytests.support.Tolerance;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/**
 * Matrix products against their definition: the float result must be the one chain of FMAs that the
 * contract names, bit for bit (so it depends neither on the number of rows nor on the width), and
 * near the sum in double.
 */
@Tag("any-width")
class ProductProperties {
  private record Expected(float chain, double sum, double magnitude) {
    Expected plus(float a, float b) {
      double product = (double) a * b;
      return new Expected(Math.fma(a, b, chain), sum + product, magnitude + Math.abs(product));
    }

    static Expected from(float start) {
      return new Expected(start, start, Math.abs(start));
    }

    void check(float actual, int length) {
      assertThat(actual).isEqualTo(chain);
      Tolerance.forward(length, 1).check(actual, sum, magnitude, "sum of products");
    }
  }

  /** On either side of the blocks of rows, of x and of outer products. */
  @Provide
  Arbitrary<Integer> rowCounts() {
    return Arbitraries.frequencyOf(
        Tuple.of(4, Arbitraries.integers().between(1, 14)),
        Tuple.of(1, Arbitraries.of(47, 48, 49, 63, 64, 65, 67, 95, 96, 97, 130, 191, 192, 193)));
  }

  /** On either side of a block of k. */
  @Provide
  Arbitrary<Integer> lengths() {
    return Arbitraries.frequencyOf(
        Tuple.of(6, Arbitraries.integers().between(1, 70)),
        Tuple.of(1, Arbitraries.of(511, 512, 513, 1030)));
  }

  @Property(tries = 60)
  void accumulateAddsTheProduct(
      @ForAll("rowCounts") int rows,
      @ForAll("lengths") int inputs,
      @ForAll @IntRange(min = 1, max = 4) int blocks,
      @ForAll @IntRange(min = 1, max = 40) int size,
      @ForAll long seed) {
    PanelShape shape = new PanelShape(inputs, blocks, size);
    int outputs = blocks * size;
    float[] dense = Floats.random(outputs * inputs, seed);
    float[] before = Floats.random(rows * shape.columns(), seed + 1);
    float[] input = Floats.random(rows * inputs, seed + 2);
    PanelMatrix w = PanelMatrix.allocate(shape);
    try (Slab _ = w.slab();
        Block x = Block.of(rows, inputs, input);
        Block y = Block.of(rows, shape.columns(), before)) {
      w.pack(dense);
      Products.accumulate(x.address(), x.rowBytes(), rows, w, y.address(), y.rowBytes(), 0);

      for (int r = 0; r < rows; r++) {
        for (int output = 0; output < outputs; output++) {
          int column = shape.column(output / size, output % size);
          Expected expected = Expected.from(before[r * shape.columns() + column]);
          for (int k = 0; k < inputs; k++) {
            expected = expected.plus(input[r * inputs + k], dense[output * inputs + k]);
          }
          expected.check(y.get(r, column), inputs + 1);
        }
      }
      assertThat(y.gapsUntouched()).isTrue();
    }
  }

  @Property(tries = 40)
  void aMatrixAtAnAddressGivesTheBitsOfAPanelMatrix(
      @ForAll("rowCounts") int rows,
      @ForAll("lengths") int inputs,
      @ForAll @IntRange(min = 1, max = 150) int size,
      @ForAll long seed) {
    PanelShape shape = new PanelShape(inputs, 1, size);
    float[] bias = Floats.random(shape.columns(), seed);
    float[] input = Floats.random(rows * inputs, seed + 1);
    try (PanelMatrix w = PanelMatrix.allocate(shape);
        Block s = Block.of(1, shape.columns(), bias);
        Block x = Block.of(rows, inputs, input);
        Block expected = new Block(rows, shape.columns());
        Block y = new Block(rows, shape.columns())) {
      w.pack(Floats.random(size * inputs, seed + 2));
      long xRow = x.rowBytes();
      long yRow = y.rowBytes();
      Products.add(x.address(), xRow, rows, w, s.address(), 0, expected.address(), yRow, 0);
      Products.add(x.address(), xRow, rows, shape, w.address(), s.address(), 0, y.address(), yRow);
      for (int r = 0; r < rows; r++) {
        // What is padding may stay as it was.
        assertThat(y.get(r, 0, size)).as("row " + r).isEqualTo(expected.get(r, 0, size));
      }
      assertThat(y.gapsUntouched()).isTrue();
    }
  }

  @Example
  void aMatrixAtAnAddressIsOfFloats() {
    PanelShape shape = new PanelShape(1, 1, 1, WeightFormat.INT8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Products.add(0, 0, 1, shape, 0, 0, 0, 0, 0))
        .withMessageContaining("f32, but got INT8");
  }

  @Property(tries = 60)
  void outerAddsTheSumOfOuterProducts(
      @ForAll("rowCounts") int rows,
      @ForAll @IntRange(min = 1, max = 40) int inputs,
      @ForAll @IntRange(min = 1, max = 4) int blocks,
      @ForAll @IntRange(min = 1, max = 40) int size,
      @ForAll long seed) {
    PanelShape shape = new PanelShape(inputs, blocks, size);
    int outputs = blocks * size;
    float[] before = Floats.random(outputs * inputs, seed);
    float[] input = Floats.random(rows * inputs, seed + 1);
    float[] gradient = Floats.random(rows * shape.columns(), seed + 2);
    float[] after = new float[before.length];
    PanelMatrix w = PanelMatrix.allocate(shape);
    try (Slab _ = w.slab();
        Block x = Block.of(rows, inputs, input);
        Block g = Block.of(rows, shape.columns(), gradient)) {
      w.pack(before);
      Products.outer(x.address(), x.rowBytes(), g.address(), g.rowBytes(), rows, w);
      w.unpack(after);
    }
    for (int output = 0; output < outputs; output++) {
      int column = shape.column(output / size, output % size);
      for (int k = 0; k < inputs; k++) {
        Expected expected = Expected.from(before[output * inputs + k]);
        for (int r = 0; r < rows; r++) {
          expected = expected.plus(input[r * inputs + k], gradient[r * shape.columns() + column]);
        }
        expected.check(after[output * inputs + k], rows + 1);
      }
    }
  }

  @Property(tries = 40)
  void aLookUpHasTheBitsOfTheProductWithAOneHotRow(
      @ForAll @IntRange(min = 1, max = 50) int inputs,
      @ForAll @IntRange(min = 1, max = 4) int blocks,
      @ForAll @IntRange(min = 1, max = 40) int size,
      @ForAll long seed) {
    PanelShape shape = new PanelShape(inputs, blocks, size);
    int hot = (int) Math.floorMod(seed, (long) inputs);
    float[] dense = Floats.random(blocks * size * inputs, seed);
    float[] oneHot = new float[inputs];
    oneHot[hot] = 1;
    float[] start = Floats.random(shape.columns(), seed + 1);
    PanelMatrix w = PanelMatrix.allocate(shape);
    PanelMatrix v = PanelMatrix.allocate(shape);
    try (w;
        v;
        Block x = Block.of(1, inputs, oneHot);
        Block g = Block.of(1, shape.columns(), start);
        Block product = Block.of(1, shape.columns(), start);
        Block lookUp = Block.of(1, shape.columns(), start)) {
      w.pack(dense);
      Products.accumulate(
          x.address(), x.rowBytes(), 1, w, product.address(), product.rowBytes(), 0);
      Products.accumulateRow(w, hot, lookUp.address());
      assertThat(lookUp.dense()).isEqualTo(product.dense());
      assertThat(lookUp.gapsUntouched()).isTrue();

      v.pack(dense);
      Products.outer(x.address(), x.rowBytes(), g.address(), g.rowBytes(), 1, w);
      Products.outerRow(v, hot, g.address());
      assertThat(unpacked(v)).isEqualTo(unpacked(w));
    }
  }

  private static float[] unpacked(PanelMatrix matrix) {
    PanelShape shape = matrix.shape();
    float[] values = new float[shape.blocks() * shape.blockSize() * shape.inputs()];
    matrix.unpack(values);
    return values;
  }
}
