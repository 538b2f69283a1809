package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.product.RowLoops;
import io.cellbelt.propertytests.support.Block;
import io.cellbelt.propertytests.support.Floats;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Loops over rows write what they say and no more. */
@Tag("any-width")
class RowLoopProperties {
  @Property(tries = 40)
  void addAddsEveryRowToItsOwnOrAllToOne(
      @ForAll @IntRange(min = 1, max = 70) int rows,
      @ForAll @IntRange(min = 1, max = 9) int lines,
      @ForAll boolean allToOne,
      @ForAll long seed) {
    int columns = Slab.LINE * lines;
    int targets = allToOne ? 1 : rows;
    float[] values = Floats.random(rows * columns, seed);
    float[] expected = Floats.random(targets * columns, seed + 1);
    try (Block from = Block.of(rows, columns, values);
        Block to = Block.of(targets, columns, expected)) {
      long toRow = allToOne ? 0 : to.rowBytes();
      RowLoops.add(from.address(), from.rowBytes(), to.address(), toRow, columns, rows);
      for (int i = 0; i < rows * columns; i++) {
        expected[i % expected.length] += values[i];
      }
      assertThat(to.dense()).isEqualTo(expected);
      assertThat(to.gapsUntouched()).isTrue();
    }
  }

  @Property(tries = 40)
  void copyCopiesEveryRowOrOneToAll(
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 9) int lines,
      @ForAll boolean oneToAll,
      @ForAll long seed) {
    int columns = Slab.LINE * lines;
    float[] values = Floats.random(rows * columns, seed);
    try (Block from = Block.of(rows, columns, values);
        Block to = new Block(rows + 1, columns)) {
      long fromRow = oneToAll ? 0 : from.rowBytes();
      RowLoops.copy(from.address(), fromRow, to.address(), to.rowBytes(), columns, rows);
      for (int r = 0; r < rows; r++) {
        assertThat(to.get(r, 0, columns)).isEqualTo(from.get(oneToAll ? 0 : r, 0, columns));
      }
      assertThat(to.get(rows, 0, columns)).containsOnly(0f);
      assertThat(to.gapsUntouched()).isTrue();
    }
  }

  @Property(tries = 40)
  void zeroClearsTheRows(
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 9) int lines,
      @ForAll long seed) {
    int columns = Slab.LINE * lines;
    float[] values = Floats.random((rows + 1) * columns, seed);
    try (Block block = Block.of(rows + 1, columns, values)) {
      float[] last = block.get(rows, 0, columns);
      RowLoops.zero(block.address(), block.rowBytes(), columns, rows);
      for (int r = 0; r < rows; r++) {
        assertThat(block.get(r, 0, columns)).containsOnly(0f);
      }
      assertThat(block.get(rows, 0, columns)).isEqualTo(last);
      assertThat(block.gapsUntouched()).isTrue();
    }
  }
}
