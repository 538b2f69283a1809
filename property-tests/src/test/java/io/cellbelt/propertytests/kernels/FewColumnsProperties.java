package io.cellbelt.propertytests.kernels;

import static io.cellbelt.propertytests.support.Floats.bits;
import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.product.Plain;
import io.cellbelt.kernels.product.Products;
import io.cellbelt.propertytests.support.Block;
import io.cellbelt.propertytests.support.Floats;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/**
 * Products with a matrix of one block, which need not compute all of its last panel: columns have
 * the bits of their chain of FMAs, and padding keeps what it holds or becomes what sums start from.
 */
@Tag("any-width")
class FewColumnsProperties {
  @Property(tries = 150)
  void columnsAreComputedAndPaddingIsNotMadeUp(
      @ForAll @IntRange(min = 1, max = 27) int rows,
      @ForAll @IntRange(min = 1, max = 20) int inputs,
      @ForAll @IntRange(min = 1, max = 140) int size,
      @ForAll boolean accumulated,
      @ForAll long seed) {
    PanelShape shape = new PanelShape(inputs, 1, size);
    int columns = shape.columns();
    float[] dense = Floats.random(inputs * size, seed);
    float[] input = Floats.random(rows * inputs, seed + 1);
    float[] before = Floats.random(rows * columns, seed + 2);
    try (PanelMatrix w = PanelMatrix.allocate(shape);
        Block x = Block.of(rows, inputs, input);
        Block s = Block.of(1, columns, Floats.random(columns, seed + 3));
        Block y = Block.of(rows, columns, before)) {
      w.packTable(dense);
      long start = accumulated ? y.address() : s.address();
      long startRow = accumulated ? y.rowBytes() : 0;
      Products.add(
          x.address(),
          x.rowBytes(),
          rows,
          shape,
          w.address(),
          start,
          startRow,
          y.address(),
          y.rowBytes());
      for (int r = 0; r < rows; r++) {
        float[] kept = Arrays.copyOfRange(before, r * columns, (r + 1) * columns);
        float[] expected = accumulated ? kept.clone() : s.get(0, 0, columns);
        for (int column = 0; column < columns; column++) {
          if (column >= size) {
            float padding = y.get(r, column);
            assertThat(padding).isIn(kept[column], expected[column]);
            expected[column] = padding;
          } else {
            for (int k = 0; k < inputs; k++) {
              float weight = dense[k * size + column];
              expected[column] = Math.fma(input[r * inputs + k], weight, expected[column]);
            }
          }
        }
        assertThat(bits(y.get(r, 0, columns))).as("row " + r).isEqualTo(bits(expected));
      }
      assertThat(y.gapsUntouched()).isTrue();
    }
  }

  /** What runs first in a JVM has the bits of what runs later. */
  @Property(tries = 100)
  void productsOnArraysHaveTheSameBits(
      @ForAll @IntRange(min = 1, max = 15) int rows,
      @ForAll @IntRange(min = 1, max = 40) int inputs,
      @ForAll @IntRange(min = 1, max = 140) int size,
      @ForAll boolean accumulated,
      @ForAll long seed) {
    PanelShape shape = new PanelShape(inputs, 1, size);
    int columns = shape.columns();
    float[] before = Floats.random(rows * columns, seed + 2);
    try (PanelMatrix w = PanelMatrix.allocate(shape);
        Block x = Block.of(rows, inputs, Floats.random(rows * inputs, seed + 1));
        Block s = Block.of(1, columns, Floats.random(columns, seed + 3));
        Block y = Block.of(rows, columns, before);
        Block plain = Block.of(rows, columns, before)) {
      w.packTable(Floats.random(inputs * size, seed));
      for (Block to : List.of(y, plain)) {
        long start = accumulated ? to.address() : s.address();
        long startRow = accumulated ? to.rowBytes() : 0;
        Sum sum = to == y ? Products::add : Plain::add;
        sum.add(
            x.address(),
            x.rowBytes(),
            rows,
            shape,
            w.address(),
            start,
            startRow,
            to.address(),
            to.rowBytes());
      }
      for (int r = 0; r < rows; r++) {
        assertThat(bits(plain.get(r, 0, size))).as("row " + r).isEqualTo(bits(y.get(r, 0, size)));
      }
      assertThat(plain.gapsUntouched()).isTrue();
    }
  }

  private interface Sum {
    void add(
        long x,
        long xRow,
        int rows,
        PanelShape shape,
        long w,
        long s,
        long sRow,
        long y,
        long yRow);
  }
}
