package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.Slab;
import io.cellbelt.propertytests.support.Floats;
import java.util.BitSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** The packed form of a matrix loses nothing and pads with zeros. */
@Tag("any-width")
class PanelProperties {
  @Property(tries = 50)
  void indexIsABijectionOntoTheFloats(
      @ForAll @IntRange(min = 1, max = 70) int inputs,
      @ForAll @IntRange(min = 1, max = 4) int blocks,
      @ForAll @IntRange(min = 1, max = 70) int size) {
    PanelShape shape = new PanelShape(inputs, blocks, size);
    int floats = Math.toIntExact(shape.floats());
    BitSet seen = new BitSet(floats);
    for (int k = 0; k < inputs; k++) {
      for (int column = 0; column < shape.columns(); column++) {
        seen.set(Math.toIntExact(shape.index(k, column)));
      }
    }
    assertThat(seen.length()).isEqualTo(floats);
    assertThat(seen.cardinality()).isEqualTo(floats);
    assertThat(floats).isEqualTo(inputs * shape.columns());
  }

  @Property(tries = 50)
  void everyBlockStartsOnACacheLineAndEndsBeforeTheNext(
      @ForAll @IntRange(min = 1, max = 4) int blocks,
      @ForAll @IntRange(min = 1, max = 200) int size) {
    PanelShape shape = new PanelShape(1, blocks, size);
    for (int block = 0; block < blocks; block++) {
      assertThat(shape.column(block, 0) % Slab.LINE).isZero();
      assertThat(shape.column(block, size - 1)).isLessThan(shape.column(block + 1, 0));
    }
    assertThat(shape.columns()).isGreaterThanOrEqualTo(shape.column(blocks, 0));
  }

  @Property(tries = 30)
  void packingAndUnpackingGivesTheSameBitsAndZerosAround(
      @ForAll @IntRange(min = 1, max = 70) int inputs,
      @ForAll @IntRange(min = 1, max = 4) int blocks,
      @ForAll @IntRange(min = 1, max = 70) int size,
      @ForAll boolean table,
      @ForAll long seed) {
    PanelMatrix matrix = PanelMatrix.allocate(new PanelShape(inputs, blocks, size));
    try (Slab slab = matrix.slab()) {
      float[] source = Floats.random(inputs * blocks * size, seed);
      float[] target = new float[source.length];
      if (table) {
        matrix.packTable(source);
        matrix.unpackTable(target);
      } else {
        matrix.pack(source);
        matrix.unpack(target);
      }
      assertThat(target).isEqualTo(source);
      assertThat(nonZeros(slab)).isEqualTo(nonZeros(source));
    }
  }

  private static long nonZeros(Slab slab) {
    float[] all = new float[Math.toIntExact(slab.byteSize() / Float.BYTES)];
    slab.get(0, all, 0, all.length);
    return nonZeros(all);
  }

  private static long nonZeros(float[] values) {
    long count = 0;
    for (float value : values) {
      count += value == 0 ? 0 : 1;
    }
    return count;
  }

  @Property(tries = 30)
  void anElementLiesWhereItsIndexSays(
      @ForAll @IntRange(min = 1, max = 40) int inputs,
      @ForAll @IntRange(min = 1, max = 4) int blocks,
      @ForAll @IntRange(min = 1, max = 40) int size,
      @ForAll long seed) {
    PanelShape shape = new PanelShape(inputs, blocks, size);
    PanelMatrix matrix = PanelMatrix.allocate(shape);
    try (Slab slab = matrix.slab()) {
      float[] source = Floats.random(inputs * blocks * size, seed);
      matrix.pack(source);
      for (int output = 0; output < blocks * size; output++) {
        int column = shape.column(output / size, output % size);
        for (int k = 0; k < inputs; k++) {
          assertThat(slab.get(shape.index(k, column))).isEqualTo(source[output * inputs + k]);
        }
      }
    }
  }

  @Property(tries = 20)
  void theTransposeOfTheTransposeIsTheMatrix(
      @ForAll @IntRange(min = 1, max = 40) int inputs,
      @ForAll @IntRange(min = 1, max = 4) int blocks,
      @ForAll @IntRange(min = 1, max = 40) int size,
      @ForAll long seed) {
    PanelShape shape = new PanelShape(inputs, blocks, size);
    PanelMatrix matrix = PanelMatrix.allocate(shape);
    PanelMatrix transposed = PanelMatrix.allocate(PanelMatrix.transposed(shape));
    try (Slab first = matrix.slab();
        Slab second = transposed.slab()) {
      matrix.pack(Floats.random(inputs * blocks * size, seed));
      transposed.transposeOf(matrix);
      for (int k = 0; k < inputs; k++) {
        for (int column = 0; column < shape.columns(); column++) {
          assertThat(second.get(transposed.shape().index(column, k)))
              .isEqualTo(first.get(shape.index(k, column)));
        }
      }
      assertThat(nonZeros(second)).isEqualTo(nonZeros(first));
    }
  }

  @Example
  void denormalsBecomeZeroAndTheSmallestNormalStays() {
    PanelMatrix matrix = PanelMatrix.allocate(new PanelShape(2, 1, 3));
    try (Slab _ = matrix.slab()) {
      float denormal = Math.nextDown(Float.MIN_NORMAL);
      float[] read = new float[6];
      matrix.pack(
          new float[] {Float.MIN_VALUE, denormal, -denormal, -0f, Float.MIN_NORMAL, -1e-37f});
      matrix.unpack(read);
      assertThat(read).isEqualTo(new float[] {0, 0, 0, 0, Float.MIN_NORMAL, -1e-37f});
    }
  }

  @Example
  void sizesThatDoNotFitAreRefused() {
    PanelMatrix matrix = PanelMatrix.allocate(new PanelShape(3, 2, 5));
    try (Slab _ = matrix.slab()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> matrix.pack(new float[29]))
          .withMessageContaining("has 30 floats, but got 29");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> matrix.unpackTable(new float[31]))
          .withMessageContaining("has 30 floats, but got 31");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> matrix.transposeOf(matrix))
          .withMessageContaining("The transpose of");
    }
  }

  @Example
  void impossibleShapesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PanelShape(0, 1, 1))
        .withMessageContaining("at least 1 input, 1 block and 1 column");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PanelShape(2_500_001, 1, 1))
        .withMessageContaining("at most 2500000 inputs, but got 2500001");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PanelShape(1, 4, 1 << 29))
        .withMessageContaining("fewer than 2^31 columns");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PanelShape(1, 1, Integer.MAX_VALUE))
        .withMessageContaining("fewer than 2^31 columns");
  }

  @Property
  void aMatrixThatLeavesItsSlabIsRefused(@ForAll long offset) {
    try (Slab slab = Slab.allocate(1024)) {
      PanelShape shape = new PanelShape(3, 1, 1);
      boolean fits = offset >= 0 && offset <= 1024 - shape.floats() && offset % Slab.LINE == 0;
      if (fits) {
        assertThat(new PanelMatrix(shape, slab, offset).address()).isEqualTo(slab.address(offset));
      } else {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> new PanelMatrix(shape, slab, offset))
            .withMessageContaining("of a slab of 1024; give a multiple of 16");
      }
    }
  }

  @Example
  void aMatrixAtTheEndOfAllNumbersIsRefused() {
    aMatrixThatLeavesItsSlabIsRefused(Long.MAX_VALUE - Long.MAX_VALUE % Slab.LINE);
  }
}
